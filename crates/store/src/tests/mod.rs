mod bodies;
mod disk;
mod kept;
mod measure;
mod model;
mod retry;
mod salvage;
mod shapes;
