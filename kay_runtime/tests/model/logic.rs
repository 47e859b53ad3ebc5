//! What actors do, as a function of what they know and what they are told. The actors of kay call it,
//! and so does the model.

use kay_runtime::{Compact, RawId, Rng};

use crate::letter::{Kind, Letter, Note, TYPES, To};

/// What an actor knows.
#[derive(Clone, Compact, Debug, PartialEq)]
pub(crate) struct Core {
    pub(crate) id: RawId,
    /// Of all that it was told, and when.
    pub(crate) hash: u64,
    pub(crate) count: u32,
    pub(crate) friends: [Option<RawId>; 4],
}

/// How a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Live,
    Die,
    Panic,
}

/// What is around an actor, or the host.
pub(crate) trait Surroundings {
    fn turn(&self) -> u64;
    fn send(&mut self, to: To, letter: Letter);
    fn spawn(&mut self, of: usize, near: Option<RawId>, letter: Letter) -> RawId;
}

/// Somebody gets a letter.
pub(crate) fn receive(core: &mut Core, letter: &Letter, around: &mut impl Surroundings) -> Outcome {
    let Note { seed, hops, dare } = letter.note;
    let kind = (letter.kind as u64) << 60 ^ u64::from(hops) << 8 ^ u64::from(dare);
    core.hash = mix(core.hash ^ mix(seed ^ kind) ^ mix(around.turn()));
    core.count += 1;
    core.learn(letter);
    let mut rng = Rng::new(core.hash);
    // Some do nothing any more when they panic.
    let acts_first = rng.below(2) == 0;
    if acts_first {
        core.act(letter.note, around, &mut rng);
    }
    let outcome = outcome(letter, &mut rng);
    if !acts_first && outcome != Outcome::Panic {
        core.act(letter.note, around, &mut rng);
    }
    outcome
}

/// Somebody is made.
pub(crate) fn begin(id: RawId, letter: &Letter, around: &mut impl Surroundings) -> (Core, Outcome) {
    let mut core = Core {
        id,
        hash: mix(letter.note.seed ^ mix(around.turn())),
        count: 0,
        friends: [None; 4],
    };
    core.learn(letter);
    let mut rng = Rng::new(core.hash);
    core.act(letter.note, around, &mut rng);
    let outcome = outcome(letter, &mut rng);
    (core, outcome)
}

impl Core {
    /// Gets to know others.
    fn learn(&mut self, letter: &Letter) {
        let at = (self.hash % 4) as usize;
        if letter.kind == Kind::Say {
            self.hash ^= letter.text.len() as u64;
        }
        for (step, &friend) in letter.from.iter().chain(&letter.friends).enumerate() {
            self.friends[(at + step) % 4] = Some(friend);
        }
    }

    /// Sends a few messages.
    fn act(&mut self, note: Note, around: &mut impl Surroundings, rng: &mut Rng) {
        let Some(hops) = note.hops.checked_sub(1) else {
            return;
        };
        let me = Some(self.id);
        for _ in 0..rng.below(4) {
            let friends = self.friends.iter().flatten().copied();
            let known: Vec<RawId> = friends.chain([self.id]).collect();
            let friend = pick(&known, rng);
            let of = rng.below(TYPES as u64) as usize;
            let next = note.follow_up(hops, rng);
            // What many get must not make more of it.
            let last = note.follow_up(0, rng);
            match rng.below(40) {
                0 => around.send(To::All(of), Letter::any(rng, last, me, &known)),
                1 => around.send(To::Everyone, Letter::any(rng, last, me, &known)),
                2..5 => around.send(To::First(of), Letter::any(rng, next, me, &known)),
                5..12 => self.make_somebody(of, next, friend, around, rng),
                12..15 => around.send(To::One(self.id), Letter::any(rng, next, None, &known)),
                _ => around.send(To::One(friend), Letter::any(rng, next, me, &known)),
            }
        }
    }

    fn make_somebody(
        &mut self,
        of: usize,
        note: Note,
        friend: RawId,
        around: &mut impl Surroundings,
        rng: &mut Rng,
    ) {
        let me = Some(self.id);
        let near = (rng.below(2) == 0).then_some(friend);
        let id = around.spawn(of, near, Letter::any_spawner(rng, note, me));
        self.friends[rng.below(4) as usize] = Some(id);
        if rng.below(3) == 0 {
            let greeting = note.follow_up(note.hops, rng);
            around.send(To::One(id), Letter::any(rng, greeting, me, &[id]));
        }
        // Others may write to it before it is there.
        let mut news = Letter::new(Kind::Say, note.follow_up(note.hops, rng));
        news.friends.push(id);
        around.send(To::One(friend), news);
    }
}

fn outcome(letter: &Letter, rng: &mut Rng) -> Outcome {
    let dare = usize::from(letter.note.dare);
    let panics = [0, 150, 25, 60][dare / 4];
    let deaths = [0, 12, 5, 30][dare % 4];
    if panics > 0 && rng.below(panics) == 0 {
        Outcome::Panic
    } else if deaths > 0 && !letter.kind.makes_somebody() && rng.below(deaths) == 0 {
        Outcome::Die
    } else {
        Outcome::Live
    }
}

pub(crate) fn pick<T: Copy>(of: &[T], rng: &mut Rng) -> T {
    of[rng.below(of.len() as u64) as usize]
}

fn mix(value: u64) -> u64 {
    Rng::new(value).bits()
}
