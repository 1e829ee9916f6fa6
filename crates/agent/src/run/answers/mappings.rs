//! Where Services go, from where that is known, and how it stands: a part of `status`.

use identify::ServiceName;
use inventory::Instance;
use push::PauseKind;
use redact::printable;
use serde::{Deserialize, Serialize};

use crate::config::covers;
use crate::run::shared::Shared;

/// A line for a mapping, or for a Service that waits for one.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct MappingLine {
    /// The key of the configuration, or the Service.
    pub(crate) name: String,
    /// Empty while it waits for one.
    pub(crate) application: String,
    pub(crate) instance: String,
    /// `configuration`, `annotation`, `learned` or `onboarding`.
    pub(crate) source: String,
    /// `in force`, or why not.
    pub(crate) state: String,
}

impl MappingLine {
    fn new(name: &str, at: &Instance, source: &str, state: String) -> MappingLine {
        let text = |text: &str| printable(text.as_bytes()).into_owned();
        MappingLine {
            name: text(name),
            application: text(&at.app),
            instance: text(&at.instance),
            source: source.into(),
            state,
        }
    }
}

/// All of them: what is written first, then annotations, what was learned, what waits.
pub(super) fn lines(shared: &Shared) -> Vec<MappingLine> {
    let (config, directory) = (shared.config.load(), shared.names.directory());
    let push = shared.push.status();
    let state = |at: &Instance| match push.paused.get(at) {
        Some(pause) if pause.kind == PauseKind::Mapping => {
            format!("not known to the platform: {}", pause.reason)
        }
        Some(pause) => format!("paused: {}", pause.reason),
        None => "in force".to_owned(),
    };
    let mut lines = Vec::new();
    for (key, at) in config.mappings.iter() {
        lines.push(MappingLine::new(key, at, "configuration", state(at)));
    }
    for service in directory.services() {
        let Some(annotation) = directory.annotation(service) else { continue };
        let at = Instance { app: annotation.application.clone(), instance: annotation.instance.clone() };
        let state = match config.mappings.find(service) {
            Some(_) => overruled(config.mappings.keys(), service),
            None => state(&at),
        };
        lines.push(MappingLine::new(&service.to_string(), &at, "annotation", state));
    }
    for (service, at) in &learned(shared) {
        let state = match config.mappings.find(service) {
            Some(_) => overruled(config.mappings.keys(), service),
            None if directory.annotation(service).is_some() => "not in force: its annotations win".into(),
            None if !config.onboard => "not in force: autoOnboardNewServices is false".into(),
            None => state(at),
        };
        lines.push(MappingLine::new(&service.to_string(), at, "learned", state));
    }
    for (service, reason) in shared.push.waiting() {
        lines.push(MappingLine {
            name: service.to_string(),
            application: String::new(),
            instance: String::new(),
            source: "onboarding".into(),
            state: format!("waits: {}", printable(reason.as_bytes())),
        });
    }
    lines
}

fn learned(shared: &Shared) -> Vec<(ServiceName, Instance)> {
    shared.learned.read(|inventory| {
        let learned = inventory.learned_mappings();
        learned.map(|(service, mapping)| (service.clone(), mapping.instance.clone())).collect()
    })
}

fn overruled<'a>(mut keys: impl Iterator<Item = &'a str>, service: &ServiceName) -> String {
    let key = keys.find(|key| covers(key, service)).unwrap_or_default();
    format!("not in force: serviceMappings has {:?}", printable(key.as_bytes()))
}
