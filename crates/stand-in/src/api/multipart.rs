//! Bodies of the type `multipart/form-data`.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;

use crate::refusal::Refusal;

/// Parts of a multipart body; no call has more than three.
const PARTS: usize = 16;

/// A part of a multipart body.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: Bytes,
}

/// Returns the parts of a multipart body in their order.
pub(super) async fn parts(multipart: Result<Multipart, MultipartRejection>) -> Result<Vec<Part>, Refusal> {
    let refusal = |error: &dyn std::fmt::Display| Refusal(StatusCode::BAD_REQUEST, error.to_string());
    let mut multipart = multipart.map_err(|error| refusal(&error.body_text()))?;
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| refusal(&error.body_text()))? {
        if parts.len() == PARTS {
            return Err(refusal(&"too many parts"));
        }
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            content: field.bytes().await.map_err(|error| refusal(&error.body_text()))?,
        });
    }
    Ok(parts)
}
