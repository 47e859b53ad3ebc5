//! Messages and recipients that a user writes by hand, beside what is generated.

mod common;

use kay_runtime::{
    ActorSystem, Compact, Fate, Id, Message, RawId, Recipient, Settings, TraitId, World,
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
