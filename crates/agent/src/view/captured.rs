//! What was read once and does not change: captures, archives, a store.

use identify::ServiceName;
use inventory::openapi::Document;
use inventory::{Instance, Inventory};

use super::look::{Look, Overview};
use crate::cli::DocumentArgs;
use crate::config::Mappings;
use crate::export::{chosen, learned};
use crate::learn::coverage::Coverage;
use crate::replay::{MORE_MEMORY, Shown};
use crate::report::{
    Accounts, AmbiguousLine, Listed, Listing, MAX_LISTED, Row, ServiceLine, Unseen, clock, left_out, with_id,
};
use crate::run::Explanation;

/// The kind of source that an agent's store is.
const STORE: &str = "store";

/// What was read.
pub(crate) struct Captured {
    kind: &'static str,
    name: String,
    inventory: Inventory,
    mappings: Mappings,
    accounts: Accounts,
    coverage: Coverage,
    remarks: Vec<String>,
}

impl Captured {
    /// What these files show.
    pub(super) fn files(name: String, shown: Shown) -> Captured {
        let Shown { inventory, mappings, accounts, coverage, whole } = shown;
        let cut = "Not all files could be read to their end; the terminal says which, and why.";
        let mut remarks: Vec<_> = (!whole).then(|| cut.to_owned()).into_iter().collect();
        remarks.extend(left_out(&inventory, MORE_MEMORY));
        Captured { kind: "captures", name, inventory, mappings, accounts, coverage, remarks }
    }

    /// What this store has. What an agent could not read it does not keep there.
    pub(super) fn store(name: String, inventory: Inventory) -> Captured {
        let remark =
            "No agent runs here: this is its store. What could not be read or named is not kept there.";
        Captured {
            kind: STORE,
            name,
            inventory,
            mappings: Mappings::default(),
            accounts: Accounts::default(),
            coverage: Coverage::default(),
            remarks: vec![remark.to_owned()],
        }
    }

    fn instance_of(&self) -> impl Fn(&ServiceName) -> Option<Instance> {
        let learned = learned(&self.inventory);
        move |service| self.mappings.find(service).cloned().or_else(|| learned(service))
    }

    pub(super) fn look(&self) -> Look {
        let (now, instance_of) = (clock(), self.instance_of());
        let line = |endpoint| Listed::new(endpoint, &self.inventory.state(endpoint, now, &instance_of));
        let endpoints: Vec<_> = self.inventory.endpoints().take(MAX_LISTED).map(line).collect();
        let left_out = self.inventory.len().saturating_sub(endpoints.len());
        let overview = Overview {
            kind: self.kind,
            name: self.name.clone(),
            services: self.services(),
            ..Overview::default()
        };
        Look {
            overview: Overview { unseen: self.unseen(), ..overview },
            listing: Listing { endpoints, left_out },
        }
    }

    fn services(&self) -> Vec<ServiceLine> {
        let owners = self.inventory.owners(clock(), self.instance_of());
        let is_mapped = |name: &ServiceName| self.mappings.find(name).is_some();
        ServiceLine::all(&owners, &self.coverage, self.kind == STORE, is_mapped)
    }

    fn unseen(&self) -> Unseen {
        let ambiguous = self.coverage.ambiguous().map(|(services, requests)| AmbiguousLine {
            services: services.iter().map(ToString::to_string).collect(),
            requests,
            says: "nothing in the requests tells which of them was asked".to_owned(),
        });
        let mut unseen = Unseen::new(&self.accounts, &self.coverage);
        unseen.ambiguous = ambiguous.collect();
        unseen.remarks.clone_from(&self.remarks);
        unseen
    }

    pub(super) fn endpoint(&self, asked: &str) -> Option<Row> {
        let endpoint = with_id(&self.inventory, asked)?;
        let row = Row::explained(&self.inventory, endpoint, clock(), self.instance_of());
        Some(row.with_shapes(endpoint).with_example(endpoint))
    }

    pub(super) fn explain(&self, subject: &str) -> Explanation {
        let subjects = std::iter::once(subject);
        let mut explanation = Explanation::of(&self.inventory, subjects, clock(), self.instance_of());
        explanation.notes.extend(self.remarks.iter().cloned());
        explanation
    }

    pub(super) fn documents(&self, args: &DocumentArgs) -> Vec<Document> {
        chosen::of(&self.inventory, clock(), self.instance_of(), args)
    }
}
