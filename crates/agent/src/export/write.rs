//! Documents to standard output or to a folder.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use inventory::openapi::Document;
use serde::Serialize;

use crate::cli::{DocumentArgs, Form};
use crate::failure::Failure;

impl Form {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Form::Yaml => "yaml",
            Form::Json => "json",
        }
    }

    pub(crate) fn text(self, value: &impl Serialize) -> Result<String, Failure> {
        let failure =
            |error: &dyn std::fmt::Display| Failure::new(format!("a document cannot be written: {error}"));
        match self {
            Form::Yaml => serde_saphyr::to_string_with_options(
                value,
                serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX },
            )
            .map_err(|error| failure(&error)),
            Form::Json => {
                serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| failure(&error))
            }
        }
    }
}

/// Writes documents where it was asked for: one file each into a folder, or all to standard output. There several are one
/// stream of YAML, or one array of JSON.
pub(crate) fn write(documents: &[Document], form: Form, args: &DocumentArgs) -> Result<ExitCode, Failure> {
    if documents.is_empty() {
        let whose = args.service.as_ref().map(|name| format!(" of service '{name}'")).unwrap_or_default();
        return Err(Failure::new(format!(
            "no endpoints{whose} to export; --all adds those that are not pushed, and `traffic-monitor status` names the services"
        )));
    }
    match &args.directory {
        Some(folder) => {
            into_folder(documents, form, folder)?;
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let text = stream(documents, form)?;
            Failure::of_output(io::stdout().lock().write_all(text.as_bytes())).map(|_| ExitCode::SUCCESS)
        }
    }
}

fn stream(documents: &[Document], form: Form) -> Result<String, Failure> {
    match (form, documents) {
        (_, [one]) => form.text(one),
        (Form::Json, several) => form.text(&several),
        (Form::Yaml, several) => several.iter().map(|one| Ok(format!("---\n{}", form.text(one)?))).collect(),
    }
}

fn into_folder(documents: &[Document], form: Form, folder: &Path) -> Result<(), Failure> {
    let failure = |path: &Path, error: io::Error| Failure::new(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| failure(folder, error))?;
    let mut names = BTreeSet::new();
    for document in documents {
        let mut name = file_name(document.title());
        while !names.insert(name.clone()) {
            name.push('_');
        }
        let path = folder.join(format!("{name}.openapi.{}", form.extension()));
        std::fs::write(&path, form.text(document)?).map_err(|error| failure(&path, error))?;
    }
    Ok(())
}

/// The name of a Service or an address as the beginning of a file's name: `shop.cart`.
pub(crate) fn file_name(title: &str) -> String {
    let plain = |one: char| match one {
        '/' => '.',
        _ if one.is_ascii_alphanumeric() || "-_.".contains(one) => one,
        _ => '_',
    };
    title.chars().map(plain).collect::<String>().trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(file_name("shop/cart"), "shop.cart");
        assert_eq!(file_name("10.0.0.2:8080"), "10.0.0.2_8080");
        assert_eq!(file_name("../../etc/passwd"), "etc.passwd", "no way out of the folder");
    }
}
