//! What people use instead of kay, each used as its own documentation recommends.

#![forbid(unsafe_code)]

pub mod actix;
pub mod bevy;
pub mod flecs;
pub mod framework;
pub mod hecs;
pub mod kameo;
pub mod nexosim;
pub mod parts;
pub mod ractor;
pub mod stakker;
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
        stakker::CONTENDER,
        nexosim::CONTENDER,
        hecs::CONTENDER,
        bevy::CONTENDER,
        flecs::CONTENDER,
    ]
}
