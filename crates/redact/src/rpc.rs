//! Calls of gRPC, gRPC-Web and Connect: their path is the name of a method, and no part of it is a variable.

use http::{RequestHead, RpcForm};

/// The longest path that is taken for the name of a method, in bytes.
const MAX_PATH: usize = 256;

/// Returns whether the body of a request is messages as gRPC writes them: then it says nothing without their
/// description.
pub(crate) fn has_messages(request: &RequestHead<'_>) -> bool {
    RpcForm::of(request).is_some_and(|form| form != RpcForm::Unary)
}

/// The path of a call if it has the form of one: `/package.Service/Method`, as protobuf names are written. Anything else
/// may have ids and secrets in it, whatever the request says of itself.
pub(crate) fn method<'a>(request: &RequestHead<'a>) -> Option<&'a [u8]> {
    RpcForm::of(request)?;
    let path = request.path_and_query();
    is_method(path).then_some(path)
}

fn is_method(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/").filter(|rest| rest.len() < MAX_PATH) else { return false };
    let mut parts = rest.split(|&byte| byte == b'/');
    let (Some(service), Some(method), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let name = service.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    is_type(name) && is_type(method) && service.split(|&byte| byte == b'.').all(is_word)
}

/// A name as types and methods have them: it begins with a capital.
fn is_type(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_uppercase) && is_word(name)
}

fn is_word(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::request;

    #[test]
    fn names_of_methods_and_other_paths() {
        let named =
            |path: &str| method(&request("POST", path, "content-type: application/grpc+proto\n")).is_some();
        for path in ["/shop.v2.Cart/Get", "/Greeter/SayHello2", "/a.b_c.D1/GetUser2FA4Xx91kQ8Lm"] {
            assert!(named(path), "{path}");
        }
        for path in [
            "/users/77",
            "/shop.Cart/get",
            "/shop.Cart/Get/x",
            "/shop..Cart/Get",
            "/a.B/C?x=1",
            "/B/C-d",
            "/",
            "/4.B/C",
        ] {
            assert!(!named(path), "{path}");
        }
        assert_eq!(method(&request("POST", "/shop.Cart/Get", "content-type: text/plain\n")), None);
    }

    #[test]
    fn calls_of_grpc_web_and_connect() {
        let named = |path, fields| method(&request("POST", path, fields)).is_some();
        assert!(named("/shop.Cart/Get", "content-type: application/grpc-web-text\n"));
        assert!(named("/shop.Cart/Get", "content-type: application/connect+json\n"));
        let unary = "content-type: application/json\nconnect-protocol-version: 1\n";
        assert!(named("/shop.Cart/Get", unary) && !named("/users/Get77x/y", unary));
        assert!(!named("/shop.Cart/Get", "content-type: application/json\n"));
    }
}
