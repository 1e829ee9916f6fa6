//! The choice by `Host` among Services.

use std::sync::Arc;

use crate::host::{self, ClusterHost};
use crate::{Answer, Evidence, ServiceName};

/// Chooses by `Host` among the Services that share an address.
pub(crate) fn choose(several: &[Arc<ServiceName>], host: Option<&[u8]>) -> Answer {
    if let Some(host) = host.and_then(host::parse) {
        let mut named = several.iter().filter(|service| names(&host, service));
        if let (Some(one), None) = (named.next(), named.next()) {
            return Answer::Service(Arc::clone(one), Evidence::AddressAndHost);
        }
    }
    Answer::Ambiguous(several.to_vec())
}

/// Returns whether a host names a Service.
pub(crate) fn names(host: &ClusterHost, service: &ServiceName) -> bool {
    host.name == service.name
        && host.namespace.as_ref().is_none_or(|namespace| *namespace == service.namespace)
}
