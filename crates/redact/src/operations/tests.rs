use http::{Body, Head};
use proptest::prelude::*;

use super::*;
use crate::captured::{exchange, novelty, owner, request};
use crate::{Descriptors, Examples};

const JSON: &str = "Content-Type: application/json\r\n";

struct Case<'a> {
    method: &'a str,
    target: &'a str,
    fields: &'a str,
    body: &'a [u8],
    whole: bool,
    status: u16,
    answer_fields: &'a str,
    answer: &'a str,
}

fn post<'a>(fields: &'a str, body: &'a str) -> Case<'a> {
    let (target, answer_fields) = ("/x", JSON);
    Case {
        method: "POST",
        target,
        fields,
        body: body.as_bytes(),
        whole: true,
        status: 200,
        answer_fields,
        answer: "",
    }
}

fn json(body: &str) -> Case<'_> {
    post(JSON, body)
}

impl Case<'_> {
    fn read(&self, redactor: &Redactor) -> Found {
        let mut captured = exchange(request(self.method, self.target, self.fields), self.body);
        captured.request_body.whole = self.whole;
        captured.status = Some(self.status);
        captured.response_headers = Head::new(self.answer_fields.as_bytes());
        let answer = self.answer.as_bytes();
        captured.response_body = Body { len: answer.len() as u64, kept: answer, whole: true };
        let mut sealed = redactor.exchange(owner("api"), &novelty("x"), &captured);
        redactor.open(&mut sealed, &Descriptors::default()).operations
    }

    /// What was read, as `protocol kind name outcome`, and what was given up.
    fn shown(&self) -> Vec<String> {
        let found = self.read(&Redactor::new(Examples::Redacted));
        let read = found.operations.iter().map(|one| {
            let outcome = match one.outcome {
                OperationOutcome::Fine => "",
                OperationOutcome::Failed => " failed",
                OperationOutcome::Doubtful => " doubtful",
            };
            format!("{} {} {}{outcome}", one.protocol.name(), one.kind.name(), one.name)
        });
        read.chain(found.given_up.iter().map(|reason| reason.label().to_owned())).collect()
    }
}

#[track_caller]
fn is(case: &Case<'_>, expected: &[&str]) {
    assert_eq!(case.shown(), expected);
}

#[test]
fn json_rpc_by_its_method() {
    is(&json(r#"{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1}"#), &["jsonrpc call add"]);
    is(&json(r#"{"jsonrpc":"2.0","method":"log","params":{}}"#), &["jsonrpc notification log"]);
    is(&post("", r#"{"jsonrpc":"2.0","method":"add","id":1}"#), &["jsonrpc call add"]);
    let batch = r#"[{"jsonrpc":"2.0","method":"add","id":1},{"jsonrpc":"2.0","method":"sub","id":"b"},
        {"jsonrpc":"2.0","method":"log"}]"#;
    let answer = r#"[{"jsonrpc":"2.0","id":"b","error":{"code":-32000,"message":"x"}},{"jsonrpc":"2.0","id":1,"result":3}]"#;
    let calls = ["jsonrpc call add", "jsonrpc call sub failed", "jsonrpc notification log"];
    is(&Case { answer, ..json(batch) }, &calls);
    let unknown = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}"#;
    let guess = Case { answer: unknown, ..json(r#"{"jsonrpc":"2.0","method":"admin","id":1}"#) };
    is(&guess, &["jsonrpc call admin doubtful"]);
}

#[test]
fn what_is_no_json_rpc_is_none() {
    for body in [
        r#"{"method":"add","id":1}"#,
        r#"{"jsonrpc":"1.0","method":"add","id":1}"#,
        r#"{"jsonrpc":"2.0","method":5,"id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":3}"#,
        r#"[{"jsonrpc":"2.0","method":"a"},{"method":"b"}]"#,
        r#"{"text":"\"jsonrpc\":\"2.0\""}"#,
        "[]",
    ] {
        is(&json(body), &[]);
    }
    let secret = r#"{"jsonrpc":"2.0","method":"ghp_16C7e42F292c6912E7710c838347Ae178B4a","id":1}"#;
    is(&json(secret), &["unnamed"]);
    let cut = r#"{"jsonrpc":"2.0","method":"ad"#;
    is(&Case { whole: false, ..json(cut) }, &["cut"]);
    let many: Vec<_> = (0..70).map(|id| format!(r#"{{"jsonrpc":"2.0","method":"add","id":{id}}}"#)).collect();
    let many = format!("[{}]", many.join(","));
    let shown = json(&many).shown();
    assert_eq!((shown.len(), shown[64].as_str()), (65, "too_many"));
}

#[test]
fn mcp_by_tools_prompts_and_resources() {
    let call = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_weather","arguments":{"city":"x"}}}"#;
    is(&json(call), &["mcp call tools/call get_weather"]);
    let failed = r#"{"jsonrpc":"2.0","id":3,"result":{"content":[],"isError":true}}"#;
    is(&Case { answer: failed, ..json(call) }, &["mcp call tools/call get_weather failed"]);
    let events = format!("event: message\r\ndata: {failed}\r\n\r\n");
    let stream = Case { answer: &events, answer_fields: "Content-Type: text/event-stream\r\n", ..json(call) };
    is(&stream, &["mcp call tools/call get_weather failed"]);
    let read = r#"{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"file:///home/ann/.ssh/id_rsa"}}"#;
    is(&json(read), &["mcp call resources/read file:"]);
    let secret = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"ann@shop.test"}}"#;
    is(&json(secret), &["mcp call tools/call"]);
    let begin = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#;
    is(&json(begin), &["mcp call initialize"]);
    let ping = r#"{"jsonrpc":"2.0","id":5,"method":"ping"}"#;
    is(&json(ping), &["jsonrpc call ping"]);
    is(&post(&format!("{JSON}Mcp-Session-Id: 1\r\n"), ping), &["mcp call ping"]);
}

#[test]
fn mcp_by_its_header_where_the_body_is_cut() {
    let cut = r#"{"jsonrpc":"2.0","id":3,"method":"tools/ca"#;
    let fields = format!("{JSON}Mcp-Method: tools/call\r\nMcp-Name: add\r\n");
    is(&Case { whole: false, ..post(&fields, cut) }, &["mcp call tools/call add"]);
    let fields = format!("{JSON}Mcp-Session-Id: 1\r\n");
    is(&Case { whole: false, ..post(&fields, cut) }, &["cut"]);
}

#[test]
fn graphql_by_the_operation_that_is_run() {
    is(
        &json(r#"{"query":"query GetUser($id: ID!) { user(id: $id) { name } }"}"#),
        &["graphql query GetUser"],
    );
    is(&json(r#"{"query":"{ me { name } all: orders { id } }"}"#), &["graphql query {me,orders}"]);
    is(
        &json(r#"{"query":"mutation { addOrder(n: 1) { id } }","variables":null}"#),
        &["graphql mutation {addOrder}"],
    );
    is(&json(r#"{"query":"subscription S { news }"}"#), &["graphql subscription S"]);
    let two = r#"{"query":"query A { a } mutation B { b }","operationName":"B"}"#;
    is(&json(two), &["graphql mutation B"]);
    let fragments = r#"{"query":"query { ...F ... on Query { c } } fragment F on Query { a b ...F }"}"#;
    is(&json(fragments), &["graphql query {a,b,c}"]);
    is(&post("Content-Type: application/graphql\r\n", "query Q { a }"), &["graphql query Q"]);
    let get =
        Case { method: "GET", target: "/graphql?query=query%20Q%7Ba%7D&variables=%7B%7D", ..post("", "") };
    is(&get, &["graphql query Q"]);
}

#[test]
fn graphql_batches_and_their_errors() {
    let batch = r#"[{"query":"query A { a }"},{"query":"query B { b }"},{"query":"query C { c }"}]"#;
    let answer = r#"[{"data":{"a":1}},{"data":{"b":null},"errors":[{"message":"x"}]},{"errors":[{"message":"no c"}]}]"#;
    let asked = ["graphql query A", "graphql query B failed", "graphql query C doubtful"];
    is(&Case { answer, ..json(batch) }, &asked);
}

#[test]
fn a_query_that_was_refused_is_told_from_one_that_failed() {
    let query = json(r#"{"query":"query A { a }"}"#);
    for (answer, expected) in [
        (r#"{"data":null,"errors":[{"message":"x","path":["a"]}]}"#, "graphql query A failed"),
        (r#"{"data":null,"errors":[{"message":"no field a","locations":[]}]}"#, "graphql query A doubtful"),
        (r#"{"data":{"a":1},"errors":[]}"#, "graphql query A"),
    ] {
        is(&Case { answer, ..post(query.fields, std::str::from_utf8(query.body).unwrap()) }, &[expected]);
    }
}

#[test]
fn a_field_called_query_makes_no_graphql() {
    for body in [
        r#"{"query":"shoes"}"#,
        r#"{"query":"SELECT name FROM users WHERE id = 1"}"#,
        r#"{"query":"MATCH (n) RETURN n"}"#,
        r#"{"query":"{job=\"api\"} |= \"error\""}"#,
        r#"{"query":{"match_all":{}}}"#,
        r#"{"query":"type Query { a: Int }"}"#,
        r#"{"query":"query A { a } query B { b }"}"#,
        r#"{"query":"query A { a }","operationName":"B"}"#,
        r#"{"query":"query A { a }","variables":7}"#,
        r#"{"query":"query A { a "}"#,
        r#"[{"query":"query A { a }"},{"query":"x"}]"#,
        r#"{"query":""}"#,
    ] {
        is(&json(body), &[]);
    }
    let search = json(r#"{"query":"{shoes}"}"#);
    is(&search, &["graphql query {shoes}"]);
    is(&Case { answer: r#"{"hits":[]}"#, ..search }, &[]);
    is(&Case { method: "GET", target: "/search?query=shoes", ..post("", "") }, &[]);
    is(&Case { method: "PUT", ..json(r#"{"query":"{a}"}"#) }, &[]);
}

#[test]
fn a_persisted_query_is_named_once_its_text_was_answered() {
    let redactor = Redactor::new(Examples::Redacted);
    let hash = r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}"#;
    let alone = format!("{{{hash}}}");
    let both = format!(r#"{{"query":"query Names {{ me {{ name }} }}",{hash}}}"#);
    let names = |case: &Case<'_>| -> Vec<String> {
        case.read(&redactor).operations.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(json(&alone).read(&redactor).given_up, [GivenUp::UnknownHash]);
    let refused = r#"{"errors":[{"message":"provided sha does not match query"}]}"#;
    assert_eq!(names(&Case { answer: refused, ..json(&both) }), ["Names"]);
    assert_eq!(json(&alone).read(&redactor).given_up, [GivenUp::UnknownHash], "nobody checked that hash");
    assert_eq!(names(&Case { answer: r#"{"data":{"me":null}}"#, ..json(&both) }), ["Names"]);
    assert_eq!(names(&json(&alone)), ["Names"]);
    let get = "/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38%22%7D%7D";
    assert_eq!(names(&Case { method: "GET", target: get, ..post("", "") }), ["Names"]);
}

const ENVELOPE: &str = r#"<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><Auth/></s:Header><s:Body><o:GetOrder xmlns:o="urn:o"><o:id>7</o:id></o:GetOrder></s:Body></s:Envelope>"#;

#[test]
fn soap_by_its_action_or_the_first_element() {
    let old = |action: &str| format!("Content-Type: text/xml; charset=utf-8\r\nSOAPAction: {action}\r\n");
    for action in ["\"http://shop.test/orders/FindOrder\"", "urn:orders#FindOrder", "FindOrder"] {
        is(&post(&old(action), ENVELOPE), &["soap call FindOrder"]);
    }
    is(&post(&old("\"\""), ENVELOPE), &["soap call GetOrder"]);
    is(&post("Content-Type: text/xml\r\n", ENVELOPE), &[]);
    let new = "Content-Type: application/soap+xml; charset=utf-8; action=\"urn:a/FindOrder\"\r\n";
    is(&post(new, ENVELOPE), &["soap call FindOrder"]);
    let bare = "Content-Type: application/soap+xml\r\n";
    is(&post(bare, ENVELOPE), &["soap call GetOrder"]);
    is(&post(bare, "<html><Body><x/></Body></html>"), &[]);
    is(&Case { whole: false, ..post(bare, &ENVELOPE[..60]) }, &["cut"]);
}

#[test]
fn soap_faults_are_the_servers_or_the_requests() {
    let fault =
        |code: &str| format!("<s:Envelope><s:Body><s:Fault>{code}<detail/></s:Fault></s:Body></s:Envelope>");
    let case = post("Content-Type: application/soap+xml\r\n", ENVELOPE);
    for (code, expected) in [
        ("<faultcode>s:Server</faultcode>", "soap call GetOrder failed"),
        ("<s:Code><s:Value>s:Receiver</s:Value></s:Code>", "soap call GetOrder failed"),
        ("<faultcode>s:Client.ResourceNotFound</faultcode>", "soap call GetOrder doubtful"),
        ("<s:Code><s:Value>s:Sender</s:Value></s:Code>", "soap call GetOrder doubtful"),
    ] {
        let (answer, answer_fields) = (&*fault(code), "Content-Type: text/xml\r\n");
        is(&Case { status: 500, answer, answer_fields, ..post(case.fields, ENVELOPE) }, &[expected]);
    }
}

#[test]
fn hostile_documents_end() {
    let deep = |open: &str, close: &str, n: usize| format!("{{a{}b{}}}", open.repeat(n), close.repeat(n));
    for text in [deep("{a", "}", 30_000), deep("(a:[", "])", 10_000), "{".repeat(60_000), "[".repeat(60_000)]
    {
        let body = serde_json::json!({ "query": text }).to_string();
        let found = json(&body).read(&Redactor::default());
        assert!(found.operations.is_empty(), "{found:?}");
    }
    // Fragments that name each other twice, to every depth.
    let fragments: String = (0..200)
        .map(|n| {
            format!("fragment F{n} on Q {{ ...F{next} ...F{next} ...F{next} ...F{next} }}", next = n + 1)
        })
        .collect();
    let body = serde_json::json!({ "query": format!("query Q {{ ...F0 }} {fragments}") }).to_string();
    is(&json(&body), &["graphql query Q"]);
}

proptest! {
    #[test]
    fn any_document_of_these_tokens_is_read_or_not(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "{", "}", "(", ")", "[", "]", "!", "...", ":", "=", "@", "|", "&", "$", "a", "on", "query", "mutation",
            "fragment", "subscription", "\"", "\"\"\"", "\"s\"", "1", "-0.5e3", "#", "\n", ",", "\\u0000", "null", "\u{fe0f}",
        ]), 0..60))
    {
        let body = serde_json::json!({ "query": tokens.join(" ") }).to_string();
        for operation in json(&body).read(&Redactor::default()).operations {
            prop_assert!(operation.name.len() <= 128 && operation.fields.len() <= 16);
        }
    }

    #[test]
    fn a_cut_body_is_never_named(length in 1..ENVELOPE.len()) {
        let rpc = r#"{"jsonrpc":"2.0","method":"orders.find","params":{"method":"x"},"id":1}"#;
        let graphql = r#"{"query":"query FindOrders { orders { id } }","operationName":"FindOrders"}"#;
        for body in [rpc, graphql] {
            if let Some(part) = body.get(..length).filter(|part| part.len() < body.len()) {
                let found = Case { whole: false, ..json(part) }.read(&Redactor::default());
                prop_assert!(found.operations.is_empty());
            }
        }
        let soap = Case { whole: false, ..post("Content-Type: application/soap+xml\r\n", &ENVELOPE[..length]) };
        let named = soap.read(&Redactor::default()).operations;
        prop_assert!(named.iter().all(|one| one.name == "GetOrder"), "{named:?}");
    }
}
