//! The message queue, against plain vectors.
#![cfg(not(loom))]

#[path = "../common/mod.rs"]
mod common;

/// Runs `$do` with the item type of this number, which is also the tag of its runs.
macro_rules! with_kind {
    ($kind:expr, $T:ident => $do:expr) => {
        match $kind {
            0 => {
                type $T = crate::items::Byte;
                $do
            }
            1 => {
                type $T = crate::items::Three;
                $do
            }
            2 => {
                type $T = crate::items::Word;
                $do
            }
            3 => {
                type $T = crate::items::Aligned;
                $do
            }
            4 => {
                type $T = crate::items::Large;
                $do
            }
            5 => {
                type $T = crate::items::Huge;
                $do
            }
            6 => {
                type $T = crate::items::HugeCounted;
                $do
            }
            _ => {
                type $T = crate::common::Counted;
                $do
            }
        }
    };
}

mod chain;
mod items;
mod reader;
