//! The calls that a push would make, for `--dry-run`.

use inventory::{Instance, Item};

use super::request;
use crate::client::{BaseUrl, Call, call, endpoint_id};

/// Returns the calls that the push of `item` to `instance` would make, in order. The functions are those that make the
/// real calls; nothing is sent. Where only an answer could tell, the platform is taken to have nothing yet: the endpoint is
/// added, and its details go to the id that follows from its path.
#[must_use]
pub fn plan(base_url: &BaseUrl, instance: &Instance, item: &Item) -> Vec<Call> {
    let known =
        item.progress.platform_id.as_ref().filter(|_| item.progress.instance.as_ref() == Some(instance));
    let path = known.and(item.progress.platform_path.as_ref()).unwrap_or(&item.path);
    let id = known.cloned().unwrap_or_else(|| endpoint_id::encode(&item.key.method, path));
    let mut calls = vec![call::listing(base_url, instance)];
    if known.is_none() {
        calls.push(call::preview(base_url, instance, &[request::preview(item, false)]));
        calls.push(call::add_endpoints(base_url, instance, &[request::new_endpoint(item, false)]));
        calls.push(call::listing(base_url, instance));
    }
    let details = request::details(item, &id, path, None, false);
    calls.extend(details.map(|details| call::commit(base_url, instance, &details)));
    calls
}
