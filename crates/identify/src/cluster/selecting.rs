//! Which Services select a pod, without a look at every Service for every pod.

use std::collections::HashMap;

use super::{ObjectName, Pod, Service};

/// A label that is asked for in a namespace: namespace, key, value.
type Label<'a> = (&'a str, &'a str, &'a str);

/// The Services with a selector. Each stands under one label that it asks for, the one that the fewest others do: all
/// Services of a team may ask for `part-of: shop`, but few for the same name.
pub(super) struct Selecting<'a> {
    by_label: HashMap<Label<'a>, Vec<(&'a ObjectName, &'a Service)>>,
}

impl<'a> Selecting<'a> {
    pub(super) fn new(services: &'a HashMap<ObjectName, Service>) -> Selecting<'a> {
        let mut asked: HashMap<Label<'_>, usize> = HashMap::new();
        for label in services.iter().flat_map(|(key, service)| labels(key, service)) {
            *asked.entry(label).or_default() += 1;
        }
        let mut by_label: HashMap<Label<'_>, Vec<_>> = HashMap::new();
        for (key, service) in services {
            if let Some(rarest) = labels(key, service).min_by_key(|label| asked.get(label)) {
                by_label.entry(rarest).or_default().push((key, service));
            }
        }
        Selecting { by_label }
    }

    /// Returns the Services that select a pod.
    pub(super) fn of<'s>(
        &'s self,
        key: &'s ObjectName,
        pod: &'s Pod,
    ) -> impl Iterator<Item = (&'s ObjectName, &'s Service)> {
        self.candidates_of(key, pod).filter(|(_, service)| {
            service.selector.iter().all(|(label, value)| pod.labels.get(label) == Some(value))
        })
    }

    /// Returns the Services that ask for at least one label of the pod.
    fn candidates_of<'s>(
        &'s self,
        key: &'s ObjectName,
        pod: &'s Pod,
    ) -> impl Iterator<Item = (&'s ObjectName, &'s Service)> {
        let labels = pod.labels.iter();
        let found = labels.filter_map(|(label, value)| self.by_label.get(&(key.0.as_str(), label, value)));
        found.flatten().copied()
    }

    /// Returns the number of comparisons that these pods take.
    #[cfg(test)]
    pub(super) fn candidates(&self, pods: &HashMap<ObjectName, Pod>) -> usize {
        pods.iter().map(|(key, pod)| self.candidates_of(key, pod).count()).sum()
    }
}

/// Returns the labels that a Service asks for.
fn labels<'a>(key: &'a ObjectName, service: &'a Service) -> impl Iterator<Item = Label<'a>> {
    service.selector.iter().map(|(label, value)| (key.0.as_str(), label.as_str(), value.as_str()))
}
