//! A thousand types of actors.
//!
//! Written by hand, with as little as possible that is compiled for each of them: messages are
//! sent by way of an actor trait, so that their type is the same for all.

use kay_runtime::{
    Actor, Compact, Fate, Handlers, Id, Message, RawId, Recipient, Registry, Spawner, TraitId,
    World, combine, fingerprint,
};

/// Answers each message with one to someone else, who is as good as random.
#[derive(Compact)]
struct Kind<const N: usize> {
    id: Id<Kind<N>>,
    other: Option<RawId>,
}

#[derive(Compact)]
struct Make<const N: usize>;

/// Tells of somebody.
#[derive(Compact)]
struct Tell {
    about: RawId,
}

const KIND: u64 = fingerprint("kay_curves::Kind");
const MAKE: u64 = fingerprint("kay_curves::Kind::make");

impl<const N: usize> Actor for Kind<N> {
    const NAME: &'static str = "kay_curves::Kind";
    const FINGERPRINT: u64 = combine(KIND, &[N as u64]);

    fn register(handlers: &mut Handlers<'_, Self>) {
        handlers.spawner::<Make<N>>();
        handlers.message::<Tell>();
        handlers.implements::<AnyKind>();
    }
}

impl Message for Tell {
    const NAME: &'static str = "kay_curves::AnyKind::tell";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

impl<const N: usize> Message for Make<N> {
    const NAME: &'static str = "kay_curves::Kind::make";
    const FINGERPRINT: u64 = combine(MAKE, &[N as u64]);
}

impl<const N: usize> Spawner for Make<N> {
    type Actor = Kind<N>;

    fn spawn(self, id: Id<Kind<N>>, _: &mut World) -> Kind<N> {
        Kind { id, other: None }
    }
}

impl<const N: usize> Recipient<Tell> for Kind<N> {
    #[inline]
    fn receive(&mut self, message: Tell, world: &mut World) -> Fate {
        if let Some(other) = self.other.replace(message.about) {
            AnyKind(other).tell(self.id.into(), world);
        }
        Fate::Live
    }
}

/// An actor of any of the types.
#[derive(Clone, Copy, Compact)]
pub struct AnyKind(RawId);

impl TraitId for AnyKind {
    const NAME: &'static str = "kay_curves::AnyKind";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

impl From<RawId> for AnyKind {
    fn from(id: RawId) -> Self {
        AnyKind(id)
    }
}

impl From<AnyKind> for RawId {
    fn from(id: AnyKind) -> Self {
        id.0
    }
}

impl AnyKind {
    #[inline(never)]
    fn tell(self, about: RawId, world: &mut World) {
        world.send_to_trait(self, Tell { about });
    }
}

/// A type whose name is not known.
pub struct AnyType {
    register: fn(&mut Registry),
    spawn: fn(&mut World) -> AnyKind,
}

impl AnyType {
    /// Registers it.
    pub fn register(&self, registry: &mut Registry) {
        (self.register)(registry);
    }

    /// Makes so many instances.
    pub fn spawn(&self, count: usize, world: &mut World) -> Vec<AnyKind> {
        (0..count).map(|_| (self.spawn)(world)).collect()
    }

    /// Makes so many instances, each of which has a message in flight from then on.
    pub fn start(&self, count: usize, world: &mut World) {
        let all = self.spawn(count, world);
        // The first message to each says whom it knows; the second one it answers.
        for number in 0..count {
            let other = (number * 7919 + 104_729 * (number % 31)) % count;
            all[number].tell(all[other].0, world);
            all[number].tell(all[other / 2].0, world);
        }
    }
}

fn kind<const N: usize>() -> AnyType {
    AnyType {
        register: Registry::register::<Kind<N>>,
        spawn: |world| AnyKind(world.spawn(Make::<N>).into()),
    }
}

/// All thousand.
pub fn kinds() -> Vec<AnyType> {
    let mut all = Vec::new();
    macro_rules! each {
        ($($hundreds:literal)*) => { $( each!(@ $hundreds; 0 1 2 3 4 5 6 7 8 9); )* };
        (@ $hundreds:literal; $($tens:literal)*) => {
            $( each!(@@ $hundreds $tens; 0 1 2 3 4 5 6 7 8 9); )*
        };
        (@@ $hundreds:literal $tens:literal; $($ones:literal)*) => {
            $( all.push(kind::<{ $hundreds * 100 + $tens * 10 + $ones }>()); )*
        };
    }
    each!(0 1 2 3 4 5 6 7 8 9);
    all
}
