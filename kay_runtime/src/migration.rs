//! Instances that an earlier version of a program has saved.

use chunky::RestoreError;
use chunky::raw::{Layouts, RawForm};

use crate::registry::{Registry, TypeIndex};
use crate::store::{AnyStore, Store, StoreKept};
use crate::{Actor, Compact};

/// Makes a store for the instances of a type with this number of what those of the earlier version were kept as.
type Restore = dyn Fn(TypeIndex, &Registry, StoreKept<'_>) -> Result<Box<dyn AnyStore>, RestoreError>
    + Send
    + Sync;

/// How an instance of a type comes to be of one of an earlier version.
pub(crate) struct Migration {
    /// Adds the layout of the earlier version.
    pub(crate) layout: fn(&mut Layouts) -> u32,
    pub(crate) restore: Box<Restore>,
}

impl Migration {
    pub(crate) fn new<Old: Compact, A: Actor>(migrate: fn(Old) -> A) -> Self {
        let restore = move |index, registry: &Registry, kept: StoreKept<'_>| {
            let form = RawForm::<Old>::new(&mut Layouts::new());
            Store::<A>::migrated(index, registry, &form, migrate, kept)
        };
        Migration {
            layout: Layouts::of::<Old>,
            restore: Box::new(restore),
        }
    }
}
