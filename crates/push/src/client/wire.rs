//! The JSON that is sent.

use std::collections::BTreeMap;

use serde::Serialize;

/// Names and values of parameters or headers.
pub(crate) type Pairs = BTreeMap<String, String>;

/// One request of a preview: `POST .../bolt/preview`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewRequest {
    /// In upper case.
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) url: String,
    pub(crate) request_headers: Pairs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body: Option<String>,
}

/// What `bolt.json` of a preview holds.
#[derive(Serialize)]
pub(super) struct Preview<'a> {
    pub(super) requests: &'a [PreviewRequest],
}

/// The details of one endpoint: `POST .../bolt/commit`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details {
    pub(crate) endpoint_id: String,
    pub(crate) include: bool,
    pub(crate) path_params: Pairs,
    pub(crate) query_params: Pairs,
    pub(crate) headers: Pairs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body_example: Option<Example>,
}

/// A body example of a commit.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Example {
    pub(crate) content_type: String,
    pub(crate) content: String,
}

/// What a commit sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit<'a> {
    pub(super) apply_request_bodies: bool,
    pub(super) endpoints: [&'a Details; 1],
}

/// One endpoint to create: `POST .../add-endpoints`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewEndpoint {
    /// In lower case.
    pub(crate) method: String,
    /// The template.
    pub(crate) endpoint: String,
    /// The body example, `""` for none.
    pub(crate) payload: String,
}

/// An instance to create: `POST .../instances/batch`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInstance {
    pub(super) host_url: &'static str,
    pub(super) instance_name: String,
}

/// What a creation of instances sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInstances {
    pub(super) instance_request_items: [NewInstance; 1],
}
