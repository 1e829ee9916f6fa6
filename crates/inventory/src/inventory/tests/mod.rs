mod confirmation;
mod limits;
mod model;
mod outbox;
mod store;
mod views;
