//! A stand-in for the platform: all calls that the monitor makes, with state, for the demo and the tests.
