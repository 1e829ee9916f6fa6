//! Serves the stand-in platform, for the demo and as a command of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use redact::printable;
use stand_in::{Endpoint, Preset, Running, Settings};

use super::agent::KEY;
use super::services::Sample;
use crate::cli::StandInArgs;
use crate::config;
use crate::failure::Failure;
use crate::terminal::say;

/// How much of a body example the table shows, in characters.
const BODY: usize = 60;

/// Starts the stand-in platform for the demo, with an application for each sample service.
pub(super) async fn start(port: u16, samples: &[Sample]) -> Result<Running, Failure> {
    let applications = samples
        .iter()
        .map(|sample| Preset {
            app_id: sample.app(),
            name: sample.name.into(),
            instance_id: Some(sample.instance()),
        })
        .collect();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    listen(Settings { address, key: Some(KEY.into()), applications, ..Settings::default() }).await
}

async fn listen(settings: Settings) -> Result<Running, Failure> {
    let address = settings.address;
    stand_in::start(settings)
        .await
        .map_err(|error| Failure::new(format!("the stand-in platform cannot listen on {address}: {error}")))
}

/// Returns the endpoints of a sample as rows of a table.
pub(super) fn endpoints(stand_in: &Running, sample: &Sample) -> Vec<[String; 5]> {
    let mut endpoints = stand_in.listing(&sample.app(), &sample.instance());
    endpoints.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let row = |endpoint: &Endpoint| {
        let names: Vec<&str> = endpoint.query_params.keys().map(String::as_str).collect();
        let body = endpoint.body.as_ref().map_or("-", |body| body.content.as_str());
        [
            sample.name.to_owned(),
            endpoint.method.to_ascii_uppercase(),
            printable(endpoint.path.as_bytes()).into_owned(),
            if names.is_empty() { "-".into() } else { names.join(",") },
            printable(body.as_bytes()).chars().take(BODY).collect(),
        ]
    };
    endpoints.iter().map(row).collect()
}

/// `platform`: serves the stand-in alone, until Ctrl-C or SIGTERM.
pub(crate) fn alone(args: &StandInArgs) -> Result<ExitCode, Failure> {
    let applications = args.application.iter().map(|text| preset(text)).collect::<Result<Vec<_>, _>>()?;
    let key = args.key_file.as_deref().map(config::read_key_text).transpose()?;
    let settings = Settings {
        address: SocketAddr::new(args.listen, args.port),
        key,
        applications,
        ..Settings::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let running = listen(settings).await?;
        say(&format!(
            "The stand-in platform listens at {}/ (its page, and the base URL of the API)",
            running.url()
        ));
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        running.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

fn preset(text: &str) -> Result<Preset, Failure> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts[..] {
        [name, app, instance] if ![name, app, instance].contains(&"") => {
            Ok(Preset { app_id: app.into(), name: name.into(), instance_id: Some(instance.into()) })
        }
        _ => Err(Failure::new(format!("--application '{text}': expected NAME:APP_ID:INSTANCE_ID"))),
    }
}
