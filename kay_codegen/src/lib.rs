//! Reads actors written as plain Rust `impl` blocks and writes their ids, messages and dispatch.
//!
//! A package whose actors run in `kay_runtime` has a `build.rs` of one line:
//!
//! ```no_run
//! kay_codegen::build();
//! ```
//!
//! and each module with actors, actor traits or `impl` blocks of actors takes in what is generated
//! for it with one line, `kay_runtime::kay_auto!();`. So does the root of the crate, which gets a
//! function `setup` that registers all actors of the crate.
//!
//! # What becomes what
//!
//! | in the source | becomes |
//! |---|---|
//! | `#[derive(Compact)] struct Car { id: CarId, .. }` with handlers in an `impl Car` | an actor; `CarId` is generated |
//! | `pub fn f(&mut self, a: A, world: &mut World)`, also with `&self`, also `-> Fate` | a message; `CarId::f(self, a, world)` sends it |
//! | `pub fn spawn(id: CarId, .., world: &mut World) -> Self`, by any name | a spawner; `CarId::spawn(.., world)` and `CarId::spawn_near(near, .., world)` |
//! | `pub trait Place { fn f(&mut self, .., world: &mut World); }` | an actor trait; `PlaceId` is generated, and `From<CarId>` for every implementor |
//! | a supertrait between actor traits | an upcast between their ids |
//! | `#[essential]` on a handler | still handled after a panic |
//! | a parameter `x: &T` | travels as `T`, is lent to the handler |
//! | everything else | ordinary Rust, left alone |
//!
//! A public function of an actor that looks like a handler or spawner and is none, such as
//! `pub fn tick(&mut self, world: &mut World) -> u32`, is an error, and where it is nearly one, such as
//! with `world: &World`, a warning: private functions, `pub(crate)` ones, and methods of traits
//! are the place for ordinary Rust. All findings have a [`Code`], whose page [`explain`]s it.
//!
//! An actor's blocks may stand in any module of the crate. Actors and traits may be generic: then
//! `setup` leaves them to the user, who registers what is used:
//! `registry.register::<Pool<Car>>()`. There is one actor behind all blocks of a generic type, so
//! each of them may rely on what any of them asks of its parameters, and all of it is asked for.
//!
//! # Several crates
//!
//! A library with actors for other crates says `links = "its_name"` in its `Cargo.toml`: Cargo then
//! hands its [`Interface`] to the build scripts of the packages that depend on it. They may
//! implement its actor traits for their actors and their traits for its actors, and their `setup`
//! takes in the library's. What is not public cannot take part, and what a block needs must be
//! named from where it stands: the trait, its id and its messages. A package's library is known to
//! its programs and tests as it is; [`Options::extra_crate`] is for a dependency that passes nothing
//! on.
//!
//! # How it works
//!
//! [`generate`] is a function from source texts to output texts and diagnostics; it reads no file
//! and no environment. Its phases are the modules of this crate: `source` follows the `mod`
//! declarations from the root, `resolve` knows what a path means in a module, `model` finds the
//! actors, `emit` writes them down. Around it, [`package::read`] finds the crates of a package and
//! generates for each; around that, [`build`] writes what has changed to `OUT_DIR/kay_auto`, and
//! tells Cargo what it depends on and what is wrong.
#![forbid(unsafe_code)]

pub mod calls;
mod conditions;
mod diagnostics;
mod emit;
mod fingerprint;
mod generate;
mod interface;
mod model;
mod options;
pub mod package;
mod resolve;
pub mod schema;
mod shell;
mod source;

pub use diagnostics::{Code, Diagnostic, Position, Rendering, Secondary, Severity, explain};
pub use emit::GeneratedFile;
pub use generate::{Output, Root, generate};
pub use interface::{Interface, InterfaceError};
pub use options::Options;
pub use shell::build;
pub use source::Sources;

pub use build_support::{FileError, Target, TargetKind};
