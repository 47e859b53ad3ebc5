//! Packages of users', built by Cargo.

mod first;
mod package;
mod rebuilds;
