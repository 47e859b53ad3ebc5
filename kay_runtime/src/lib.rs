//! An actor system for millions of actors in real time.

// What is generated for a user's modules is part of his crate, and there it is forbidden.
#![deny(unsafe_code)]

// So that the actors of tests, written by hand, can be used within the crate too.
#[cfg(test)]
extern crate self as kay_runtime;

mod actor;
mod census;
mod crew;
mod deliver;
mod error;
mod external;
mod fingerprint;
mod hasher;
mod id;
pub mod inspect;
mod kept_store;
mod mailbox;
mod migration;
mod outbox;
mod panic;
mod persist;
mod registry;
mod rng;
mod schema;
mod settings;
mod shard;
mod shard_copy;
mod shard_set;
mod statistics;
mod stock;
mod store;
mod stores;
mod sync;
mod system;
mod tag_map;
mod tools;
mod world;

pub use actor::{Actor, Fate, Message, Recipient, Spawner, TraitId};
pub use chunky::raw::Difference as SchemaDifference;
pub use chunky::{CBox, CMap, CString, CVec, Compact, portable};
pub use error::{Misuse, OpenError, SetupError, TurnError};
pub use external::External;
pub use fingerprint::{combine, fingerprint};
pub use id::{Id, RawId};
pub use kay_attributes::{essential, query};
pub use panic::PanicReport;
pub use persist::{DiskError, JournalError, Part, ReplayError, SnapshotError, SyncPolicy, Torn};
pub use registry::{Handlers, Registry};
pub use rng::Rng;
pub use settings::{PanicPolicy, Settings, SnapshotPolicy};
pub use statistics::{ActorStatistics, MessageStatistics, Statistics};
pub use system::{ActorSystem, Difference, Idle, OutOfSync, Recovery, Saved};
pub use world::World;

/// What nearly every module with actors needs.
pub mod prelude {
    pub use crate::{
        Actor, ActorSystem, CBox, CMap, CString, CVec, Compact, External, Fate, Settings, World,
        essential, kay_auto, query,
    };
}

/// Takes in what `kay_codegen` has generated for the module that this stands in.
///
/// In a module that is not the root of its crate, it may be given the path of that module without
/// the crate's name: `kay_auto!(road::car)` in `src/road/car.rs`. The compiler knows it anyway. To
/// rust-analyzer all modules have one path: there, only those that are named find what was
/// generated for them.
// Whatever the names of the compiler's own macros mean where it is used.
#[cfg(not(rust_analyzer))]
#[macro_export]
macro_rules! kay_auto {
    ($($module:ident)::*) => {
        ::core::include!(::core::concat!(
            ::core::env!(
                "OUT_DIR",
                "this package has no build script: write a `build.rs` beside its `Cargo.toml`, \
                 with `fn main() { kay_codegen::build(); }`"
            ),
            "/kay_auto/",
            ::core::module_path!(),
            ".rs"
        ));
    };
}

/// As the compiler's, for rust-analyzer.
#[cfg(rust_analyzer)]
#[macro_export]
macro_rules! kay_auto {
    ($($module:ident)::*) => {
        ::core::include!(::core::concat!(
            ::core::env!("OUT_DIR"),
            "/kay_auto/",
            ::core::env!("CARGO_CRATE_NAME"),
            $("::", ::core::stringify!($module),)*
            ".rs"
        ));
    };
}
