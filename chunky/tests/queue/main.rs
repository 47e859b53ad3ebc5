//! The message queue, against plain vectors and maps.
#![cfg(not(loom))]

#[path = "../common/mod.rs"]
mod common;

/// Runs `$do` with the item type that has this tag in the depots of [`items::depot`].
macro_rules! with_kind {
    ($tag:expr, $T:ident => $do:expr) => {
        match $tag {
            1 => {
                type $T = crate::items::Byte;
                $do
            }
            2 => {
                type $T = crate::items::Three;
                $do
            }
            // Nothing keeps two tags from being those of one type.
            3 | 4 => {
                type $T = crate::items::Word;
                $do
            }
            5 => {
                type $T = crate::items::Unit;
                $do
            }
            6 => {
                type $T = crate::items::Aligned;
                $do
            }
            7 => {
                type $T = crate::common::Counted;
                $do
            }
            8 => {
                type $T = crate::items::AlignedCounted;
                $do
            }
            9 => {
                type $T = crate::items::Large;
                $do
            }
            10 => {
                type $T = crate::items::Huge;
                $do
            }
            11 => {
                type $T = crate::items::HugeCounted;
                $do
            }
            tag => panic!("nobody has tag {tag}"),
        }
    };
}

mod ahead;
mod chain;
mod delivery;
mod depots;
mod interrupted;
mod items;
mod kept;
mod lane;
mod lanes;
mod pointing;
mod saved;
mod script;
mod senders;
mod values;
