//! What `source` prints is what an actor was.

use std::path::Path;

use expect_test::expect_file;
use kay_runtime::{ActorSystem, Registry, Settings};

use crate::{run, text};

/// A car as it was saved.
mod first {
    use std::cmp::Reverse;
    use std::marker::PhantomData;
    use std::num::NonZero;
    use std::ops::{Bound, Range};
    use std::time::Duration;

    use kay_runtime::portable::{ReadError, Reader, Writer};
    use kay_runtime::{CBox, CMap, CString, CVec, Compact, External, Id, RawId};

    use super::Odd;
    use crate::{actor, message, spawn};

    #[derive(Clone, Copy, PartialEq, Eq, Hash, Compact)]
    #[repr(transparent)]
    pub struct CarId(Id<Car>);

    #[derive(Compact)]
    pub struct PlaceId(RawId);

    #[derive(Compact)]
    pub enum Gear {
        Neutral,
        Forward(u8),
        Back { slowly: bool, r#as: Option<CarId> },
    }

    #[derive(PartialEq, Eq, Hash, Compact)]
    pub enum Light {
        Off,
        On,
    }

    /// Its argument is not recorded.
    #[derive(Compact)]
    pub struct Pair<T>(T, T);

    #[derive(Compact)]
    pub struct Nothing;

    #[derive(Compact)]
    pub struct Trip {
        to: PlaceId,
        before: Option<CBox<Trip>>,
    }

    mod other {
        /// Of the same name as another one.
        #[derive(kay_runtime::Compact)]
        #[compact(crate = kay_runtime)]
        pub struct Light(pub f32);
    }

    #[derive(Compact)]
    pub struct Car {
        id: CarId,
        r#type: CString,
        speed: u32,
        gear: Gear,
        lights: (Light, [Light; 2], other::Light),
        front: Option<CarId>,
        place: Option<RawId>,
        trip: CBox<Trip>,
        seen: CMap<(CarId, Light), CVec<char>>,
        pairs: (Pair<u8>, Pair<Light>, (i64,)),
        file: External<u32>,
        nothing: (Nothing, (), PhantomData<CVec<u8>>),
        wheels: Option<NonZero<u16>>,
        range: Range<Reverse<Duration>>,
        bound: Bound<Result<f64, usize>>,
        odd: Odd,
    }

    message!(NewCar { speed: u32 });

    actor!(Car, messages: [], spawners: [NewCar]);
    spawn!(Car, NewCar, |m, id, _world| {
        let all = RawId::from(id);
        let (to, before) = (PlaceId(all), None);
        let before = Some(CBox::new(Trip { to, before }));
        Car {
            id: CarId(id),
            r#type: "van".into(),
            speed: m.speed,
            gear: match m.speed {
                0 => Gear::Neutral,
                1 => Gear::Forward(1),
                _ => Gear::Back {
                    slowly: true,
                    r#as: Some(CarId(id)),
                },
            },
            lights: (Light::On, [Light::Off, Light::On], other::Light(0.5)),
            front: Some(CarId(id)),
            place: Some(all),
            trip: CBox::new(Trip {
                to: PlaceId(all),
                before,
            }),
            seen: CMap::from_iter([((CarId(id), Light::On), CVec::from(['x']))]),
            pairs: (Pair(1, 2), Pair(Light::On, Light::Off), (-3,)),
            file: External::empty(),
            nothing: (Nothing, (), PhantomData),
            wheels: NonZero::new(4),
            range: Reverse(Duration::from_millis(2))..Reverse(Duration::from_millis(1)),
            bound: Bound::Included(Ok(0.25)),
            odd: Odd(3),
        }
    });

    impl Compact for Odd {
        const NAME_HASH: u64 = kay_runtime::fingerprint("Odd");

        fn duplicate(&self) -> Self {
            Odd(self.0)
        }

        fn hash_state<H: std::hash::Hasher>(&self, hasher: &mut H) {
            self.0.hash_state(hasher);
        }

        fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.describe(f)
        }

        fn write(&self, to: &mut Writer) {
            self.0.write(to);
        }

        fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
            u8::read(from).map(Odd)
        }
    }
}

/// Kept in a form that only its own code knows.
pub struct Odd(u8);

/// What a car was, as a user pastes it: what `source` has printed.
mod old {
    include!("old_car.rs");
}

/// A car as it is now.
mod second {
    use kay_runtime::{CString, Compact, Fate, Handlers, Id, Message, Recipient, Spawner, World};

    use crate::message;

    #[derive(Compact)]
    pub struct Car {
        pub speed: f64,
        pub name: CString,
        pub trips: u32,
    }

    message!(Drive {});

    /// It is made by the same message as the one that was.
    #[derive(Compact)]
    pub struct NewCar {
        speed: u32,
    }

    impl Message for NewCar {
        const NAME: &'static str = super::first::NewCar::NAME;
        const FINGERPRINT: u64 = super::first::NewCar::FINGERPRINT;
    }

    impl kay_runtime::Actor for Car {
        const NAME: &'static str = super::first::Car::NAME;
        const FINGERPRINT: u64 = super::first::Car::FINGERPRINT;
        fn register(handlers: &mut Handlers<'_, Self>) {
            handlers.spawner::<NewCar>();
            handlers.message::<Drive>();
        }
    }

    impl Spawner for NewCar {
        type Actor = Car;
        fn spawn(self, _: Id<Car>, _: &mut World) -> Car {
            let (speed, name) = (self.speed.into(), CString::new());
            let trips = 0;
            Car { speed, name, trips }
        }
    }

    impl Recipient<Drive> for Car {
        fn receive(&mut self, _: Drive, _: &mut World) -> Fate {
            Fate::Live
        }
    }
}

fn settings() -> Settings {
    Settings::default().threads(1).shards(2)
}

/// A world of three cars as they were.
fn save(folder: &Path) {
    let setup = |registry: &mut Registry| registry.register::<first::Car>();
    let (mut system, _) = ActorSystem::open(folder, settings(), setup).unwrap();
    for speed in 0..3 {
        system.world().spawn(first::NewCar { speed });
    }
    system.turn().unwrap();
    system.snapshot().unwrap();
    system.close().unwrap();
}

#[test]
fn source_prints_what_a_car_was() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path());
    let (code, out, err) = run(&[text("source"), folder.path(), text("first::Car")]);
    assert_eq!((code, &*err), (0, ""));
    expect_file!["old_car.rs"].assert_eq(&out);
    let all = run(&[text("source"), folder.path()]);
    assert_eq!(all.1, out, "there is no other actor type");
}

/// Uses all that is printed of the parts of a car.
fn renew(car: old::OldCar) -> second::Car {
    let same = [Some(car.id.0), car.front.map(|id| id.0)];
    assert_eq!(same[0], same[1]);
    let on = |light: &old::OldLight| matches!(light, old::OldLight::On);
    let (first, [second, third], fourth) = &car.lights;
    assert_eq!([first, second, third].map(on), [true, false, true]);
    assert_eq!(fourth.0, 0.5);
    let (numbers, lights, (minus,)) = &car.pairs;
    assert_eq!((numbers.0, numbers.1, *minus), (1, 2, -3));
    assert_eq!((on(&lights.0), on(&lights.1)), (true, false));
    let before = car.trip.before.as_ref().expect("there was a trip before");
    assert_eq!(Some(before.to.0), car.place);
    let (key, seen) = car.seen.iter().next().expect("it has seen one");
    assert_eq!(
        (key.0.0, on(&key.1), &seen[..]),
        (car.id.0, true, &['x'][..])
    );
    assert!(car.seen.contains_key(key));
    assert_eq!(car.wheels.map(|wheels| wheels.get()), Some(4));
    assert_eq!((car.range.start.0.as_millis(), car.odd.0), (2, 3));
    assert_eq!(car.bound, std::ops::Bound::Included(Ok(0.25)));
    assert!(car.file.is_empty());
    let speed = match car.gear {
        old::OldGear::Neutral => 0,
        old::OldGear::Forward(gear) => gear.into(),
        old::OldGear::Back { slowly, r#as } => {
            assert_eq!((slowly, r#as.map(|id| id.0)), (true, same[0]));
            2
        }
    };
    assert_eq!(car.speed, speed);
    second::Car {
        speed: car.speed.into(),
        name: car.r#type,
        trips: 2,
    }
}

#[test]
fn what_was_printed_is_accepted_as_what_a_car_was() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path());
    let setup = |registry: &mut Registry| {
        registry.register::<second::Car>();
        registry.migrate(renew);
    };
    let (system, recovery) = ActorSystem::open(folder.path(), settings(), setup).unwrap();
    assert_eq!(recovery.snapshot, Some(1));
    let mut speeds = Vec::new();
    for (_, car) in system.instances::<second::Car>() {
        assert_eq!((&*car.name, car.trips), ("van", 2));
        speeds.push(car.speed);
    }
    speeds.sort_by(f64::total_cmp);
    assert_eq!(speeds, [0.0, 1.0, 2.0]);
}

#[test]
fn source_says_which_actors_there_are() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path());
    let (code, out, err) = run(&[text("source"), folder.path(), text("Lane")]);
    assert_eq!((code, &*out), (2, ""));
    assert_eq!(
        err,
        "error: there is no actor type `Lane` in `snapshot-000000000001`: \
         there are `commands::migrate::first::Car`\n"
    );
}
