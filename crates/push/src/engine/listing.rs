//! What the platform listed last: one cached listing for each instance.

use std::collections::{BTreeSet, HashMap};

use decode::Timestamp;
use inventory::Instance;

use super::shape::{shape, supersedes};
use crate::client::answers::Listed;
use crate::client::endpoint_id;

/// How many endpoints and names of parameters all cached listings keep together: some 30 MB. Beyond it the listing that
/// was read longest ago goes first, and is read again when it is needed.
const MAX_CACHED: usize = 200_000;

/// One instance's endpoints.
#[derive(Debug)]
pub(super) struct Listing {
    /// When it was read.
    pub(super) read_at: Timestamp,
    /// Whether something was done since that it cannot show.
    outdated: bool,
    /// Whether it has something that the one before did not have.
    pub(super) grew: bool,
    endpoints: Vec<Listed>,
    by_shape: HashMap<(String, String), usize>,
    by_id: HashMap<String, usize>,
}

impl Listing {
    /// Creates a listing. Of several endpoints with the same shape the first counts.
    pub(super) fn new(endpoints: Vec<Listed>, read_at: Timestamp) -> Self {
        let (mut by_shape, mut by_id) = (HashMap::new(), HashMap::new());
        for (i, listed) in endpoints.iter().enumerate() {
            by_shape.entry((listed.method.clone(), shape(&listed.path))).or_insert(i);
            by_id.entry(endpoint_id::comparable(&listed.id)).or_insert(i);
        }
        Self { read_at, outdated: false, grew: false, endpoints, by_shape, by_id }
    }

    /// Returns whether it can be used without being read again: it was read at `oldest` or later, and nothing was done
    /// since.
    pub(super) fn is_fresh(&self, oldest: Timestamp) -> bool {
        !self.outdated && self.read_at >= oldest
    }

    /// Returns its size, in units of [`MAX_CACHED`].
    fn size(&self) -> usize {
        self.endpoints.iter().map(|listed| 1 + listed.parameters.as_ref().map_or(0, BTreeSet::len)).sum()
    }

    /// Returns the endpoint with this method (upper case) and the shape of this path.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<&Listed> {
        self.endpoints.get(*self.by_shape.get(&(method.to_owned(), shape(path)))?)
    }

    /// Returns the endpoint with this id, in whichever alphabet.
    pub(super) fn find_id(&self, id: &str) -> Option<&Listed> {
        self.endpoints.get(*self.by_id.get(&endpoint_id::comparable(id))?)
    }

    /// Returns the paths that have a variable, each once.
    pub(super) fn templates(&self) -> Vec<String> {
        let paths =
            self.endpoints.iter().map(|listed| listed.path.as_str()).filter(|path| path.contains('{'));
        paths.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// Returns the listed literals that `template` supersedes.
    pub(super) fn superseded_by<'a>(
        &'a self,
        method: &'a str,
        template: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let same_method = self.endpoints.iter().filter(move |listed| listed.method == method);
        same_method.map(|listed| listed.path.as_str()).filter(move |path| supersedes(template, path))
    }
}

/// The cached listings.
#[derive(Debug, Default)]
pub(super) struct Listings(HashMap<Instance, Listing>);

impl Listings {
    pub(super) fn get(&self, instance: &Instance) -> Option<&Listing> {
        self.0.get(instance)
    }

    pub(super) fn put(&mut self, instance: &Instance, mut listing: Listing) {
        if let Some(before) = self.0.get(instance) {
            listing.grew = listing.by_id.keys().any(|id| !before.by_id.contains_key(id));
        }
        self.0.insert(instance.clone(), listing);
        while self.0.values().map(Listing::size).sum::<usize>() > MAX_CACHED {
            let others = self.0.iter().filter(|(other, _)| *other != instance);
            let Some(oldest) =
                others.min_by_key(|(_, l)| (!l.outdated, l.read_at)).map(|(other, _)| other.clone())
            else {
                break;
            };
            self.0.remove(&oldest);
        }
    }

    /// Has the listing of an instance read again before it is used.
    pub(super) fn forget(&mut self, instance: &Instance) {
        if let Some(listing) = self.0.get_mut(instance) {
            listing.outdated = true;
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_AT: Timestamp = Timestamp::from_secs(1);

    fn listed(method: &str, path: &str) -> Listed {
        let id = endpoint_id::encode(method, path);
        Listed { id, method: method.into(), path: path.into(), parameters: None }
    }

    #[test]
    fn endpoints_are_found_by_shape_and_by_id() {
        let listing = Listing::new(
            vec![listed("GET", "/a/{x}"), listed("GET", "/a/{y}"), listed("PUT", "/a/7?>")],
            READ_AT,
        );
        assert_eq!(listing.find("GET", "/a/{id}").unwrap().path, "/a/{x}");
        assert!(listing.find("POST", "/a/{id}").is_none());
        let url_safe = endpoint_id::encode("PUT", "/a/7?>").replace('/', "_").replace('+', "-");
        assert_eq!(listing.find_id(url_safe.trim_end_matches('=')).unwrap().path, "/a/7?>");
        assert_eq!(listing.superseded_by("PUT", "/a/{id}").collect::<Vec<_>>(), ["/a/7?>"]);
    }

    #[test]
    fn a_listing_says_whether_it_has_something_new() {
        let at = Instance { app: "a".into(), instance: "i".into() };
        let mut listings = Listings::default();
        let mut grew = |paths: &[&str]| {
            listings.put(&at, Listing::new(paths.iter().map(|path| listed("GET", path)).collect(), READ_AT));
            listings.forget(&at);
            listings.get(&at).unwrap().grew
        };
        assert_eq!(
            [grew(&["/a"]), grew(&["/a"]), grew(&["/b"]), grew(&[]), grew(&["/a"])],
            [false, false, true, false, true]
        );
    }

    #[test]
    fn the_cache_is_bounded_and_drops_the_oldest() {
        let of = |n: usize| Instance { app: "a".into(), instance: n.to_string() };
        let mut listings = Listings::default();
        for n in 0..3 {
            listings.put(
                &of(n),
                Listing::new(vec![listed("GET", "/"); MAX_CACHED / 2], Timestamp::from_secs(n as u64)),
            );
        }
        assert!(
            listings.get(&of(0)).is_none()
                && listings.get(&of(1)).is_some()
                && listings.get(&of(2)).is_some()
        );
    }
}
