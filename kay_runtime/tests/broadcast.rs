//! Messages to all instances of a type or of a trait, and to the first one.

mod common;

use common::property;
use kay_runtime::{
    Actor, ActorSystem, CVec, Compact, Fate, Id, Idle, Message, RawId, Recipient, Settings,
    TraitId, World,
};
use proptest::prelude::*;

/// What every test actor here remembers: numbers, and the turns in which they came.
#[derive(Compact)]
struct Sheep {
    id: Id<Sheep>,
    heard: CVec<(u32, u64)>,
}

#[derive(Compact)]
struct Goat {
    id: Id<Goat>,
    heard: CVec<(u32, u64)>,
}

#[derive(Compact)]
struct Shepherd {
    dog: Option<Id<Shepherd>>,
    heard: CVec<(u32, u64)>,
}

message!(NewSheep {});
message!(NewGoat {});
message!(NewShepherd {});
message!(Call { number: u32 });
message!(Whistle { number: u32, tune: CVec<u32> });
message!(
    /// Those whose index leaves `rest` modulo `modulus` die, and all have a lamb if told so.
    Winter { modulus: u32, rest: u32, lambs: bool }
);
message!(CallFirst { number: u32 });
message!(Hire {});

actor!(Sheep, messages: [Call, Whistle, Winter], spawners: [NewSheep], traits: [AnimalId, FlockId]);
actor!(Goat, messages: [Call, Winter], spawners: [NewGoat], traits: [AnimalId, FlockId, FlockId]);
actor!(Shepherd, messages: [Call, CallFirst, Hire], spawners: [NewShepherd], traits: [AnimalId]);
spawn!(Sheep, NewSheep, |_m, id, _world| Sheep {
    id,
    heard: CVec::new()
});
spawn!(Goat, NewGoat, |_m, id, _world| Goat {
    id,
    heard: CVec::new()
});
spawn!(Shepherd, NewShepherd, |_m, _id, _world| Shepherd {
    dog: None,
    heard: CVec::new()
});
on!(Sheep, Call, |this, m, world| this
    .heard
    .push((m.number, world.turn())));
on!(Goat, Call, |this, m, world| this
    .heard
    .push((m.number, world.turn())));
on!(Shepherd, Call, |this, m, world| this
    .heard
    .push((m.number, world.turn())));
on!(Shepherd, Hire, |this, _m, world| this.dog =
    Some(world.spawn(NewShepherd {})));
on!(Shepherd, CallFirst, |_this, m, world| {
    let first = Id::<Sheep>::local_first(world);
    world.send(first, Call { number: m.number });
});
on!(Goat, Winter, |this, m, _world| winter(this.id.index(), &m));
on!(Sheep, Winter, |this, m, world| {
    this.heard.push((1000 + m.rest, world.turn()));
    if m.lambs {
        world.spawn(NewSheep {});
    }
    winter(this.id.index(), &m)
});

fn winter(index: u32, m: &Winter) -> Fate {
    if index % m.modulus == m.rest {
        Fate::Die
    } else {
        Fate::Live
    }
}

/// Lends the message to all, as generated code does.
impl Recipient<Whistle> for Sheep {
    fn receive(&mut self, m: Whistle, world: &mut World) -> Fate {
        self.receive_shared(&m, world)
    }

    fn receive_shared(&mut self, m: &Whistle, world: &mut World) -> Fate {
        assert_eq!(m.tune, [1, 2, 3]);
        self.heard.push((m.number, world.turn()));
        Fate::Live
    }
}

macro_rules! trait_id {
    ($name:ident) => {
        #[derive(Clone, Copy, Compact)]
        struct $name(RawId);
        impl From<RawId> for $name {
            fn from(id: RawId) -> Self {
                $name(id)
            }
        }
        impl From<$name> for RawId {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl TraitId for $name {
            const NAME: &'static str = concat!(module_path!(), "::", stringify!($name));
            const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
        }
    };
}
trait_id!(AnimalId);
trait_id!(FlockId);
trait_id!(NobodyId);

fn system(shards: usize) -> ActorSystem {
    let settings = Settings::default().threads(1).shards(shards);
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Sheep>();
        registry.register::<Goat>();
        registry.register::<Shepherd>();
    };
    ActorSystem::new(settings, setup).unwrap()
}

fn spawn(system: &mut ActorSystem, sheep: usize, goats: usize, shepherds: usize) {
    for _ in 0..sheep {
        system.world().spawn(NewSheep {});
    }
    for _ in 0..goats {
        system.world().spawn(NewGoat {});
    }
    for _ in 0..shepherds {
        system.world().spawn(NewShepherd {});
    }
    system.turn().unwrap();
}

trait Hears: Actor {
    fn heard(&self) -> Vec<u32>;
}

macro_rules! hears {
    ($($actor:ident)*) => {$(
        impl Hears for $actor {
            fn heard(&self) -> Vec<u32> {
                self.heard.iter().map(|heard| heard.0).collect()
            }
        }
    )*};
}
hears!(Sheep Goat Shepherd);

/// Whether each instance of a type has heard just this.
fn all_heard<A: Hears>(system: &ActorSystem, expected: &[u32]) -> bool {
    system
        .instances::<A>()
        .all(|(_, actor)| actor.heard() == expected)
}

fn counts<M: Message>(system: &mut ActorSystem) -> (u64, u64) {
    let statistics = system.statistics();
    let of = statistics
        .messages
        .iter()
        .filter(|message| message.name == M::NAME);
    of.fold((0, 0), |sum, message| {
        (sum.0 + message.delivered, sum.1 + message.lost)
    })
}

#[test]
fn a_broadcast_reaches_each_instance_of_the_type_once() {
    property(25, (1..70_usize, 0..300_usize), |(shards, sheep)| {
        let mut system = system(shards);
        spawn(&mut system, sheep, 5, 1);
        let local = Id::<Sheep>::local_broadcast(system.world());
        let global = Id::<Sheep>::global_broadcast(system.world());
        system.world().send(local, Call { number: 1 });
        system.world().send(global, Call { number: 2 });
        system.world().send(
            local,
            Whistle {
                number: 3,
                tune: [1, 2, 3].into(),
            },
        );
        system.turn().unwrap();
        prop_assert!(all_heard::<Sheep>(&system, &[1, 2, 3]));
        prop_assert!(all_heard::<Goat>(&system, &[]) && all_heard::<Shepherd>(&system, &[]));
        prop_assert_eq!(counts::<Call>(&mut system), (2 * sheep as u64, 0));
        Ok(())
    });
}

#[test]
fn a_trait_broadcast_reaches_each_instance_of_each_implementor_once() {
    let mut system = system(7);
    spawn(&mut system, 40, 30, 3);
    let animals: AnimalId = system.world().local_broadcast_id();
    let flock: FlockId = system.world().global_broadcast_id();
    system.world().send_to_trait(animals, Call { number: 1 });
    system.world().send_to_trait(flock, Call { number: 2 });
    system.turn().unwrap();
    assert!(all_heard::<Sheep>(&system, &[1, 2]));
    assert!(
        all_heard::<Goat>(&system, &[1, 2]),
        "a trait that is told twice counts once"
    );
    assert!(all_heard::<Shepherd>(&system, &[1]));
}

#[test]
fn a_trait_id_reaches_its_instance() {
    let mut system = system(7);
    spawn(&mut system, 4, 4, 0);
    let (sheep, _) = system.instances::<Sheep>().nth(2).unwrap();
    let (goat, _) = system.instances::<Goat>().nth(1).unwrap();
    for (number, id) in [(1, RawId::from(sheep)), (2, RawId::from(goat))] {
        system.world().send_to_trait(AnimalId(id), Call { number });
    }
    system.turn().unwrap();
    assert_eq!(system.get(sheep).unwrap().heard(), [1]);
    assert_eq!(system.get(goat).unwrap().heard(), [2]);
    assert_eq!(counts::<Call>(&mut system), (2, 0));
}

/// All sheep, as animals, are still all sheep and no goats; so are all of the flock.
#[test]
fn a_broadcast_or_first_address_stays_what_it_is_as_a_trait_id() {
    let mut system = system(3);
    spawn(&mut system, 10, 10, 10);
    let sheep = RawId::from(Id::<Sheep>::local_broadcast(system.world()));
    let first = RawId::from(Id::<Goat>::local_first(system.world()));
    let flock: FlockId = system.world().local_broadcast_id();
    system
        .world()
        .send_to_trait(AnimalId(sheep), Call { number: 1 });
    system
        .world()
        .send_to_trait(AnimalId(first), Call { number: 2 });
    system
        .world()
        .send_to_trait(AnimalId(flock.0), Call { number: 3 });
    system.turn().unwrap();
    assert!(all_heard::<Sheep>(&system, &[1, 3]));
    assert!(all_heard::<Shepherd>(&system, &[]));
    let mut goats: Vec<_> = system
        .instances::<Goat>()
        .map(|(_, goat)| goat.heard())
        .collect();
    goats.sort();
    assert_eq!(goats[0], [2, 3]);
    assert_eq!(goats[1..], [[3]; 9].map(Vec::from));
}

#[test]
fn instances_that_die_in_a_broadcast_are_still_called_once_and_all_others_too() {
    property(
        40,
        (1..9_usize, 1..200_usize, 1..5_u32),
        |(shards, sheep, modulus)| {
            let mut system = system(shards);
            spawn(&mut system, sheep, 0, 0);
            let mask = shards.next_power_of_two() as u32 - 1;
            // By slot, so that in each shard some die.
            let dies = |index: u32, modulus: u32, rest: u32| index % modulus == rest;
            let all: Vec<_> = system.instances::<Sheep>().map(|(id, _)| id).collect();
            let address = Id::<Sheep>::local_broadcast(system.world());
            let mut called = 0;
            let mut left = all.clone();
            for rest in [0, 1, 2] {
                system.world().send(
                    address,
                    Winter {
                        modulus: modulus + mask,
                        rest,
                        lambs: false,
                    },
                );
                called += left.len() as u64;
                left.retain(|id| !dies(id.index(), modulus + mask, rest));
            }
            system.turn().unwrap();
            let mut found: Vec<_> = system.instances::<Sheep>().map(|(id, _)| id).collect();
            found.sort();
            left.sort();
            prop_assert_eq!(found, left);
            prop_assert!(all_heard::<Sheep>(&system, &[1000, 1001, 1002]));
            prop_assert_eq!(
                counts::<Winter>(&mut system),
                (called, 0),
                "calls are counted"
            );
            Ok(())
        },
    );
}

#[test]
fn instances_spawned_in_a_broadcast_do_not_get_it() {
    let mut system = system(4);
    spawn(&mut system, 100, 0, 0);
    let address = Id::<Sheep>::local_broadcast(system.world());
    system.world().send(
        address,
        Winter {
            modulus: 1,
            rest: 1,
            lambs: true,
        },
    );
    system.turn().unwrap();
    assert_eq!(system.run_until_idle(3), Ok(Idle::After { turns: 1 }));
    assert_eq!(system.population::<Sheep>(), 200);
    let heard = system
        .instances::<Sheep>()
        .filter(|(_, sheep)| sheep.heard() == [1001]);
    assert_eq!(heard.count(), 100);
}

#[test]
fn a_broadcast_comes_in_its_place_among_other_messages() {
    let mut system = system(4);
    let before = system.world().spawn(NewSheep {});
    let all = Id::<Sheep>::local_broadcast(system.world());
    system.world().send(before, Call { number: 1 });
    system.world().send(all, Call { number: 2 });
    let after = system.world().spawn(NewSheep {});
    system.world().send(before, Call { number: 3 });
    system.turn().unwrap();
    assert_eq!(system.get(before).unwrap().heard(), [1, 2, 3]);
    // Another shard, where the broadcast comes before the spawner too.
    assert_eq!(system.get(after).unwrap().heard(), []);
}

#[test]
fn the_first_instance_is_found_in_the_turn_in_which_the_host_spawns_it() {
    for shards in [1, 2, 64] {
        let mut system = system(shards);
        let shepherd = system.world().spawn(NewShepherd {});
        let local = Id::<Shepherd>::local_first(system.world());
        let global = Id::<Shepherd>::global_first(system.world());
        system.world().send(local, Call { number: 1 });
        system.world().send(global, Call { number: 2 });
        system.turn().unwrap();
        assert_eq!(&system.get(shepherd).unwrap().heard[..], [(1, 1), (2, 1)]);
        assert_eq!(counts::<Call>(&mut system), (2, 0));
    }
}

#[test]
fn a_first_instance_that_a_handler_spawned_is_found_wherever_it_lives() {
    for at in 0..8 {
        let mut system = system(8);
        // Someone in shard `at` makes the only sheep, which is then there too.
        spawn(&mut system, 0, 0, 8);
        let shard = |index: u32| index % 8;
        let found = system
            .instances::<Shepherd>()
            .find(|(id, _)| shard(id.index()) == at);
        let shepherd = found.unwrap().0;
        system.world().send(shepherd, Hire {});
        let hired = Id::<Shepherd>::local_first(system.world());
        system.world().send(hired, Call { number: 5 });
        system.turn().unwrap();
        let dog = system.get(shepherd).unwrap().dog.unwrap();
        assert_eq!(shard(dog.index()), at);
        system.turn().unwrap();
        assert!(system.get(dog).is_some());
        assert_eq!(counts::<Call>(&mut system), (1, 0));
    }
}

/// The first message is sent when nobody can know where the sheep will be.
#[test]
fn a_message_to_a_first_instance_that_is_just_being_made_arrives_a_turn_later() {
    let mut system = system(8);
    spawn(&mut system, 0, 0, 8);
    let (caller, _) = system.instances::<Shepherd>().nth(6).unwrap();
    // The host's eight slots of the round: the sheep comes to shard 3.
    for _ in 0..3 {
        let gone = system.world().spawn(NewSheep {});
        system.world().send(
            gone,
            Winter {
                modulus: 1,
                rest: 0,
                lambs: false,
            },
        );
    }
    let _ = system.run_until_idle(5).unwrap();
    let sheep = system.world().spawn(NewSheep {});
    assert_eq!(sheep.index() % 8, 3);
    system.world().send(caller, CallFirst { number: 4 });
    let first = Id::<Sheep>::local_first(system.world());
    system.world().send(first, Call { number: 3 });
    assert!(matches!(system.run_until_idle(5), Ok(Idle::After { .. })));
    let mut heard = system.get(sheep).unwrap().heard();
    heard.sort();
    assert_eq!(heard, [3, 4]);
    assert_eq!(counts::<Call>(&mut system), (2, 0));
}

#[test]
fn when_the_first_instance_dies_the_next_one_is_first() {
    let mut system = system(3);
    spawn(&mut system, 9, 0, 0);
    let first = Id::<Sheep>::local_first(system.world());
    for left in (0..9).rev() {
        system.world().send(first, Call { number: left });
        system.world().send(
            first,
            Winter {
                modulus: 1,
                rest: 0,
                lambs: false,
            },
        );
        system.turn().unwrap();
        assert_eq!(system.population::<Sheep>(), left as usize);
        let heard: usize = system
            .instances::<Sheep>()
            .map(|(_, sheep)| sheep.heard.len())
            .sum();
        assert_eq!(heard, 0, "what the first has heard has died with it");
    }
    assert_eq!(counts::<Call>(&mut system), (9, 0));
}

#[test]
fn a_message_to_the_first_of_none_is_lost_and_counted() {
    let mut system = system(5);
    let first = Id::<Goat>::local_first(system.world());
    system.world().send(first, Call { number: 1 });
    system.world().send(first, Call { number: 2 });
    assert_eq!(system.run_until_idle(9), Ok(Idle::After { turns: 2 }));
    assert_eq!(counts::<Call>(&mut system), (0, 2));
}

#[test]
fn a_broadcast_to_nobody_is_no_loss_but_a_trait_without_implementors_is_misuse() {
    let mut system = system(5);
    let all = Id::<Goat>::local_broadcast(system.world());
    system.world().send(all, Call { number: 1 });
    system.turn().unwrap();
    assert_eq!(counts::<Call>(&mut system), (0, 0));
    let nobody: NobodyId = system.world().local_broadcast_id();
    system.world().send_to_trait(nobody, Call { number: 1 });
    let error = system.turn().unwrap_err().to_string();
    assert!(
        error.contains("broadcast::NobodyId") && error.contains("broadcast::Call"),
        "{error}"
    );
}
