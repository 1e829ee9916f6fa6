//! The whole program from the outside: the real binary, real servers and clients, and the stand-in platform.
//!
//! Tests that capture live traffic do so in a network namespace of their own and need root.

mod archives;
mod canary;
mod check;
mod command_line;
mod configuration;
mod confined;
mod demo;
mod disk;
mod drift;
mod field;
mod guide;
mod hostile;
mod https;
mod key_logs;
mod kill;
mod listeners;
mod live;
mod memory;
mod migration;
mod mirrors;
mod names;
mod node;
mod older;
mod onboarding;
mod operations;
mod outages;
mod own_calls;
mod paths;
mod protocols;
mod replay;
mod restart;
mod scale;
mod secrets;
mod setup;
mod shapes;
mod sockets;
mod streams;
mod support;
mod tls;
mod view;
mod walls;
mod whole_cluster;
