//! What is believed to be on the platform, and what its listing says about that.

use std::time::Duration;

use decode::Timestamp;

use super::Inventory;
use crate::{Believed, Checked, Delivery, Endpoint, Instance, Record};

/// So old may be what a listing last said about an endpoint.
const DAY: Duration = Duration::from_hours(24);

/// What is so little ahead of the clock is no clock that was set.
const SLACK: Duration = Duration::from_secs(5);
/// Nothing is made to wait for longer: a day, for commits, and an hour.
const LONGEST_WAIT: Duration = Duration::from_hours(25);

impl Inventory {
    /// An instance with an endpoint that no listing has shown for a day, and all endpoints that are believed to be there.
    /// Looks at every endpoint.
    #[must_use]
    pub fn to_verify(&self, now: Timestamp) -> Option<(Instance, Vec<Believed>)> {
        let old = |delivery: &Delivery| {
            let Some(progress) = believed(delivery) else { return false };
            let checked = progress.verified_at.max(progress.pushed_at);
            checked.is_none_or(|at| at > now || at + DAY <= now)
        };
        let instance = self.owners.values().find_map(|owner| {
            let instance = owner.instance.as_deref()?;
            let mut all = owner.ids.iter().filter_map(|id| self.endpoints.get(id));
            let due = |delivery: &Delivery| old(delivery) && delivery.progress_at(instance).is_some();
            all.any(|endpoint| due(&endpoint.record.delivery)).then_some(instance)
        })?;
        let there = self.endpoints.values().filter_map(|endpoint| {
            let delivery = &endpoint.record.delivery;
            let progress = believed(delivery).and(delivery.progress_at(instance))?;
            Some(Believed { key: (*endpoint.key).clone(), platform_id: progress.platform_id.clone() })
        });
        Some((instance.clone(), there.collect()))
    }

    /// Takes in what a listing of this instance, read at `now`, says. What is listed is verified. What is
    /// not was removed by someone (or never came): it is pushed again when it is next seen.
    pub fn checked(&mut self, instance: &Instance, all: Vec<Checked>, now: Timestamp) {
        for Checked { key, listed } in all {
            let Some(id) = self.ids.get(&key).copied() else { continue };
            self.change(id, |endpoint| {
                let in_flight = endpoint.transient.in_flight.is_some();
                let progress = endpoint.record.delivery.progress.as_mut();
                let here = progress.filter(|progress| progress.instance.as_ref() == Some(instance));
                let Some(progress) = here.filter(|_| !in_flight) else { return false };
                match listed {
                    Some((id, path)) => {
                        progress.verified_at = Some(now);
                        progress.gone_at = None;
                        (progress.platform_id, progress.platform_path) = (Some(id), Some(path));
                    }
                    None => _ = progress.gone_at.get_or_insert(now),
                }
                true
            });
        }
    }

    /// The clock was set back to `now`: what was planned or noted for later than that must hold nothing up.
    pub fn clock_was_set_back(&mut self, now: Timestamp) {
        let (now, soon, late) = (Some(now), Some(now + SLACK), Some(now + LONGEST_WAIT));
        let ahead = |endpoint: &Endpoint| {
            let Record { counts, delivery, .. } = &endpoint.record;
            counts.last > soon || delivery.news_at > soon || delivery.not_before > late
        };
        let ids: Vec<u32> =
            self.endpoints.iter().filter(|(_, endpoint)| ahead(endpoint)).map(|(id, _)| *id).collect();
        for id in ids {
            self.change(id, |endpoint| {
                let counts = &mut endpoint.record.counts;
                (counts.first, counts.last) = (counts.first.min(now), counts.last.min(now));
                let delivery = &mut endpoint.record.delivery;
                delivery.news_at = delivery.news_at.min(now);
                delivery.not_before = None;
                if let Some(progress) = &mut delivery.progress {
                    progress.gone_at = progress.gone_at.min(now);
                    progress.turn_at = None;
                }
                false
            });
        }
    }

    /// Makes what the platform could not take due again, where `wanted` says so of its owner, method and template. Returns
    /// how many.
    pub fn retry_set_aside(&mut self, wanted: impl Fn(&crate::EndpointKey) -> bool) -> usize {
        let is_set_aside = |delivery: &Delivery| delivery.set_aside.is_some_and(|at| at >= delivery.revision);
        let chosen = self
            .endpoints
            .iter()
            .filter(|(_, endpoint)| is_set_aside(&endpoint.record.delivery) && wanted(&endpoint.key));
        let ids: Vec<u32> = chosen.map(|(id, _)| *id).collect();
        for id in &ids {
            self.change(*id, |endpoint| {
                endpoint.record.delivery.begin_anew();
                true
            });
        }
        ids.len()
    }
}

/// The progress of an endpoint that was pushed and is not known to be gone.
fn believed(delivery: &Delivery) -> Option<&crate::Progress> {
    delivery.progress.as_deref().filter(|progress| progress.pushed_revision > 0 && progress.gone_at.is_none())
}
