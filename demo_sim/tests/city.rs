//! What must hold in the city at any time.

use std::collections::{BTreeMap, BTreeSet};

use demo_sim::city::car::Car;
use demo_sim::city::garage::{Garage, GarageId};
use demo_sim::city::lane::Lane;
use demo_sim::city::place::PlaceId;
use demo_sim::city::{City, LANE_CELLS};
use kay_runtime::Settings;

fn city(cars: u32, settings: Settings) -> City {
    City::new(cars, settings).expect("the city is built")
}

fn run(city: &mut City, turns: u64) {
    for _ in 0..turns {
        city.turn().expect("no actor panics");
    }
}

/// Cars do not collide, and each has behind it whom it should have.
fn check_order(city: &City) {
    let garages = city.system.instances::<Garage>();
    let garages: BTreeSet<PlaceId> = garages.map(|(id, _)| GarageId::from(id).into()).collect();
    let mut lanes = BTreeMap::new();
    for (id, car) in city.system.instances::<Car>() {
        assert!(car.cell() < LANE_CELLS, "{car:?} is beyond its lane");
        if !garages.contains(&car.here()) {
            lanes
                .entry(car.here())
                .or_insert_with(Vec::new)
                .push((car.cell(), id));
        }
    }
    let turn = city.system.turns();
    for mut cars in lanes.into_values() {
        cars.sort_unstable();
        for pair in cars.windows(2) {
            let [(cell, id), (cell_ahead, ahead)] = pair else {
                unreachable!()
            };
            assert!(
                cell < cell_ahead,
                "turn {turn}: {id} and {ahead} are both in {cell}"
            );
            let leader: &Car = city.system.get(*ahead).expect("it was there");
            let follower = leader.follower().map(Into::into);
            assert_eq!(
                follower,
                Some(*id),
                "turn {turn}: {ahead} does not know who is behind"
            );
        }
    }
}

#[test]
fn cars_keep_their_order_and_never_collide() {
    let mut city = city(3_000, Settings::default().seed(5));
    for _ in 0..400 {
        run(&mut city, 1);
        check_order(&city);
    }
    assert_eq!(city.system.statistics().lost(), 0);
}

#[test]
fn red_lights_stop_cars() {
    let mut city = city(5_000, Settings::default().seed(8));
    // By lane, how many cars had passed when the lights turned red, for those that are red.
    let mut red = BTreeMap::new();
    for turn in 0..200 {
        run(&mut city, 1);
        for (id, lane) in city.system.instances::<Lane>() {
            if lane.is_green() {
                red.remove(&id);
            } else {
                let before = *red.entry(id).or_insert(lane.passed());
                let passed = lane.passed() - before;
                assert!(
                    passed <= 1,
                    "turn {turn}: {passed} cars have passed {id} on red"
                );
            }
        }
    }
}

#[test]
fn every_trip_that_begins_ends() {
    let mut city = city(20_000, Settings::default().seed(6));
    run(&mut city, 200);
    let busy = city.totals();
    assert!(busy.ended > 1_000, "cars arrive: {busy:?}");
    assert_eq!(
        busy.begun - busy.ended,
        20_000,
        "for each that ends another one begins"
    );
    let cars = city.system.population::<Car>() as u64;
    // Some are parked and about to vanish, some about to be spawned.
    assert!(cars.abs_diff(20_000) < 200, "{cars} cars");

    city.close();
    for _ in 0..100 {
        run(&mut city, 100);
        if city.system.population::<Car>() == 0 {
            break;
        }
    }
    let empty = city.totals();
    assert_eq!(city.system.population::<Car>(), 0, "{empty:?}");
    assert_eq!(empty.ended, empty.begun);
    assert_eq!(empty.waiting, 0);
    assert_eq!(city.system.statistics().lost(), 0);
}

#[test]
fn traffic_flows() {
    let mut city = city(20_000, Settings::default().seed(7));
    run(&mut city, 100);
    let before = city.totals();
    run(&mut city, 200);
    let after = city.totals();
    let turns = (after.turns - before.turns) as f64;
    let speed = (after.speeds - before.speeds) as f64 / (after.reports - before.reports) as f64;
    let flow = (after.passed - before.passed) as f64 / (city.lanes() as f64 * turns);
    assert!((0.9..1.7).contains(&speed), "mean speed {speed}");
    // Flow is density times speed, whatever the model; the two were counted apart.
    let density = 20_000.0 / (city.lanes() as f64 * f64::from(LANE_CELLS));
    assert!(
        (flow / (density * speed) - 1.0).abs() < 0.03,
        "{flow} is not {density} * {speed}"
    );
}

#[test]
fn the_smallest_city_works() {
    let mut city = city(1, Settings::default().shards(1).threads(1));
    run(&mut city, 2_000);
    let totals = city.totals();
    assert!(totals.ended > 2, "{totals:?}");
    assert_eq!(city.system.statistics().lost(), 0);
}
