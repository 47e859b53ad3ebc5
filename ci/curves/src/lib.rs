//! A thousand types of actors, apart from what is measured with them: they take long to compile.

#![forbid(unsafe_code)]

pub mod kinds;
