//! What is paused: all pushing because of the key, or pushing to one instance.

use std::collections::HashMap;

use decode::Timestamp;
use inventory::Instance;

/// Why something is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseKind {
    /// The platform does not accept the key.
    Key,
    /// The platform does not know the application or instance of a mapping.
    Mapping,
    /// The platform is away, slow or overloaded.
    Away,
}

/// A pause. Everything is kept meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Why.
    pub kind: PauseKind,
    /// What the platform said, for people.
    pub reason: String,
    /// When it began.
    pub since: Timestamp,
    /// When the next try is due.
    pub until: Timestamp,
}

/// The pauses as they are now. At most one for each instance that was pushed to since the
/// configuration last changed.
#[derive(Debug, Default)]
pub(super) struct Gates {
    key: Option<Pause>,
    instances: HashMap<Instance, Gate>,
}

#[derive(Debug)]
struct Gate {
    pause: Pause,
    failures: u32,
}

impl Gates {
    /// Returns the pause that holds back pushes to `instance` at this time. When it is over, one push tries: its first
    /// failure closes the gate again.
    pub(super) fn closed(&self, instance: &Instance, now: Timestamp) -> Option<&Pause> {
        let of_instance = self.instances.get(instance).map(|gate| &gate.pause);
        self.key.iter().chain(of_instance).find(|pause| pause.until > now)
    }

    pub(super) fn key(&self) -> Option<&Pause> {
        self.key.as_ref()
    }

    /// Returns all paused instances.
    pub(super) fn instances(&self) -> impl Iterator<Item = (&Instance, &Pause)> {
        self.instances.iter().map(|(instance, gate)| (instance, &gate.pause))
    }

    /// Returns how often in a row the instance failed.
    pub(super) fn failures(&self, instance: &Instance) -> u32 {
        self.instances.get(instance).map_or(0, |gate| gate.failures)
    }

    /// Pauses, or goes on pausing. Returns whether that kind of pause is new.
    pub(super) fn close(
        &mut self,
        instance: &Instance,
        kind: PauseKind,
        reason: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> bool {
        let fresh = Pause { kind, reason: reason.to_owned(), since: now, until };
        if kind == PauseKind::Key {
            let since = self.key.as_ref().map(|before| before.since);
            self.key = Some(Pause { since: since.unwrap_or(now), ..fresh });
            return since.is_none();
        }
        let before = self.instances.get(instance);
        let failures = before.map_or(0, |gate| gate.failures).saturating_add(1);
        let since = before.filter(|gate| gate.pause.kind == kind).map(|gate| gate.pause.since);
        let pause = Pause { since: since.unwrap_or(now), ..fresh };
        self.instances.insert(instance.clone(), Gate { pause, failures });
        since.is_none()
    }

    /// Notes that the key was accepted. Returns whether it was not before.
    pub(super) fn open_key(&mut self) -> bool {
        self.key.take().is_some()
    }

    /// Notes that the instance took something. Returns whether it was paused before.
    pub(super) fn open(&mut self, instance: &Instance) -> bool {
        self.instances.remove(instance).is_some()
    }

    /// Notes that the instance is not away; it may still be mapped wrongly. Returns whether it was away before.
    pub(super) fn back(&mut self, instance: &Instance) -> bool {
        let away = self.instances.get(instance).is_some_and(|gate| gate.pause.kind == PauseKind::Away);
        away && self.open(instance)
    }

    /// Ends all pauses: the configuration has changed.
    pub(super) fn open_all(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(n: u8) -> Instance {
        Instance { app: "a".into(), instance: n.to_string() }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn an_instance_is_paused_alone_and_the_key_pauses_all() {
        let mut gates = Gates::default();
        assert!(gates.close(&of(1), PauseKind::Away, "503", at(10), at(20)));
        assert!(gates.closed(&of(1), at(19)).is_some() && gates.closed(&of(1), at(20)).is_none());
        assert!(gates.closed(&of(2), at(19)).is_none());
        assert!(gates.close(&of(1), PauseKind::Key, "401", at(30), at(40)));
        assert!(gates.closed(&of(2), at(39)).is_some());
        assert!(gates.open_key() && gates.closed(&of(2), at(39)).is_none());
    }

    #[test]
    fn a_pause_that_goes_on_keeps_its_beginning() {
        let mut gates = Gates::default();
        assert!(gates.close(&of(1), PauseKind::Away, "503", at(10), at(20)));
        assert!(!gates.close(&of(1), PauseKind::Away, "502", at(30), at(40)));
        assert_eq!((gates.failures(&of(1)), gates.closed(&of(1), at(35)).unwrap().since), (2, at(10)));
        assert!(gates.close(&of(1), PauseKind::Mapping, "404", at(50), at(60)));
        assert!(!gates.back(&of(1)) && gates.open(&of(1)) && !gates.open(&of(1)));
        assert_eq!(gates.failures(&of(1)), 0);
    }
}
