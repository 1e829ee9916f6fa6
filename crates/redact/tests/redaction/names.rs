//! Names of fields with values that they would have.

use crate::chance::*;
use crate::credentials::{Maker, word};

fn random(chance: &mut Chance) -> String {
    chance.some(ALNUM, 8, 24)
}

fn phrase(chance: &mut Chance) -> String {
    let words = ["correct", "maple", "battery", "staple", "tulip", "river", "copper"];
    format!("{}-{}-{}", chance.pick(&words), chance.pick(&words), chance.pick(&words))
}

fn pin(chance: &mut Chance) -> String {
    chance.some(DIGITS, 4, 8)
}

/// Credentials: passwords, keys and tokens of any form, numbers to type.
pub(crate) const CREDENTIALS: &[(&[&str], &[Maker])] = &[
    (
        &[
            "password",
            "passwd",
            "newPassword",
            "old_password",
            "PASSWORD",
            "user_passwd",
            "passphrase",
            "passcode",
            "pwd",
            "pass",
            "dbPass",
            "pw",
            "PGPASSWORD",
            "PGPASS",
            "MYSQL_PWD",
            "Passwort",
            "kennwort",
            "mot_de_passe",
            "contrase\u{f1}a",
            "contrasena",
            "senha",
            "wachtwoord",
            "l\u{f6}senord",
            "adgangskode",
            "parola",
        ],
        &[word, phrase, random],
    ),
    (
        &[
            "secret",
            "client_secret",
            "clientSecret",
            "token",
            "accessToken",
            "access_token",
            "refresh_token",
            "id_token",
            "api_key",
            "apikey",
            "X-Api-Key",
            "apiKey",
            "access_key",
            "secretAccessKey",
            "privateKey",
            "private_key",
            "encryption_key",
            "signing_key",
            "Ocp-Apim-Subscription-Key",
            "license_key",
            "app_key",
            "X-Auth-Key",
            "shared_key",
            "master_key",
            "ssh_key",
            "x-functions-key",
            "account_key",
            "client_key",
            "credential",
            "credentials",
            "session",
            "session_id",
            "sessid",
            "PHPSESSID",
            "JSESSIONID",
            "sid",
            "connect.sid",
            "signature",
            "X-Amz-Signature",
            "sig",
            "hmac",
            "jwt",
            "csrf_token",
            "_csrf",
            "X-XSRF-TOKEN",
            "bearer",
            "cookie",
            "mnemonic",
            "auth",
            "authorization",
            "authentication",
            "X-Auth-Token",
            "device_code",
        ],
        &[random, phrase, word],
    ),
    (
        &[
            "otp",
            "totp",
            "hotp",
            "pin",
            "PIN",
            "cvv",
            "cvv2",
            "cvc",
            "csc",
            "mfa",
            "tan",
            "security_code",
            "verificationCode",
            "access_code",
            "recovery_code",
            "auth_code",
        ],
        &[pin],
    ),
];

/// Personal data.
pub(crate) const PERSONAL: &[(&[&str], &[Maker])] = &[
    (
        &[
            "phone",
            "mobile",
            "tel",
            "cell",
            "handy",
            "portable",
            "telefon",
            "telefono",
            "contact_number",
            "phoneNumber",
            "fax",
        ],
        &[
            |c| c.like("0### #######"),
            |c| c.like("7#########"),
            |c| c.like("(##) ####-####"),
            |c| c.like("+49 171 #######"),
        ],
    ),
    (&["iban"], &[|c| c.like("DE## #### #### #### #### ##"), |c| c.like("DE####################")]),
    (&["bic", "swift", "swift_code"], &[|c| c.like("@@@@DEFF"), |c| c.like("@@@@DE@@###")]),
    (
        &["account_number", "routing_number", "kontonummer", "accountNo", "sort_code"],
        &[|c| c.like("########"), |c| c.like("##########")],
    ),
    (
        &["steuernummer", "taxId", "tax_id", "tin"],
        &[|c| c.like("##/###/#####"), |c| c.like("##-#######"), |c| c.like("###########")],
    ),
    (
        &["card_number", "cc", "ccn", "pan", "creditCard", "cardNumber"],
        &[|c| c.like("4###############"), |c| c.like("#### #### #### ####")],
    ),
    (&["cvc"], &[|c| c.like("###")]),
    (
        &["cardholder", "card_holder", "first_name", "lastName", "full_name", "surname"],
        &[|c| format!("{} {}", c.like("@?????"), c.like("@???????"))],
    ),
    (
        &["expiry", "exp_date", "card_expiry"],
        &[
            |c| format!("{:02}/{}", c.number(1, 12), c.number(26, 34)),
            |c| format!("{:02}/20{}", c.number(1, 12), c.number(26, 34)),
        ],
    ),
    (
        &["ssn", "social_security", "socialSecurityNumber"],
        &[|c| c.like("###-##-####"), |c| c.like("#########")],
    ),
    (&["nino", "national_insurance"], &[|c| c.like("QQ######C"), |c| c.like("AB ## ## ## D")]),
    (&["cpf", "cnpj"], &[|c| c.like("###.###.###-##"), |c| c.like("###########")]),
    (&["dni", "nie"], &[|c| c.like("########@"), |c| c.like("@#######@")]),
    (&["aadhaar"], &[|c| c.like("#### #### ####"), |c| c.like("############")]),
    (
        &["bsn", "sin", "curp", "nationalId", "pesel"],
        &[|c| c.like("###########"), |c| c.like("### ### ###"), |c| c.like("#########")],
    ),
    (
        &["passport", "passportNumber", "passport_no"],
        &[|c| c.like("@########"), |c| c.like("#########"), |c| c.like("@@#####")],
    ),
    (&["mrn", "medicalRecordNumber", "patient_id"], &[|c| c.like("MRN-######"), |c| c.like("########")]),
    (&["vin"], &[|c| c.like("WVW@@@@@@#@######")]),
    (&["imei"], &[|c| c.like("35#############")]),
    (
        &["dob", "date_of_birth", "birthDate", "geburtsdatum", "fecha_nacimiento"],
        &[
            |c| format!("19{}-{:02}-{:02}", c.like("##"), c.number(1, 12), c.number(1, 28)),
            |c| format!("{:02}.{:02}.19{}", c.number(1, 28), c.number(1, 12), c.like("##")),
            |c| format!("{:02}/{:02}/19{}", c.number(1, 12), c.number(1, 28), c.like("##")),
        ],
    ),
    (
        &["email", "e-mail", "contactEmail"],
        &[|c| format!("{}@{}.com", c.like("?????"), c.like("????")), |c| c.like("??????-intranet")],
    ),
    (&["username", "user_name", "login_name"], &[|c| c.like("??????##"), |c| c.like("?.???????")]),
    (
        &["street", "address", "street_address", "addressLine1"],
        &[
            |c| format!("{} {} Street", c.number(1, 999), c.like("@??????")),
            |c| format!("{}stra\u{df}e {}", c.like("@??????"), c.number(1, 99)),
        ],
    ),
    (&["city", "hometown"], &[|c| c.like("@???????"), |c| c.like("@????? ????")]),
    (
        &["ip", "client_ip", "ipAddress", "remote_ip"],
        &[
            |c| format!("10.{}.{}.{}", c.number(10, 250), c.number(1, 250), c.number(1, 250)),
            |c| format!("84.{}.{}.{}", c.number(10, 250), c.number(1, 250), c.number(1, 250)),
        ],
    ),
    (&["lat", "latitude", "lng", "longitude"], &[|c| c.like("4#.######"), |c| c.like("-7#.#####")]),
    (
        &["gender", "religion", "diagnosis", "ethnicity"],
        &[|c| c.like("@???????"), |c| c.like("????? ??????")],
    ),
];
