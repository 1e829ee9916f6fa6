//! What a document of GraphQL asks for.

use apollo_parser::cst::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use apollo_parser::{Parser, cst};

use super::super::given_up::GivenUp;
use super::super::known_texts::Asked;
use super::super::names::{MAX_NAME, named};
use super::super::operation::OperationKind;

/// The longest document that is read, in bytes, and the most tokens in it.
const MAX_TEXT: usize = 64 * 1024;
const MAX_TOKENS: usize = 8192;

/// The deepest nesting that is read: of [5.3 million operations of Apollo's customers, 8 are deeper than
/// 500](https://github.com/apollographql/router/pull/4205), and this is a tenth of what a thread's stack holds.
const MAX_DEPTH: usize = 200;

/// The most root fields that are kept of one operation, and how deep and how often fragments are followed for them: they may name
/// each other.
const MAX_ROOTS: usize = 16;
const MAX_FRAGMENTS: usize = 8;
const MAX_SETS: usize = 64;

/// Returns what a document asks for, of several operations that with this name. None where it is no document that a server runs.
pub(super) fn asked(text: &str, name: Option<&str>) -> Result<Option<Asked>, GivenUp> {
    if text.len() > MAX_TEXT {
        return Err(GivenUp::TooLarge);
    }
    let parser = Parser::new(text).recursion_limit(MAX_DEPTH).token_limit(MAX_TOKENS);
    let tree = parser.parse();
    let mut errors = tree.errors();
    if tree.errors().any(apollo_parser::Error::is_limit) {
        return Err(GivenUp::TooLarge);
    }
    if errors.next().is_some() {
        return Ok(None);
    }
    let document = tree.document();
    let Some((operations, fragments)) = definitions(&document) else { return Ok(None) };
    let Some(operation) = chosen(&operations, name) else { return Ok(None) };
    of_operation(operation, &fragments).map(Some)
}

type Definitions = (Vec<OperationDefinition>, Vec<FragmentDefinition>);

/// The operations and fragments; none where there is anything else, as a schema has.
fn definitions(document: &Document) -> Option<Definitions> {
    let (mut operations, mut fragments) = (Vec::new(), Vec::new());
    for definition in document.definitions() {
        match definition {
            Definition::OperationDefinition(operation) => operations.push(operation),
            Definition::FragmentDefinition(fragment) => fragments.push(fragment),
            _ => return None,
        }
    }
    Some((operations, fragments))
}

/// The operation that is run (section 6.1 of the specification).
fn chosen<'a>(operations: &'a [OperationDefinition], name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (operations, name) {
        ([one], None) => Some(one),
        (_, None) => None,
        (all, Some(name)) => {
            let mut with_name =
                all.iter().filter(|one| name_of(one.name().as_ref()).as_deref() == Some(name));
            with_name.next().filter(|_| with_name.next().is_none())
        }
    }
}

fn name_of(name: Option<&cst::Name>) -> Option<String> {
    Some(name?.text().to_string())
}

fn of_operation(operation: &OperationDefinition, fragments: &[FragmentDefinition]) -> Result<Asked, GivenUp> {
    let kind = match operation.operation_type() {
        Some(kind) if kind.mutation_token().is_some() => OperationKind::Mutation,
        Some(kind) if kind.subscription_token().is_some() => OperationKind::Subscription,
        _ => OperationKind::Query,
    };
    let mut roots = Roots { fragments, found: Vec::new(), left: MAX_SETS };
    if let Some(set) = operation.selection_set() {
        roots.read(&set, 0);
    }
    let fields = roots.found;
    fields.iter().try_for_each(|field| named(field).map(drop))?;
    let name = match name_of(operation.name().as_ref()) {
        Some(name) => named(&name)?.to_owned(),
        None => in_braces(&fields),
    };
    Ok(Asked { kind, name, fields })
}

/// The name of an operation without one: as many of its root fields as fit.
fn in_braces(fields: &[String]) -> String {
    let mut name = "{".to_owned();
    for field in fields {
        if name.len() + field.len() + 2 > MAX_NAME {
            break;
        }
        if name.len() > 1 {
            name.push(',');
        }
        name.push_str(field);
    }
    name + "}"
}

/// Collects root fields.
struct Roots<'a> {
    fragments: &'a [FragmentDefinition],
    found: Vec<String>,
    /// How many more fragments are followed.
    left: usize,
}

impl Roots<'_> {
    fn read(&mut self, set: &SelectionSet, depth: usize) {
        for selection in set.selections() {
            if self.found.len() >= MAX_ROOTS {
                return;
            }
            match selection {
                Selection::Field(field) => self.add(name_of(field.name().as_ref())),
                Selection::InlineFragment(inline) => self.follow(inline.selection_set(), depth),
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name().and_then(|name| name_of(name.name().as_ref()));
                    let of = |one: &&FragmentDefinition| {
                        one.fragment_name().and_then(|name| name_of(name.name().as_ref())) == name
                    };
                    let set = self.fragments.iter().find(of).and_then(FragmentDefinition::selection_set);
                    self.follow(set, depth);
                }
            }
        }
    }

    fn follow(&mut self, set: Option<SelectionSet>, depth: usize) {
        if let Some(set) = set.filter(|_| depth < MAX_FRAGMENTS && self.left > 0) {
            self.left -= 1;
            self.read(&set, depth + 1);
        }
    }

    fn add(&mut self, name: Option<String>) {
        if let Some(name) = name.filter(|name| !self.found.contains(name)) {
            self.found.push(name);
        }
    }
}
