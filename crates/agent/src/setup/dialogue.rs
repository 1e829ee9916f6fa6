//! The questions: the key, then Services with application and instance, until an empty name.

use std::time::SystemTime;

use inventory::Instance;
use push::answers::{Application, ApplicationInstance};

use super::choose::{Answer, COLUMNS, Entry, List, SHOWN, choose};
use super::draft::Draft;
use super::input::Input;
use super::key::Key;
use super::name;
use super::offers::Offers;
use super::page::{cut, put, say, warn};
use super::pasted;
use crate::config::covers;
use crate::failure::Failure;
use crate::similar::nearest;

/// How much of a name or id is shown in a prompt, in columns.
const NAME: usize = 40;

/// Asks for the key.
///
/// # Errors
/// There is no answer, or in a pipe none that can be used.
pub(super) fn key(input: &mut Input, draft: &mut Draft) -> Result<(), Failure> {
    let prompt = match draft.key() {
        Some(_) => "API key (not shown; Enter keeps the present one): ",
        None => "API key (not shown): ",
    };
    loop {
        match Key::new(&input.hidden(prompt, "API key")?) {
            Ok(Some(key)) => {
                if input.is_terminal() {
                    say(&format!("  {}", key.describe(SystemTime::now())));
                }
                draft.set_key(key);
            }
            Ok(None) => {}
            Err(why) => {
                input.refuse("API key", why)?;
                continue;
            }
        }
        return Ok(());
    }
}

/// Asks for Services to map, or to remove from the mappings.
///
/// # Errors
/// As [`key`].
pub(super) fn services(input: &mut Input, draft: &mut Draft, offers: &Offers) -> Result<(), Failure> {
    if input.is_terminal() {
        introduce(draft, offers);
    }
    let mut applications = Some(application_list(offers));
    loop {
        let name = match choose(input, "Service name: ", "service name", &service_list(draft, offers))? {
            Answer::Empty => return Ok(()),
            Answer::Text(text) => match text.strip_prefix('-') {
                Some(gone) => {
                    remove(input, draft, gone.trim())?;
                    continue;
                }
                None => text,
            },
            Answer::Entry(at) => offered_name(draft, offers, at),
        };
        if let Err(why) = name::check(&name) {
            input.refuse("service name", &why)?;
            continue;
        }
        if let Some(doubt) = offers.doubt_name(&name) {
            warn(&doubt);
        }
        if input.is_terminal()
            && let Some(list) = applications.take().filter(|list| !list.entries.is_empty())
        {
            list.show("");
        }
        if let Some(ids) = ids(input, draft, offers, &name)? {
            draft.map(&name, &ids);
        }
    }
}

/// Asks whether to write the file.
///
/// # Errors
/// As [`key`].
pub(super) fn confirm(input: &mut Input, file: &str) -> Result<bool, Failure> {
    let prompt = format!("\nWrite {file}? [y/N]: ");
    loop {
        match input.line(&prompt, "y")?.to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            "" if input.is_terminal() => return Ok(false),
            _ => input.refuse("y", "answer y or n")?,
        }
    }
}

/// Removes a mapping, or says which there are.
///
/// # Errors
/// In a pipe, when there is none.
pub(super) fn remove(input: &Input, draft: &mut Draft, name: &str) -> Result<(), Failure> {
    if draft.unmap(name) {
        if input.is_terminal() {
            say(&format!("  {} is removed.", cut(name, NAME)));
        }
        return Ok(());
    }
    let known = draft.mappings();
    let guess = nearest(name, known.keys().map(String::as_str));
    let guess = guess.map(|guess| format!("; did you mean {guess}?")).unwrap_or_default();
    input.refuse("service name", &format!("no mapping has this name{guess}"))
}

fn introduce(draft: &Draft, offers: &Offers) {
    put("");
    say(
        "Services to monitor: name each as in Kubernetes, then its application and instance on the platform.",
    );
    say("-NAME removes a Service, Enter alone ends.");
    if offers.applications.is_none() {
        say("The IDs stand in the platform's address bar: \
             https://apisec.ai/application/<applicationId>/instance/<instanceId>");
    }
    if !offers.services.is_empty() || offers.applications.is_some() {
        say("What is listed can be chosen by its number or name; ? lists again, ?text searches.");
    }
    let mapped = draft.mappings();
    if !mapped.is_empty() {
        put("");
        say("Mapped so far:");
    }
    for (name, ids) in mapped.iter().take(SHOWN) {
        put(&format!("  {}", cut(&format!("{name}{}", target(offers, ids)), COLUMNS)));
    }
    if mapped.len() > SHOWN {
        say(&format!("  ... and {} more", mapped.len() - SHOWN));
    }
    put("");
    if !offers.services.is_empty() {
        service_list(draft, offers).show("");
    }
}

/// ` -> application / instance`, by name where the names are known.
fn target(offers: &Offers, ids: &Instance) -> String {
    let (app, instance) = offers.names(ids).unwrap_or((&ids.app, &ids.instance));
    let named = |name: &str, id: &str| if name.is_empty() { cut(id, NAME) } else { cut(name, NAME) };
    format!(" -> {} / {}", named(app, &ids.app), named(instance, &ids.instance))
}

fn service_list(draft: &Draft, offers: &Offers) -> List {
    let mapped = draft.mappings();
    let entry = |service: &identify::ServiceName| {
        let is_mapped = mapped.keys().any(|name| covers(name, service));
        let full = service.to_string();
        Entry { label: format!("{full}{}", if is_mapped { "  (mapped)" } else { "" }), names: vec![full] }
    };
    List { title: "Services of the cluster".into(), entries: offers.services.iter().map(entry).collect() }
}

/// The name for an offered Service: that of the mapping which covers it, else the full one.
fn offered_name(draft: &Draft, offers: &Offers, at: usize) -> String {
    let Some(service) = offers.services.get(at) else { return String::new() };
    let full = service.to_string();
    let mappings = draft.mappings();
    if mappings.contains_key(&full) {
        return full;
    }
    mappings.into_keys().find(|name| covers(name, service)).unwrap_or(full)
}

fn application_list(offers: &Offers) -> List {
    let entry = |app: &Application| {
        let instances: Vec<&str> = app.instances.iter().map(|instance| instance.name.as_str()).collect();
        let label = format!("{:<30} {}", cut(&app.name, 30), instances.join(", "));
        Entry { label, names: vec![app.id.clone(), app.name.clone()] }
    };
    List {
        title: "Applications of the platform, with their instances".into(),
        entries: offers.applications.iter().flatten().map(entry).collect(),
    }
}

/// Asks for the ids of a Service. `None`: back to the Services.
fn ids(
    input: &mut Input,
    draft: &Draft,
    offers: &Offers,
    service: &str,
) -> Result<Option<Instance>, Failure> {
    let current = draft.mappings().remove(service);
    let namesake = offers.namesake(service).map(|app| app.id.clone());
    let default = current.as_ref().map(|ids| ids.app.clone()).or(namesake);
    let Some(app) = id(input, "application", &application_list(offers), default)? else { return Ok(None) };
    if let Some(ids) = pasted::both(&app) {
        return Ok(Some(checked(input, offers, service, ids)));
    }
    let app = pasted::ids(&app).map_or(app, |(app, _)| app);

    let known = offers.applications.iter().flatten().find(|known| known.id == app);
    let same = current.filter(|ids| ids.app == app).map(|ids| ids.instance);
    let only = known.filter(|app| app.instances.len() == 1).and_then(|app| app.instances.first());
    let list = instance_list(known);
    if input.is_terminal() && list.entries.len() > 1 {
        list.show("");
    }
    let default = same.or_else(|| only.map(|instance| instance.id.clone()));
    let Some(instance) = id(input, "instance", &list, default)? else { return Ok(None) };

    Ok(Some(checked(input, offers, service, Instance { app, instance })))
}

/// Says what is doubtful about the ids of a Service, or what they are.
fn checked(input: &Input, offers: &Offers, service: &str, ids: Instance) -> Instance {
    match offers.doubt_ids(&ids) {
        Some(doubt) => warn(&doubt),
        None if input.is_terminal() => say(&format!("  {}{}", cut(service, NAME), target(offers, &ids))),
        None => {}
    }
    ids
}

/// Asks for one id. `None`: there was no answer, and there is no default.
fn id(
    input: &mut Input,
    what: &str,
    list: &List,
    default: Option<String>,
) -> Result<Option<String>, Failure> {
    let full = format!("{what} ID");
    let first = if what == "application" { "Application" } else { "Instance" };
    let how = if list.entries.is_empty() { " ID" } else { " (number, name or ID)" };
    let offered =
        default.as_deref().map(|id| format!(" [{}]", cut(list.name_of(id), NAME))).unwrap_or_default();
    let prompt = format!("  {first}{how}{offered}: ");
    loop {
        match choose(input, &prompt, &full, list)? {
            Answer::Entry(at) => return Ok(list.id_at(at)),
            Answer::Text(number) if input.is_terminal() && list.has_no(&number) => {
                input.refuse(&full, &format!("the list ends with number {}", list.entries.len()))?;
            }
            Answer::Text(id)
                if !id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\u{fffd}') =>
            {
                return Ok(Some(id));
            }
            Answer::Text(_) => input.refuse(&full, "an ID has neither spaces nor control characters")?,
            Answer::Empty if !input.is_terminal() => input.refuse(&full, "it is empty")?,
            Answer::Empty => {
                if default.is_none() {
                    say("  Nothing is changed.");
                }
                return Ok(default);
            }
        }
    }
}

fn instance_list(application: Option<&Application>) -> List {
    let entry = |instance: &ApplicationInstance| Entry {
        label: format!("{:<30} {}", cut(&instance.name, 30), instance.id),
        names: vec![instance.id.clone(), instance.name.clone()],
    };
    let instances = application.iter().flat_map(|app| &app.instances);
    List { title: "Its instances".into(), entries: instances.map(entry).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::offers::tests::offers;
    use super::*;

    fn ids(app: &str, instance: &str) -> Instance {
        Instance { app: app.into(), instance: instance.into() }
    }

    #[test]
    fn an_offered_service_keeps_the_name_that_it_is_mapped_under() {
        let mut draft = Draft::read(None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(offered_name(&draft, &offers(), 2), "shop/pay");
        draft.map("pay", &ids("a", "b"));
        assert_eq!(offered_name(&draft, &offers(), 2), "pay");
        draft.map("shop/pay", &ids("a", "b"));
        assert_eq!(offered_name(&draft, &offers(), 2), "shop/pay");
        let labels = service_list(&draft, &offers()).entries.into_iter().map(|entry| entry.label);
        assert_eq!(labels.collect::<Vec<_>>(), ["beta/cart", "shop/cart", "shop/pay  (mapped)"]);
    }

    #[test]
    fn a_target_is_shown_by_name_where_it_is_known() {
        assert_eq!(target(&offers(), &ids("app-2", "inst-3")), " -> pay / test");
        assert_eq!(target(&offers(), &ids("app-2", "inst-9")), " -> app-2 / inst-9");
        let list = application_list(&offers());
        assert_eq!((list.name_of("app-1"), list.name_of("other")), ("cart", "other"));
        assert_eq!(list.id_at(1).as_deref(), Some("app-2"));
    }
}
