//! What people use instead of kay, each used as its own documentation recommends.

#![forbid(unsafe_code)]

pub mod actix;
pub mod framework;
pub mod kameo;
pub mod ractor;
pub mod tokio_tasks;
pub mod work;
pub mod xtra;

use kay_bench::suite::Contender;

/// All of them.
pub fn contenders() -> Vec<Contender> {
    vec![
        tokio_tasks::CONTENDER,
        actix::CONTENDER,
        ractor::CONTENDER,
        kameo::CONTENDER,
        xtra::CONTENDER,
    ]
}
