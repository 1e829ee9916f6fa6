//! Names as strangers write them.

use super::given_up::GivenUp;
use crate::classify::is_value;

/// The longest name of an operation, in bytes.
pub(super) const MAX_NAME: usize = 128;

/// Returns a name that may be shown. It is text of a schema, if the server knows it; but anybody may write anything there.
pub(super) fn named(name: &str) -> Result<&str, GivenUp> {
    let fits = (1..=MAX_NAME).contains(&name.len());
    let is_name = fits && name.bytes().all(|byte| byte.is_ascii_graphic()) && !is_value(name.as_bytes());
    // A value may stand behind a slash or a dot.
    let parts = || name.split(['/', '.', ':', '#']).filter(|part| !part.is_empty());
    if is_name && !parts().any(|part| is_value(part.as_bytes())) { Ok(name) } else { Err(GivenUp::Unnamed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_apis_are_names() {
        let names = [
            "GetOrder",
            "get_order",
            "eth_getBlockByNumber",
            "textDocument/didOpen",
            "tools/call",
            "rpc.discover",
            "add",
            "system.listMethods",
            "ListCustomerOrdersByDateRangeAndStatusPaginated",
            "IntrospectionQuery",
            "__schema",
            "get-weather",
            "v2_search",
            "Order2Create",
        ];
        for name in names {
            assert_eq!(named(name), Ok(name));
        }
    }

    #[test]
    fn values_are_none() {
        let long = "a".repeat(129);
        let values = [
            "",
            &long,
            "a b",
            "caf\u{e9}",
            "a\u{1b}[2J",
            "ann@shop.test",
            "users/ann@shop.test",
            "550e8400-e29b-41d4-a716-446655440000",
            "get/550e8400-e29b-41d4-a716-446655440000",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "4111111111111111",
        ];
        for name in values {
            assert_eq!(named(name), Err(GivenUp::Unnamed), "{name}");
        }
    }
}
