//! How many different literal segments stand under one parent path.

use std::hash::BuildHasher;

use redact::Owner;

use crate::confirm::CROWD;

/// At most so many segments of a template are looked at: paths of services are shallower, and a path of a thousand
/// segments must not cost a thousand entries.
const DEPTH: usize = 16;

/// The hashes of the first children of one parent; 0 stands for none. More than these need not be known: what is not
/// among them has them as its siblings.
type Children = [u32; CROWD];

/// Literal children of each parent path of each owner, over all methods.
///
/// A segment that changes from request to request, and that no template rule knows, shows itself by many siblings.
#[derive(Debug, Default)]
pub(crate) struct Siblings {
    children: hashbrown::HashMap<u64, Children, foldhash::fast::RandomState>,
    hash: foldhash::fast::RandomState,
}

impl Siblings {
    /// Returns whether a literal segment of this template is none of the first [`CROWD`] of its parent, which are all
    /// there.
    pub(crate) fn crowded(&self, owner: &Owner, template: &str) -> bool {
        self.places(owner, template).any(|(parent, child)| {
            self.children.get(&parent).is_some_and(|first| !first.contains(&0) && !first.contains(&child))
        })
    }

    /// Remembers the literal segments of this template.
    pub(crate) fn add(&mut self, owner: &Owner, template: &str) {
        let places: Vec<_> = self.places(owner, template).collect();
        for (parent, child) in places {
            let known = self.children.entry(parent).or_default();
            if !known.contains(&child)
                && let Some(free) = known.iter_mut().find(|one| **one == 0)
            {
                *free = child;
            }
        }
    }

    /// Forgets all, before it is filled again from what is left.
    pub(crate) fn clear(&mut self) {
        self.children.clear();
    }

    /// Returns what it occupies, in bytes (a control byte per place and the places that a hash table leaves free
    /// included).
    pub(crate) fn bytes(&self) -> usize {
        self.children.len() * (size_of::<(u64, Children)>() + 1) * 3 / 2
    }

    /// Parent and child, as hashes, of each literal segment. Parents are compared by shape, children never hash to 0.
    fn places<'a>(&'a self, owner: &'a Owner, template: &'a str) -> impl Iterator<Item = (u64, u32)> + 'a {
        let mut parent = self.hash.hash_one(owner);
        template.split('/').skip(1).take(DEPTH).filter_map(move |segment| {
            let variable = segment.starts_with('{');
            let place = (parent, self.hash.hash_one(segment) as u32 | 1);
            parent = self.hash.hash_one((parent, if variable { "{}" } else { segment }));
            (!variable && !segment.is_empty()).then_some(place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::owner;

    #[test]
    fn five_others_make_a_crowd() {
        let mut siblings = Siblings::default();
        for name in ["a", "b", "c", "d"] {
            siblings.add(&owner("cart"), &format!("/users/{name}/orders"));
        }
        siblings.add(&owner("cart"), "/users/{userId}");
        siblings.add(&owner("cart"), "/users/a");
        assert!(!siblings.crowded(&owner("cart"), "/users/x"), "four others, the variable does not count");
        siblings.add(&owner("cart"), "/users/e");
        assert!(siblings.crowded(&owner("cart"), "/users/x"));
        assert!(siblings.crowded(&owner("cart"), "/users/x/orders"), "a segment in the middle counts too");
        assert!(!siblings.crowded(&owner("cart"), "/users/e"), "it is not its own sibling");
        assert!(!siblings.crowded(&owner("shop"), "/users/x"), "another owner's paths do not count");
        assert!(!siblings.crowded(&owner("cart"), "/groups/x"));
    }

    #[test]
    fn parents_are_compared_by_shape() {
        let mut siblings = Siblings::default();
        for name in ["a", "b", "c", "d", "e"] {
            siblings.add(&owner("cart"), &format!("/shops/{{shopId}}/{name}"));
        }
        assert!(siblings.crowded(&owner("cart"), "/shops/{id}/x"));
    }

    #[test]
    fn a_deep_path_costs_a_bounded_number_of_entries() {
        let mut siblings = Siblings::default();
        siblings.add(&owner("cart"), &"/a".repeat(4000));
        assert_eq!(siblings.children.len(), DEPTH);
    }
}
