//! Random worlds against a model: everything that hosts and actors can do, in an order that nobody would think of,
//! is done in several worlds of kay and in one that is plain enough to be seen to be right.
//!
//! `logic` is what actors do, in both; `script` what the host does. `actors`, `sending` and `kept` are the side of
//! kay, `world`, `shard`, `sender`, `store` and `stock` that of the model. `contest` compares them.

#[path = "../common/mod.rs"]
mod common;

mod actors;
mod contest;
mod kept;
mod letter;
mod logic;
mod script;
mod sender;
mod sending;
mod shard;
mod stock;
mod store;
mod world;

use common::property;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use contest::Contest;
use script::Script;

/// Failures say which step and operation it was; the number of steps shrinks to that.
fn world_is_as_the_model_says(seed: u64, steps: u32) -> TestCaseResult {
    let mut contest = Contest::new(seed);
    let mut script = Script::new(seed.rotate_left(32), contest.shards);
    for step in 0..steps {
        for operation in script.step(&contest.model) {
            let made = contest.run(&operation).map_err(|error| {
                TestCaseError::fail(format!("step {step}, {operation:?}: {error}"))
            })?;
            made.into_iter().for_each(|id| script.meet(id));
        }
    }
    Ok(())
}

#[test]
fn worlds_are_as_the_model_says() {
    let worlds = (any::<u64>().no_shrink(), 20..70_u32);
    property(50, worlds, |(seed, steps)| {
        world_is_as_the_model_says(seed, steps)
    });
}
