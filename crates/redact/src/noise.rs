//! Requests that no user of a service makes: probes, scrapes, checks.

use http::RequestHead;

use crate::files::is_file;
use crate::method::method;
use crate::template::split;

/// Why a request is noise, by how its `User-Agent` begins (whatever its case). Sources: the programs' own defaults.
const AGENTS: [(&str, &str); 22] = [
    ("kube-probe/", HEALTH),
    ("consul health check", HEALTH),
    ("envoy/hc", HEALTH),
    ("blackbox exporter/", HEALTH),
    ("blackbox-exporter/", HEALTH),
    ("blackbox_exporter/", HEALTH),
    ("elb-healthchecker/", BALANCER),
    ("googlehc/", BALANCER),
    ("load balancer agent", BALANCER),
    ("azure traffic manager endpoint monitor", BALANCER),
    ("edge health probe", BALANCER),
    ("amazon-route53-health-check-service", BALANCER),
    ("googlestackdrivermonitoring-uptimechecks", UPTIME),
    ("datadog/synthetics", UPTIME),
    ("datadogsynthetics", UPTIME),
    ("pingdom", UPTIME),
    ("prometheus/", SCRAPE),
    ("vm_promscrape", SCRAPE),
    ("datadog agent/", SCRAPE),
    ("grafanaagent/", SCRAPE),
    ("alloy/", SCRAPE),
    ("telegraf/", SCRAPE),
];

/// Services of gRPC that only checks and tools ask, by how the path begins
/// (<https://github.com/grpc/grpc/blob/master/doc/health-checking.md>, `server-reflection.md` beside it).
const GRPC: [(&str, &str); 2] =
    [("/grpc.health.v1.Health/", HEALTH), ("/grpc.reflection.", "server reflection")];

const HEALTH: &str = "health check";
const BALANCER: &str = "load balancer check";
const UPTIME: &str = "uptime check";
const SCRAPE: &str = "metrics scrape";

/// A browser asks whether it may ask (<https://fetch.spec.whatwg.org/#cors-preflight-request>).
pub(crate) const PREFLIGHT: &str = "preflight";

/// Paths that only checks read, in whole, for `GET` and `HEAD`: the conventions of Kubernetes, Spring, Prometheus,
/// MicroProfile and their like.
const CHECKS: [&str; 25] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/startupz",
    "/health",
    "/health/live",
    "/health/ready",
    "/health/started",
    "/health/startup",
    "/healthcheck",
    "/health-check",
    "/health_check",
    "/_health",
    "/_healthz",
    "/live",
    "/liveness",
    "/alive",
    "/ready",
    "/readiness",
    "/-/healthy",
    "/-/ready",
    "/actuator/health",
    "/actuator/health/liveness",
    "/actuator/health/readiness",
    "/api/health",
];

/// Returns why this request is noise, if it is. The reason is a metric label.
#[must_use]
pub fn noise(request: &RequestHead<'_>) -> Option<&'static str> {
    if request.method == b"CONNECT" {
        return Some("tunnel");
    }
    if request.target == b"*" {
        return Some("server options");
    }
    if method(request.method) != request.method {
        return Some("no known form of a method");
    }
    if is_preflight(request) {
        return Some(PREFLIGHT);
    }
    if is_file(request) {
        return Some("file of a front end");
    }
    let by_agent = request.headers.user_agent().and_then(noise_of_agent);
    by_agent.or_else(|| is_check(request).then_some(HEALTH)).or_else(|| grpc(request))
}

/// Returns whether a browser asks whether it may make another request.
pub(crate) fn is_preflight(request: &RequestHead<'_>) -> bool {
    request.method == b"OPTIONS" && request.headers.get("access-control-request-method").is_some()
}

/// Returns why requests of this `User-Agent` are noise, if they are.
pub(crate) fn noise_of_agent(agent: &[u8]) -> Option<&'static str> {
    let first = agent.first()?.to_ascii_lowercase();
    if INITIALS & initial(first) == 0 {
        return None;
    }
    let named = |begin: &str| {
        begin.as_bytes().first() == Some(&first)
            && agent.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin.as_bytes()))
    };
    AGENTS.iter().find(|(begin, _)| named(begin)).map(|(_, reason)| *reason)
}

/// The first letters of all agents, a bit for each: they tell many others apart, which are asked for with every request.
#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const INITIALS: u32 = {
    let (mut all, mut at) = (0, 0);
    while at < AGENTS.len() {
        all |= initial(AGENTS[at].0.as_bytes()[0]);
        at += 1;
    }
    all
};

/// The bit of a letter in either case; other bytes share them, which does no harm.
const fn initial(byte: u8) -> u32 {
    1 << (byte & 31)
}

fn grpc(request: &RequestHead<'_>) -> Option<&'static str> {
    let begins = |begin: &str| request.target.starts_with(begin.as_bytes());
    GRPC.iter().find(|(begin, _)| begins(begin)).map(|(_, reason)| *reason)
}

fn is_check(request: &RequestHead<'_>) -> bool {
    let path = split(request.path_and_query()).0;
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let reads = request.method == b"GET" || request.method == b"HEAD";
    reads && CHECKS.iter().any(|check| path.eq_ignore_ascii_case(check.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::request;

    fn reason(method: &str, target: &str, agent: &str) -> Option<&'static str> {
        noise(&request(method, target, &format!("Host: a\r\nUser-Agent: {agent}\r\n")))
    }

    #[test]
    fn by_agent() {
        let cases = [
            ("kube-probe/1.31", "health check"),
            ("ELB-HealthChecker/2.0", "load balancer check"),
            ("GoogleHC/1.0", "load balancer check"),
            ("Prometheus/2.53.0", "metrics scrape"),
            ("Datadog Agent/7.50", "metrics scrape"),
        ];
        for (agent, expected) in cases {
            assert_eq!(reason("GET", "/anything", agent), Some(expected), "{agent}");
        }
        for agent in [
            "curl/8.5",
            "apisec-traffic-monitor/0.1.0",
            "Mozilla/5.0 (kube-probe/1.31)",
            "",
            "prometheus",
            "Datadog-Browser",
        ] {
            assert_eq!(reason("GET", "/users", agent), None, "{agent}");
        }
    }

    #[test]
    fn by_path() {
        for target in
            ["/healthz", "/livez?verbose", "/readyz/", "/health", "http://a/healthz", "/Actuator/Health"]
        {
            assert_eq!(reason("GET", target, "curl/8"), Some("health check"), "{target}");
        }
        for (method, target) in [
            ("POST", "/health"),
            ("GET", "/health/77"),
            ("GET", "/api/healthz/x"),
            ("GET", "/metrics"),
            ("GET", "/"),
        ] {
            assert_eq!(reason(method, target, "curl/8"), None, "{method} {target}");
        }
    }

    #[test]
    fn preflights() {
        let of = |method, fields| noise(&request(method, "/orders", fields));
        assert_eq!(of("OPTIONS", "Access-Control-Request-Method: POST\r\n"), Some("preflight"));
        assert_eq!(of("OPTIONS", "Origin: https://shop.test\r\n"), None, "an endpoint may answer OPTIONS");
        assert_eq!(of("POST", "Access-Control-Request-Method: POST\r\n"), None);
    }

    #[test]
    fn files() {
        assert_eq!(reason("GET", "/static/app.js", "curl/8"), Some("file of a front end"));
    }

    #[test]
    fn services_of_grpc() {
        let cases = [
            ("/grpc.health.v1.Health/Check", Some("health check")),
            ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Some("server reflection")),
            ("/shop.Health/Check", None),
        ];
        for (target, expected) in cases {
            assert_eq!(reason("POST", target, "grpc-go/1.6"), expected, "{target}");
        }
    }

    #[test]
    fn targets_without_a_path() {
        assert_eq!(reason("OPTIONS", "*", "curl/8"), Some("server options"));
        assert_eq!(reason("CONNECT", "a:443", "curl/8"), Some("tunnel"));
        for method in ["ABC1", "G(T"] {
            assert_eq!(reason(method, "/a", "curl/8"), Some("no known form of a method"), "{method}");
        }
        assert_eq!(reason("M-SEARCH", "/a", "curl/8"), None);
    }
}
