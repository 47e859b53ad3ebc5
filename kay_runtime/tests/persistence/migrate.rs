//! Worlds that another version of the program has saved.

use std::path::Path;

use kay_runtime::{
    ActorSystem, CString, Compact, Fate, Handlers, Id, Message, OpenError, Recipient, Registry,
    Settings, Spawner, World,
};

/// A version of the program: a car that drives, with a state of its own, under the same names.
macro_rules! version {
    ($module:ident, $car:item, $new:expr $(,)?) => {
        mod $module {
            use super::*;

            $car

            #[derive(Compact)]
            pub struct NewCar {
                pub speed: u32,
            }

            #[derive(Compact)]
            pub struct Drive {
                pub by: u32,
            }

            impl Message for NewCar {
                const NAME: &'static str = "city::NewCar";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            }

            impl Message for Drive {
                const NAME: &'static str = "city::Drive";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            }

            impl kay_runtime::Actor for Car {
                const NAME: &'static str = "city::Car";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
                fn register(handlers: &mut Handlers<'_, Self>) {
                    handlers.message::<Drive>();
                    handlers.spawner::<NewCar>();
                }
            }

            impl Recipient<Drive> for Car {
                fn receive(&mut self, message: Drive, _: &mut World) -> Fate {
                    self.drive(message.by);
                    Fate::Live
                }
            }

            impl Spawner for NewCar {
                type Actor = Car;
                fn spawn(self, _: Id<Car>, _: &mut World) -> Car {
                    let new: fn(u32) -> Car = $new;
                    new(self.speed)
                }
            }
        }
    };
}

version!(
    old,
    #[derive(Compact)]
    pub struct Car {
        pub name: CString,
        pub speed: u32,
        pub driven: u64,
    },
    |speed| Car {
        name: "car".into(),
        speed,
        driven: 0
    },
);
version!(
    new,
    #[derive(Compact)]
    pub struct Car {
        pub driven: u64,
        pub speed: f64,
        pub name: CString,
        pub lights: Option<bool>,
    },
    |speed| Car {
        driven: 0,
        speed: speed.into(),
        name: "car".into(),
        lights: Some(false)
    },
);

impl old::Car {
    fn drive(&mut self, by: u32) {
        self.driven += u64::from(by * self.speed);
    }
}

impl new::Car {
    fn drive(&mut self, by: u32) {
        self.driven += (f64::from(by) * self.speed) as u64;
    }
}

fn settings() -> Settings {
    Settings::default().threads(1).shards(3)
}

/// A world of the old version, with a snapshot in which cars are and messages wait.
fn save(folder: &Path) -> Vec<Id<old::Car>> {
    let setup = |registry: &mut Registry| registry.register::<old::Car>();
    let (mut system, _) = ActorSystem::open(folder, settings(), setup).unwrap();
    let cars: Vec<_> = (0..2000)
        .map(|speed| system.world().spawn(old::NewCar { speed }))
        .collect();
    system.turn().unwrap();
    for &car in &cars {
        system.world().send(car, old::Drive { by: 2 });
    }
    system.snapshot().unwrap();
    system.close().unwrap();
    cars
}

fn renew(car: old::Car) -> new::Car {
    new::Car {
        driven: car.driven,
        speed: car.speed.into(),
        name: car.name,
        lights: None,
    }
}

/// What an even older car was.
#[derive(Compact)]
struct OldestCar {
    speed: u8,
}

#[test]
fn a_changed_actor_is_made_of_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let cars = save(folder.path());
    let setup = |registry: &mut Registry| {
        registry.register::<new::Car>();
        registry.migrate(|_: OldestCar| -> new::Car { panic!("it was no such car") });
        registry.migrate(renew);
    };
    let (mut system, recovery) = ActorSystem::open(folder.path(), settings(), setup).unwrap();
    assert!(recovery.snapshot.is_some());
    system.turn().unwrap();
    let now: Vec<_> = system.instances::<new::Car>().collect();
    assert_eq!(now.len(), cars.len());
    for (id, car) in now {
        assert_eq!(car.driven, 2 * car.speed as u64, "what waited has come");
        assert_eq!((&*car.name, car.lights), ("car", None));
        let speed = cars
            .iter()
            .position(|old| (old.index(), old.generation()) == (id.index(), id.generation()));
        assert_eq!(speed, Some(car.speed as usize), "ids are what they were");
    }
    // What is saved from now on is of the new version.
    system.snapshot().unwrap();
    system.close().unwrap();
    let setup = |registry: &mut Registry| registry.register::<new::Car>();
    let (system, recovery) = ActorSystem::open(folder.path(), settings(), setup).unwrap();
    assert_eq!(recovery.snapshot, Some(2));
    assert_eq!(system.instances::<new::Car>().count(), cars.len());
}

#[test]
fn a_changed_actor_is_refused_and_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path());
    let setup = |registry: &mut Registry| {
        registry.register::<new::Car>();
        registry.migrate(|_: OldestCar| -> new::Car { panic!("it was no such car") });
    };
    for _ in 0..2 {
        let error = ActorSystem::open(folder.path(), settings(), setup).err();
        let Some(OpenError::Schema { differences, .. }) = error else {
            panic!("{error:?}");
        };
        let text: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "`city::Car` has got a field `lights`",
                "`city::Car.speed` was a `u32`, and is a `f64`",
            ]
        );
    }
    // Nothing has changed for those who can read it.
    let setup = |registry: &mut Registry| registry.register::<old::Car>();
    let (_, recovery) = ActorSystem::open(folder.path(), settings(), setup).unwrap();
    assert!(recovery.refused.is_empty());
}
