//! Credentials by their form, made up: issuers' prefixes, alphabets and lengths.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::chance::*;

/// What makes a value of a kind.
pub(crate) type Maker = fn(&mut Chance) -> String;

fn with(prefix: &str, alphabet: &str, length: usize, chance: &mut Chance) -> String {
    prefix.to_owned() + &chance.text(alphabet, length)
}

macro_rules! forms {
    ($($kind:literal: $($prefix:literal $alphabet:ident $length:literal)+;)*) => {
        &[$(($kind, |c| String::new() $(+ &with($prefix, $alphabet, $length, c))+)),*]
    };
}

/// A prefix and so many characters of an alphabet, perhaps several times.
const PLAIN: &[(&str, Maker)] = forms! {
    "AWS access key": "AKIA" BASE32 16;
    "AWS temporary key": "ASIA" BASE32 16;
    "AWS secret key": "" BASE64 40;
    "AWS session token": "IQoJb3JpZ2luX2Vj" BASE64 280;
    "AWS Bedrock key": "ABSKQmVkcm9ja0FQSUtleS" BASE64 110;
    "Google API key": "AIza" BASE64URL 35;
    "Google access token": "ya29." BASE64URL 120;
    "Google refresh token": "1//0" BASE64URL 60;
    "Google client secret": "GOCSPX-" BASE64URL 28;
    "Azure client secret": "" ALNUM 3 "8Q~" ALNUM 34;
    "Azure storage key": "" BASE64 86 "==" BASE64 0;
    "Azure DevOps token": "" LOWER_ALNUM 52;
    "GitHub personal": "ghp_" ALNUM 36;
    "GitHub OAuth": "gho_" ALNUM 36;
    "GitHub app user": "ghu_" ALNUM 36;
    "GitHub server": "ghs_" ALNUM 36;
    "GitHub refresh": "ghr_" ALNUM 36;
    "GitHub fine-grained": "github_pat_" ALNUM 22 "_" ALNUM 59;
    "GitLab personal": "glpat-" BASE64URL 20;
    "GitLab CI job": "glcbt-64_" BASE64URL 20;
    "GitLab deploy": "gldt-" BASE64URL 20;
    "GitLab feed": "glft-" BASE64URL 20;
    "GitLab runner": "glrt-" BASE64URL 20;
    "GitLab runner registration": "GR1348941" BASE64URL 20;
    "Bitbucket": "ATBB" ALNUM 32;
    "Slack bot": "xoxb-" DIGITS 12 "-" DIGITS 13 "-" ALNUM 24;
    "Slack user": "xoxp-" DIGITS 12 "-" DIGITS 12 "-" DIGITS 12 "-" HEX 32;
    "Slack app": "xapp-1-A" UPPER_ALNUM 10 "-" DIGITS 13 "-" HEX 64;
    "Slack webhook": "https://hooks.slack.com/services/T" UPPER_ALNUM 9 "/B" UPPER_ALNUM 9 "/" ALNUM 24;
    "Discord": "M" ALNUM 23 "." ALNUM 6 "." BASE64URL 38;
    "Telegram": "" DIGITS 10 ":AA" BASE64URL 33;
    "Stripe secret": "sk_live_" ALNUM 24;
    "Stripe test": "sk_test_" ALNUM 99;
    "Stripe restricted": "rk_live_" ALNUM 24;
    "Stripe webhook": "whsec_" ALNUM 32;
    "Square access": "EAAA" BASE64URL 60;
    "Square secret": "sq0csp-" BASE64URL 43;
    "PayPal": "access_token$production$" LOWER_ALNUM 16 "$" HEX 32;
    "Twilio account": "AC" HEX 32;
    "Twilio key": "SK" HEX 32;
    "SendGrid": "SG." BASE64URL 22 "." BASE64URL 43;
    "Mailgun": "key-" HEX 32;
    "Mailchimp": "" HEX 32 "-us" DIGITS 2;
    "Postmark": "" HEX 8 "-" HEX 4 "-" HEX 4 "-" HEX 4 "-" HEX 12;
    "OpenAI": "sk-" ALNUM 20 "T3BlbkFJ" ALNUM 20;
    "OpenAI project": "sk-proj-" BASE64URL 74 "T3BlbkFJ" BASE64URL 74;
    "Anthropic": "sk-ant-api03-" BASE64URL 93 "AA" ALNUM 0;
    "Hugging Face": "hf_" LETTERS 34;
    "Groq": "gsk_" ALNUM 52;
    "Perplexity": "pplx-" ALNUM 48;
    "Replicate": "r8_" ALNUM 37;
    "xAI": "xai-" ALNUM 80;
    "JWT head": "eyJ" BASE64URL 33;
    "npm": "npm_" ALNUM 36;
    "PyPI": "pypi-AgEIcHlwaS5vcmc" BASE64URL 90;
    "RubyGems": "rubygems_" HEX 48;
    "NuGet": "oy2" LOWER_ALNUM 43;
    "Cargo": "cio" ALNUM 32;
    "Docker": "dckr_pat_" BASE64URL 27;
    "DigitalOcean": "dop_v1_" HEX 64;
    "Vault": "hvs." BASE64URL 90;
    "Vault batch": "hvb." BASE64URL 138;
    "Terraform": "" ALNUM 14 ".atlasv1." BASE64URL 67;
    "Shopify": "shpat_" HEX 32;
    "Shopify secret": "shpss_" HEX 32;
    "Facebook": "EAAC" ALNUM 120;
    "Twitter bearer": "AAAAAAAAAAAAAAAAAAAAA" ALNUM 85;
    "Atlassian": "ATATT3xFfGF0" BASE64URL 180;
    "Linear": "lin_api_" ALNUM 40;
    "Notion": "ntn_" ALNUM 46;
    "Notion old": "secret_" ALNUM 43;
    "Postman": "PMAK-" HEX 24 "-" HEX 34;
    "Grafana": "glsa_" ALNUM 32 "_" HEX 8;
    "Grafana cloud": "glc_eyJ" BASE64 100;
    "New Relic": "NRAK-" UPPER_ALNUM 27;
    "New Relic ingest": "" HEX 36 "NRAL" HEX 0;
    "Datadog": "" HEX 32;
    "Datadog application": "" HEX 40;
    "PagerDuty": "u+" ALNUM 18;
    "Airtable": "pat" ALNUM 14 "." HEX 64;
    "Databricks": "dapi" HEX 32;
    "Doppler": "dp.pt." ALNUM 43;
    "Supabase": "sbp_" HEX 40;
    "PlanetScale": "pscale_tkn_" BASE64URL 43;
    "Okta": "00" BASE64URL 40;
    "HubSpot": "pat-na1-" HEX 8 "-" HEX 4 "-" HEX 4 "-" HEX 4 "-" HEX 12;
    "Cloudflare": "" BASE64URL 40;
    "Cloudflare origin": "v1.0-" HEX 24 "-" HEX 146;
    "Alibaba": "LTAI" ALNUM 20;
    "Tencent": "AKID" ALNUM 32;
    "Yandex": "y0_" BASE64URL 55;
    "Mapbox": "sk.eyJ" BASE64URL 80 "." BASE64URL 22;
    "Figma": "figd_" BASE64URL 40;
    "Fastly": "" BASE64URL 32;
    "Algolia": "" HEX 32;
    "age": "AGE-SECRET-KEY-1" BASE32 58;
    "Ethereum private key": "0x" HEX 64;
    "Bitcoin WIF": "K" BASE58 51;
    "extended private key": "xprv" BASE58 107;
    "CAS ticket": "ST-" DIGITS 5 "-" ALNUM 20 "-cas" DIGITS 2;
    "NTLM hash": "" HEX 32 ":" HEX 32;
    "bcrypt": "$2b$12$" ALNUM 53;
    "argon2": "$argon2id$v=19$m=65536,t=3,p=4$" ALNUM 22 "$" ALNUM 43;
    "sha512crypt": "$6$" ALNUM 16 "$" ALNUM 86;
    "SAS signature": "https://a.blob.core.windows.net/c?sv=2024-05-04&sig=" ALNUM 42 "%3D" ALNUM 0;
    "TOTP seed": "" BASE32 32;
    "otpauth": "otpauth://totp/Shop:ann?secret=" BASE32 32 "&issuer=Shop" BASE32 0;
    "random alnum 20": "" ALNUM 20;
    "random alnum 32": "" ALNUM 32;
    "random lower 28": "" LOWER_ALNUM 28;
    "random upper 24": "" UPPER_ALNUM 24;
    "random base64url 22": "" BASE64URL 22;
    "random base64url 36": "" BASE64URL 36;
    "random letters 30": "" LETTERS 30;
    "random hex 36": "" HEX 36;
    "random base58 26": "" BASE58 26;
};

/// Those that are more than pieces in a row.
const MADE: &[(&str, Maker)] = &[
    ("JWT", jwt),
    ("PEM", |c| pem(c, "RSA PRIVATE KEY", "\n")),
    ("PEM of EC", |c| pem(c, "EC PRIVATE KEY", "\n")),
    ("PEM of OpenSSH", |c| pem(c, "OPENSSH PRIVATE KEY", "\n")),
    ("PEM encrypted", |c| pem(c, "ENCRYPTED PRIVATE KEY", "\n")),
    ("PEM on one line", |c| pem(c, "PRIVATE KEY", " ")),
    ("PEM escaped", |c| pem(c, "PRIVATE KEY", "\\n")),
    ("PGP", |c| pem(c, "PGP PRIVATE KEY BLOCK", "\n")),
    ("PPK", |c| {
        format!(
            "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 2\n{}\n{}\nPrivate-MAC: {}",
            c.text(BASE64, 64),
            c.text(BASE64, 64),
            c.text(HEX, 64)
        )
    }),
    ("URL", |c| format!("https://deploy:{}@git.shop.test/a.git", word(c))),
    ("PostgreSQL", |c| format!("postgres://app:{}@db.shop.test:5432/orders", word(c))),
    ("MongoDB", |c| format!("mongodb+srv://app:{}@c0.shop.test/db?retryWrites=true", word(c))),
    ("Redis", |c| format!("redis://:{}@cache.shop.test:6379/0", word(c))),
    ("AMQP", |c| format!("amqp://app:{}@mq.shop.test/vhost", word(c))),
    ("JDBC", |c| format!("jdbc:mysql://db.shop.test/x?user=app&password={}", word(c))),
    ("SQL Server", |c| {
        format!("Server=tcp:db.shop.test,1433;Database=x;User ID=app;Password={};Encrypt=True;", word(c))
    }),
    ("Azure connection", |c| {
        format!(
            "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={}==;EndpointSuffix=core.windows.net",
            c.text(BASE64, 86)
        )
    }),
    ("Sentry", |c| format!("https://{}@o123456.ingest.sentry.io/123456", c.text(HEX, 32))),
    ("Basic", |c| format!("Basic {}", STANDARD.encode(format!("app:{}", word(c))))),
    ("Bearer", |c| format!("Bearer {}", c.some(ALNUM, 16, 40))),
    ("Digest", |c| {
        format!(
            "Digest username=\"app\", realm=\"x\", nonce=\"{}\", uri=\"/\", response=\"{}\"",
            c.text(HEX, 32),
            c.text(HEX, 32)
        )
    }),
    ("base64 of JSON", |c| STANDARD.encode(format!("{{\"user\":\"app\",\"password\":\"{}\"}}", word(c)))),
    ("base64 of user and password", |c| STANDARD.encode(format!("app:{}", word(c)))),
    ("SAML", |c| {
        STANDARD.encode(format!(
            "<samlp:Response ID=\"_{}\"><saml:Assertion>{}</saml:Assertion></samlp:Response>",
            c.text(HEX, 32),
            c.text(ALNUM, 60)
        ))
    }),
];

/// All kinds.
pub(crate) fn all() -> Vec<(&'static str, Maker)> {
    PLAIN.iter().chain(MADE).copied().collect()
}

/// The part of a value that must not come out: what is secret in an address or a connection string.
pub(crate) fn needle(kind: &str, value: &str) -> String {
    let between = |begin: &str, end: &str| {
        let rest = value.split_once(begin).map_or(value, |(_, rest)| rest);
        rest.split_once(end).map_or(rest, |(found, _)| found).to_owned()
    };
    match kind {
        "URL" | "PostgreSQL" | "MongoDB" | "Redis" | "AMQP" => {
            let rest = between("://", "@");
            rest.split_once(':').map_or(rest.clone(), |(_, password)| password.to_owned())
        }
        "Sentry" => between("://", "@"),
        "JDBC" => between("password=", "&"),
        "SQL Server" => between("Password=", ";"),
        "Azure connection" => between("AccountKey=", ";"),
        "SAS signature" => between("sig=", "%3D"),
        "Slack webhook" => value.rsplit('/').next().unwrap_or_default().to_owned(),
        "otpauth" => between("secret=", "&"),
        "Basic" | "Bearer" => between(" ", " "),
        "Digest" => between("response=\"", "\""),
        "PPK" => between("Private-Lines: 2\n", "\n"),
        _ if kind.starts_with("PEM") || kind == "PGP" => between("-----BEGIN", "-----END")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .skip(24)
            .take(20)
            .collect(),
        _ => value.to_owned(),
    }
}

/// A password as people choose one.
pub(crate) fn word(chance: &mut Chance) -> String {
    let words =
        ["horse", "maple", "Sunset", "dragon", "winter", "Charlie", "banane", "qwert", "monkey", "Tiger"];
    let marks = ["", "!", "-", "_", ".", "7"];
    format!("{}{}{}", chance.pick(&words), chance.pick(&marks), chance.number(10, 99_999))
}

fn jwt(chance: &mut Chance) -> String {
    let head = URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let body = format!(
        "{{\"sub\":\"{}\",\"exp\":{}}}",
        chance.number(1, 99_999),
        chance.number(1_700_000_000, 1_900_000_000)
    );
    format!("{head}.{}.{}", URL_SAFE_NO_PAD.encode(body), chance.text(BASE64URL, 43))
}

fn pem(chance: &mut Chance, label: &str, end: &str) -> String {
    let lines: Vec<String> = (0..4).map(|_| chance.text(BASE64, 64)).collect();
    format!("-----BEGIN {label}-----{end}{}{end}-----END {label}-----", lines.join(end))
}
