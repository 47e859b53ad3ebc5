//! A city that is killed at random moments, and comes back: `ci/kill` runs this program.
//!
//! `kay_killing [KILLS [CARS]]` starts itself as a child that runs the city in a directory, kills it,
//! and starts it again. What the host sends in a turn follows from the number of the turn, so
//! that the same city can run in memory beside it, uninterrupted.

#![forbid(unsafe_code)]

mod child;
mod figures;
mod parent;
mod town;

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;

use child::Life;
use demo_sim::Error;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(life) = Life::parse(&arguments) {
        return child::run(&life?);
    }
    let kills = arguments.first().map_or(Ok(200), |text| text.parse())?;
    let cars = arguments.get(1).map_or(Ok(20_000), |text| text.parse())?;
    let seed = match env::var("KAY_TEST_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => RandomState::new().hash_one(0),
    };
    println!("{kills} kills of a city of {cars} cars, with KAY_TEST_SEED={seed}");
    let figures = parent::run(kills, cars, seed)?;
    println!("{figures}");
    Ok(())
}
