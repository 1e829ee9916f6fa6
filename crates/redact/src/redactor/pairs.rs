//! Members that name what another one beside them holds: `{"name": "password", "value": "x"}`.
//!
//! The value may come first, so a walk of its own finds them.

use std::ops::{ControlFlow, Range};
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::cover::Cover;
use crate::classify::{KINDS, NAMING, longest};
use crate::document::{Container, Document, End, Kind, Observer, Scalar};

/// Members that hold what is named so.
const VALUES: [&str; 21] = [
    "value",
    "val",
    "string",
    "values",
    "content",
    "text",
    "data",
    "v",
    "new",
    "newvalue",
    "new_value",
    "old",
    "oldvalue",
    "old_value",
    "from",
    "to",
    "before",
    "after",
    "default",
    "answer",
    "current",
];

/// Members that hold the thing of a kind.
const THINGS: [&str; 3] = ["value", "val", "number"];

/// Members that hold what a Secret of Kubernetes keeps.
const SECRETS: [&str; 2] = ["data", "stringdata"];

/// Members beside which `code` is one that lets in: those of OAuth 2.0 (RFC 6749, section 4.1), and those of a check by message.
const LETS_IN: [&str; 22] = [
    "grant_type",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "state",
    "session_state",
    "iss",
    "response_type",
    "phone",
    "phonenumber",
    "phone_number",
    "mobile",
    "email",
    "username",
    "challenge",
    "challenge_id",
    "challengeid",
    "verification_id",
    "mfa_token",
    "otp_type",
    "to",
    "sms",
];

/// What the members of a container say of each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// What one of them says of those that hold values.
    named: Cover,
    /// What one of them says of the thing of its kind.
    kind: Cover,
    /// It is a Secret of Kubernetes.
    secret: bool,
    /// A code beside them lets in.
    lets_in: bool,
    /// One of them holds a value.
    valued: bool,
}

impl Beside {
    /// Returns what is said of a member of this name by those beside it.
    pub(crate) fn cover(&self, name: &str) -> Cover {
        if !self.is_something() {
            return Cover::Open;
        }
        let roles = Roles::of(name);
        match () {
            () if self.named != Cover::Open && roles.is(Roles::VALUE) => self.named,
            () if self.kind != Cover::Open && roles.is(Roles::THING) => self.kind,
            () if self.secret && roles.is(Roles::SECRET) => Cover::Credential,
            () if self.lets_in && name.eq_ignore_ascii_case("code") => Cover::Credential,
            () => Cover::Open,
        }
    }

    /// Returns what is said of the text of an element, or of the second of two items.
    pub(crate) fn text(&self) -> Cover {
        self.named
    }

    /// Returns whether a member of these holds a value: then `key` is a name.
    pub(crate) fn is_valued(&self) -> bool {
        self.valued
    }

    fn is_something(&self) -> bool {
        *self != Beside::default()
    }

    /// Takes in a member with its value.
    fn member(&mut self, says: Says, value: &str) {
        match says {
            Says::Kind => {
                self.secret |= value == "Secret";
                take(&mut self.kind, value);
            }
            Says::Name => take(&mut self.named, value),
            Says::Nothing => {}
        }
    }

    /// Takes in a member of these roles.
    fn name(&mut self, roles: Roles) {
        self.lets_in |= roles.is(Roles::LETS_IN);
        self.valued |= roles.is(Roles::VALUE);
    }
}

/// What the value of a member says of those beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Says {
    #[default]
    Nothing,
    /// Their name.
    Name,
    /// Their kind.
    Kind,
}

impl Says {
    fn of(roles: Roles) -> Says {
        match () {
            () if roles.is(Roles::KIND) => Says::Kind,
            () if roles.is(Roles::NAME) => Says::Name,
            () => Says::Nothing,
        }
    }
}

/// Takes what a name says, unless a credential was named before.
fn take(cover: &mut Cover, name: &str) {
    if *cover != Cover::Credential {
        let named = Cover::of(name);
        if named != Cover::Open {
            *cover = named;
        }
    }
}

/// What a member of a name is to those beside it: a bit for each list that it is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Roles(u8);

impl Roles {
    const NAME: u8 = 1;
    const KIND: u8 = 2;
    const VALUE: u8 = 4;
    const THING: u8 = 8;
    const SECRET: u8 = 16;
    const LETS_IN: u8 = 32;

    /// Of a name, or of what is in brackets at its end (`filters[0][field]`).
    fn of(name: &str) -> Roles {
        let name =
            name.strip_suffix(']').and_then(|name| name.rsplit_once('[')).map_or(name, |(_, last)| last);
        let mut lower = [0; LONGEST];
        let Some(lower) = lower.get_mut(..name.len()) else { return Roles::default() };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        ROLES.get(&*lower).copied().unwrap_or_default()
    }

    fn is(self, role: u8) -> bool {
        self.0 & role != 0
    }
}

/// The lists, and what their names are.
const LISTS: [(&[&str], u8); 6] = [
    (&NAMING, Roles::NAME),
    (&KINDS, Roles::KIND),
    (&VALUES, Roles::VALUE),
    (&THINGS, Roles::THING),
    (&SECRETS, Roles::SECRET),
    (&LETS_IN, Roles::LETS_IN),
];

/// The longest name in the lists.
#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const LONGEST: usize = {
    let (mut most, mut at) = (0, 0);
    while at < LISTS.len() {
        let here = longest(LISTS[at].0);
        most = if here > most { here } else { most };
        at += 1;
    }
    most
};

/// The roles of all names in the lists.
static ROLES: LazyLock<HashMap<&[u8], Roles, FixedState>> = LazyLock::new(|| {
    let mut roles: HashMap<&[u8], Roles, FixedState> = HashMap::default();
    for (list, role) in LISTS {
        list.iter().for_each(|name| roles.entry(name.as_bytes()).or_default().0 |= role);
    }
    roles
});

/// The containers of a document in which members say something of each other.
#[derive(Default)]
pub(crate) struct Pairs {
    /// Where they begin, in ascending order.
    found: Vec<(usize, Beside)>,
    open: Vec<Open>,
    /// How the walk ended.
    end: Option<End>,
}

/// An open container.
struct Open {
    at: usize,
    container: Container,
    beside: Beside,
    /// What the name of the container says of its text.
    own: Says,
    /// What the name of what comes next says of its value.
    name: Option<Says>,
    /// How many items there are.
    items: usize,
    /// What the first of the items says, if it is a name.
    first: Cover,
}

impl Pairs {
    /// Finds those of a document.
    pub(crate) fn of(document: Document<'_>) -> Pairs {
        Pairs::walked(|pairs| document.walk(pairs))
    }

    /// Finds those of the first value of a document.
    pub(crate) fn of_first(document: Document<'_>) -> Pairs {
        Pairs::walked(|pairs| document.walk_first(pairs))
    }

    fn walked(walk: impl FnOnce(&mut Pairs) -> End) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.end = Some(walk(&mut pairs));
        while pairs.close() {}
        pairs.found.sort_unstable_by_key(|(at, _)| *at);
        pairs
    }

    /// Returns how the walk through the document ended.
    pub(crate) fn end(&self) -> End {
        self.end.unwrap_or(End::Whole)
    }

    /// Returns what is said in the container that begins here.
    pub(crate) fn at(&self, at: usize) -> Beside {
        let place = self.found.binary_search_by_key(&at, |(at, _)| *at);
        place.ok().and_then(|place| self.found.get(place)).map_or_else(Beside::default, |(_, beside)| *beside)
    }

    /// Closes the innermost container. Returns whether there was one.
    fn close(&mut self) -> bool {
        let Some(mut open) = self.open.pop() else { return false };
        // Of two items in a list of lists the first may name the second.
        let inside = self.open.last().is_some_and(|outer| outer.container == Container::Items);
        if open.container == Container::Items && open.items == 2 && inside {
            open.beside.named = open.first;
        }
        if open.beside.is_something() {
            self.found.push((open.at, open.beside));
        }
        true
    }
}

impl Observer for Pairs {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        let mut own = Says::Nothing;
        if let Some(outer) = self.open.last_mut() {
            outer.items += 1;
            own = outer.name.take().unwrap_or_default();
        }
        self.open.push(Open {
            at,
            container,
            beside: Beside::default(),
            own,
            name: None,
            items: 0,
            first: Cover::Open,
        });
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        if let Some(open) = self.open.last_mut() {
            let roles = Roles::of(name);
            open.beside.name(roles);
            open.name = Some(Says::of(roles));
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let Some((open, outer)) = self.open.split_last_mut() else { return ControlFlow::Continue(()) };
        let name = open.name.take();
        open.items += 1;
        if value.kind != Kind::Text {
            return ControlFlow::Continue(());
        }
        match (open.container, name) {
            (Container::Items, _) if open.items == 1 => open.first = Cover::of(value.text),
            // The text of an element is the value of a member of the element around it.
            (Container::Element, None) => {
                if let Some(outer) = outer.last_mut() {
                    outer.beside.member(open.own, value.text);
                }
            }
            (_, Some(says)) => open.beside.member(says, value.text),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.close();
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Syntax;

    /// Returns where containers begin in which a value is a credential.
    fn found(syntax: Syntax<'_>, text: &str) -> Vec<usize> {
        let pairs = Pairs::of(Document { syntax, bytes: text.as_bytes(), whole: true });
        let such = pairs
            .found
            .iter()
            .filter(|(_, beside)| beside.named == Cover::Credential || beside.kind == Cover::Credential);
        such.map(|(at, _)| *at).collect()
    }

    #[test]
    fn members_that_name_what_others_hold() {
        let json = |text: &str| found(Syntax::Json, text);
        assert_eq!(
            json(r#"[{"value": 1, "Name": "password"}, {"name": "colour"}, {"key": "token"}]"#),
            [1, 55]
        );
        assert_eq!(json(r#"{"name": {"name": "pin"}, "names": "pin", "key": ["pin"]}"#), [9]);
        assert_eq!(json(r#"[["a","b"],["password","x"],["password"]]"#), [11]);
        assert_eq!(json(r#"{"fields": ["password", "name"]}"#), [0; 0]);
        assert_eq!(found(Syntax::Form, "value=x&name=password"), [0]);
        assert_eq!(
            found(Syntax::Xml, "<a><entry key='token'>x</entry><e><name>pin</name><value>1</value></e></a>"),
            [3, 31]
        );
    }

    #[test]
    fn secrets_and_codes() {
        let at = |text: &str| {
            Pairs::of(Document { syntax: Syntax::Json, bytes: text.as_bytes(), whole: true }).at(0)
        };
        assert_eq!(at(r#"{"kind":"Secret","data":{}}"#).cover("data"), Cover::Credential);
        assert_eq!(at(r#"{"code":"x","redirect_uri":"y"}"#).cover("code"), Cover::Credential);
        assert_eq!(at(r#"{"code":"x","title":"y"}"#).cover("code"), Cover::Open);
    }
}
