mod bodies;
mod confirmation;
mod limits;
mod outbox;
mod shapes;
mod views;
mod walls;
