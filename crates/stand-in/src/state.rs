//! What the platform knows: applications, their instances, and the endpoints of those.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::matching::{canonical_id, endpoint_id, shape};

/// How much the stand-in platform keeps. More is refused with 507.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Applications. Default 1,000.
    pub applications: usize,
    /// Instances of one application. Default 100.
    pub instances: usize,
    /// Endpoints of one instance. Default 20,000: four times what a monitor pushes for one Service.
    pub endpoints: usize,
    /// Bytes of all paths, parameters and bodies together. Default 64 MiB.
    pub bytes: usize,
    /// Applications on one page of their list. Default 50.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { applications: 1000, instances: 100, endpoints: 20_000, bytes: 64 << 20, page: 50 }
    }
}

/// An application that is there from the beginning. Several with the same `app_id` are one application with several
/// instances, under the first name.
#[derive(Clone, Debug)]
pub struct Preset {
    /// `applicationId`.
    pub app_id: String,
    /// `applicationName`.
    pub name: String,
    /// `instanceId`, or `None` for an application that has no instance yet.
    pub instance_id: Option<String>,
}

/// A body example of an endpoint, as a commit gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BodyExample {
    /// Its media type; empty where the endpoint was added with a payload.
    pub content_type: String,
    /// Its text.
    pub content: String,
}

/// An endpoint as the platform has it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Padded base64 of `METHOD:path`.
    pub id: String,
    /// The method in lower case.
    pub method: String,
    /// The path, with `{name}` for each variable segment.
    pub path: String,
    /// Committed values of the path's variables.
    pub path_params: BTreeMap<String, String>,
    /// Committed query parameters.
    pub query_params: BTreeMap<String, String>,
    /// Committed request headers.
    pub headers: BTreeMap<String, String>,
    /// The committed body example, or the payload that it was added with (then with an empty content type).
    pub body: Option<BodyExample>,
    /// How many commits changed it.
    pub commits: u32,
    /// When it was added.
    pub added: SystemTime,
    /// Its number among all endpoints: the revision of the state that added it.
    pub(super) number: u64,
    /// The revision of the state that last changed it.
    pub(super) revision: u64,
}

impl Endpoint {
    fn size(&self) -> usize {
        let maps = [&self.path_params, &self.query_params, &self.headers];
        let pairs = maps.into_iter().flatten().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let body = self.body.as_ref().map_or(0, |body| body.content_type.len() + body.content.len());
        2 * (self.id.len() + self.path.len()) + pairs + body
    }
}

pub(super) struct Application {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) instances: Vec<Instance>,
}

pub(super) struct Instance {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) host_url: String,
    pub(super) endpoints: Vec<Endpoint>,
    /// The place of each id in `endpoints`.
    places: HashMap<String, usize>,
}

impl Instance {
    fn new(id: String, name: String, host_url: String) -> Self {
        Instance { id, name, host_url, endpoints: Vec::new(), places: HashMap::new() }
    }

    /// Returns the endpoint with this id, in either alphabet of base64.
    pub(super) fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.get(*self.places.get(&canonical_id(id))?)
    }

    /// Returns another endpoint that is the same but for the names of its variables.
    pub(super) fn twin(&self, method: &str, path: &str) -> Option<&Endpoint> {
        let wanted = shape(path);
        self.endpoints.iter().find(|known| {
            known.method.eq_ignore_ascii_case(method) && known.path != path && shape(&known.path) == wanted
        })
    }
}

/// What came of adding an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Stored,
    /// It was there already.
    There,
    /// A limit is reached.
    Full,
    /// There is no such instance.
    Nowhere,
}

/// The details that a commit gives to an endpoint.
pub(super) struct Details {
    pub(super) path_params: BTreeMap<String, String>,
    pub(super) query_params: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<BodyExample>,
}

pub(super) struct State {
    pub(super) applications: Vec<Application>,
    pub(super) limits: Limits,
    /// Counts changes.
    pub(super) revision: u64,
    /// Different after each start and removal: a reader of changes begins anew.
    pub(super) epoch: u64,
    bytes: usize,
    made: u64,
}

impl State {
    pub(super) fn new(presets: &[Preset], limits: Limits) -> Self {
        let mut state = State {
            applications: Vec::new(),
            limits,
            revision: 1,
            epoch: fastrand::u64(..),
            bytes: 0,
            made: 0,
        };
        for preset in presets {
            let place = state.applications.iter().position(|app| app.id == preset.app_id);
            let place = place.unwrap_or_else(|| {
                let (id, name) = (preset.app_id.clone(), preset.name.clone());
                state.applications.push(Application { id, name, instances: Vec::new() });
                state.applications.len() - 1
            });
            if let (Some(app), Some(id)) = (state.applications.get_mut(place), &preset.instance_id) {
                let name = format!("{}_instance", app.name);
                app.instances.push(Instance::new(id.clone(), name, "/".to_owned()));
            }
        }
        state
    }

    pub(super) fn application(&self, app: &str) -> Option<&Application> {
        self.applications.iter().find(|known| known.id == app)
    }

    pub(super) fn instance(&self, app: &str, instance: &str) -> Option<&Instance> {
        self.application(app)?.instances.iter().find(|known| known.id == instance)
    }

    fn instance_mut(&mut self, app: &str, instance: &str) -> Option<&mut Instance> {
        let app = self.applications.iter_mut().find(|known| known.id == app)?;
        app.instances.iter_mut().find(|known| known.id == instance)
    }

    pub(super) fn endpoints(&self, app: &str, instance: &str) -> Vec<Endpoint> {
        self.instance(app, instance).map(|instance| instance.endpoints.clone()).unwrap_or_default()
    }

    /// Adds an endpoint; one with the same method and path is left as it is.
    pub(super) fn add(
        &mut self,
        app: &str,
        instance: &str,
        method: &str,
        path: &str,
        payload: &str,
    ) -> Added {
        let id = endpoint_id(method, path);
        let Limits { endpoints: most, bytes: most_bytes, .. } = self.limits;
        let (revision, bytes) = (self.revision + 1, self.bytes);
        let Some(instance) = self.instance_mut(app, instance) else { return Added::Nowhere };
        if instance.places.contains_key(&id) {
            return Added::There;
        }
        let body = (!payload.is_empty())
            .then(|| BodyExample { content_type: String::new(), content: payload.to_owned() });
        let endpoint = Endpoint {
            id,
            method: method.to_lowercase(),
            path: path.to_owned(),
            path_params: BTreeMap::new(),
            query_params: BTreeMap::new(),
            headers: BTreeMap::new(),
            body,
            commits: 0,
            added: SystemTime::now(),
            number: revision,
            revision,
        };
        let bytes = bytes + endpoint.size();
        if instance.endpoints.len() >= most || bytes > most_bytes {
            return Added::Full;
        }
        instance.places.insert(endpoint.id.clone(), instance.endpoints.len());
        instance.endpoints.push(endpoint);
        (self.revision, self.bytes) = (revision, bytes);
        Added::Stored
    }

    /// Gives details to an endpoint: what is new is added, what is known gets the new value. Returns whether there was
    /// room for it; `None` when there is no such endpoint.
    pub(super) fn commit(&mut self, app: &str, instance: &str, id: &str, details: Details) -> Option<bool> {
        let (revision, bytes, most_bytes) = (self.revision + 1, self.bytes, self.limits.bytes);
        let instance = self.instance_mut(app, instance)?;
        let place = *instance.places.get(&canonical_id(id))?;
        let endpoint = instance.endpoints.get_mut(place)?;
        let mut changed = endpoint.clone();
        changed.path_params.extend(details.path_params);
        changed.query_params.extend(details.query_params);
        changed.headers.extend(details.headers);
        changed.body = details.body.or(changed.body);
        (changed.commits, changed.revision) = (changed.commits + 1, revision);
        let bytes = bytes - endpoint.size() + changed.size();
        if bytes > most_bytes {
            return Some(false);
        }
        *endpoint = changed;
        (self.revision, self.bytes) = (revision, bytes);
        Some(true)
    }

    pub(super) fn remove(&mut self, app: &str, instance: &str, method: &str, path: &str) -> bool {
        let Some(instance) = self.instance_mut(app, instance) else { return false };
        let Some(place) = instance.places.remove(&endpoint_id(method, path)) else { return false };
        let removed = instance.endpoints.remove(place);
        for later in instance.places.values_mut().filter(|later| **later > place) {
            *later -= 1;
        }
        self.bytes -= removed.size();
        self.revision += 1;
        self.epoch = fastrand::u64(..);
        true
    }

    /// Makes an application and returns its id; `None` when there is no room.
    pub(super) fn create(&mut self, name: &str) -> Option<String> {
        if self.applications.len() >= self.limits.applications {
            return None;
        }
        let id = self.new_id();
        self.applications.push(Application { id: id.clone(), name: name.to_owned(), instances: Vec::new() });
        self.revision += 1;
        Some(id)
    }

    /// Makes an instance and returns its id; `None` when there is no room or no such application.
    pub(super) fn create_instance(&mut self, app: &str, name: &str, host_url: &str) -> Option<String> {
        let most = self.limits.instances;
        let id = self.new_id();
        let app = self.applications.iter_mut().find(|known| known.id == app)?;
        if app.instances.len() >= most {
            return None;
        }
        app.instances.push(Instance::new(id.clone(), name.to_owned(), host_url.to_owned()));
        self.revision += 1;
        Some(id)
    }

    /// Returns an id in the form of a UUID, as the platform's are.
    fn new_id(&mut self) -> String {
        self.made += 1;
        let [a, b] = [fastrand::u64(..), fastrand::u64(..)];
        let (high, mid, low) = (a >> 32, (a >> 16) & 0xffff, a & 0xfff);
        format!("{high:08x}-{mid:04x}-4{low:03x}-8{:03x}-{:012x}", (b >> 48) & 0xfff, b & 0xffff_ffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(limits: Limits) -> State {
        let preset = |app: &str, instance: &str| Preset {
            app_id: app.to_owned(),
            name: "cart".to_owned(),
            instance_id: Some(instance.to_owned()),
        };
        State::new(&[preset("a", "i"), preset("a", "j")], limits)
    }

    fn details(value: &str) -> Details {
        let pair = BTreeMap::from([("k".to_owned(), value.to_owned())]);
        Details { path_params: pair.clone(), query_params: pair.clone(), headers: pair, body: None }
    }

    #[test]
    fn presets_with_one_id_are_one_application() {
        let state = state(Limits::default());
        assert_eq!(state.applications.len(), 1);
        assert!(state.instance("a", "i").is_some() && state.instance("a", "j").is_some());
    }

    #[test]
    fn an_endpoint_that_exists_stays_as_it_is() {
        let mut state = state(Limits::default());
        assert_eq!(state.add("a", "i", "post", "/x/{id}", "{}"), Added::Stored);
        let revision = state.revision;
        assert_eq!(state.add("a", "i", "POST", "/x/{id}", "other"), Added::There);
        assert_eq!(state.revision, revision);
        assert_eq!(state.endpoints("a", "i")[0].body.as_ref().map(|b| b.content.as_str()), Some("{}"));
        assert!(state.instance("a", "i").and_then(|i| i.twin("post", "/x/{other}")).is_some());
        assert_eq!(state.add("a", "none", "post", "/x", ""), Added::Nowhere);
    }

    #[test]
    fn removal_keeps_the_ids_of_the_others() {
        let mut state = state(Limits::default());
        for path in ["/1", "/2", "/3"] {
            state.add("a", "i", "get", path, "");
        }
        let epoch = state.epoch;
        assert!(state.remove("a", "i", "get", "/2"));
        assert!(!state.remove("a", "i", "get", "/2"));
        assert_ne!(state.epoch, epoch);
        let instance = state.instance("a", "i").expect("preset");
        assert_eq!(instance.endpoint(&endpoint_id("get", "/3")).map(|e| e.path.as_str()), Some("/3"));
        assert!(instance.endpoint(&endpoint_id("get", "/2")).is_none());
    }

    #[test]
    fn limits_hold() {
        let mut state = state(Limits { endpoints: 2, bytes: 4000, applications: 2, instances: 2, page: 1 });
        assert_eq!(state.add("a", "i", "get", "/1", ""), Added::Stored);
        assert_eq!(state.add("a", "i", "get", "/big", &"x".repeat(5000)), Added::Full);
        assert_eq!(state.add("a", "i", "get", "/2", ""), Added::Stored);
        assert_eq!(state.add("a", "i", "get", "/3", ""), Added::Full);
        let id = endpoint_id("get", "/1");
        assert_eq!(state.commit("a", "i", &id, details("v")), Some(true));
        assert_eq!(state.commit("a", "i", &id, details(&"v".repeat(5000))), Some(false));
        assert_eq!(state.commit("a", "i", "unknown", details("v")), None);
        assert!(state.create("b").is_some() && state.create("c").is_none());
        assert!(state.create_instance("a", "x", "/").is_none());
    }
}
