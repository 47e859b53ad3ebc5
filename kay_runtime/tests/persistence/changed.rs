//! Inputs that another version of the program has written.

use std::path::Path;

use kay_runtime::{
    ActorSystem, Compact, Fate, Handlers, Id, Message, OpenError, Recipient, Registry, ReplayError,
    Settings, Spawner, World,
};

/// A version of the program: a desk that gets forms, with these fields, under the same names.
macro_rules! version {
    ($module:ident, $($field:ident: $type:ty),*) => {
        mod $module {
            use super::*;

            #[derive(Compact, Debug, PartialEq)]
            pub struct Desk {
                pub noted: u64,
            }

            #[derive(Compact)]
            pub struct NewDesk {}

            #[derive(Compact)]
            pub struct Note {
                pub number: u64,
            }

            #[derive(Compact)]
            pub struct Form {
                $(pub $field: $type),*
            }

            impl Message for NewDesk {
                const NAME: &'static str = "town::NewDesk";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            }

            impl Message for Note {
                const NAME: &'static str = "town::Note";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            }

            impl Message for Form {
                const NAME: &'static str = "town::Form";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            }

            impl kay_runtime::Actor for Desk {
                const NAME: &'static str = "town::Desk";
                const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
                fn register(handlers: &mut Handlers<'_, Self>) {
                    handlers.spawner::<NewDesk>();
                    handlers.message::<Note>();
                    handlers.message::<Form>();
                }
            }

            impl Spawner for NewDesk {
                type Actor = Desk;
                fn spawn(self, _: Id<Desk>, _: &mut World) -> Desk {
                    Desk { noted: 0 }
                }
            }

            impl Recipient<Note> for Desk {
                fn receive(&mut self, message: Note, _: &mut World) -> Fate {
                    self.noted += message.number;
                    Fate::Live
                }
            }

            impl Recipient<Form> for Desk {
                fn receive(&mut self, message: Form, _: &mut World) -> Fate {
                    self.noted = self.noted * 10 + u64::from(message.amount);
                    Fate::Live
                }
            }

            pub fn note(system: &mut ActorSystem, number: u64) {
                let all = Id::<Desk>::local_broadcast(system.world());
                system.world().send(all, Note { number });
                system.turn().unwrap();
            }

            pub fn send(system: &mut ActorSystem, amount: u32) {
                let all = Id::<Desk>::local_broadcast(system.world());
                system.world().send(all, Form { amount, weight: 70 });
                system.turn().unwrap();
            }

            /// What has come to each desk.
            pub fn noted(system: &mut ActorSystem) -> Vec<u64> {
                let desks = system.instances::<Desk>();
                desks.map(|(_, desk)| desk.noted).collect()
            }

            /// Opens the world in a folder, and has it do something before it is closed again.
            pub fn with<R>(
                folder: &Path,
                act: impl FnOnce(&mut ActorSystem) -> R,
            ) -> Result<(R, u64), OpenError> {
                let setup = |registry: &mut Registry| registry.register::<Desk>();
                let (mut system, recovery) = ActorSystem::open(folder, settings(), setup)?;
                let result = act(&mut system);
                system.close().unwrap();
                Ok((result, recovery.messages))
            }
        }
    };
}

version!(old, amount: u32, weight: u32);
version!(new, weight: u32, amount: u32);

fn settings() -> Settings {
    Settings::default().threads(1).shards(3)
}

fn begin(folder: &Path) {
    old::with(folder, |system| {
        system.world().spawn(old::NewDesk {});
        system.turn().unwrap();
        old::note(system, 1);
    })
    .unwrap();
}

/// What a world that cannot be opened says has changed.
fn refused<R>(result: Result<R, OpenError>) -> Vec<String> {
    let Err(OpenError::Replay { reason, .. }) = result else {
        panic!("it is opened, or something else is wrong");
    };
    let ReplayError::Changed {
        actor,
        message,
        differences,
    } = reason
    else {
        panic!("{reason}");
    };
    assert_eq!((actor, message), ("town::Desk", "town::Form"));
    differences.iter().map(ToString::to_string).collect()
}

#[test]
fn a_message_that_has_changed_is_refused_and_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    begin(folder);
    old::with(folder, |system| old::send(system, 3)).unwrap();
    for _ in 0..2 {
        assert_eq!(
            refused(new::with(folder, |_| ())),
            ["`town::Form` has its fields in another order"]
        );
    }
    // Nothing has changed for those who can read it, nor for others behind a snapshot.
    let (noted, _) = old::with(folder, |system| {
        system.snapshot().unwrap();
        old::noted(system)
    })
    .unwrap();
    assert_eq!(noted, [13]);
    let (noted, messages) = new::with(folder, new::noted).unwrap();
    assert_eq!((noted, messages), (vec![13], 0));
}

/// What goes by another protocol is in a part of the journal of its own.
#[test]
fn who_has_changed_what_was_never_sent_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    begin(folder);
    let (noted, _) = new::with(folder, |system| {
        new::send(system, 4);
        new::noted(system)
    })
    .unwrap();
    assert_eq!(noted, [14]);
    let (noted, _) = new::with(folder, |system| {
        new::send(system, 5);
        new::noted(system)
    })
    .unwrap();
    assert_eq!(noted, [145]);
    assert_eq!(
        refused(old::with(folder, |_| ())),
        ["`town::Form` has its fields in another order"]
    );
    let (noted, _) = new::with(folder, new::noted).unwrap();
    assert_eq!(noted, [145]);
}

#[test]
fn versions_that_take_turns_have_a_part_each() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    begin(folder);
    let parts = || {
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let names = files.map(|file| file.file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("inputs-")).count()
    };
    assert_eq!(parts(), 1);
    for round in 1..=3 {
        for _ in 0..2 {
            new::with(folder, |system| new::note(system, 1)).unwrap();
            assert_eq!(parts(), 2 * round);
        }
        for _ in 0..2 {
            old::with(folder, |system| old::note(system, 1)).unwrap();
            assert_eq!(parts(), 2 * round + 1);
        }
    }
    let (noted, _) = old::with(folder, old::noted).unwrap();
    assert_eq!(noted, [13]);
}
