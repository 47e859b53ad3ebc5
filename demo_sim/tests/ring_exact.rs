//! The ring of actors against the same rules in a plain loop.

use demo_sim::ring::Ring;
use demo_sim::ring::driver::{Driver, Road};
use kay_runtime::Settings;

/// Cells of all cars, in the order in which they drive around the ring.
fn cells(ring: &Ring) -> Vec<u32> {
    let mut cells: Vec<u32> = ring
        .system
        .instances::<Driver>()
        .map(|(_, driver)| driver.cell())
        .collect();
    cells.sort_unstable();
    cells
}

/// One turn without chance: all cars at once.
fn plain_turn(cells: &mut [u32], speeds: &mut [u32], around: u32, vmax: u32) {
    let before = cells.to_vec();
    for car in 0..before.len() {
        let ahead = before[(car + 1) % before.len()];
        let gap = (ahead + around - before[car] - 1) % around;
        speeds[car] = (speeds[car] + 1).min(vmax).min(gap);
        cells[car] = (before[car] + speeds[car]) % around;
    }
}

#[test]
fn each_turn_is_the_parallel_update() {
    let road = Road {
        cells: 1_000,
        vmax: 4,
        p: 0.0,
    };
    let settings = Settings::default().threads(2).shards(8);
    let mut ring = Ring::new(road, 0.23, settings, 0).expect("the ring is set up");
    let mut plain = cells(&ring);
    let mut speeds = vec![0; plain.len()];
    for turn in 0..300 {
        ring.turn().expect("no driver panics");
        plain_turn(&mut plain, &mut speeds, 1_000, 4);
        let mut sorted = plain.clone();
        sorted.sort_unstable();
        assert_eq!(cells(&ring), sorted, "turn {turn}");
    }
}

#[test]
fn no_two_cars_are_in_one_cell() {
    let road = Road {
        cells: 2_000,
        vmax: 5,
        p: 0.3,
    };
    let mut ring = Ring::new(road, 0.4, Settings::default().seed(3), 3).expect("it is set up");
    for turn in 0..200 {
        ring.turn().expect("no driver panics");
        let mut cells = cells(&ring);
        let cars = cells.len();
        cells.dedup();
        assert_eq!(cells.len(), cars, "turn {turn}");
    }
}
