//! Endpoints to the APISec platform.
//!
//! Takes: [`inventory::Item`]s. Gives: [`inventory::Outcome`]s, after talking to the platform as its API demands. Also
//! the stand-in platform that the demo and the tests use. Never: loses an item, logs a key.

mod client;
mod engine;
pub mod platform;

pub use client::{
    ApiKey, Application, ApplicationInstance, BaseUrl, Call, CallKind, Client, ClientError, ClientSettings,
    Failure, Listed, PRODUCTION_URL, USER_AGENT, UrlError, UrlRules,
};
pub use engine::{
    CallResult, Engine, EngineSettings, LastError, Onboarded, Pause, PauseKind, Status, Wanted, plan,
};
