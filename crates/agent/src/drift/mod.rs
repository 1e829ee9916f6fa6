//! `drift`: what traffic shows, held against the teams' own OpenAPI documents.
//!
//! Both sides are documents: a team's, of OpenAPI 2.0, 3.0 or 3.1, and the one that `replay` or `export` makes. `sources` finds
//! both, `spec` reads either into operations, `compare` says how they differ, `schema` compares what bodies have.

mod compare;
mod references;
mod report;
mod schema;
mod sources;
mod spec;

use std::process::ExitCode;

use crate::cli::DriftArgs;
use crate::failure::Failure;
use compare::compare;
use report::Found;
use sources::Team;
use spec::Spec;

/// The status of a run that found a difference: 1 says that something failed, and 2 that the command line is wrong.
const DIFFERS: u8 = 3;

/// Prints how what was seen differs from the documents.
pub(crate) fn drift(args: &DriftArgs) -> Result<ExitCode, Failure> {
    let teams = sources::teams(args)?;
    let found: Result<Vec<Found>, Failure> = teams.iter().map(|team| of_one(args, team)).collect();
    let found = found?;
    Failure::of_output(report::write(&found, args.format.as_deref() == Some("json")))?;
    let none = found.iter().all(|one| one.drifts.is_empty());
    Ok(if none { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}

/// Compares one document.
fn of_one(args: &DriftArgs, team: &Team) -> Result<Found, Failure> {
    let said = Spec::read(&team.document, &args.base_path)
        .map_err(|why| Failure::new(format!("{}: {why}", team.path.display())))?;
    let document = sources::seen(args, team.service.as_ref())?;
    let seen = Spec::read(&document, &[]).map_err(Failure::new)?;
    // Another node may have seen it.
    let unseen = match sources::first_seen(&document).filter(|_| args.files.is_empty()) {
        Some(since) => {
            format!("is documented, and not seen here, where the first of its endpoints was seen {since}")
        }
        None => "is documented, and not in these captures".to_owned(),
    };
    let service = sources::title(&document).unwrap_or_default().to_owned();
    Ok(Found { service, drifts: compare(&said, &seen, &unseen) })
}
