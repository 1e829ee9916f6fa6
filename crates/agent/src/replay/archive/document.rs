//! The parts of an archive that are read and written.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A request and its answer.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::replay) struct Entry<'a> {
    /// When the request began (RFC 3339).
    pub(in crate::replay) started_date_time: String,
    /// How long all of it took, in milliseconds; -1 where that is not known.
    pub(in crate::replay) time: f64,
    pub(in crate::replay) request: Request<'a>,
    pub(in crate::replay) response: Response<'a>,
    pub(in crate::replay) cache: Cache,
    pub(in crate::replay) timings: Timings,
    /// The address of the server, without its port.
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub(in crate::replay) server_ip_address: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::replay) struct Request<'a> {
    pub(in crate::replay) method: Cow<'a, str>,
    /// Absolute, without a fragment.
    pub(in crate::replay) url: String,
    pub(in crate::replay) http_version: Cow<'a, str>,
    pub(in crate::replay) cookies: Vec<Pair<'a>>,
    pub(in crate::replay) headers: Vec<Pair<'a>>,
    pub(in crate::replay) query_string: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::replay) post_data: Option<PostData>,
    /// In bytes; -1 where that is not known.
    pub(in crate::replay) headers_size: i64,
    /// In bytes; -1 where that is not known.
    pub(in crate::replay) body_size: i64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::replay) struct Response<'a> {
    /// 0 where there was no answer.
    pub(in crate::replay) status: i64,
    pub(in crate::replay) status_text: Cow<'a, str>,
    pub(in crate::replay) http_version: Cow<'a, str>,
    pub(in crate::replay) cookies: Vec<Pair<'a>>,
    pub(in crate::replay) headers: Vec<Pair<'a>>,
    pub(in crate::replay) content: Content,
    #[serde(rename = "redirectURL")]
    pub(in crate::replay) redirect_url: String,
    pub(in crate::replay) headers_size: i64,
    pub(in crate::replay) body_size: i64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::replay) struct Pair<'a> {
    pub(in crate::replay) name: Cow<'a, str>,
    pub(in crate::replay) value: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::replay) struct PostData {
    pub(in crate::replay) mime_type: String,
    pub(in crate::replay) text: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::replay) struct Content {
    /// In bytes, without any encoding.
    pub(in crate::replay) size: i64,
    pub(in crate::replay) mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::replay) text: Option<String>,
    /// `base64`, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::replay) encoding: Option<String>,
}

/// What came from a cache: nothing that is on the wire does.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(in crate::replay) struct Cache {}

/// How long the parts took, in milliseconds; -1 where that is not known.
#[derive(Debug, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::replay) struct Timings {
    pub(in crate::replay) send: f64,
    pub(in crate::replay) wait: f64,
    pub(in crate::replay) receive: f64,
}

impl Default for Timings {
    fn default() -> Timings {
        Timings { send: -1.0, wait: -1.0, receive: -1.0 }
    }
}
