//! `setup`: asks for key and mappings, and writes the manifest that `kubectl apply` takes.
//!
//! `mod.rs` is the order of things. `manifest` and `draft` know the file, `dialogue` the questions, `offers` what cluster and
//! platform have to choose from, `input`, `terminal` and `page` the person.

mod choose;
mod cluster;
mod dialogue;
mod draft;
mod file;
mod input;
mod key;
mod manifest;
pub(crate) mod name;
mod node;
mod offers;
mod page;
mod pasted;
mod summary;
mod terminal;

use std::env;
use std::process::ExitCode;

use push::{BaseUrl, UrlRules};

use crate::cli::SetupArgs;
use crate::config::{self, KEY_VARIABLE};
use crate::failure::Failure;
use draft::{Draft, Form};
use file::Output;
use input::Input;
use key::Key;
pub use manifest::Manifest;
use offers::Offers;
use page::{put, say, warn};

/// Runs `setup`. The status is 1 when the user decides not to write.
///
/// # Errors
/// Something of the input cannot be used, or the file cannot be read or written; then it is as it was.
pub(crate) fn setup(args: &SetupArgs) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _entered = runtime.enter();
    terminal::watch_signals()?;

    let output = Output::find(&args.output)?;
    let unusable = |error| {
        Failure::new(format!(
            "{}: {error}; repair it, name another file by --output, or move it away to begin anew",
            output.shown
        ))
    };
    let mut draft = Draft::read(output.text.as_deref()).map_err(unusable)?;
    let mut input = Some(Input::standard()).filter(|_| !args.yes);
    if input.as_ref().is_some_and(Input::is_terminal) {
        introduce(&draft, &output);
    }
    for note in &draft.notes {
        warn(&format!("{}: {note}", output.shown));
    }
    apply_flags(args, &mut draft)?;
    find_key(args, input.as_mut(), &mut draft)?;

    let offers =
        if args.offline { Offers::default() } else { runtime.block_on(Offers::gather(&draft, args)) };
    for (name, ids) in draft.mappings() {
        let doubts = [offers.doubt_name(&name), offers.doubt_ids(&ids)];
        doubts.iter().flatten().for_each(|doubt| warn(&format!("{name}: {doubt}")));
    }
    if let Some(input) = &mut input {
        dialogue::services(input, &mut draft, &offers)?;
    }
    let form = if args.one_document { Form::OneDocument } else { Form::TwoDocuments };
    summary::show(&draft, &offers, form, &output);
    let (has_key, leaves_secret) = (draft.key().is_some(), draft.leaves_secret(form));
    let (text, drops_comments) = draft.render(form).map_err(unusable)?;
    if drops_comments {
        warn(&format!("Comments inside of the documents of {} will be gone.", output.shown));
    }
    if let Some(input) = &mut input
        && !dialogue::confirm(input, &output.shown)?
    {
        say("Nothing was written.");
        return Ok(ExitCode::FAILURE);
    }
    output.replace(&text)?;
    summary::next(&output, has_key, leaves_secret);
    Ok(ExitCode::SUCCESS)
}

fn introduce(draft: &Draft, output: &Output) {
    put("APISec Traffic Monitor: setup\n");
    let file = &output.shown;
    match output.text {
        None => say(&format!("Makes {file} for kubectl apply. Ctrl-C ends without a change.")),
        Some(_) => {
            let count = draft.mappings().len();
            say(&format!("Changes {file} (Services mapped: {count}). Ctrl-C ends without a change."));
        }
    }
    put("");
    say(
        "The API key is the bearer token that the browser sends to the platform: log in there, open the developer \
         tools, tab Network, and copy it from the header Authorization of a request.",
    );
}

/// Takes into the draft what the flags say, key aside.
fn apply_flags(args: &SetupArgs, draft: &mut Draft) -> Result<(), Failure> {
    if let Some(url) = &args.url {
        let rules = UrlRules { allow_http: args.allow_http, ..UrlRules::default() };
        let url = BaseUrl::parse(url, &rules).map_err(|error| Failure::new(format!("--url: {error}")))?;
        draft.set_url(&url.to_string());
    }
    if let Some(flag) = args.auto_onboard {
        draft.set_onboard(flag);
    }
    for name in &args.remove {
        if !draft.unmap(name) {
            warn(&format!("--remove {name}: no mapping has this name"));
        }
    }
    for (name, ids) in &args.map {
        draft.map(name, ids);
    }
    Ok(())
}

/// The key from `--key-file`, the variable, or the input, in this order. In a pipe the first line is the key whatever the
/// variable says: a script must not depend on it.
fn find_key(args: &SetupArgs, input: Option<&mut Input>, draft: &mut Draft) -> Result<(), Failure> {
    let (text, place) = match (&args.key_file, &input) {
        (Some(path), _) => (Some(config::read_key_text(path)?), path.display().to_string()),
        (None, Some(Input::Pipe { .. })) => (None, String::new()),
        (None, _) => (env::var(KEY_VARIABLE).ok(), KEY_VARIABLE.to_owned()),
    };
    let key = match &text {
        Some(text) => Key::new(text).map_err(|why| Failure::new(format!("{place}: {why}")))?,
        None => None,
    };
    match (key, input) {
        (Some(key), input) => {
            if input.is_some_and(|input| input.is_terminal()) {
                say(&format!("The key comes from {place}."));
            }
            draft.set_key(key);
        }
        (None, _) if args.key_file.is_some() => {
            return Err(Failure::new(format!("{place}: the key file is blank")));
        }
        (None, Some(input)) => dialogue::key(input, draft)?,
        (None, None) => {}
    }
    Ok(())
}
