//! Endpoints to the APISec platform.
//!
//! Takes: [`inventory::Item`]s. Gives: [`inventory::Outcome`]s, after talking to the platform as its API demands. Never: loses an item, logs a key.

mod client;
mod engine;

pub use client::{
    ApiKey, Application, ApplicationInstance, BaseUrl, Call, CallKind, Client, ClientError, ClientSettings,
    Failure, Listed, PRODUCTION_URL, USER_AGENT, UrlError, UrlRules,
};
pub use engine::{
    CallResult, Engine, EngineSettings, LastError, Onboarded, Pause, PauseKind, Status, Wanted, plan,
};
