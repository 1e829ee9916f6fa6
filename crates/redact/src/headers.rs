//! Headers that any request may have.

/// Headers that clients, proxies and tracers add to any request. They are sent along as seen, but a new one among
/// them says nothing new about the API.
const COMMON: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "b3",
    "baggage",
    "cache-control",
    "cdn-loop",
    "date",
    "dnt",
    "early-data",
    "expect",
    "forwarded",
    "from",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "newrelic",
    "origin",
    "postman-token",
    "pragma",
    "priority",
    "purpose",
    "range",
    "referer",
    "save-data",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "true-client-ip",
    "uber-trace-id",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "warning",
    "x-client-ip",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-real-ip",
    "x-request-id",
    "x-request-start",
    "x-requested-with",
    "x-scheme",
];

/// The same by how their names begin.
const COMMON_PREFIXES: &[&str] = &[
    "cf-",
    "sec-",
    "x-amzn-trace",
    "x-b3-",
    "x-datadog-",
    "x-envoy-",
    "x-forwarded-",
    "x-original-",
    "x-ot-",
];

/// Returns whether a header, its name in lower case, is one of those that say nothing about an API.
#[must_use]
pub fn is_common_header(name: &str) -> bool {
    COMMON.binary_search(&name).is_ok() || COMMON_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
