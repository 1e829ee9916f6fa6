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

/// Names, their words written together, by the shapes of their values.
const NAMES: [(Shape, &[&str]); 11] = [
    (
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
            "iban",
            "bban",
            "account",
            "accounts",
            "accountno",
            "accountnumber",
            "acct",
            "kontonummer",
            "konto",
            "routing",
            "sortcode",
            "tin",
            "vatid",
            "imei",
            "imsi",
            "iccid",
        ],
    ),
    (
        Shape::Any,
        &[
            "sex",
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
            "gender",
            "religion",
            "diagnosis",
            "ethnicity",
            "race",
        ],
    ),
    (Shape::Bic, &["bic", "swift", "swiftcode"]),
    (
        Shape::Digits(8),
        &[
            "card",
            "cards",
            "cc",
            "ccn",
            "ccnumber",
            "ccnum",
            "creditcard",
            "cardnumber",
            "kartennummer",
            "sin",
            "nir",
        ],
    ),
    (
        Shape::Digits(4),
        &[
            "pan",
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
            "vin",
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
    (Shape::Digits(2), &["passport", "passports"]),
    (Shape::Digits(1), &["licenceplate", "licenseplate"]),
    (Shape::Email, &["email", "emails", "mail", "emailaddress", "correo"]),
    (Shape::Ip, &["ip", "ipaddress", "ipaddr", "remoteaddr"]),
    (
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
const ENDS: [(&str, Shape); 4] = [
    ("email", Shape::Email),
    ("phone", Shape::Digits(6)),
    ("passport", Shape::Digits(4)),
    ("username", Shape::Any),
];

/// All names with their shapes.
fn names() -> impl Iterator<Item = (&'static str, Shape)> {
    NAMES.iter().flat_map(|(shape, names)| names.iter().map(|name| (*name, *shape)))
}

/// The shapes by name.
static SHAPES: LazyLock<HashMap<&[u8], Shape, FixedState>> =
    LazyLock::new(|| names().map(|(name, shape)| (name.as_bytes(), shape)).collect());

/// Names that are long enough to be told in the middle of words, with their letters.
static LONG: LazyLock<Vec<(&str, Shape, u32)>> = LazyLock::new(|| {
    let long = names().filter(|(name, _)| name.len() > LONGEST_SHORT);
    long.map(|(name, shape)| (name, shape, letters(name.as_bytes()))).collect()
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
