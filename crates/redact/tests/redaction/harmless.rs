//! Values that are to stay as they are, with their names.

use crate::chance::*;
use crate::credentials::Maker;
use crate::persons::luhn;

fn hump(chance: &mut Chance) -> String {
    let words = ["Keynote", "Blue", "Gold", "Opening", "Berlin", "Summer", "Alpha"];
    format!("{} {}", chance.pick(&words), chance.pick(&words))
}

fn colour(chance: &mut Chance) -> String {
    let named = ["red", "teal", "navy", "orange"];
    if chance.number(0, 1) == 0 { chance.pick(&named).into() } else { format!("#{}", chance.text(HEX, 6)) }
}

fn image(chance: &mut Chance) -> String {
    format!(
        "registry.shop.test/{}/{}:v{}.{}.{}",
        chance.pick(&["team", "infra"]),
        chance.pick(&["cart-api", "web"]),
        chance.number(0, 9),
        chance.number(0, 30),
        chance.number(0, 9)
    )
}

fn pod(chance: &mut Chance) -> String {
    let safe = "bcdfghjklmnpqrstvwxz2456789";
    format!(
        "{}-{}-{}",
        chance.pick(&["payments-api", "web", "order-worker"]),
        chance.some(safe, 8, 10),
        chance.text(safe, 5)
    )
}

fn ean(chance: &mut Chance) -> String {
    let body = chance.pick(&["400", "978", "501", "761"]).to_owned() + &chance.like("#########");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn order(chance: &mut Chance) -> String {
    let prefix = chance.pick(&["4", "5", "37", "60"]);
    luhn(chance, prefix, prefix.len() + 14)
}

fn flag(chance: &mut Chance) -> String {
    chance
        .pick(&[
            "true", "false", "enabled", "disabled", "required", "optional", "none", "yes", "active", "off",
        ])
        .into()
}

/// Kinds, names and values.
pub(crate) const ALL: &[(&str, &[&str], Maker)] = &[
    (
        "flags under sensitive names",
        &[
            "mfa",
            "password",
            "otp",
            "token",
            "session",
            "pin",
            "auth",
            "secret",
            "cookie",
            "csrf",
            "sessionActive",
        ],
        flag,
    ),
    ("kinds under sensitive names", &["auth", "authentication", "mfa", "token", "signature"], |c| {
        c.pick(&["oauth2", "basic", "bearer", "saml", "sms", "totp", "webauthn", "RS256", "none", "ldap"])
            .into()
    }),
    (
        "about sensitive things",
        &["tokenType", "auth_method", "passwordPolicy", "session_state", "mfaMethod", "credentialType"],
        |c| c.pick(&["bearer", "oauth2", "strict", "active", "sms", "password"]).into(),
    ),
    (
        "times of sensitive things",
        &[
            "token_expires_in",
            "sessionTimeout",
            "password_max_age",
            "otpLength",
            "max_tokens",
            "tokenCount",
            "pin_length",
            "sessionDuration",
        ],
        |c| c.number(1, 90_000).to_string(),
    ),
    (
        "dates of sensitive things",
        &["token_expires_at", "passwordChangedAt", "sessionStart", "lastSessionDate", "credential_created"],
        |c| c.like("202#-0") + &c.number(1, 9).to_string() + "-1" + &c.like("#") + "T10:00:00Z",
    ),
    (
        "titles",
        &[
            "sessionTitle",
            "session_name",
            "tokenName",
            "cookieBanner",
            "secretLabel",
            "passwordHint",
            "session_description",
        ],
        hump,
    ),
    ("colours", &["pinColor", "pin_colour", "colour", "background"], colour),
    ("symbols", &["tokenSymbol", "token_standard", "symbol"], |c| {
        c.pick(&["ETH", "USDC", "ERC20", "BTC", "DAI"]).into()
    }),
    ("passes", &["boardingPass", "seasonPass", "ski_pass", "busPass", "pass_type"], |c| {
        c.pick(&["Gate 12", "LH 454", "Adult", "Winter", "B7"]).into()
    }),
    (
        "parts of words",
        &[
            "author",
            "authority",
            "spinner",
            "passenger",
            "compass",
            "keyboard",
            "keyword",
            "monkey",
            "tank",
            "secretary",
            "pinned",
            "assignee",
            "category",
            "shipping",
            "sinus",
            "panel",
            "vintage",
            "cityscape",
        ],
        hump,
    ),
    ("git refs", &["ref", "branch", "base_ref"], |c| {
        format!(
            "refs/heads/{}/{}-{}",
            c.pick(&["feature", "fix", "release"]),
            c.pick(&["add-login", "token-refresh", "improve-cart-total"]),
            c.number(1, 999)
        )
    }),
    ("paths", &["path", "file", "location"], |c| {
        format!(
            "src/{}/{}/{}.rs",
            c.pick(&["main", "auth", "session"]),
            c.pick(&["handlers", "models"]),
            c.pick(&["password_reset", "token_store", "index"])
        )
    }),
    ("pods", &["pod", "podName", "hostname", "instance"], pod),
    ("images", &["image", "containerImage"], image),
    ("image digests", &["image", "digest"], |c| format!("registry.shop.test/web@sha256:{}", c.text(HEX, 64))),
    ("versions", &["version", "app_version", "api_version"], |c| {
        format!(
            "{}.{}.{}-{}.{}",
            c.number(0, 20),
            c.number(0, 40),
            c.number(0, 99),
            c.pick(&["rc", "beta", "alpha"]),
            c.number(1, 9)
        )
    }),
    ("long versions", &["version", "os_version", "build"], |c| {
        format!("{}.{}.{}.{}", c.number(1, 20), c.number(0, 9), c.number(1000, 30_000), c.number(1, 9999))
    }),
    ("barcodes", &["barcode", "ean", "gtin", "isbn"], ean),
    ("order numbers", &["orderNumber", "order_id", "invoice_number", "trackingNumber"], order),
    ("locales", &["locale", "lang", "language"], |c| {
        c.pick(&["en-US", "de_DE", "pt-BR", "zh-Hant-TW", "sr-Latn-RS"]).into()
    }),
    ("MIME types", &["mime", "contentType", "accept"], |c| {
        c.pick(&[
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "image/svg+xml",
            "text/html; charset=utf-8",
        ])
        .into()
    }),
    ("durations", &["duration", "interval", "ttl"], |c| {
        c.pick(&["PT15M", "P1Y2M10DT2H30M", "PT0.5S", "P3W"]).into()
    }),
    ("tiles", &["tile", "path"], |c| {
        format!("{}/{}/{}.png", c.number(1, 19), c.number(1000, 99_999), c.number(1000, 99_999))
    }),
    ("numbers", &["price", "amount", "quantity", "total"], |c| {
        format!("{}.{}", c.number(1, 9999), c.like("##"))
    }),
    ("ids", &["id", "userId", "orderId"], |c| c.number(1, 99_999_999).to_string()),
    ("UUIDs", &["id", "requestId", "trace"], |c| {
        format!(
            "{}-{}-4{}-a{}-{}",
            c.text(HEX, 8),
            c.text(HEX, 4),
            c.text(HEX, 3),
            c.text(HEX, 3),
            c.text(HEX, 12)
        )
    }),
    ("ObjectIds", &["id", "_id"], |c| format!("65{}", c.text(HEX, 22))),
    ("times", &["created", "timestamp", "updatedAt"], |c| {
        format!("2025-0{}-1{}T0{}:15:30.{}Z", c.number(1, 9), c.number(0, 9), c.number(0, 9), c.like("###"))
    }),
    ("milliseconds", &["ts", "created"], |c| c.like("17###########")),
    ("public keys", &["publicKey", "public_key", "ssh_public_key"], |c| {
        format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{} ann", c.text(BASE64, 200))
    }),
    ("certificates", &["certificate", "cert"], |c| {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n{}\n-----END CERTIFICATE-----",
            c.text(BASE64, 64),
            c.text(BASE64, 64)
        )
    }),
    ("checksums", &["checksum", "sha256", "md5", "etag", "digest"], |c| {
        if c.number(0, 1) == 0 { c.text(HEX, 64) } else { c.text(HEX, 32) }
    }),
    ("integrity", &["integrity"], |c| format!("sha384-{}", c.text(BASE64, 64))),
    ("commits", &["commit", "revision", "git_sha"], |c| c.text(HEX, 40)),
    ("identifiers in code", &["operationId", "event", "className"], |c| {
        format!(
            "{}{}{}",
            c.pick(&["get", "list", "create"]),
            c.pick(&["UserAccount", "PasswordReset", "SessionToken", "OrderLine"]),
            c.pick(&["DetailsV2", "ByDate", "HandlerFactoryBean", "Request"])
        )
    }),
    ("slugs", &["slug", "url"], |c| {
        format!(
            "{}-{}-{}-{}",
            c.number(2, 20),
            c.pick(&["best", "new"]),
            c.pick(&["places-to-visit-in", "recipes-for-summer"]),
            c.number(2020, 2027)
        )
    }),
    ("sentences", &["note", "description", "comment"], |c| {
        format!(
            "{} {} at {}:{}",
            c.pick(&[
                "Reset the password in settings,",
                "Two tokens were lost:",
                "The session begins",
                "Please choose a pin"
            ]),
            c.pick(&["then call again", "see the report", "with coffee"]),
            c.number(10, 20),
            c.like("3#").replace("3", "1")
        )
    }),
    ("products", &["name", "title", "product"], |c| {
        format!(
            "{} {} {}",
            c.pick(&["iPhone", "Widget", "ThinkPad X1"]),
            c.number(1, 3000),
            c.pick(&["Pro Max 256GB", "XL", "Gen 9"])
        )
    }),
    ("sizes", &["size", "dimensions"], |c| {
        format!("{}x{}x{} cm", c.number(1, 300), c.number(1, 300), c.number(1, 300))
    }),
    ("codes", &["code", "errorCode", "country_code", "currency", "promo_code"], |c| {
        c.pick(&["DE", "ERR_NOT_FOUND", "404", "EUR", "SUMMER", "E11000"]).into()
    }),
    ("keys of caches", &["key", "cache_key"], |c| format!("user:{}:profile", c.number(1, 9999))),
    ("user agents", &["user-agent", "browser"], |c| {
        format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
            c.number(90, 130)
        )
    }),
    ("addresses in the web", &["url", "link", "homepage"], |c| {
        format!(
            "https://shop.example.com/products/summer-{}?page={}&sort=price",
            c.number(2020, 2027),
            c.number(1, 9)
        )
    }),
    ("ports", &["listen", "bind", "upstream"], |c| {
        format!("10.0.{}.{}:8080", c.number(0, 9), c.number(1, 9))
    }),
    ("enums", &["status", "state", "kind", "role"], |c| {
        c.pick(&["IN_PROGRESS", "PENDING_AUTHORIZATION", "TOKEN_EXPIRED", "admin", "PASSWORD_RESET_REQUIRED"])
            .into()
    }),
    ("lists of names", &["fields", "required", "sort"], |c| {
        c.pick(&["name,email,password", "-created_at", "token"]).into()
    }),
];
