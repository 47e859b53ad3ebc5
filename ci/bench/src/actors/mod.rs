//! The actors that are measured, written as a user would write them.

pub mod address_order;
pub mod bank;
pub mod chameneos;
pub mod counting;
pub mod crowd;
pub mod forks;
pub mod gossip;
pub mod phold;
pub mod ring;
pub mod town;
pub mod walkers;
