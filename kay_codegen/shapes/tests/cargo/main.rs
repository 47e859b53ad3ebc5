//! Packages of users', built by Cargo.

mod error_index;
mod first;
mod package;
mod rebuilds;
