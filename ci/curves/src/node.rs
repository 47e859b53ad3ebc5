//! Actors whose messages are as large as one likes, and the same by hand.
//!
//! The actors are written as the generator would write them, but for what nobody here needs.

use kay_bench::by_hand::{self, Out};
use kay_runtime::{
    Actor, CVec, Compact, Fate, Handlers, Id, Message, Recipient, Spawner, World, combine,
    fingerprint,
};

/// What a node's messages carry; each payload makes another type of node.
pub trait Payload: Compact {
    /// Unique among payloads.
    const NUMBER: u64;

    /// What goes on to the next node.
    fn pass(self) -> Self;
}

/// So many words.
#[derive(Clone, Copy, Compact)]
pub struct Words<const N: usize>(pub [u64; N]);

impl<const N: usize> Payload for Words<N> {
    const NUMBER: u64 = N as u64;

    fn pass(self) -> Self {
        self
    }
}

impl Payload for CVec<u32> {
    const NUMBER: u64 = u64::MAX;

    /// A new list, as a handler makes one that tells what it has found out.
    fn pass(self) -> Self {
        self.iter().map(|element| element + 1).collect()
    }
}

/// Answers each message with one to someone else, who is as good as random.
#[derive(Compact)]
pub struct Node<P: Payload> {
    id: Id<Node<P>>,
    other: Id<Node<P>>,
    heard: u64,
    payload: std::marker::PhantomData<P>,
}

/// Makes a node that knows another one, or itself.
#[derive(Compact)]
pub struct Make<P: Payload> {
    other: Option<Id<Node<P>>>,
}

/// Tells a node of another one.
#[derive(Compact)]
pub struct Tell<P: Payload> {
    about: Id<Node<P>>,
    payload: P,
}

impl<P: Payload> Actor for Node<P> {
    const NAME: &'static str = "kay_curves::Node";
    const FINGERPRINT: u64 = combine(fingerprint(Self::NAME), &[P::NUMBER]);

    fn register(handlers: &mut Handlers<'_, Self>) {
        handlers.spawner::<Make<P>>();
        handlers.message::<Tell<P>>();
    }
}

impl<P: Payload> Message for Make<P> {
    const NAME: &'static str = "kay_curves::Node::make";
    const FINGERPRINT: u64 = combine(fingerprint(Self::NAME), &[P::NUMBER]);
}

impl<P: Payload> Message for Tell<P> {
    const NAME: &'static str = "kay_curves::Node::tell";
    const FINGERPRINT: u64 = combine(fingerprint(Self::NAME), &[P::NUMBER]);
}

impl<P: Payload> Spawner for Make<P> {
    type Actor = Node<P>;

    fn spawn(self, id: Id<Node<P>>, _: &mut World) -> Node<P> {
        Node {
            id,
            other: self.other.unwrap_or(id),
            heard: 0,
            payload: std::marker::PhantomData,
        }
    }
}

impl<P: Payload> Recipient<Tell<P>> for Node<P> {
    #[inline]
    fn receive(&mut self, message: Tell<P>, world: &mut World) -> Fate {
        self.heard += 1;
        let other = std::mem::replace(&mut self.other, message.about);
        let (about, payload) = (self.id, message.payload.pass());
        world.send(other, Tell { about, payload });
        Fate::Live
    }
}

/// Whom node `number` of `count` knows at first: as good as random.
fn partner(number: usize, count: usize) -> usize {
    (number * 7919 + 104_729 * (number % 31)) % count
}

/// Makes so many nodes, none of which says anything.
pub fn spawn<P: Payload>(count: usize, world: &mut World) -> Vec<Id<Node<P>>> {
    let mut nodes: Vec<Id<Node<P>>> = Vec::with_capacity(count);
    for number in 0..count {
        let other = nodes.get(partner(number, count)).copied();
        nodes.push(world.spawn(Make { other }));
    }
    nodes
}

/// Sends a message to one of the nodes: it is in flight from then on.
pub fn tell<P: Payload>(nodes: &[Id<Node<P>>], number: usize, payload: P, world: &mut World) {
    let about = nodes[partner(number / 2, nodes.len())];
    world.send(nodes[number], Tell { about, payload });
}

/// A node's state by hand, with addresses that are a shard and an index.
pub struct State {
    id: u64,
    other: u64,
    heard: u64,
}

/// A message by hand.
#[derive(Clone, Copy)]
pub struct HandTell<const N: usize> {
    about: u64,
    payload: Words<N>,
}

/// So many nodes by hand, each with a message in flight.
pub fn hand<const N: usize>(count: usize, shards: usize) -> by_hand::World<State, HandTell<N>> {
    let address = |number: usize| (number % shards) as u64 | ((number / shards) as u64) << 32;
    let states = |shard: usize| {
        let state = |number| State {
            id: address(number),
            other: address(partner(number, count)),
            heard: 0,
        };
        (shard..count).step_by(shards).map(state).collect()
    };
    let mut world = by_hand::World::new((0..shards).map(states).collect());
    for number in 0..count {
        let about = address(partner(number / 2, count));
        let payload = Words([0; N]);
        let tell = HandTell { about, payload };
        world.send(number % shards, (number / shards) as u32, tell);
    }
    world.publish();
    world
}

/// What a node does, by hand.
pub fn hear<const N: usize>(
    state: &mut State,
    tell: HandTell<N>,
    _: usize,
    _: u32,
    out: &mut Out<HandTell<N>>,
) {
    state.heard += 1;
    let other = std::mem::replace(&mut state.other, tell.about);
    let (shard, index) = ((other & 0xffff_ffff) as usize, (other >> 32) as u32);
    let (about, payload) = (state.id, tell.payload.pass());
    out.send(shard, index, HandTell { about, payload });
}

/// A round of so many nodes by hand, each with a message in flight that has a list of its own. On
/// one thread: two buffers will do.
pub fn round_with_lists(count: usize, elements: u32) -> impl FnMut() {
    let mut states: Vec<(usize, u64)> = (0..count).map(|at| (partner(at, count), 0)).collect();
    let message = |to| (to, partner(to / 2, count), (0..elements).collect());
    let mut now: Vec<(usize, usize, Vec<u32>)> = (0..count).map(message).collect();
    let mut next = Vec::with_capacity(count);
    move || {
        for (to, about, list) in now.drain(..) {
            let (other, heard) = &mut states[to];
            *heard += 1;
            let other = std::mem::replace(other, about);
            next.push((other, to, list.iter().map(|element| element + 1).collect()));
        }
        std::mem::swap(&mut now, &mut next);
    }
}
