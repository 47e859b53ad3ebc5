//! What is not compact: held, but never copied and never hashed.

mod common;

use std::sync::Arc;

use kay_runtime::portable::{WriteError, from_bytes, to_bytes};
use kay_runtime::{ActorSystem, Compact, External, Id, Settings};

#[derive(Compact)]
struct Logger {
    id: Id<Logger>,
    file: External<Arc<String>>,
}

message!(NewLogger { file: External<Arc<String>> });
message!(Swap { file: External<Arc<String>> });

actor!(Logger, messages: [Swap], spawners: [NewLogger]);
spawn!(Logger, NewLogger, |m, id, _world| Logger {
    id,
    file: m.file
});
on!(Logger, Swap, |this, m, _world| this.file = m.file);

#[test]
fn it_holds_gives_and_takes() {
    let mut external = External::new(String::from("one"));
    external.get_mut().unwrap().push('!');
    assert_eq!(external.replace("two".into()).as_deref(), Some("one!"));
    assert_eq!(format!("{external:?}"), "External(..)");
    assert_eq!(external.take().as_deref(), Some("two"));
    assert_eq!((external.take(), external.get()), (None, None));
    assert!(external.get_mut().is_none());
    assert_eq!(
        (external.is_empty(), format!("{external:?}").as_str()),
        (true, "External(empty)")
    );
    assert!(External::<u8>::default().is_empty());
}

#[test]
fn a_copy_is_empty_and_all_have_the_same_hash() {
    let external = External::new(5);
    assert!(external.duplicate().is_empty());
    let hash = |external: &External<i32>| {
        let mut hasher = std::hash::DefaultHasher::new();
        external.hash_state(&mut hasher);
        std::hash::Hasher::finish(&hasher)
    };
    assert_eq!(hash(&external), hash(&External::empty()));
}

#[test]
fn what_it_holds_is_not_written() {
    let refused = to_bytes(&(1_u8, External::new(5))).unwrap_err();
    let why = "what an `External` holds cannot be written";
    assert_eq!(refused, WriteError::Invalid { why });
    let empty = to_bytes(&External::<u8>::empty()).unwrap();
    assert!(from_bytes::<External<u8>>(&empty).unwrap().is_empty());
    // Nobody can make bytes that hold something.
    assert!(from_bytes::<External<u8>>(&[1]).is_err());
}

#[test]
fn it_travels_in_messages_and_is_dropped_with_its_actor() {
    let held = Arc::new(String::from("held"));
    let again = || External::new(Arc::clone(&held));
    let setup = |registry: &mut kay_runtime::Registry| registry.register::<Logger>();
    let mut system = ActorSystem::new(Settings::default().threads(1), setup).unwrap();
    let logger = system.world().spawn(NewLogger { file: again() });
    system.turn().unwrap();
    let found = system.get(logger).unwrap();
    assert_eq!((found.id, found.file.get()), (logger, Some(&held)));
    let hash = system.state_hash();
    system.world().send(
        logger,
        Swap {
            file: External::empty(),
        },
    );
    system.turn().unwrap();
    assert!(system.get(logger).unwrap().file.is_empty());
    assert_eq!(Arc::strong_count(&held), 1);
    assert_ne!(system.state_hash(), hash, "the turn counts");
    system.world().send(logger, Swap { file: again() });
    drop(system);
    assert_eq!(
        Arc::strong_count(&held),
        1,
        "messages that wait are dropped too"
    );
}
