//! Endpoints to the APISec platform.
//!
//! Takes: [`inventory::Item`]s. Gives: [`inventory::Outcome`]s, after talking to the platform as its API demands. Never:
//! loses an item, logs a key.
//!
//! A [`Client`] makes the calls, one function each, and reads the [`answers`]; what goes wrong is a [`Failure`], by what is
//! to be done about it. An [`Engine`] decides which calls an endpoint needs, in which order, and when to try again.
//!
//! ```
//! use traffic_monitor_push::{ApiKey, BaseUrl, Client, ClientSettings, Engine, EngineSettings, PRODUCTION_URL, UrlRules};
//!
//! let url = BaseUrl::parse(PRODUCTION_URL, &UrlRules::default())?;
//! let key = ApiKey::new("Bearer 0123456789").expect("it is not blank");
//! let client = Client::new(ClientSettings::new(url, key))?;
//! let mut engine = Engine::new(client, EngineSettings::default());
//!
//! // Nothing is sent before `engine.push(&instance, items, now)`.
//! assert!(engine.key_paused().is_none());
//! assert!(engine.take_wanted_places().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod client;
mod engine;

pub use client::{
    ApiKey, BaseUrl, Call, CallKind, Client, ClientError, ClientSettings, Connected, Failure, PRODUCTION_URL,
    USER_AGENT, UrlError, UrlRules, answers, retry_after,
};
pub use engine::{
    CallResult, Engine, EngineSettings, LastError, Onboarded, Pause, PauseKind, Status, Wanted, plan,
};
