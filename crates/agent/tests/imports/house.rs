//! The files of a crate as modules, and which of them import which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::slice;

use super::paths::{self, Paths};

/// The path of a module from the crate's root, which is empty.
pub(crate) type Module = Vec<String>;

/// For each module, the modules that it imports.
pub(crate) type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// So many names may be handed on before the item is reached.
const HANDS: usize = 8;

/// The modules of a crate.
pub(crate) struct House(BTreeMap<Module, Paths>);

impl House {
    /// Reads the sources of a crate. Beside a library the binary is passed over: nothing can import it.
    pub(crate) fn read(folder: &Path) -> House {
        let root = if folder.join("lib.rs").exists() { "lib.rs" } else { "main.rs" };
        let mut house = House(BTreeMap::new());
        house.add(folder, &folder.join(root), Module::new());
        house
    }

    /// Adds a file and, in `folder`, its children.
    fn add(&mut self, folder: &Path, file: &Path, module: Module) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let paths = paths::read(&text);
        for child in paths.children.difference(&paths.tests) {
            let inside = folder.join(child);
            let beside = folder.join(format!("{child}.rs"));
            let file = if beside.exists() { beside } else { inside.join("mod.rs") };
            self.add(&inside, &file, [&module[..], slice::from_ref(child)].concat());
        }
        self.0.insert(module, paths);
    }

    /// Returns which module imports which.
    pub(crate) fn imports(&self) -> Imports {
        let imported = |module: &Module, paths: &Paths| {
            let all = paths.used.iter().filter_map(|path| self.target(module, path, HANDS));
            all.filter(|target| target != module).collect()
        };
        self.0.iter().map(|(module, paths)| (module.clone(), imported(module, paths))).collect()
    }

    /// The module that has what a path of `from` names, unless it is another crate's.
    fn target(&self, from: &Module, path: &[String], hands: usize) -> Option<Module> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (mut module, rest) = match path.first()?.as_str() {
            "crate" => (Module::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => (from[..from.len().checked_sub(supers)?].to_vec(), &path[supers..]),
            child if self.0[from].children.contains(child) => (from.clone(), path),
            _ => return None,
        };
        for (at, name) in rest.iter().enumerate() {
            let child = [&module[..], slice::from_ref(name)].concat();
            if self.0.contains_key(&child) {
                module = child;
                continue;
            }
            let mut handed_on = self.0[&module].handed_on.iter();
            let Some(handed) = handed_on.find(|(handed, _)| handed == name) else { break };
            let whole = [&handed.1[..], &rest[at + 1..]].concat();
            return self.target(&module, &whole, hands.checked_sub(1)?);
        }
        Some(module)
    }
}
