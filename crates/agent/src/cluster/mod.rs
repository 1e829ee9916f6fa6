//! `--cluster`: what the agents of a cluster say, asked through its API server and put together.
//!
//! Each pod of the agent is asked by the program that is in it (`pods/exec`), so that the agent opens no port and needs no right
//! for it: who asks needs them. `agents` asks; `together` unites what each says; the rest shows it.

mod agents;
mod explain;
mod status;
mod together;

use std::collections::BTreeMap;

use inventory::openapi::Document;

use crate::cli::{DocumentArgs, ExplainArgs, ReportFormat, StatusArgs};
use crate::failure::Failure;
use crate::report::Row;
use crate::run::{Explanation, Question};

pub(crate) use agents::Agents;
pub(crate) use together::Together;

use explain::Explained;
use status::ClusterStatus;
use together::Said;

/// `status --cluster`: asks all agents.
pub(crate) fn status(args: &StatusArgs) -> Result<String, Failure> {
    let status = ClusterStatus::of(together(&Agents::of(&args.cluster)?)?);
    match args.format {
        ReportFormat::Table => Ok(status.text()),
        ReportFormat::Json => crate::run::json(&status),
    }
}

/// Asks all agents for everything that lists show.
///
/// # Errors
/// None of them answers.
pub(crate) fn together(agents: &Agents) -> Result<Together, Failure> {
    let mut together = Together::default();
    agents.ask::<Said>(
        &[Question::Status, Question::Unseen, Question::Endpoints],
        |pod, said| match said {
            Ok(said) => together.add(pod, said),
            Err(why) => together.silent(pod, why),
        },
    )?;
    together.finish()
}

/// `explain --cluster`: asks all agents. Returns their answers, and whether anything is known of the subject.
pub(crate) fn explain(args: &ExplainArgs) -> Result<(String, bool), Failure> {
    let explained = Explained::ask(&Agents::of(&args.cluster)?, &args.subject)?;
    let text = match args.format {
        ReportFormat::Table => explained.text(),
        ReportFormat::Json => crate::run::json(&explained)?,
    };
    Ok((text, explained.found()))
}

/// Returns what all agents say of a subject, as one.
///
/// # Errors
/// None of them answers.
pub(crate) fn explanation(agents: &Agents, subject: &str) -> Result<Explanation, Failure> {
    Ok(Explained::ask(agents, subject)?.united())
}

/// Returns an endpoint in full, as the agent has it that saw most of it.
///
/// # Errors
/// The API server does not answer or refuses, or there is no agent.
pub(crate) fn endpoint(agents: &Agents, id: &str) -> Result<Option<Row>, Failure> {
    let mut found: Option<Row> = None;
    agents.ask::<(Option<Row>,)>(&[Question::Endpoint(id.to_owned())], |_, answer| {
        // One that does not answer is named beside the list.
        if let Ok((Some(row),)) = answer
            && found.as_ref().is_none_or(|known| known.requests() < row.requests())
        {
            found = Some(row);
        }
    })?;
    Ok(found)
}

/// Returns the documents of all agents, one for each owner, and why some did not answer.
///
/// # Errors
/// None of them answers.
pub(crate) fn documents(
    agents: &Agents,
    args: &DocumentArgs,
) -> Result<(Vec<Document>, Vec<String>), Failure> {
    let (mut documents, mut answered, mut silent) = (BTreeMap::<String, Document>::new(), false, Vec::new());
    agents.ask::<(Vec<Document>,)>(&[Question::Export(args.clone())], |pod, answer| match answer {
        Ok((ones,)) => {
            answered = true;
            for one in ones {
                match documents.get_mut(one.title()) {
                    Some(known) => known.join(one),
                    None => drop(documents.insert(one.title().to_owned(), one)),
                }
            }
        }
        Err(why) => silent.push(format!("no answer of {}: {why}", pod.node)),
    })?;
    match silent.first() {
        Some(first) if !answered => Err(Failure::new(first.clone())),
        _ => Ok((documents.into_values().collect(), silent)),
    }
}
