//! Messages and recipients that a user writes by hand, beside what is generated.

mod common;

use kay_runtime::{
    Actor, ActorSystem, Compact, Fate, Id, Message, RawId, Recipient, Registry, Settings,
    SetupError, TraitId, World,
};

#[derive(Compact)]
struct Car {
    id: Id<Car>,
    honks: u32,
    shared: u32,
}

message!(NewCar {});
actor!(Car, messages: [], spawners: [NewCar], traits: [NoisyId]);
spawn!(Car, NewCar, |_m, id, _world| Car {
    id,
    honks: 0,
    shared: 0
});

/// A message that belongs to no actor.
#[derive(Compact)]
struct Honk {
    times: u32,
}

impl Message for Honk {
    const NAME: &'static str = "recipient::Honk";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

impl Recipient<Honk> for Car {
    fn receive(&mut self, message: Honk, world: &mut World) -> Fate {
        self.honks += message.times;
        if message.times > 1 {
            world.send(
                self.id,
                Honk {
                    times: message.times - 1,
                },
            );
        }
        Fate::Live
    }

    fn receive_shared(&mut self, message: &Honk, _: &mut World) -> Fate {
        self.shared += message.times;
        if message.times == 9 {
            Fate::Die
        } else {
            Fate::Live
        }
    }
}

#[derive(Clone, Copy, Compact)]
struct NoisyId(RawId);

impl From<RawId> for NoisyId {
    fn from(id: RawId) -> Self {
        NoisyId(id)
    }
}

impl From<NoisyId> for RawId {
    fn from(id: NoisyId) -> Self {
        id.0
    }
}

impl TraitId for NoisyId {
    const NAME: &'static str = "recipient::Noisy";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

#[test]
fn a_message_by_hand_reaches_one_all_and_those_behind_a_trait() {
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Car>();
        registry.handle::<Car, Honk>();
    };
    let mut system = ActorSystem::new(Settings::default().threads(1).shards(4), setup).unwrap();
    let cars: Vec<_> = (0..10).map(|_| system.world().spawn(NewCar {})).collect();
    let all = Id::<Car>::local_broadcast(system.world());
    let noisy: NoisyId = system.world().local_broadcast_id();
    system.world().send(cars[3], Honk { times: 3 });
    system.world().send(all, Honk { times: 5 });
    system.world().send_to_trait(noisy, Honk { times: 50 });
    system
        .world()
        .send_to_trait(NoisyId(cars[4].into()), Honk { times: 1 });
    let _ = system.run_until_idle(9).unwrap();
    for (at, &car) in cars.iter().enumerate() {
        let found = system.get(car).unwrap();
        let honks = [6, 1].get(at.wrapping_sub(3)).copied().unwrap_or(0);
        // Spawned in the same turn: the first message waits for nobody.
        assert_eq!((found.honks, found.shared), (honks, 55));
    }
    let statistics = system.statistics();
    let honk = statistics
        .messages
        .iter()
        .find(|message| message.name == Honk::NAME)
        .unwrap();
    assert_eq!(
        (honk.actor, honk.delivered, honk.lost),
        ("recipient::Car", 24, 0)
    );
    system.world().send(all, Honk { times: 9 });
    system.turn().unwrap();
    assert_eq!(system.population::<Car>(), 0);
}

/// As `Noisy`, for which `Car` was never written.
#[derive(Clone, Copy, Compact)]
struct LateId(RawId);

impl From<RawId> for LateId {
    fn from(id: RawId) -> Self {
        LateId(id)
    }
}

impl From<LateId> for RawId {
    fn from(id: LateId) -> Self {
        id.0
    }
}

impl TraitId for LateId {
    const NAME: &'static str = "recipient::Late";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

fn cars(registry: &mut Registry) {
    registry.include(|registry| registry.register::<Car>());
}

/// Takes in the cars, and adds to what they handle.
fn late(registry: &mut Registry) {
    registry.include(|registry| {
        cars(registry);
        registry.extend::<Car>(|handlers| {
            handlers.message::<Honk>();
            handlers.implements::<LateId>();
        });
    });
}

#[test]
fn an_actor_of_another_crate_is_registered_once_and_extended_afterwards() {
    let settings = || Settings::default().threads(1).shards(4);
    for order in [[cars, late], [late, cars], [late, late]] {
        let setup = |registry: &mut Registry| order.iter().for_each(|setup| setup(registry));
        let mut system = ActorSystem::new(settings(), setup).unwrap();
        let car = system.world().spawn(NewCar {});
        let late: LateId = system.world().local_broadcast_id();
        system.world().send_to_trait(late, Honk { times: 2 });
        system.world().send(car, Honk { times: 1 });
        let _ = system.run_until_idle(9).unwrap();
        let car = system.get(car).unwrap();
        assert_eq!((car.shared, car.honks), (2, 1));
    }
}

#[test]
fn what_is_extended_must_be_registered_and_listed_once() {
    let error = |setup: fn(&mut Registry)| ActorSystem::new(Settings::default(), setup).err();
    let actor = Car::NAME;
    assert_eq!(
        error(|registry| registry.extend::<Car>(|handlers| handlers.message::<Honk>())),
        Some(SetupError::TypeNever { actor })
    );
    assert_eq!(
        error(|registry| {
            late(registry);
            registry.handle::<Car, Honk>();
        }),
        Some(SetupError::MessageTwice {
            actor,
            message: Honk::NAME
        })
    );
}
