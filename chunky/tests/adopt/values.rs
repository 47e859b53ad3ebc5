//! What the maps hold: types of several sizes and alignments.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chunky::Compact;

use crate::common::{self, Ledger};

pub trait Value: Compact {
    fn make(value: u64, ledger: &Arc<Ledger>) -> Self;
    fn value(&self) -> u64;
}

/// Less than all others.
#[derive(Compact, Debug)]
pub struct Byte(u8);

/// As large as a block, and more.
#[derive(Compact, Debug)]
pub struct Large([u64; 2560]);

/// Not a multiple of a cache line, and one to a block.
#[derive(Compact, Debug)]
pub struct Odd([u8; 16_389]);

#[derive(Compact, Debug)]
#[repr(align(64))]
pub struct Aligned(u8, u64);

/// Stands in a ledger while it lives, by a number only, so that it may be copied as it lies.
#[derive(Compact)]
pub struct Counted {
    value: u64,
    number: u64,
}

/// What each [`Counted`] stands for.
static COUNTED: Mutex<BTreeMap<u64, common::Counted>> = Mutex::new(BTreeMap::new());

impl Drop for Counted {
    fn drop(&mut self) {
        let counted = COUNTED.lock().unwrap().remove(&self.number);
        assert!(counted.is_some(), "a value dropped twice");
    }
}

impl Value for Byte {
    fn make(value: u64, _: &Arc<Ledger>) -> Self {
        Byte(value as u8)
    }
    fn value(&self) -> u64 {
        self.0.into()
    }
}

impl Value for [u64; 3] {
    fn make(value: u64, _: &Arc<Ledger>) -> Self {
        [value; 3]
    }
    fn value(&self) -> u64 {
        assert!(std::ptr::from_ref(self).is_aligned());
        self[2]
    }
}

impl Value for Large {
    fn make(value: u64, _: &Arc<Ledger>) -> Self {
        Large([value; _])
    }
    fn value(&self) -> u64 {
        self.0[2559]
    }
}

impl Value for Odd {
    fn make(value: u64, _: &Arc<Ledger>) -> Self {
        Odd([value as u8; _])
    }
    fn value(&self) -> u64 {
        self.0[16_388].into()
    }
}

impl Value for Aligned {
    fn make(value: u64, _: &Arc<Ledger>) -> Self {
        Aligned(value as u8, value)
    }
    fn value(&self) -> u64 {
        assert!(std::ptr::from_ref(self).addr().is_multiple_of(64));
        assert_eq!(self.0, self.1 as u8);
        self.1
    }
}

impl Value for Counted {
    fn make(value: u64, ledger: &Arc<Ledger>) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let counted = common::Counted::new(value, ledger);
        COUNTED.lock().unwrap().insert(number, counted);
        Counted { value, number }
    }
    fn value(&self) -> u64 {
        self.value
    }
}
