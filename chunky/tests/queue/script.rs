//! What happens while items are delivered, chosen at random.

use std::collections::{BTreeMap, BTreeSet};

use chunky::Fetch;
use proptest::prelude::*;

use crate::items::{FETCHES, Shape, TAGS, shape};

/// What becomes of an item that a value is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Take,
    /// Only look at it, so that it is dropped.
    Look,
    /// The value is to go, after it has taken the item.
    TakeAndDie,
    /// The value is to go. Is the item taken afterwards, or left for who comes next?
    Die(bool),
    /// The value says that it is to go, but stays. Does it take the item?
    Threaten(bool),
    TakeAndPanic,
    /// The item is still next.
    Panic,
}

/// What becomes of one whose receiver is not there.
#[derive(Clone, Copy, Debug)]
pub enum Aside {
    TakeOut,
    PutOff,
    /// Insert the receiver, if it is expected.
    Insert,
    /// Give it to another value.
    Give(usize),
}

/// What happens in between.
#[derive(Clone, Copy, Debug)]
pub enum Between {
    Nothing,
    Forget,
    /// Insert the first receiver ahead that is expected.
    Insert,
    /// Remove the receiver of an item ahead.
    Remove(usize),
    /// Begin a new delivery with what is left.
    Restart,
    /// Leak the delivery, and begin a new one.
    Leak,
    /// Look at all values.
    Walk,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        60 => Just(Step::Take),
        20 => Just(Step::Look),
        1 => Just(Step::TakeAndDie),
        2 => any::<bool>().prop_map(Step::Die),
        1 => any::<bool>().prop_map(Step::Threaten),
        1 => Just(Step::TakeAndPanic),
        1 => Just(Step::Panic),
    ]
}

fn aside() -> impl Strategy<Value = Aside> {
    prop_oneof![
        3 => Just(Aside::TakeOut),
        2 => Just(Aside::PutOff),
        2 => Just(Aside::Insert),
        1 => any::<usize>().prop_map(Aside::Give),
    ]
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        60 => Just(Between::Nothing),
        3 => Just(Between::Forget),
        4 => Just(Between::Insert),
        3 => (0..60_usize).prop_map(Between::Remove),
        1 => Just(Between::Restart),
        1 => Just(Between::Leak),
        2 => Just(Between::Walk),
    ]
}

#[derive(Clone, Debug)]
pub struct Script {
    /// Chains that are joined, and whether some of each has been taken out before.
    pub shapes: Vec<(Shape, usize)>,
    /// Slots, and how often they have been used; whether a value is there now.
    pub slots: BTreeMap<u32, (u16, bool)>,
    /// Who is sent to.
    pub salt: u64,
    /// Whether all values that are sent to are there, so that little happens until one goes.
    pub calm: bool,
    pub shift: u32,
    pub fetch: Fetch,
    pub put_off: BTreeSet<u16>,
    pub steps: Vec<Step>,
    pub asides: Vec<Aside>,
    pub betweens: Vec<Between>,
}

pub fn script() -> impl Strategy<Value = Script> {
    let slot = prop_oneof![6 => 0..40_u32, 3 => 100..400_u32, 1 => 9_990..10_010_u32];
    let slots = prop::collection::btree_map(slot, (0..3_u16, prop::bool::weighted(0.8)), 1..90);
    let chains = prop::collection::vec((shape(14), 0..9_usize), 1..5);
    let reader = (
        prop_oneof![Just(0), Just(1), Just(7)],
        prop::sample::select(FETCHES.to_vec()),
        any::<u64>(),
        any::<bool>(),
    );
    let put_off = prop::collection::btree_set(1..=TAGS, 0..3);
    let plan = (
        prop::collection::vec(step(), 0..200),
        prop::collection::vec(aside(), 1..20),
        prop::collection::vec(between(), 1..100),
    );
    (chains, slots, reader, put_off, plan).prop_map(|(shapes, slots, reader, put_off, plan)| {
        let (steps, asides, betweens) = plan;
        Script {
            shapes,
            slots,
            salt: reader.2,
            calm: reader.3,
            shift: reader.0,
            fetch: reader.1,
            put_off,
            // Else it might never end.
            steps: [steps, vec![Step::Take]].concat(),
            asides,
            betweens,
        }
    })
}
