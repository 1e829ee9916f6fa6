//! `explain --cluster`.

use serde::Serialize;

use super::agents::Agents;
use super::together::SilentAgent;
use crate::failure::Failure;
use crate::report::plural;
use crate::run::{Explanation, Question};

/// The answers of agents that know something, each for its node.
#[derive(Serialize)]
pub(super) struct Explained {
    nodes: Vec<OfNode>,
    /// The number of those that know nothing of it.
    others: usize,
    /// The agents that did not answer.
    silent: Vec<SilentAgent>,
}

#[derive(Serialize)]
struct OfNode {
    node: String,
    explanation: Explanation,
}

impl Explained {
    /// Asks all agents.
    ///
    /// # Errors
    /// None of them answers.
    pub(super) fn ask(agents: &Agents, subject: &str) -> Result<Explained, Failure> {
        let mut explained = Explained { nodes: Vec::new(), others: 0, silent: Vec::new() };
        agents.ask::<(Explanation,)>(
            &[Question::Explain(subject.to_owned())],
            |pod, answer| match answer {
                Ok((explanation,)) if explanation.found => {
                    explained.nodes.push(OfNode { node: pod.node.clone(), explanation });
                }
                Ok(_) => explained.others += 1,
                Err(why) => {
                    let (node, pod) = (pod.node.clone(), pod.name.clone());
                    explained.silent.push(SilentAgent { node, pod, why });
                }
            },
        )?;
        explained.nodes.sort_by(|a, b| a.node.cmp(&b.node));
        if let ([], 0, Some(first)) = (&explained.nodes[..], explained.others, explained.silent.first()) {
            return Err(Failure::new(format!("no agent answered; that of {}: {}", first.node, first.why)));
        }
        Ok(explained)
    }

    /// Returns whether any of them knows something.
    pub(super) fn found(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// Returns all of it as one: of an endpoint that several know, what the one says that saw most of it.
    pub(super) fn united(self) -> Explanation {
        let mut all = Explanation { endpoints: Vec::new(), notes: Vec::new(), found: self.found() };
        for OfNode { node, explanation } in self.nodes {
            for row in explanation.endpoints {
                match all.endpoints.iter_mut().find(|known| known.is_same(&row)) {
                    Some(known) if known.requests() < row.requests() => *known = row,
                    Some(_) => {}
                    None => all.endpoints.push(row),
                }
            }
            all.notes.extend(explanation.notes.into_iter().map(|note| format!("{node}: {note}")));
        }
        let silent = self.silent.into_iter();
        all.notes.extend(silent.map(|SilentAgent { node, why, .. }| format!("no answer of {node}: {why}")));
        all
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for OfNode { node, explanation } in &self.nodes {
            text.push_str(&format!("on node {node}:\n{}\n", explanation.text()));
        }
        text.push_str(&match (self.nodes.len(), self.others) {
            (0, others) => format!("Nothing is known of it on {}.\n", plural(others, "node")),
            (_, 0) => String::new(),
            (_, others) => format!("Nothing is known of it on {}.\n", plural(others, "other node")),
        });
        for SilentAgent { node, why, .. } in &self.silent {
            text.push_str(&format!("ERROR: no answer of {node}: {why}\n"));
        }
        text
    }
}
