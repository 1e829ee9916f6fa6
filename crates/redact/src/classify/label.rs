//! What kinds of sensitive data there are.

use serde::{Deserialize, Serialize};

/// A kind of sensitive data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Label {
    /// Passwords, tokens, keys, codes that let in.
    Credential,
    /// E-mail addresses.
    Email,
    /// Numbers of payment cards, and when they end.
    Card,
    /// International bank account numbers.
    Iban,
    /// Other numbers of accounts, and the codes of banks.
    BankAccount,
    /// Numbers of phones.
    Phone,
    /// Numbers of people: of social security, taxes, passports.
    NationalId,
    /// Names of people and of users.
    Name,
    /// Dates of birth.
    Birth,
    /// Streets, cities and the like.
    PostalAddress,
    /// Coordinates.
    Location,
    /// Addresses of machines on networks.
    NetworkAddress,
    /// Numbers of vehicles and devices.
    Device,
    /// Health, religion, gender, ethnicity.
    Special,
}

impl Label {
    /// All of them, in the order of their bits.
    const ALL: [Label; 14] = [
        Label::Credential,
        Label::Email,
        Label::Card,
        Label::Iban,
        Label::BankAccount,
        Label::Phone,
        Label::NationalId,
        Label::Name,
        Label::Birth,
        Label::PostalAddress,
        Label::Location,
        Label::NetworkAddress,
        Label::Device,
        Label::Special,
    ];

    /// Returns its name as printed: `email`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Label::Credential => "credential",
            Label::Email => "email",
            Label::Card => "card",
            Label::Iban => "iban",
            Label::BankAccount => "bank-account",
            Label::Phone => "phone",
            Label::NationalId => "national-id",
            Label::Name => "name",
            Label::Birth => "birth-date",
            Label::PostalAddress => "postal-address",
            Label::Location => "location",
            Label::NetworkAddress => "network-address",
            Label::Device => "device",
            Label::Special => "special-category",
        }
    }
}

/// A set of kinds of sensitive data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels(u16);

impl Labels {
    /// Returns the kinds in it, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Label> {
        Label::ALL.into_iter().filter(move |label| self.0 & Labels::bit(*label) != 0)
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns this set with those of another.
    pub(crate) const fn with(self, other: Labels) -> Labels {
        Labels(self.0 | other.0)
    }

    const fn bit(label: Label) -> u16 {
        1 << label as u8
    }
}

impl From<Label> for Labels {
    fn from(label: Label) -> Labels {
        Labels(Labels::bit(label))
    }
}
