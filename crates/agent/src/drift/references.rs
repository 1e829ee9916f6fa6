//! References inside of a document (`#/components/...`). Those to files and URLs are not followed.

use serde_json::Value;

/// The most references in a row that are followed.
const MAX_STEPS: usize = 16;

/// Returns what stands at a place of a document, behind references; `None` where one leads out of it or nowhere.
pub(super) fn resolved<'d>(document: &'d Value, mut value: &'d Value) -> Option<&'d Value> {
    for _ in 0..MAX_STEPS {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
        value = document.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_end() {
        let document =
            json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/c~1d"}, "c/d": 7, "loop": {"$ref": "#/loop"}});
        assert_eq!(resolved(&document, &document["a"]), Some(&json!(7)));
        assert_eq!(resolved(&document, &document["loop"]), None);
        assert_eq!(resolved(&document, &json!({"$ref": "other.yaml#/a"})), None);
        assert_eq!(resolved(&document, &json!({"$ref": "#/none"})), None);
    }
}
