//! Memory for actors: chunks, slot maps, message queues and compact collections.
//!
//! `chunky` knows no actors. It offers what an actor system is built from:
//!
//! - [`Storage`]: where chunks come from; [`Heap`] is the usual one.
//! - [`Compact`]: what state and messages consist of, with [`CVec`], [`CString`], [`CMap`] and
//!   [`CBox`] in place of the collections of `std`.
//! - [`portable`]: such values as bytes.
//! - [`Arena`]: size-class storage, where those collections keep their contents.
//! - [`SlotMap`]: values that lie dense, found by keys that never reach a stranger.
//! - [`Lanes`], [`Lane`], [`Chain`], [`Delivery`]: a typed message queue in chunks of a [`Pool`].

mod arena;
mod boxed;
mod compact;
pub mod map;
mod panic;
mod pool;
mod queue;
mod region;
mod slots;
mod storage;
mod string;
mod sync;
pub mod vec;

pub use arena::Arena;
pub use boxed::CBox;
pub use chunky_derive::Compact;
pub use compact::{Compact, Described, portable, raw};
pub use map::CMap;
pub use panic::discard;
pub use pool::{CHUNK_BYTES, Depot, Pool};
pub use queue::{
    Chain, ChunkCopy, Delivery, Fetch, Given, ItemError, ItemForm, ItemKind, ItemProblem, ItemRef,
    Lane, Lanes, Receiver, SavedItem, SavedItems, Stop,
};
pub use region::Region;
pub use slots::{
    AdoptError, ChunkedVec, Kept, Key, Lookup, MapCopy, MapForms, MapParts, RestoreError, SlotMap,
    SlotPage,
};
pub use storage::{Heap, Storage};
pub use string::CString;
pub use vec::CVec;
