mod bodies;
mod confirmation;
mod limits;
mod outbox;
mod views;
mod walls;
