//! Compact collections, the arena below them and the derive macro, from outside.
#![cfg(not(loom))]

mod arena;
mod boxed;
mod common;
mod derive;
mod leaves;
mod map;
mod nested;
mod portable;
mod prefetch;
mod raw;
mod string;
mod thread_end;
mod threads;
mod vec;
