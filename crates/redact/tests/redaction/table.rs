//! The table of kinds in `docs/security.md`: what is found by form and by name, as measured.

use std::path::Path;

use crate::chance::Chance;
use crate::structures::{ALONE, NAMED, Planted, Structure};
use crate::{credentials::Maker, measure, names, persons};

/// Marks around the table.
const BEGIN: &str = "<!-- kinds: made by the test `redaction` -->\n";
const END: &str = "<!-- end of kinds -->\n";

/// What the rows are called, the beginnings of the kinds of forms in them, and one of the names.
const ROWS: [(&str, &[&str], &str); 26] = [
    ("e-mail addresses", &["e-mail"], "email"),
    (
        "card numbers",
        &[
            "Visa",
            "Mastercard",
            "American",
            "Discover",
            "Diners",
            "JCB",
            "UnionPay",
            "Maestro",
            "Mir",
            "card",
            "track",
        ],
        "card_number",
    ),
    ("holder of a card", &[], "cardholder"),
    ("end of a card", &[], "expiry"),
    ("IBAN", &["IBAN"], "iban"),
    ("BIC, account and routing numbers", &[], "account_number"),
    ("phone numbers, national and international", &["phone", "mobile"], "phone"),
    ("social security and tax numbers of the US (SSN, ITIN)", &["SSN", "ITIN"], "ssn"),
    ("national insurance numbers of the UK", &["NINO"], "nino"),
    ("DNI and NIE of Spain", &["DNI", "NIE"], "dni"),
    ("CPF and CNPJ of Brazil", &["CPF", "CNPJ"], "cpf"),
    ("Aadhaar (in groups)", &["Aadhaar"], "aadhaar"),
    ("PAN of India", &["PAN"], ""),
    ("codice fiscale, INSEE, personnummer", &["codice", "INSEE", "personnummer"], ""),
    ("numbers of people of other countries", &[], "bsn"),
    ("other tax numbers", &[], "steuernummer"),
    ("passport numbers", &[], "passport"),
    ("machine-readable zones", &["MRZ"], ""),
    ("medical record numbers", &[], "mrn"),
    ("VIN, IMEI", &["VIN", "IMEI"], "vin"),
    ("addresses on networks (IPv4, IPv6, MAC)", &["IPv4", "IPv6", "MAC"], "ip"),
    ("birth dates", &[], "dob"),
    ("user names; first, last and full names", &[], "username"),
    ("street, address, city", &[], "street"),
    ("coordinates", &[], "lat"),
    ("gender, religion, ethnicity, diagnosis", &[], "gender"),
];

/// So many values of each kind are tried in each structure.
const ROUNDS: usize = 5;

/// In how many of a hundred a kind is still found mostly.
const MOSTLY: usize = 95;

fn word(tried: usize, failed: usize) -> &'static str {
    match () {
        () if tried == 0 => "no",
        () if failed == 0 => "yes",
        () if (tried - failed) * 100 >= tried * MOSTLY => "mostly",
        () => "no",
    }
}

/// How often a value was tried and came out.
fn tried(name: &str, make: Maker, structures: &[(&str, Structure)], salt: u64) -> (usize, usize) {
    let mut chance = Chance::new(salt + 77);
    let (mut tried, mut failed) = (0, 0);
    for (_, structure) in structures.iter().cycle().take(ROUNDS * structures.len()) {
        let value = make(&mut chance);
        let Some(request) = structure(&Planted { name, value: &value, inner: "x" }) else { continue };
        tried += 1;
        failed += usize::from(measure::has(&measure::leaves(&request), &value));
    }
    (tried, failed)
}

fn sum(all: impl Iterator<Item = (usize, usize)>) -> (usize, usize) {
    all.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

fn row((title, kinds, name): &(&str, &[&str], &str)) -> String {
    let forms = persons::ALL.iter().filter(|(kind, _)| kinds.iter().any(|begin| kind.starts_with(begin)));
    let by_form = sum(forms.enumerate().map(|(salt, (_, make))| tried("note", *make, ALONE, salt as u64)));
    let lists = names::PERSONAL.iter().filter(|(names, _)| names.contains(name));
    let by_name = sum(lists.clone().flat_map(|(names, makers)| {
        names.iter().enumerate().map(|(at, name)| tried(name, makers[at % makers.len()], NAMED, at as u64))
    }));
    let named: Vec<String> =
        lists.flat_map(|(names, _)| names.iter().take(4)).map(|name| format!("`{name}`")).collect();
    let named = match word(by_name.0, by_name.1) {
        "no" => "no".to_owned(),
        word => format!("{word}: {}, ...", named.join(", ")),
    };
    format!("| {title} | {} | {named} |\n", word(by_form.0, by_form.1))
}

/// Set `UPDATE` to write the table anew.
#[test]
fn the_document_says_what_is_done() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the document has the table");
    let (_, after) = rest.split_once(END).expect("the table ends");
    let rows: String = ROWS.iter().map(row).collect();
    let table = format!(
        "| personal data | found by its form, wherever it stands | found by the name of its field |\n|---|---|---|\n{rows}"
    );
    let made = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, made).unwrap();
    } else {
        assert_eq!(made, text, "run the test with UPDATE=1");
    }
}
