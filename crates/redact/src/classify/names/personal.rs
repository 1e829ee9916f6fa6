//! Names of personal data, and what their values look like.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::words::{Words, letters};
use super::credentials::is_about;

/// What a value under a personal name looks like. Another one is something else of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Anything.
    Any,
    /// So many digits or more.
    Digits(u8),
    /// Text without blanks, of three characters or more.
    Email,
    /// An address of a machine.
    Ip,
    /// A number with a fraction.
    Fraction,
    /// A month of a year: `12/27`.
    Month,
    /// The code of a bank (ISO 9362).
    Bic,
}

/// Names, their words written together, and the shapes of their values.
const NAMES: [(&str, Shape); 187] = [
    ("phone", Shape::Digits(6)),
    ("phones", Shape::Digits(6)),
    ("telephone", Shape::Digits(6)),
    ("mobile", Shape::Digits(6)),
    ("mobil", Shape::Digits(6)),
    ("movil", Shape::Digits(6)),
    ("celular", Shape::Digits(6)),
    ("cell", Shape::Digits(6)),
    ("handy", Shape::Digits(6)),
    ("portable", Shape::Digits(6)),
    ("tel", Shape::Digits(6)),
    ("telefon", Shape::Digits(6)),
    ("telefono", Shape::Digits(6)),
    ("telecom", Shape::Digits(6)),
    ("msisdn", Shape::Digits(6)),
    ("fax", Shape::Digits(6)),
    ("cellphone", Shape::Digits(6)),
    ("whatsapp", Shape::Digits(6)),
    ("sms", Shape::Digits(6)),
    ("contactnumber", Shape::Digits(6)),
    ("iban", Shape::Digits(6)),
    ("bban", Shape::Digits(6)),
    ("account", Shape::Digits(6)),
    ("accounts", Shape::Digits(6)),
    ("accountno", Shape::Digits(6)),
    ("accountnumber", Shape::Digits(6)),
    ("sex", Shape::Any),
    ("acct", Shape::Digits(6)),
    ("kontonummer", Shape::Digits(6)),
    ("konto", Shape::Digits(6)),
    ("routing", Shape::Digits(6)),
    ("sortcode", Shape::Digits(6)),
    ("bic", Shape::Bic),
    ("swift", Shape::Bic),
    ("swiftcode", Shape::Bic),
    ("card", Shape::Digits(8)),
    ("cards", Shape::Digits(8)),
    ("pan", Shape::Digits(4)),
    ("cc", Shape::Digits(8)),
    ("ccn", Shape::Digits(8)),
    ("ccnumber", Shape::Digits(8)),
    ("ccnum", Shape::Digits(8)),
    ("creditcard", Shape::Digits(8)),
    ("cardnumber", Shape::Digits(8)),
    ("kartennummer", Shape::Digits(8)),
    ("cardholder", Shape::Any),
    ("cardholdername", Shape::Any),
    ("nameoncard", Shape::Any),
    ("expiry", Shape::Month),
    ("expdate", Shape::Month),
    ("expirydate", Shape::Month),
    ("expirationdate", Shape::Month),
    ("expiration", Shape::Month),
    ("exp", Shape::Month),
    ("expires", Shape::Month),
    ("cardexpiry", Shape::Month),
    ("validthru", Shape::Month),
    ("ssn", Shape::Digits(4)),
    ("itin", Shape::Digits(4)),
    ("socialsecurity", Shape::Digits(4)),
    ("socialsecuritynumber", Shape::Digits(4)),
    ("nino", Shape::Digits(4)),
    ("nationalinsurance", Shape::Digits(4)),
    ("cpf", Shape::Digits(4)),
    ("cnpj", Shape::Digits(4)),
    ("dni", Shape::Digits(4)),
    ("nie", Shape::Digits(4)),
    ("nif", Shape::Digits(4)),
    ("curp", Shape::Digits(4)),
    ("rut", Shape::Digits(4)),
    ("aadhaar", Shape::Digits(4)),
    ("aadhar", Shape::Digits(4)),
    ("bsn", Shape::Digits(4)),
    ("sin", Shape::Digits(8)),
    ("pesel", Shape::Digits(4)),
    ("personnummer", Shape::Digits(4)),
    ("codicefiscale", Shape::Digits(4)),
    ("insee", Shape::Digits(4)),
    ("nir", Shape::Digits(8)),
    ("nationalid", Shape::Digits(4)),
    ("identitycard", Shape::Digits(4)),
    ("idcard", Shape::Digits(4)),
    ("personalausweis", Shape::Digits(4)),
    ("taxid", Shape::Digits(4)),
    ("taxnumber", Shape::Digits(4)),
    ("taxpayerid", Shape::Digits(4)),
    ("tin", Shape::Digits(6)),
    ("steuernummer", Shape::Digits(4)),
    ("steuerid", Shape::Digits(4)),
    ("vatid", Shape::Digits(6)),
    ("passport", Shape::Digits(2)),
    ("passports", Shape::Digits(2)),
    ("pasaporte", Shape::Digits(4)),
    ("reisepass", Shape::Digits(4)),
    ("driverlicense", Shape::Digits(4)),
    ("driverslicense", Shape::Digits(4)),
    ("drivinglicence", Shape::Digits(4)),
    ("licenceplate", Shape::Digits(1)),
    ("licenseplate", Shape::Digits(1)),
    ("mrn", Shape::Digits(4)),
    ("mrns", Shape::Digits(4)),
    ("medicalrecord", Shape::Digits(4)),
    ("medicalrecords", Shape::Digits(4)),
    ("medicalrecordnumber", Shape::Digits(4)),
    ("patient", Shape::Digits(4)),
    ("patients", Shape::Digits(4)),
    ("patientid", Shape::Digits(4)),
    ("nhsnumber", Shape::Digits(4)),
    ("insurancenumber", Shape::Digits(4)),
    ("vin", Shape::Digits(4)),
    ("imei", Shape::Digits(6)),
    ("imsi", Shape::Digits(6)),
    ("iccid", Shape::Digits(6)),
    ("birth", Shape::Digits(4)),
    ("birthdate", Shape::Digits(4)),
    ("birthday", Shape::Digits(4)),
    ("dateofbirth", Shape::Digits(4)),
    ("dob", Shape::Digits(4)),
    ("born", Shape::Digits(4)),
    ("birthyear", Shape::Digits(4)),
    ("geburtsdatum", Shape::Digits(4)),
    ("geburtstag", Shape::Digits(4)),
    ("fechanacimiento", Shape::Digits(4)),
    ("fechadenacimiento", Shape::Digits(4)),
    ("datenaissance", Shape::Digits(4)),
    ("datedenaissance", Shape::Digits(4)),
    ("datadinascita", Shape::Digits(4)),
    ("datanascimento", Shape::Digits(4)),
    ("email", Shape::Email),
    ("emails", Shape::Email),
    ("mail", Shape::Email),
    ("emailaddress", Shape::Email),
    ("correo", Shape::Email),
    ("username", Shape::Any),
    ("loginname", Shape::Any),
    ("benutzername", Shape::Any),
    ("firstname", Shape::Any),
    ("lastname", Shape::Any),
    ("givenname", Shape::Any),
    ("familyname", Shape::Any),
    ("middlename", Shape::Any),
    ("maidenname", Shape::Any),
    ("fullname", Shape::Any),
    ("surname", Shape::Any),
    ("forename", Shape::Any),
    ("vorname", Shape::Any),
    ("nachname", Shape::Any),
    ("apellido", Shape::Any),
    ("apellidos", Shape::Any),
    ("prenom", Shape::Any),
    ("street", Shape::Any),
    ("streetaddress", Shape::Any),
    ("strase", Shape::Any),
    ("strasse", Shape::Any),
    ("calle", Shape::Any),
    ("addressline", Shape::Any),
    ("postaladdress", Shape::Any),
    ("homeaddress", Shape::Any),
    ("shippingaddress", Shape::Any),
    ("billingaddress", Shape::Any),
    ("deliveryaddress", Shape::Any),
    ("mailingaddress", Shape::Any),
    ("direccion", Shape::Any),
    ("anschrift", Shape::Any),
    ("city", Shape::Any),
    ("hometown", Shape::Any),
    ("wohnort", Shape::Any),
    ("ip", Shape::Ip),
    ("ipaddress", Shape::Ip),
    ("ipaddr", Shape::Ip),
    ("remoteaddr", Shape::Ip),
    ("lat", Shape::Fraction),
    ("latitude", Shape::Fraction),
    ("coordinates", Shape::Fraction),
    ("coords", Shape::Fraction),
    ("latlng", Shape::Fraction),
    ("latlon", Shape::Fraction),
    ("geolocation", Shape::Fraction),
    ("gps", Shape::Fraction),
    ("lng", Shape::Fraction),
    ("lon", Shape::Fraction),
    ("longitude", Shape::Fraction),
    ("gender", Shape::Any),
    ("religion", Shape::Any),
    ("diagnosis", Shape::Any),
    ("ethnicity", Shape::Any),
    ("race", Shape::Any),
];

/// Words beside which `address` is that of a machine or an account.
const TECHNICAL: [&str; 46] = [
    "server",
    "host",
    "listen",
    "bind",
    "contract",
    "token",
    "base",
    "memory",
    "mac",
    "wallet",
    "network",
    "peer",
    "node",
    "remote",
    "local",
    "source",
    "destination",
    "src",
    "dst",
    "proxy",
    "gateway",
    "upstream",
    "broker",
    "cluster",
    "service",
    "http",
    "https",
    "tcp",
    "udp",
    "rpc",
    "grpc",
    "api",
    "smtp",
    "web",
    "site",
    "public",
    "private",
    "load",
    "broadcast",
    "virtual",
    "physical",
    "register",
    "bitcoin",
    "ethereum",
    "crypto",
    "deposit",
];

/// Ends of names that are written as one word: `contactemail`, as header fields come.
const ENDS: [(&str, Shape); 4] = [
    ("email", Shape::Email),
    ("phone", Shape::Digits(6)),
    ("passport", Shape::Digits(4)),
    ("username", Shape::Any),
];

/// The shapes by name.
static SHAPES: LazyLock<HashMap<&[u8], Shape, FixedState>> =
    LazyLock::new(|| NAMES.iter().map(|(name, shape)| (name.as_bytes(), *shape)).collect());

/// Names that are long enough to be told in the middle of words, with their letters.
static LONG: LazyLock<Vec<(&str, Shape, u32)>> = LazyLock::new(|| {
    let long = NAMES.iter().filter(|(name, _)| name.len() > LONGEST_SHORT);
    long.map(|(name, shape)| (*name, *shape, letters(name.as_bytes()))).collect()
});

/// The longest name that is told as words by themselves only: `iban` stands in `caliban`.
const LONGEST_SHORT: usize = 7;

/// The longest name of the list that is in a name: it says most (`ipaddress`, not `ip`).
fn longest(words: &Words) -> Option<(usize, Shape, bool)> {
    let mut found: Option<(usize, Shape, bool)> = None;
    let mut take = |length: usize, shape: Shape, last: bool| {
        if found.is_none_or(|(known, _, _)| known < length) {
            found = Some((length, shape, last));
        }
    };
    for (text, last) in words.runs() {
        if let Some(shape) = SHAPES.get(text) {
            take(text.len(), *shape, last);
        }
    }
    for (name, shape, letters) in LONG.iter() {
        if words.spells(*letters) && words.has(name) {
            take(name.len(), *shape, name.as_bytes().ends_with(words.last()));
        }
    }
    found
}

/// Returns whether the value is about an address, and not one: `addressType`.
fn is_about_address(words: &Words) -> bool {
    is_about(words) && !words.ends_in(&["address"])
}

/// The shape of personal data under this name, if there is such.
pub(super) fn shape(words: &Words) -> Option<Shape> {
    if words.has_word(&["address", "addresses"])
        && !words.has_word(&TECHNICAL)
        && !words.has_word(&["email", "mail", "ip"])
        && !is_about_address(words)
    {
        return Some(Shape::Any);
    }
    let Some((_, shape, last)) = longest(words) else {
        let end =
            |(name, _): &&(&str, Shape)| words.count() == 1 && words.squashed().ends_with(name.as_bytes());
        return ENDS.iter().find(end).map(|(_, shape)| *shape);
    };
    (last || !is_about(words)).then_some(shape)
}
