//! What the tests of this crate share.

use std::sync::Arc;

use identify::ServiceName;

use crate::{Fingerprint, Owner, RedactedExchange};

/// One second, in the unit of all times here.
pub(crate) const SECOND: u64 = 1_000_000_000;

/// A Service in the namespace `shop`.
pub(crate) fn owner(name: &str) -> Owner {
    Owner::Service(Arc::new(ServiceName { namespace: "shop".into(), name: name.into() }))
}

/// An exchange as the redactor gives it, answered by 200. The fingerprint depends on all that identifies it.
pub(crate) fn exchange(service: &str, method: &str, template: &str, time: u64) -> RedactedExchange {
    RedactedExchange {
        owner: owner(service),
        fingerprint: fingerprint(&format!("{service} {method} {template}")),
        time,
        method: method.into(),
        template: template.into(),
        path_params: template
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| (name.to_owned(), "1".to_owned()))
            .collect(),
        unsettled: false,
        query: Vec::new(),
        headers: vec![("accept".into(), "*/*".into())],
        request_type: None,
        response_type: Some("application/json".into()),
        status: Some(200),
        noise: None,
        body: None,
    }
}

/// A fingerprint that is the same in every run.
pub(crate) fn fingerprint(text: &str) -> Fingerprint {
    let crc = u64::from(crc32fast::hash(text.as_bytes()));
    Fingerprint(crc << 32 | u64::from(crc32fast::hash(format!("{text}.").as_bytes())))
}
