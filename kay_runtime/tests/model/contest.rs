//! A model and three worlds of kay, in which the same is done: all have to agree.

use std::fmt::Debug;
use std::time::Duration;

use kay_runtime::{
    ActorSystem, Compact, Idle, PanicPolicy, RawId, Rng, Settings, SnapshotPolicy, SyncPolicy,
    TurnError,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::actors::*;
use crate::kept::Kept;
use crate::letter::{KINDS, TYPES, kind_of};
use crate::logic::{Surroundings, pick};
use crate::script::{Operation, any_threads};
use crate::sending::InKay;
use crate::world::World;

pub(crate) struct Contest {
    pub(crate) shards: u32,
    pub(crate) model: World,
    /// On one thread.
    plain: ActorSystem,
    /// On several, perhaps with a schedule or a `sync_test`.
    threads: ActorSystem,
    kept: Kept,
}

impl Contest {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let shards = pick(&[1, 2, 3, 4, 5, 7, 8, 16, 64], &mut rng);
        let kills = rng.below(2) == 0;
        let policy = if kills {
            PanicPolicy::Kill
        } else {
            PanicPolicy::Freeze
        };
        let settings = Settings::default()
            .seed(seed)
            .shards(shards)
            .panic_policy(policy);
        let mut many = settings.clone().threads(any_threads(&mut rng).max(2));
        if rng.below(4) > 0 {
            many = many.schedule(rng.bits());
        }
        if rng.below(8) == 0 {
            many = many.sync_test(1 + rng.below(5));
        }
        let every = 1 + rng.below(6);
        let snapshots = match rng.below(3) {
            0 => SnapshotPolicy::Never,
            1 => SnapshotPolicy::EveryTurns(every),
            _ => SnapshotPolicy::Every(Duration::from_micros(every * 300)),
        };
        let kept = settings.clone().threads(any_threads(&mut rng));
        let kept = kept.sync(SyncPolicy::Never).snapshots(snapshots);
        Contest {
            shards: shards as u32,
            model: World::new(shards as u32, kills),
            plain: ActorSystem::new(settings.threads(1), setup).unwrap(),
            threads: ActorSystem::new(many, setup).unwrap(),
            kept: Kept::new(kept),
        }
    }

    /// Does the same in all worlds. Returns whom that has made.
    pub(crate) fn run(&mut self, operation: &Operation) -> Result<Option<RawId>, TestCaseError> {
        match operation {
            Operation::Send(..) | Operation::Spawn(..) => return self.host_sends(operation),
            Operation::Turn => {
                self.model.turn();
                self.all(|system| unless_frozen(system.turn()))?;
            }
            Operation::Resume => {
                self.model.resume();
                self.all(|system| unless_frozen(system.resume()))?;
            }
            Operation::UntilIdle(bound) => self.run_until_idle(*bound)?,
            Operation::Verify => self.all(|system| Ok(system.verify()?))?,
            Operation::Snapshot => self.kept.snapshot()?,
            Operation::Reopen { closes, threads } => {
                self.kept.reopen(*closes, *threads, self.model.turns())?;
            }
        }
        // What the host has sent waits from when it is taken: by a turn, or by the journal before that.
        if self.model.host_has_sent() {
            return Ok(None);
        }
        self.kept.unsent.clear();
        self.compare(matches!(operation, Operation::Reopen { .. }))?;
        Ok(None)
    }

    fn all(&mut self, mut what: impl FnMut(&mut ActorSystem) -> TestCaseResult) -> TestCaseResult {
        what(&mut self.plain).map_err(|error| within("the plain world", error))?;
        what(&mut self.threads).map_err(|error| within("the world on threads", error))?;
        what(self.kept.system()).map_err(|error| within("the kept world", error))
    }

    fn host_sends(&mut self, operation: &Operation) -> Result<Option<RawId>, TestCaseError> {
        let id = send(&mut self.model.host(), operation);
        self.all(|system| {
            let given = send(&mut InKay(system.world()), operation);
            prop_assert_eq!(given, id, "the id differs from that in the model");
            Ok(())
        })?;
        self.kept.unsent.push(operation.clone());
        Ok(id)
    }

    fn run_until_idle(&mut self, bound: u64) -> TestCaseResult {
        if self.model.frozen {
            return Ok(());
        }
        let (turns, is_idle) = self.model.run_until_idle(bound);
        let frozen = self.model.frozen;
        let mut first = None;
        self.all(|system| {
            match system.run_until_idle(bound) {
                Err(TurnError::Frozen { .. }) if frozen => {}
                Ok(Idle::After { turns: ran }) if is_idle && !frozen => {
                    prop_assert_eq!(ran, turns, "turns until the world is idle");
                }
                Ok(Idle::Never { waiting }) if !is_idle && !frozen => {
                    // Without a turn, what the host has sent may not have been taken yet.
                    if turns > 0 {
                        let counted = *first.get_or_insert(waiting);
                        prop_assert_eq!(waiting, counted, "messages and receivers that wait");
                    }
                }
                other => prop_assert!(
                    false,
                    "until idle: {other:?}, the model: idle {is_idle}, frozen {frozen}"
                ),
            }
            Ok(())
        })
    }

    /// Compares the worlds with each other, and one with the model: `all`, if one has come back.
    fn compare(&mut self, all: bool) -> TestCaseResult {
        let model = &self.model;
        agrees(model, &mut self.plain).map_err(|error| within("the plain world", error))?;
        let kept = self.kept.system();
        if all {
            agrees(model, kept).map_err(|error| within("the kept world", error))?;
        }
        let expected = look(&mut self.plain);
        same(look(&mut self.threads), &expected, "the world on threads")?;
        same(look(kept), &expected, "the kept world")
    }
}

pub(crate) fn send(to: &mut impl Surroundings, operation: &Operation) -> Option<RawId> {
    match operation.clone() {
        Operation::Send(receiver, letter) => to.send(receiver, letter),
        Operation::Spawn(of, near, letter) => return Some(to.spawn(of, near, letter)),
        other => unreachable!("{other:?} sends nothing"),
    }
    None
}

pub(crate) fn unless_frozen(result: Result<(), TurnError>) -> TestCaseResult {
    match result {
        Ok(()) | Err(TurnError::Frozen { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn within(what: &str, error: TestCaseError) -> TestCaseError {
    TestCaseError::fail(format!("{what}: {error}"))
}

fn same<T: PartialEq + Debug>(seen: T, expected: &T, whose: &str) -> TestCaseResult {
    prop_assert_eq!(&seen, expected, "{} differs from the plain one", whose);
    Ok(())
}

/// All that worlds of kay show of themselves, wherever they run.
fn look(system: &mut ActorSystem) -> impl PartialEq + Debug + use<> {
    let statistics = system.statistics();
    (
        (system.turns(), system.is_frozen(), system.state_hash()),
        (statistics.actors, statistics.messages, statistics.panics),
        system.panics().to_vec(),
    )
}

/// Whether a world of kay is as the model says.
fn agrees(model: &World, system: &mut ActorSystem) -> TestCaseResult {
    let state = (system.turns(), system.is_frozen());
    prop_assert_eq!(
        state,
        (model.turns(), model.frozen),
        "turn, and whether frozen"
    );
    let statistics = system.statistics();
    let (delivered, lost) = model.counts();
    for of in 0..TYPES {
        let waiting = statistics.actors[of].waiting;
        prop_assert_eq!(waiting, model.waiting(of), "waiting for {}", NAMES[of]);
        let messages = statistics.messages.iter();
        let messages: Vec<_> = messages
            .filter(|message| message.actor == NAMES[of])
            .collect();
        prop_assert_eq!(messages.len(), KINDS);
        for message in messages {
            let kind = kind_of(message.name) as usize;
            let counts = (message.delivered, message.lost);
            let expected = (delivered[of][kind], lost[of][kind]);
            prop_assert_eq!(counts, expected, "delivered and lost of {:?}", message);
        }
    }
    instances_agree::<Plain>(0, model, system)?;
    instances_agree::<Diary>(1, model, system)?;
    instances_agree::<Moody>(2, model, system)?;
    prop_assert_eq!(statistics.panics, model.panic_count, "panics");
    let panics: Vec<_> = system
        .panics()
        .iter()
        .map(|panic| (panic.turn, panic.id, kind_of(panic.message)))
        .collect();
    prop_assert_eq!(&panics, &model.panics);
    Ok(())
}

fn instances_agree<A: Body>(of: usize, model: &World, system: &ActorSystem) -> TestCaseResult {
    let expected = model.instances(of);
    let mut instances = system.instances::<A>();
    for (id, core) in &expected {
        let Some((seen, instance)) = instances.next() else {
            return Err(TestCaseError::fail(format!("{id} is not there")));
        };
        prop_assert_eq!((RawId::from(seen), instance.core()), (*id, core));
        // Who has panicked is shown as it was then.
        prop_assert!(system.is_frozen() || instance.is_sound(), "parts of {}", id);
        let found = system.get(seen).map(|instance| instance.core().duplicate());
        prop_assert_eq!(found.as_ref(), Some(core), "found by its id");
    }
    let more = instances.next().map(|(id, _)| id);
    prop_assert!(more.is_none(), "{more:?} is not in the model");
    prop_assert_eq!(system.population::<A>(), expected.len());
    Ok(())
}
