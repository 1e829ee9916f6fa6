//! Names of personal data, and what their values look like.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::label::Label;
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

/// Names, their words written together, by what they name and the shapes of their values.
const NAMES: [(Label, Shape, &[&str]); 22] = [
    (
        Label::Phone,
        Shape::Digits(6),
        &[
            "phone",
            "phones",
            "telephone",
            "mobile",
            "mobil",
            "movil",
            "celular",
            "cell",
            "handy",
            "portable",
            "tel",
            "telefon",
            "telefono",
            "telecom",
            "msisdn",
            "fax",
            "cellphone",
            "whatsapp",
            "sms",
            "contactnumber",
        ],
    ),
    (Label::Iban, Shape::Digits(6), &["iban", "bban"]),
    (
        Label::BankAccount,
        Shape::Digits(6),
        &[
            "account",
            "accounts",
            "accountno",
            "accountnumber",
            "acct",
            "kontonummer",
            "konto",
            "routing",
            "sortcode",
        ],
    ),
    (Label::NationalId, Shape::Digits(6), &["tin", "vatid"]),
    (Label::Device, Shape::Digits(6), &["imei", "imsi", "iccid"]),
    (Label::Special, Shape::Any, &["sex", "gender", "religion", "diagnosis", "ethnicity", "race"]),
    (
        Label::Name,
        Shape::Any,
        &[
            "cardholder",
            "cardholdername",
            "nameoncard",
            "username",
            "loginname",
            "benutzername",
            "firstname",
            "lastname",
            "givenname",
            "familyname",
            "middlename",
            "maidenname",
            "fullname",
            "surname",
            "forename",
            "vorname",
            "nachname",
            "apellido",
            "apellidos",
            "prenom",
        ],
    ),
    (
        Label::PostalAddress,
        Shape::Any,
        &[
            "street",
            "streetaddress",
            "strase",
            "strasse",
            "calle",
            "addressline",
            "postaladdress",
            "homeaddress",
            "shippingaddress",
            "billingaddress",
            "deliveryaddress",
            "mailingaddress",
            "direccion",
            "anschrift",
            "city",
            "hometown",
            "wohnort",
        ],
    ),
    (Label::BankAccount, Shape::Bic, &["bic", "swift", "swiftcode"]),
    (
        Label::Card,
        Shape::Digits(8),
        &["card", "cards", "cc", "ccn", "ccnumber", "ccnum", "creditcard", "cardnumber", "kartennummer"],
    ),
    (Label::NationalId, Shape::Digits(8), &["sin", "nir"]),
    (Label::Card, Shape::Digits(4), &["pan"]),
    (
        Label::NationalId,
        Shape::Digits(4),
        &[
            "ssn",
            "itin",
            "socialsecurity",
            "socialsecuritynumber",
            "nino",
            "nationalinsurance",
            "cpf",
            "cnpj",
            "dni",
            "nie",
            "nif",
            "curp",
            "rut",
            "aadhaar",
            "aadhar",
            "bsn",
            "pesel",
            "personnummer",
            "codicefiscale",
            "insee",
            "nationalid",
            "identitycard",
            "idcard",
            "personalausweis",
            "taxid",
            "taxnumber",
            "taxpayerid",
            "steuernummer",
            "steuerid",
            "pasaporte",
            "reisepass",
            "driverlicense",
            "driverslicense",
            "drivinglicence",
        ],
    ),
    (
        Label::Special,
        Shape::Digits(4),
        &[
            "mrn",
            "mrns",
            "medicalrecord",
            "medicalrecords",
            "medicalrecordnumber",
            "patient",
            "patients",
            "patientid",
            "nhsnumber",
            "insurancenumber",
        ],
    ),
    (Label::Device, Shape::Digits(4), &["vin"]),
    (
        Label::Birth,
        Shape::Digits(4),
        &[
            "birth",
            "birthdate",
            "birthday",
            "dateofbirth",
            "dob",
            "born",
            "birthyear",
            "geburtsdatum",
            "geburtstag",
            "fechanacimiento",
            "fechadenacimiento",
            "datenaissance",
            "datedenaissance",
            "datadinascita",
            "datanascimento",
        ],
    ),
    (
        Label::Card,
        Shape::Month,
        &[
            "expiry",
            "expdate",
            "expirydate",
            "expirationdate",
            "expiration",
            "exp",
            "expires",
            "cardexpiry",
            "validthru",
        ],
    ),
    (Label::NationalId, Shape::Digits(2), &["passport", "passports"]),
    (Label::Device, Shape::Digits(1), &["licenceplate", "licenseplate"]),
    (Label::Email, Shape::Email, &["email", "emails", "mail", "emailaddress", "correo"]),
    (Label::NetworkAddress, Shape::Ip, &["ip", "ipaddress", "ipaddr", "remoteaddr"]),
    (
        Label::Location,
        Shape::Fraction,
        &[
            "lat",
            "latitude",
            "coordinates",
            "coords",
            "latlng",
            "latlon",
            "geolocation",
            "gps",
            "lng",
            "lon",
            "longitude",
        ],
    ),
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
const ENDS: [(&str, Label, Shape); 4] = [
    ("email", Label::Email, Shape::Email),
    ("phone", Label::Phone, Shape::Digits(6)),
    ("passport", Label::NationalId, Shape::Digits(4)),
    ("username", Label::Name, Shape::Any),
];

/// What a name names, and the shape of that.
type Named = (Label, Shape);

/// All names with what they name.
fn names() -> impl Iterator<Item = (&'static str, Named)> {
    NAMES.iter().flat_map(|(label, shape, names)| names.iter().map(|name| (*name, (*label, *shape))))
}

/// What is named, by name.
static NAMED: LazyLock<HashMap<&[u8], Named, FixedState>> =
    LazyLock::new(|| names().map(|(name, named)| (name.as_bytes(), named)).collect());

/// Names that are long enough to be told in the middle of words, with their letters.
static LONG: LazyLock<Vec<(&str, Named, u32)>> = LazyLock::new(|| {
    let long = names().filter(|(name, _)| name.len() > LONGEST_SHORT);
    long.map(|(name, named)| (name, named, letters(name.as_bytes()))).collect()
});

/// The longest name that is told as words by themselves only: `iban` stands in `caliban`.
const LONGEST_SHORT: usize = 7;

/// The longest name of the list that is in a name: it says most (`ipaddress`, not `ip`).
fn longest(words: &Words) -> Option<(usize, Named, bool)> {
    let mut found: Option<(usize, Named, bool)> = None;
    let mut take = |length: usize, named: Named, last: bool| {
        if found.is_none_or(|(known, _, _)| known < length) {
            found = Some((length, named, last));
        }
    };
    for (text, last) in words.runs() {
        if let Some(named) = NAMED.get(text) {
            take(text.len(), *named, last);
        }
    }
    for (name, named, letters) in LONG.iter() {
        if words.spells(*letters) && words.has(name) {
            take(name.len(), *named, name.as_bytes().ends_with(words.last()));
        }
    }
    found
}

/// Returns whether the value is about an address, and not one: `addressType`.
fn is_about_address(words: &Words) -> bool {
    is_about(words) && !words.ends_in(&["address"])
}

/// The kind of personal data under this name and its shape, if there is such.
pub(super) fn named(words: &Words) -> Option<Named> {
    if words.has_word(&["address", "addresses"])
        && !words.has_word(&TECHNICAL)
        && !words.has_word(&["email", "mail", "ip"])
        && !is_about_address(words)
    {
        return Some((Label::PostalAddress, Shape::Any));
    }
    let Some((_, named, last)) = longest(words) else {
        let end = |(name, ..): &&(&str, Label, Shape)| {
            words.count() == 1 && words.squashed().ends_with(name.as_bytes())
        };
        return ENDS.iter().find(end).map(|(_, label, shape)| (*label, *shape));
    };
    (last || !is_about(words)).then_some(named)
}
