//! From the answer of `identify` to the owner of an endpoint.

use std::net::SocketAddr;
use std::sync::Arc;

use identify::Answer;
use redact::Owner;

use crate::config::Mappings;

/// The Service that was named. Among several that share the address the first one with a mapping, else the first.
pub(crate) fn named(answer: &Answer, mappings: &Mappings) -> Option<Owner> {
    let service = match answer {
        Answer::Service(service, _) => service,
        Answer::Ambiguous(all) => {
            all.iter().find(|service| mappings.find(service).is_some()).or(all.first())?
        }
        Answer::Unknown => return None,
    };
    Some(Owner::Service(Arc::clone(service)))
}

/// The same where mappings do not matter, and a server without a name is called by its address.
pub(crate) fn any(answer: &Answer, server: SocketAddr) -> Owner {
    named(answer, &Mappings::default()).unwrap_or(Owner::Address(server))
}
