//! The same results on any number of threads.

use demo_sim::city::City;
use kay_runtime::Settings;

fn hash(settings: Settings, cars: u32, turns: u64) -> u64 {
    let mut city = City::new(cars, settings.shards(16)).expect("the city is built");
    for _ in 0..turns {
        city.turn().expect("no actor panics");
    }
    assert_eq!(city.system.statistics().lost(), 0);
    city.system.state_hash()
}

#[test]
fn threads_change_nothing() {
    let on = |threads| hash(Settings::default().seed(1).threads(threads), 20_000, 200);
    let one = on(1);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

#[test]
fn which_thread_runs_which_shard_changes_nothing() {
    let settings = || Settings::default().seed(1).threads(3);
    let plain = hash(settings(), 2_000, 200);
    for schedule in 0..4 {
        assert_eq!(
            hash(settings().schedule(schedule), 2_000, 200),
            plain,
            "{schedule}"
        );
    }
}

#[test]
fn another_seed_changes_something() {
    let with = |seed| hash(Settings::default().seed(seed), 2_000, 50);
    assert_ne!(with(1), with(2));
}

#[test]
fn a_second_run_of_each_turn_agrees() {
    hash(
        Settings::default().seed(1).threads(2).sync_test(10),
        2_000,
        100,
    );
}
