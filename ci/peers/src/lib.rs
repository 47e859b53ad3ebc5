//! What people use instead of kay, each used as its own documentation recommends.

#![forbid(unsafe_code)]

pub mod framework;
pub mod tokio_tasks;
pub mod work;

use kay_bench::suite::Contender;

/// All of them.
pub fn contenders() -> Vec<Contender> {
    vec![tokio_tasks::CONTENDER]
}
