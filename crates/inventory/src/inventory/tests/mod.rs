mod bodies;
mod confirmation;
mod limits;
mod operations;
mod outbox;
mod shapes;
mod views;
mod walls;
