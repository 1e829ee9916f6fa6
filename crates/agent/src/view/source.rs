//! Where what the page shows comes from. A further source is one more variant here, and nothing else changes.

use std::path::PathBuf;

use inventory::openapi::Document;

use super::captured::Captured;
use super::look::{Look, Overview};
use crate::cli::DocumentArgs;
use crate::cluster::{self, Agents};
use crate::failure::Failure;
use crate::report::Row;
use crate::run::{Explanation, Question, Status, ask};

/// Where what is shown comes from.
pub(crate) enum Source {
    /// The agent that runs with this state folder.
    Agent(PathBuf),
    /// All agents of a cluster.
    Cluster(Box<Agents>),
    /// What was read once: files, or a store.
    Captured(Box<Captured>),
}

impl Source {
    /// Asks for everything that lists show.
    ///
    /// # Errors
    /// The agent does not answer, or is of another version.
    pub(super) fn look(&self) -> Result<Look, Failure> {
        let state = match self {
            Source::Captured(captured) => return Ok(captured.look()),
            Source::Cluster(agents) => return of_cluster(agents),
            Source::Agent(state) => state,
        };
        let mut status: Status = ask(state, &Question::Status)?;
        let overview = Overview {
            kind: "agent",
            name: state.display().to_string(),
            services: std::mem::take(&mut status.services),
            unseen: ask(state, &Question::Unseen)?,
            nodes: vec![serde_json::to_value(&status).unwrap_or_default()],
        };
        Ok(Look { overview, listing: ask(state, &Question::Endpoints)? })
    }

    /// Returns one endpoint in full, if it is still there.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(super) fn endpoint(&self, id: &str) -> Result<Option<Row>, Failure> {
        match self {
            Source::Agent(state) => ask(state, &Question::Endpoint(id.to_owned())),
            Source::Cluster(agents) => cluster::endpoint(agents, id),
            Source::Captured(captured) => Ok(captured.endpoint(id)),
        }
    }

    /// Says why something is, or is not, on the platform.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(super) fn explain(&self, subject: &str) -> Result<Explanation, Failure> {
        match self {
            Source::Agent(state) => ask(state, &Question::Explain(subject.to_owned())),
            Source::Cluster(agents) => cluster::explanation(agents, subject),
            Source::Captured(captured) => Ok(captured.explain(subject)),
        }
    }

    /// Returns the document of a Service, if something of it is worth one.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(super) fn document(&self, service: &str) -> Result<Option<Document>, Failure> {
        let args = DocumentArgs { service: Some(service.to_owned()), ..DocumentArgs::default() };
        let documents: Vec<Document> = match self {
            Source::Agent(state) => ask(state, &Question::Export(args))?,
            Source::Cluster(agents) => cluster::documents(agents, &args)?.0,
            Source::Captured(captured) => captured.documents(&args),
        };
        Ok(documents.into_iter().find(|document| document.title() == service))
    }
}

/// What all agents of a cluster say. Those that do not are a remark on what is not seen.
fn of_cluster(agents: &Agents) -> Result<Look, Failure> {
    let mut together = cluster::together(agents)?;
    let silent =
        together.silent.iter().map(|one| format!("The agent of {} does not answer: {}", one.node, one.why));
    together.unseen.remarks.extend(silent);
    let overview = Overview {
        kind: "cluster",
        name: agents.address().to_owned(),
        services: together.services(),
        nodes: together.nodes(),
        unseen: std::mem::take(&mut together.unseen),
    };
    Ok(Look { overview, listing: together.listing() })
}
