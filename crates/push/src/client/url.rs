//! The base URL of the platform, and where a key may be sent.

use std::fmt;

use inventory::Instance;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use reqwest::header::HeaderValue;

/// The platform in production.
pub const PRODUCTION_URL: &str = "https://api.apisecapps.com";

/// The domain of the platform: a key may always be sent to hosts below it.
const PLATFORM_DOMAIN: &str = "apisecapps.com";

/// What is percent-encoded in an id in a path and in a token in a query: all but the unreserved characters (RFC 3986,
/// section 2.3).
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a base URL may be.
#[derive(Clone, Debug, Default)]
pub struct UrlRules {
    /// Plain `http` to loopback is allowed (`--allow-http`); to any other host it never is.
    pub allow_http: bool,
    /// Whether the key is bound to the platform's hosts and `allowed_hosts`, since it comes from a Secret while the URL
    /// comes from a ConfigMap.
    pub bound: bool,
    /// Other hosts that a bound key may be sent to (`--allow-api-host`).
    pub allowed_hosts: Vec<String>,
}

/// Where the platform is: checked, without trailing slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    loopback: bool,
}

impl BaseUrl {
    /// Reads a base URL under `rules`. A path prefix is kept, trailing slashes are not.
    ///
    /// # Errors
    /// [`UrlError`] with the remedy, if it is no URL, has parts that a base URL cannot have, or is not allowed.
    pub fn parse(text: &str, rules: &UrlRules) -> Result<Self, UrlError> {
        let text = text.trim().trim_end_matches('/');
        let url = Url::parse(text).map_err(|error| UrlError::Invalid(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Part("a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(UrlError::Part("a query or fragment"));
        }
        let host = url.host_str().ok_or_else(|| UrlError::Invalid("it has no host".to_owned()))?.to_owned();
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback && rules.allow_http => return Ok(Self::checked(&url, loopback)),
            "http" => return Err(UrlError::Plain { host, loopback }),
            other => return Err(UrlError::Scheme(other.to_owned())),
        }
        if rules.bound
            && !is_platform(&host)
            && !rules.allowed_hosts.iter().any(|h| h.eq_ignore_ascii_case(&host))
        {
            return Err(UrlError::Host(host));
        }
        Ok(Self::checked(&url, loopback))
    }

    fn checked(url: &Url, loopback: bool) -> Self {
        Self { text: url.as_str().trim_end_matches('/').to_owned(), loopback }
    }

    /// Returns whether the host is this machine by its name or address.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns whether it is plain HTTP.
    pub(crate) fn is_plain(&self) -> bool {
        self.text.starts_with("http:")
    }

    /// Returns the URL of a call below an instance: `tail` begins after the slash.
    pub(crate) fn of_instance(&self, instance: &Instance, tail: &str) -> String {
        let app = utf8_percent_encode(&instance.app, ID);
        let id = utf8_percent_encode(&instance.instance, ID);
        format!("{}/v1/applications/{app}/instances/{id}/{tail}", self.text)
    }

    /// Returns the URL of a call below an application: `tail` begins with the slash.
    pub(crate) fn of_application(&self, app: &str, tail: &str) -> String {
        format!("{}/v1/applications/{}{tail}", self.text, utf8_percent_encode(app, ID))
    }

    /// Returns the URL of a page of the applications.
    pub(crate) fn of_applications(&self, token: Option<&str>) -> String {
        let first = format!("{}/v1/applications?include=metadata", self.text);
        match token {
            Some(token) => format!("{first}&nextToken={}", utf8_percent_encode(token, ID)),
            None => first,
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn is_platform(host: &str) -> bool {
    host.strip_suffix(PLATFORM_DOMAIN).is_some_and(|rest| rest.ends_with('.'))
}

/// Returns whether a redirect stays on the same scheme, host and port.
pub(super) fn same_origin(from: &Url, to: &Url) -> bool {
    from.origin() == to.origin()
}

/// Returns the `Authorization` value of a key; `None` if it holds bytes that no header may.
pub(super) fn bearer(secret: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Why a base URL is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// It is no URL; with the reason.
    Invalid(String),
    /// It has a part that a base URL cannot have.
    Part(&'static str),
    /// Neither `https` nor `http`.
    Scheme(String),
    /// Plain HTTP, which would show the key to everyone on the way.
    Plain {
        /// The host.
        host: String,
        /// Whether it is loopback, where a flag can allow it.
        loopback: bool,
    },
    /// A host that a key out of a Secret is not sent to.
    Host(String),
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(f, "it is not a URL ({why}); write it like {PRODUCTION_URL}"),
            Self::Part(part) => {
                write!(f, "it holds {part}; write only scheme and host, like {PRODUCTION_URL}")
            }
            Self::Scheme(scheme) => write!(f, "its scheme is {scheme:?}; write https://"),
            Self::Plain { loopback: true, .. } => f.write_str(
                "plain http would send the key unencrypted; start with --allow-http to allow it to loopback",
            ),
            Self::Plain { host, .. } => {
                write!(f, "plain http would send the key unencrypted to {host:?}; write https://")
            }
            Self::Host(host) => write!(
                f,
                "the key comes from a Secret and is not sent to {host:?}; use a host below {PLATFORM_DOMAIN}, put the \
                 URL into the same Secret, or start with --allow-api-host {host}"
            ),
        }
    }
}

impl std::error::Error for UrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, allow_http: bool) -> Result<String, UrlError> {
        let rules = UrlRules { allow_http, ..UrlRules::default() };
        BaseUrl::parse(text, &rules).map(|url| url.to_string())
    }

    #[test]
    fn https_is_taken_and_slashes_are_stripped() {
        assert_eq!(
            parse(" https://api.dev.apisecapps.com// ", false).unwrap(),
            "https://api.dev.apisecapps.com"
        );
        assert_eq!(parse("https://gw.corp:8443/apisec/", false).unwrap(), "https://gw.corp:8443/apisec");
    }

    #[test]
    fn plain_http_goes_to_loopback_only_and_only_when_allowed() {
        for host in ["127.0.0.1:8080", "127.8.8.8", "[::1]:9", "localhost:1"] {
            assert_eq!(parse(&format!("http://{host}"), true).unwrap(), format!("http://{host}"));
            assert!(matches!(
                parse(&format!("http://{host}"), false),
                Err(UrlError::Plain { loopback: true, .. })
            ));
        }
        for host in ["api.apisecapps.com", "10.0.0.1", "localhost.evil.com", "127.0.0.1.evil.com"] {
            assert!(matches!(
                parse(&format!("http://{host}"), true),
                Err(UrlError::Plain { loopback: false, .. })
            ));
        }
    }

    #[test]
    fn odd_urls_are_refused_with_a_remedy() {
        for text in
            ["", "api.apisecapps.com", "ftp://x", "https://", "https://a:b@x", "https://x?y", "https://x#y"]
        {
            let error = parse(text, true).unwrap_err().to_string();
            assert!(error.contains("write"), "{text}: {error}");
        }
    }

    #[test]
    fn a_bound_key_goes_to_the_platform_and_allowed_hosts_only() {
        let rules = UrlRules { bound: true, allowed_hosts: vec!["gw.corp".into()], allow_http: true };
        for text in ["https://api.apisecapps.com", "https://GW.corp/x", "http://127.0.0.1:1"] {
            assert!(BaseUrl::parse(text, &rules).is_ok(), "{text}");
        }
        for text in ["https://evilapisecapps.com", "https://apisecapps.com.evil", "https://127.0.0.1"] {
            assert!(matches!(BaseUrl::parse(text, &rules), Err(UrlError::Host(_))), "{text}");
        }
    }

    #[test]
    fn ids_are_percent_encoded() {
        let base = BaseUrl::parse("https://x/", &UrlRules::default()).unwrap();
        let instance = Instance { app: "a/b?".into(), instance: "é 1".into() };
        let url = base.of_instance(&instance, "endpoints");
        assert_eq!(url, "https://x/v1/applications/a%2Fb%3F/instances/%C3%A9%201/endpoints");
        let url = base.of_applications(Some("a+b/c=&d"));
        assert_eq!(url, "https://x/v1/applications?include=metadata&nextToken=a%2Bb%2Fc%3D%26d");
    }
}
