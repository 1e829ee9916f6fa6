//! Compares what is believed to be on the platform with what it lists.

use decode::Timestamp;
use inventory::{Believed, Checked, Instance, in_whole_segments};

use super::Engine;
use super::listing::Listing;
use crate::client::Failure;

impl Engine {
    /// Reads the listing of an instance. Returns for each endpoint whether it is there, under which id and path. Returns
    /// `None` if the instance is paused or the listing cannot be read: that says nothing about any endpoint.
    pub async fn verify(
        &mut self,
        instance: &Instance,
        believed: Vec<Believed>,
        now: Timestamp,
    ) -> Option<Vec<Checked>> {
        self.admit(instance, now).ok()?;
        match self.listing(instance, now).await {
            Ok(endpoints) => self.listings.put(instance, Listing::new(endpoints, now)),
            Err(failure) => {
                self.trouble(instance, &failure, now);
                return None;
            }
        }
        let listing = self.listings.get(instance)?;
        let check = |believed: Believed| {
            let Believed { key, platform_id } = believed;
            let by_id = platform_id.as_deref().and_then(|id| listing.find_id(id));
            let listed = by_id.or_else(|| listing.find(&key.method, &in_whole_segments(&key.template)));
            Checked { listed: listed.map(|listed| (listed.id.clone(), listed.path.clone())), key }
        };
        Some(believed.into_iter().map(check).collect())
    }

    /// Tries the key by reading the listing of an instance, which changes nothing there. A key that is not accepted pauses everything,
    /// as in a push; another failure says nothing about the key, and nothing comes of it.
    pub async fn try_key(&mut self, instance: &Instance, now: Timestamp) {
        if self.admit(instance, now).is_err() {
            return;
        }
        match self.listing(instance, now).await {
            Ok(endpoints) => self.listings.put(instance, Listing::new(endpoints, now)),
            Err(failure @ Failure::Key { .. }) => self.trouble(instance, &failure, now),
            Err(_) => {}
        }
    }

    /// Returns when the listing of an instance was read that is at hand, if one is, and the paths in it that have a variable.
    #[must_use]
    pub fn templates(
        &self,
        instance: &Instance,
        newer_than: Option<Timestamp>,
    ) -> Option<(Timestamp, Vec<String>)> {
        let listing = self.listings.get(instance)?;
        (Some(listing.read_at) > newer_than).then(|| (listing.read_at, listing.templates()))
    }

    fn trouble(&mut self, instance: &Instance, failure: &Failure, now: Timestamp) {
        let longest = self.settings.retry_longest;
        self.close(instance, "", failure, longest, now);
    }
}
