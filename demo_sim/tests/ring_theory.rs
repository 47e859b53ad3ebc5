//! The ring against theory.

use std::sync::atomic::AtomicBool;

use demo_sim::options::{KeepOptions, RingOptions, RunOptions};
use demo_sim::ring::report::{RingReport, run};

const CELLS: u32 = 100_000;

fn measure(vmax: u8, p: f64, density: f64, turns: u64) -> RingReport {
    let run_options = RunOptions {
        turns,
        threads: None,
        shards: 16,
        seed: 1992,
        json: false,
        keep: KeepOptions::default(),
    };
    let options = RingOptions {
        cells: CELLS,
        density,
        vmax,
        p,
        run: run_options,
    };
    run(&options, &AtomicBool::new(false)).expect("the ring runs")
}

fn check(vmax: u8, p: f64, density: f64, turns: u64) {
    let report = measure(vmax, p, density, turns);
    let exact = report.exact_flow.expect("theory knows this case");
    let error = report.flow / exact - 1.0;
    assert!(
        error.abs() < 0.01,
        "{error:+.4} off at vmax {vmax}, p {p}, density {density}"
    );
    assert_eq!(report.lost_messages, 0);
    // Everybody tells one other car where it is.
    assert_eq!(report.messages_per_turn, f64::from(report.cars));
}

#[test]
fn vmax_1_flows_as_in_theory_on_both_branches() {
    for density in [0.05, 0.3, 0.5, 0.7, 0.95] {
        check(1, 0.25, density, 400);
    }
    for density in [0.2, 0.8] {
        check(1, 0.5, density, 400);
    }
}

#[test]
fn without_chance_cars_flow_as_in_theory_on_both_branches() {
    // 1/6 and 1/3 are where the two branches meet.
    for density in [0.05, 1.0 / 6.0, 0.18, 0.5, 0.9] {
        check(5, 0.0, density, 40);
    }
    for density in [0.2, 1.0 / 3.0, 0.7] {
        check(2, 0.0, density, 40);
    }
    check(1, 0.0, 0.5, 40);
}

#[test]
fn theory_is_silent_on_fast_cars_with_chance() {
    let report = measure(5, 0.5, 0.1, 4);
    assert_eq!(report.exact_flow, None);
}

#[test]
fn a_full_ring_stands_and_a_lone_car_drives() {
    let full = measure(5, 0.0, 1.0, 20);
    assert_eq!((full.cars, full.flow), (CELLS, 0.0));
    let lone = measure(5, 0.0, 1e-9, 20);
    assert_eq!((lone.cars, lone.flow), (1, 5.0 / f64::from(CELLS)));
}
