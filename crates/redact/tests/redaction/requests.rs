//! Requests as real clients send them: what must not come out of each, and what must.

use crate::measure::{has, leaves};
use crate::structures::Request;

/// Target, header fields, media type, body; what must not come out, and what must.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain";

const CASES: &[Case] = &[
    // OAuth 2.0.
    ("/callback?code=SplxlOB9&state=xyz", "", "", "", &["SplxlOB9"], &["state"]),
    (
        "/token",
        "",
        FORM,
        "grant_type=authorization_code&code=Qw9x&redirect_uri=https%3A%2F%2Fa.test%2Fcb",
        &["Qw9x"],
        &["authorization_code", "a.test"],
    ),
    (
        "/token",
        "",
        FORM,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=GmRh-mAs9&client_id=app",
        &["GmRh-mAs9"],
        &["app"],
    ),
    (
        "/token",
        "",
        JSON,
        r#"{"grant_type":"password","username":"bob","password":"open sesame","scope":"read"}"#,
        &["open sesame", "bob"],
        &["read", "grant_type"],
    ),
    (
        "/token",
        "Authorization: Basic YXBwOnMzY3I=\r\n",
        FORM,
        "grant_type=client_credentials",
        &["YXBwOnMzY3I", "s3cr"],
        &["client_credentials", "Basic"],
    ),
    // Kubernetes.
    (
        "/api/v1/watch",
        "Sec-WebSocket-Protocol: v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0LXRva2Vu\r\n",
        "",
        "",
        &["c2VjcmV0LXRva2Vu", "secret-token"],
        &["v4.channel.k8s.io"],
    ),
    (
        "/api/v1/namespaces/a/secrets",
        "",
        JSON,
        r#"{"kind":"Secret","metadata":{"name":"db"},"stringData":{"url":"pg-host-7","x":"hunter"}}"#,
        &["pg-host-7", "hunter"],
        &["Secret", "db"],
    ),
    (
        "/api/v1/namespaces/a/secrets",
        "",
        JSON,
        r#"{"kind":"Secret","data":{"url":"cGctaG9zdA=="},"type":"Opaque"}"#,
        &["cGctaG9zdA", "pg-host"],
        &["Opaque"],
    ),
    (
        "/apis/apps/v1/deployments",
        "",
        "application/yaml",
        "kind: Deployment\nspec:\n  env:\n  - name: PGPASSWORD\n    value: several words here\n  - name: MODE\n    value: fast\n  password: |\n    first line\n    second line\n",
        &["several words", "first line", "second line"],
        &["fast", "Deployment"],
    ),
    // Keys.
    ("/v1/a?key=k-93", "X-Key: k-94\r\n", "", "", &["k-93", "k-94"], &[]),
    (
        "/v1/a",
        "X-Api-Key: abc-1\r\nX-Goog-Api-Key: abc-2\r\nApi-Key: abc-3\r\nX-Amz-Security-Token: abc-4\r\n",
        "",
        "",
        &["abc-1", "abc-2", "abc-3", "abc-4"],
        &[],
    ),
    ("/v1/a?X-Amz-Signature=abc123&X-Amz-Expires=300", "", "", "", &["abc123"], &["300"]),
    // Codes by message.
    ("/verify", "", JSON, r#"{"phone":"+491711234567","code":"8392"}"#, &["8392", "1711234567"], &[]),
    (
        "/sms",
        "",
        JSON,
        r#"{"to":"+491711234567","text":"Your code is 839201. It is valid for 10 minutes."}"#,
        &["839201"],
        &["10 minutes"],
    ),
    (
        "/sms",
        "",
        FORM,
        "To=%2B14155550100&Body=Your+verification+code%3A+55019",
        &["55019", "4155550100"],
        &["To"],
    ),
    ("/verify?otp=1234&mfa=enabled", "", "", "", &["1234"], &["enabled"]),
    // Text.
    (
        "/log",
        "",
        TEXT,
        "export PGPASS=hunter22\nPGPASSWORD='hunter 23' psql\n",
        &["hunter22", "hunter 23"],
        &[],
    ),
    (
        "/log",
        "",
        JSON,
        r#"{"cmd":"curl -u admin:hunter24 https://a.test/x"}"#,
        &["hunter24"],
        &["a.test", "admin"],
    ),
    ("/log", "", TEXT, "mysql --user root --password hunter25 -e 'select 1'", &["hunter25"], &["select 1"]),
    (
        "/log",
        "",
        TEXT,
        "curl -H \"X-Api-Key: hunter26\" --proxy-user bob:hunter27 https://a.test",
        &["hunter26", "hunter27"],
        &["a.test"],
    ),
    (
        "/sql",
        "",
        TEXT,
        "CREATE USER 'app'@'%' IDENTIFIED BY 'hunter28'; ALTER ROLE x PASSWORD 'hunter29';",
        &["hunter28", "hunter29"],
        &["CREATE USER", "ALTER ROLE"],
    ),
    (
        "/sql",
        "",
        JSON,
        r#"{"sql":"INSERT INTO users (id, password, age) VALUES (1, 'hunter30', 7), (2, 'hunter31', 8)"}"#,
        &["hunter30", "hunter31"],
        &["INSERT INTO users"],
    ),
    ("/log", "", TEXT, "The password is hunter-32, do not tell.", &["hunter-32"], &["do not tell"]),
    (
        "/dsn",
        "",
        JSON,
        r#"{"dsn":"host=db user=app password=hunter33 dbname=x","url":"amqp://app:hunter34@mq/v"}"#,
        &["hunter33", "hunter34"],
        &["host=db", "dbname=x"],
    ),
    (
        "/log",
        "",
        TEXT,
        "level=info msg=\"login\" user=ann token=hunter35 took=3ms",
        &["hunter35"],
        &["took=3ms"],
    ),
    (
        "/log",
        "",
        TEXT,
        "2026-01-02 10:00:00 INFO body={\"auth\":{\"x\":\"hunter36\"},\"n\":1} done",
        &["hunter36"],
        &["done", "INFO"],
    ),
    ("/.netrc", "", TEXT, "machine a.test login ann password hunter37\n", &["hunter37"], &["machine"]),
    // Documents.
    (
        "/fhir/Patient",
        "",
        JSON,
        r#"{"resourceType":"Patient","name":[{"family":"Roe","given":["Ann"]}],"telecom":[{"system":"phone","value":"030 1234567","use":"home"},{"system":"email","value":"ann@roe.test"}],"gender":"female","birthDate":"1980-02-03","address":[{"line":["Main St 1"],"city":"Bonn"}]}"#,
        &["1234567", "ann@roe", "1980-02-03", "Main St", "Bonn"],
        &["Patient", "home"],
    ),
    (
        "/graphql",
        "",
        JSON,
        r#"{"query":"mutation M($p: String!) { login(email: \"a@b.test\", password: \"hunter38\", pin: 4711) { token } }","variables":{"p":{"password":"hunter39"}}}"#,
        &["hunter38", "hunter39", "4711", "a@b.test"],
        &["login", "mutation"],
    ),
    (
        "/rpc",
        "",
        "text/xml",
        "<?xml version=\"1.0\"?><methodCall><methodName>login</methodName><params><param><value><struct><member><name>password</name><value><string>hunter40</string></value></member></struct></value></param></params></methodCall>",
        &["hunter40"],
        &["methodCall", "login"],
    ),
    (
        "/config",
        "",
        "application/xml",
        "<beans><property name=\"dbPassword\" value=\"hunter41\"/><property name=\"size\" value=\"5\"/><entry key=\"api.key\"><value>hunter42</value></entry></beans>",
        &["hunter41", "hunter42"],
        &["size", "\"5\""],
    ),
    (
        "/patch",
        "",
        "application/json-patch+json",
        r#"[{"op":"replace","path":"/password","value":"hunter43"},{"op":"add","path":"/title","value":"Boss"}]"#,
        &["hunter43"],
        &["Boss", "replace"],
    ),
    (
        "/otel",
        "",
        JSON,
        r#"{"attributes":[{"key":"db.password","value":{"stringValue":"hunter44"}},{"key":"http.route","value":{"stringValue":"/a"}}]}"#,
        &["hunter44"],
        &["http.route", "/a"],
    ),
    (
        "/har",
        "",
        JSON,
        r#"{"headers":[["Authorization","Bearer hunter45"],["Accept","text/html"]],"postData":{"text":"{\"token\":\"hunter46\"}"}}"#,
        &["hunter45", "hunter46"],
        &["text/html"],
    ),
    (
        "/hook",
        "X-Hub-Signature-256: sha256=0f1e\r\n",
        JSON,
        r#"{"payload":"{\"a\":\"{\\\"secret\\\":\\\"hunter47\\\"}\"}"}"#,
        &["hunter47", "0f1e"],
        &["payload"],
    ),
    (
        "/login",
        "",
        "multipart/form-data; boundary=x",
        "--x\r\nContent-Disposition: form-data; name=\"credentials\"\r\nContent-Type: application/json\r\n\r\n{\"user\":\"hunter48\"}\r\n--x--\r\n",
        &["hunter48"],
        &["credentials"],
    ),
    (
        "/a/login;jsessionid=hunter49",
        "Cookie: a=hunter50; theme=hunter51\r\n",
        "",
        "",
        &["hunter49", "hunter50", "hunter51"],
        &["theme"],
    ),
    (
        "/sse",
        "",
        "text/event-stream",
        "event: message\ndata: {\"session\":{\"key\":\"hunter52\"}}\n\n",
        &["hunter52"],
        &["message"],
    ),
    ("/batch", "", TEXT, "{\"a\":1}\n{\"passwd\":[\"hunter53\"]}\n", &["hunter53"], &["\"a\":1"]),
    (
        "/env",
        "",
        TEXT,
        "# keys\nDB_PASSWORD=\"hunter 54\"\nDEBUG=true\nSECRET_KEY_BASE=hunter55\n",
        &["hunter 54", "hunter55"],
        &["DEBUG=true"],
    ),
    (
        "/ini",
        "",
        TEXT,
        "[client]\nuser = root\npassword = hunter 56 with blanks\nport = 3306\n",
        &["hunter 56", "with blanks"],
        &["3306"],
    ),
    // What looks like one and is none.
    (
        "/v1/sessions?sort=token&fields=password,email",
        "",
        JSON,
        r#"{"mfa":"enabled","auth":"oauth2","sessionTitle":"Keynote","max_tokens":4096,"otp":{"enabled":true,"length":678},"tokenType":"bearer","passwordChangedAt":"2026-01-01"}"#,
        &[],
        &["enabled", "oauth2", "Keynote", "4096", "678", "bearer", "2026-01-01", "password,email"],
    ),
    (
        "/ci",
        "",
        JSON,
        r#"{"ref":"refs/heads/feature/add-token-refresh-42","image":"registry.test/web@sha256:9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015","pod":"payments-api-7d4b9c6f5d-x2x4z","commit":"9f86d081884c7d659a2feaa0c55ad0159f86d081"}"#,
        &[],
        &[
            "add-token-refresh-42",
            "9f86d081884c7d659a2feaa0c55ad0159f86d081884c",
            "7d4b9c6f5d",
            "c55ad0159f86d081",
        ],
    ),
];

#[test]
fn real_requests() {
    let mut wrong = Vec::new();
    for (target, fields, content_type, body, gone, kept) in CASES {
        let request = Request {
            target: (*target).into(),
            fields: (*fields).into(),
            content_type,
            coding: "",
            body: (*body).into(),
        };
        let leaves = leaves(&request);
        let leaked = gone.iter().filter(|gone| has(&leaves, gone));
        wrong.extend(leaked.map(|gone| format!("{gone} is in {leaves:?}")));
        let harmed = kept.iter().filter(|kept| !has(&leaves, kept));
        wrong.extend(harmed.map(|kept| format!("{kept} is not in {leaves:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
