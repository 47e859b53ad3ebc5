//! Packages of users', built by Cargo.

mod editor;
mod error_index;
mod first;
mod package;
mod rebuilds;
