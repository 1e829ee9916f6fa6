//! The push algorithm: what to call for an endpoint, and in which order.
