//! Personal data by its form, made up, with the check digits that its kind has.

use crate::chance::*;
use crate::credentials::Maker;

/// All kinds.
pub(crate) const ALL: &[(&str, Maker)] = &[
    ("e-mail", |c| format!("{}.{}@{}.example", name(c), name(c), name(c))),
    ("e-mail with plus", |c| format!("{}+{}@mail.{}.co.uk", name(c), name(c), name(c))),
    ("e-mail in Unicode", |c| format!("j\u{f6}rg{}@b\u{fc}cher{}.example", name(c), name(c))),
    ("e-mail in quotes", |c| format!("\"{} {}\"@{}.example", name(c), name(c), name(c))),
    ("e-mail with apostrophe", |c| format!("o'{}@{}.org", name(c), name(c))),
    ("e-mail in text", |c| format!("Please write to {}@{}.com today", name(c), name(c))),
    ("e-mail at an address", |c| format!("{}@[192.168.{}.{}]", name(c), c.number(1, 254), c.number(1, 254))),
    ("e-mail without dot", |c| format!("{}@localhost", name(c))),
    ("e-mail between slashes", |c| format!("users/{}@{}.com/inbox", name(c), name(c))),
    ("Visa", |c| luhn(c, "4", 16)),
    ("Visa of 13", |c| luhn(c, "4", 13)),
    ("Visa of 19", |c| luhn(c, "4", 19)),
    ("Mastercard", |c| luhn(c, "53", 16)),
    ("Mastercard of series 2", |c| luhn(c, "2345", 16)),
    ("American Express", |c| luhn(c, "37", 15)),
    ("Discover", |c| luhn(c, "6011", 16)),
    ("Diners", |c| luhn(c, "36", 14)),
    ("JCB", |c| luhn(c, "3542", 16)),
    ("UnionPay", |c| luhn(c, "6212", 16)),
    ("UnionPay of 19", |c| luhn(c, "6225", 19)),
    ("Maestro", |c| luhn(c, "6759", 18)),
    ("Mir", |c| luhn(c, "2202", 16)),
    ("card with blanks", |c| groups(&luhn(c, "4", 16), " ")),
    ("card with dashes", |c| groups(&luhn(c, "51", 16), "-")),
    ("card with dots", |c| groups(&luhn(c, "4", 16), ".")),
    ("card with no-break spaces", |c| groups(&luhn(c, "55", 16), "\u{a0}")),
    ("card of Amex with blanks", |c| {
        let card = luhn(c, "34", 15);
        format!("{} {} {}", &card[..4], &card[4..10], &card[10..])
    }),
    ("track 2", |c| format!(";{}=27122011{}?", luhn(c, "4", 16), c.text(DIGITS, 9))),
    ("IBAN of Germany", |c| iban(c, "DE", "##################")),
    ("IBAN of the UK", |c| iban(c, "GB", "@@@@##############")),
    ("IBAN of France", |c| iban(c, "FR", "##########***********##")),
    ("IBAN of Spain", |c| iban(c, "ES", "####################")),
    ("IBAN of the Netherlands", |c| iban(c, "NL", "@@@@##########")),
    ("IBAN of Norway", |c| iban(c, "NO", "###########")),
    ("IBAN with blanks", |c| groups(&iban(c, "DE", "##################"), " ")),
    ("IBAN in lower case", |c| iban(c, "IT", "@##########************").to_lowercase()),
    ("SSN", |c| ssn(c, "-")),
    ("SSN with blanks", |c| ssn(c, " ")),
    ("SSN as URN", |c| format!("urn:ssn:{}", ssn(c, "-"))),
    ("SSN without separators, as URN", |c| format!("urn:ssn:{}", ssn(c, ""))),
    ("ITIN", |c| format!("9{}-7{}-{}", c.like("##"), c.number(0, 8), c.like("####"))),
    ("phone of the US in brackets", |c| format!("({}) {}", us(c), c.like("555-####"))),
    ("phone of the US with dashes", |c| format!("{}-{}", us(c), c.like("555-####"))),
    ("phone of the US with dots", |c| format!("{}.{}", us(c), c.like("555.####"))),
    ("phone of the US with blanks", |c| format!("{} {}", us(c), c.like("555 ####"))),
    ("phone of the US with 1", |c| format!("1-{}-{}", us(c), c.like("555-####"))),
    ("phone of the US, international", |c| format!("+1{}{}", us(c), c.like("555####"))),
    ("phone with extension", |c| format!("{}-{} ext. {}", us(c), c.like("555-####"), c.like("###"))),
    ("phone as URI", |c| format!("tel:{}-{}", us(c), c.like("555-####"))),
    ("phone of the UK", |c| c.like("020 7### ####")),
    ("mobile of the UK", |c| c.like("07### ######")),
    ("phone of the UK, international", |c| c.like("+44 20 7### ####")),
    ("phone of Germany", |c| c.like("030 #######")),
    ("mobile of Germany", |c| c.like("0171/#######")),
    ("phone of Germany, international", |c| c.like("+49 (0)30 #######")),
    ("phone of France", |c| c.like("01 ## ## ## ##")),
    ("phone of France with dots", |c| c.like("06.##.##.##.##")),
    ("phone of India", |c| c.like("9#### #####")),
    ("phone of India, international", |c| c.like("+91 9#### #####")),
    ("phone of Brazil", |c| c.like("(11) 9####-####")),
    ("phone of Japan", |c| c.like("03-3###-####")),
    ("mobile of Japan", |c| c.like("090-####-####")),
    ("phone of China", |c| c.like("138 #### ####")),
    ("phone of China, international", |c| c.like("+86 138 #### ####")),
    ("phone of Spain", |c| c.like("612 ### ###")),
    ("phone of Italy", |c| c.like("347 ### ####")),
    ("phone of Italy, land line", |c| c.like("06 6### ####")),
    ("phone of Australia", |c| c.like("(02) 9### ####")),
    ("mobile of Australia", |c| c.like("0412 ### ###")),
    ("phone of Russia", |c| c.like("8 (912) ###-##-##")),
    ("phone of Russia, international", |c| c.like("+7 912 ###-##-##")),
    ("NINO", |c| {
        format!("{}{}{}", c.pick(&["AB", "CE", "JK", "PR"]), c.like("######"), c.pick(&["A", "B", "C", "D"]))
    }),
    ("NINO with blanks", |c| format!("{} {}", c.pick(&["AB", "CE", "JK"]), c.like("## ## ## C"))),
    ("DNI", |c| {
        let number = c.number(1_000_000, 99_999_999);
        format!("{number:08}{}", char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize]))
    }),
    ("NIE", |c| {
        let number = c.number(1_000_000, 9_999_999);
        format!("X{number:07}{}", char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize]))
    }),
    ("CPF", |c| cpf(c, true)),
    ("CPF without separators", |c| cpf(c, false)),
    ("CNPJ", cnpj),
    ("Aadhaar", |c| groups(&aadhaar(c), " ")),
    ("PAN of India", |c| c.like("@@@P@####@")),
    ("codice fiscale", codice),
    ("INSEE", insee),
    ("personnummer", personnummer),
    ("VIN", vin),
    ("IMEI", |c| luhn(c, "35", 15)),
    ("MRZ", mrz),
    ("IPv4", |c| {
        format!("{}.{}.{}.{}", c.number(11, 99), c.number(10, 250), c.number(1, 250), c.number(1, 250))
    }),
    ("IPv6", |c| format!("2a02:{}:{}::{}", c.like("8109"), c.text(HEX, 3), c.text(HEX, 4))),
    ("MAC", |c| (0..6).map(|_| c.text(HEX, 2)).collect::<Vec<_>>().join(":")),
];

fn name(chance: &mut Chance) -> String {
    let length = chance.number(4, 9) as usize;
    chance.text("abdeghiklmnoprstuvz", length)
}

fn us(chance: &mut Chance) -> String {
    chance.pick(&["415", "212", "312", "617", "503", "720"]).to_owned()
}

fn ssn(chance: &mut Chance, between: &str) -> String {
    format!("{}{between}{:02}{between}{}", chance.number(101, 665), chance.number(1, 99), chance.like("1###"))
}

fn groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// Digits with a check digit after Luhn.
pub(crate) fn luhn(chance: &mut Chance, prefix: &str, length: usize) -> String {
    let body = prefix.to_owned() + &chance.text(DIGITS, length - 1 - prefix.len());
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn iban(chance: &mut Chance, country: &str, pattern: &str) -> String {
    let account = chance.like(pattern);
    let remainder = format!("{account}{country}00").bytes().fold(0u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    format!("{country}{:02}{account}", 98 - remainder)
}

fn weighted(digits: &str, weights: &[u32]) -> u32 {
    digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum()
}

fn cpf(chance: &mut Chance, dots: bool) -> String {
    let mut digits = chance.like("#########");
    for most in [10, 11] {
        let weights: Vec<u32> = (2..=most).rev().collect();
        let check = weighted(&digits, &weights) * 10 % 11 % 10;
        digits += &check.to_string();
    }
    if dots {
        format!("{}.{}.{}-{}", &digits[..3], &digits[3..6], &digits[6..9], &digits[9..])
    } else {
        digits
    }
}

fn cnpj(chance: &mut Chance) -> String {
    let mut digits = chance.like("########0001");
    for weights in [&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2][..], &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]] {
        let rest = weighted(&digits, weights) % 11;
        digits += &(if rest < 2 { 0 } else { 11 - rest }).to_string();
    }
    format!("{}.{}.{}/{}-{}", &digits[..2], &digits[2..5], &digits[5..8], &digits[8..12], &digits[12..])
}

/// Twelve digits with the check digit of Verhoeff.
fn aadhaar(chance: &mut Chance) -> String {
    let body = format!("{}{}", chance.number(2, 9), chance.like("##########"));
    let times = |a: u8, b: u8| -> u8 {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b - 5) % 5,
            (false, true) => 5 + (a + 5 - b) % 5,
            (false, false) => (a + 5 - b) % 5,
        }
    };
    let order = [1u8, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let moved = |digit: u8, so_often: usize| (0..so_often).fold(digit, |digit, _| order[usize::from(digit)]);
    let check = body
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, digit)| times(sum, moved(digit - b'0', (at + 1) % 8)));
    let inverse = (0..10).find(|one| times(check, *one) == 0).unwrap();
    format!("{body}{inverse}")
}

fn codice(chance: &mut Chance) -> String {
    let body = format!(
        "{}{}{}{}{}",
        chance.like("@@@@@@##"),
        chance.pick(&["A", "C", "H", "T"]),
        chance.number(10, 31),
        "H",
        chance.like("###")
    );
    let odd =
        [1u32, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            if at % 2 == 0 { odd[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    format!("{body}{}", char::from(b'A' + (sum % 26) as u8))
}

fn insee(chance: &mut Chance) -> String {
    let body = format!(
        "{}{}{:02}{:02}{}",
        chance.number(1, 2),
        chance.like("##"),
        chance.number(1, 12),
        chance.number(1, 95),
        chance.like("1##1##")
    );
    let number: u64 = body.parse().unwrap();
    format!("{body}{:02}", 97 - number % 97)
}

fn personnummer(chance: &mut Chance) -> String {
    let date = format!("{}{:02}{:02}", chance.like("##"), chance.number(1, 12), chance.number(10, 28));
    let body = format!("{date}{}", chance.like("###"));
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    format!("{date}-{}{}", &body[6..], (10 - sum % 10) % 10)
}

fn vin(chance: &mut Chance) -> String {
    let mut letters: Vec<char> =
        format!("WVW{}", chance.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", 14)).chars().collect();
    let value = |letter: char| match letter {
        '0'..='9' => u32::from(letter) - u32::from('0'),
        'A'..='H' => u32::from(letter) - u32::from('A') + 1,
        'J'..='R' => u32::from(letter) - u32::from('J') + 1,
        _ => u32::from(letter) - u32::from('S') + 2,
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = letters.iter().zip(weights).map(|(letter, weight)| value(*letter) * weight).sum();
    letters[8] = if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap() };
    letters.into_iter().collect()
}

/// The second line of a passport (ICAO 9303), with its check digits.
fn mrz(chance: &mut Chance) -> String {
    let check = |text: &str| {
        let value = |byte: u8| match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            _ => 0,
        };
        (text.bytes().zip([7, 3, 1].iter().cycle()).map(|(byte, weight)| value(byte) * weight).sum::<u32>()
            % 10)
            .to_string()
    };
    let number = chance.like("@########");
    let (birth, end) = (
        format!("{}{:02}{:02}", chance.like("##"), chance.number(1, 12), chance.number(1, 28)),
        chance.like("30##12"),
    );
    let line =
        format!("{number}{}UTO{birth}{}F{end}{}<<<<<<<<<<<<<<0", check(&number), check(&birth), check(&end));
    let composite = check(&format!("{}{}{}", &line[..10], &line[13..20], &line[21..43]));
    format!("{line}{composite}")
}
