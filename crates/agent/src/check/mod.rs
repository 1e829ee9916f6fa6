//! `check`: what this place and this configuration allow, and what is wrong, before anything is deployed.
//!
//! Each file looks at one subject and gives rows; those that judge take what was found as values. Nothing is changed
//! anywhere: no endpoint is sent, no object written, no folder made.

mod bound;
mod capture;
mod clock;
mod cluster;
mod configuration;
mod disk;
mod host;
mod https;
mod interfaces;
mod key;
mod memory;
mod page;
mod place;
mod platform;
mod row;
mod services;
mod sockets;

use futures_util::join;
use tokio::task::{spawn, spawn_blocking};

use crate::cli::{CheckArgs, ReportFormat};
use crate::config::Config;
use crate::failure::Failure;
use configuration::Read;
use place::Place;
use row::{Row, State};

/// Runs all checks. Gives what to print, and whether something is wrong.
pub(crate) fn check(args: &CheckArgs) -> Result<(String, bool), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?;
    let rows = runtime.block_on(all(args.clone()));
    // A check that hangs in the kernel must not keep the program from its end.
    runtime.shutdown_background();
    let text = match args.format {
        ReportFormat::Table => page::table(&rows),
        ReportFormat::Json => page::json(&rows)?,
    };
    Ok((text, page::count(&rows, State::Error) > 0))
}

async fn all(args: CheckArgs) -> Vec<Row> {
    let given = args.config.clone();
    let reading = spawn_blocking(move || configuration::read(&given));
    let read = match bound::within(bound::PATIENCE, reading).await {
        Ok(read) => read,
        Err(why) => {
            return vec![Row::error("configuration", why, "see whether its files can be read at all")];
        }
    };
    let mut rows = read.rows.clone();
    rows.push(key::row(&read, &args.config));
    let (remote, local) = join!(remote(&read, &args), local(read.config.as_ref(), &args));
    rows.extend(remote);
    rows.extend(local);
    rows
}

/// Platform and cluster.
async fn remote(read: &Read, args: &CheckArgs) -> Vec<Row> {
    let place = Place::find();
    let config = read.config.clone().unwrap_or_default();
    // Without a configuration it is not known which platform is meant.
    let target = read.config.as_ref().and(read.platform.clone().ok());
    let url = target.as_ref().map(|platform| platform.url.to_string());
    let clock = spawn({
        let ca_file = target.as_ref().and_then(|platform| platform.ca_file.clone());
        async move { vec![clock::row(url, ca_file).await] }
    });
    let cluster = spawn({
        let (kubeconfig, config) = (args.kubeconfig.clone(), config.clone());
        async move { cluster::rows(kubeconfig.as_deref(), place, &config).await }
    });
    let platform = spawn(platform::rows(config, target));
    let (platform, cluster, clock) = join!(
        bound::rows("platform", platform),
        bound::rows("cluster", cluster),
        bound::rows("clock", clock)
    );
    let node = cluster::node(place, args.node.as_deref());
    platform.into_iter().chain(cluster).chain(node).chain(clock).collect()
}

/// This machine.
async fn local(config: Option<&Config>, args: &CheckArgs) -> Vec<Row> {
    let place = Place::find();
    let monitor = config.map(|config| config.monitor.clone()).unwrap_or_default();
    let (node, state) = (args.node.clone(), args.state.clone());
    let capture = spawn_blocking(move || vec![capture::row(place)]);
    let interfaces = spawn_blocking(move || interfaces::rows(place, node.as_deref()));
    let host = spawn_blocking(|| vec![host::kernel()]);
    let sockets = spawn_blocking(sockets::rows);
    let (tls, agent) = (args.tls.wanted, args.state.clone());
    let https = spawn_blocking(move || https::rows(tls, &agent));
    let disk = spawn_blocking(move || disk::rows(&state, monitor.store_mib, place));
    let memory = spawn_blocking(move || vec![memory::row(monitor.memory_mib)]);
    let all = join!(
        bound::rows("capture", capture),
        bound::rows("sockets", sockets),
        bound::rows("https", https),
        bound::rows("interfaces", interfaces),
        bound::rows("kernel", host),
        bound::rows("disk", disk),
        bound::rows("memory", memory),
    );
    let at_sockets = all.1.iter().all(|row| row.state == State::Ok);
    let packets = all.0.into_iter().map(|row| if at_sockets { capture::beside_sockets(row) } else { row });
    [packets.collect(), all.1, all.2, all.3, all.4, all.5, all.6].concat()
}
