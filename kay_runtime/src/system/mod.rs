//! The actor system: one world and the threads that drive it.

mod background;
mod bounds;
mod damage;
mod frozen;
mod inputs;
mod inspect;
#[cfg(test)]
mod journal_test;
mod lone;
mod open;
mod preparation;
mod replay;
mod restore;
mod save;
mod snapshot;
mod sync_test;
mod turn;

use std::sync::Arc;

use chunky::{Depot, Heap, Storage};

use crate::census::Census;
use crate::crew::Crew;
use crate::error::SetupError;
use crate::kept_store::Recorded;
use crate::mailbox::Mailbox;
use crate::outbox::{Letter, Mailboxes, Outbox};
use crate::panic::PanicReport;
use crate::persist::Inputs;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::shard::{Shard, half};
use crate::shard_set::ShardSet;
use crate::stock::{HOST, Source};
use crate::world::World;

pub use open::Recovery;
pub use snapshot::Saved;
pub use sync_test::{Difference, OutOfSync};
pub use turn::Idle;

/// One world of actors on one machine, and the threads that drive it.
///
/// The thread that owns it, the *host*, sends messages through [`world`](ActorSystem::world),
/// lets turns run with [`turn`](ActorSystem::turn), and looks at everything between two turns.
/// Two systems in one process know nothing of each other.
///
/// ```
/// use kay_runtime::{ActorSystem, Settings};
///
/// # fn setup(_: &mut kay_runtime::Registry) {}
/// let mut system = ActorSystem::new(Settings::default().threads(1), setup)?;
/// system.turn()?;
/// assert_eq!(system.turns(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ActorSystem {
    settings: Settings,
    registry: Arc<Registry>,
    census: Arc<Census>,
    depot: Arc<Depot>,
    storage: Arc<dyn Storage>,
    /// By index; a place is empty only while its shard is on its way through a round.
    shards: Vec<Option<Box<Shard>>>,
    crew: Crew<Shard>,
    host: World,
    turn: u64,
    /// Shards for which something waits, for odd and for even turns.
    active: [ShardSet; 2],
    /// Shards that have something to tell at the end of the turn.
    telling: Vec<usize>,
    /// Whether letters for the next turn are in the mailboxes, because the last one ran on all
    /// threads.
    by_mail: bool,
    /// Slot numbers that the host gets back.
    for_host: Vec<Letter>,
    /// Messages that wait, receivers of broadcasts included.
    waiting: u64,
    /// The panics that froze the world, all since the last resume; where culprits are killed, the last ones.
    panics: Vec<PanicReport>,
    /// How many there were since the beginning.
    panicked: u64,
    frozen: bool,
    /// The first shard that has another world than its own: the end of this system.
    swapped: Option<usize>,
    rerun: Option<sync_test::Rerun>,
    /// The journal, if the world is to outlive the process.
    inputs: Option<Box<Inputs>>,
    /// Whether it has those of the turn that is about to run.
    written: bool,
    /// The snapshot that it has come back from, as long as that may turn out to be damaged where nobody has
    /// looked.
    origin: Option<Arc<Recorded>>,
    /// What writes snapshots, likewise.
    saver: Option<Box<snapshot::Saver>>,
}

impl std::fmt::Debug for ActorSystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ActorSystem")
            .field("settings", &self.settings)
            .field("registry", &self.registry)
            .field("turn", &self.turn)
            .field("frozen", &self.frozen)
            .finish_non_exhaustive()
    }
}

impl ActorSystem {
    /// A world without instances, whose actor types are those that `setup` registers.
    ///
    /// # Errors
    ///
    /// If a setting makes no sense, a type is registered twice, or a thread cannot be started.
    pub fn new(settings: Settings, setup: impl FnOnce(&mut Registry)) -> Result<Self, SetupError> {
        let mut registry = Registry::new();
        setup(&mut registry);
        Self::with_registry(settings, Arc::new(registry.finish()?))
    }

    fn with_registry(settings: Settings, registry: Arc<Registry>) -> Result<Self, SetupError> {
        settings.check()?;
        let storage: Arc<dyn Storage> = Arc::new(Heap);
        let depot = Depot::new(Arc::clone(&storage), registry.kinds());
        let shards = settings.shards;
        let census = Arc::new(Census::new(registry.type_count(), shards));
        let mailboxes: Mailboxes = (0..=shards).map(|_| Mailbox::new()).collect();
        let world = |source: Source| {
            World::new(
                &registry,
                &census,
                source,
                shards as u32,
                settings.seed,
                Outbox::new(&registry, &mailboxes, &depot),
            )
        };
        let shard = |index: usize| {
            let world = world(index as Source + 1);
            Box::new(Shard::new(index, world, &storage, settings.panic_policy))
        };
        let outbox = || Outbox::new(&registry, &mailboxes, &depot);
        let crew = Crew::new(settings.threads, shards, outbox, Shard::run_published);
        let crew = crew.map_err(|(thread, reason)| SetupError::Thread {
            thread,
            reason: reason.to_string(),
        })?;
        Ok(ActorSystem {
            shards: (0..shards).map(|index| Some(shard(index))).collect(),
            host: world(HOST),
            turn: 0,
            active: [ShardSet::new(shards), ShardSet::new(shards)],
            telling: Vec::new(),
            by_mail: false,
            for_host: Vec::new(),
            waiting: 0,
            panics: Vec::new(),
            panicked: 0,
            frozen: false,
            swapped: None,
            rerun: None,
            inputs: None,
            written: false,
            origin: None,
            saver: None,
            settings,
            census,
            depot,
            storage,
            crew,
            registry,
        })
    }

    /// The host's access to the world: what it sends is handled in the next turn, before what
    /// actors send.
    pub fn world(&mut self) -> &mut World {
        &mut self.host
    }

    /// The number of turns that have run.
    pub fn turns(&self) -> u64 {
        self.turn
    }

    /// The settings of the system.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn shard(&self, index: usize) -> &Shard {
        let Some(shard) = &self.shards[index] else {
            unreachable!("all shards are at home between turns")
        };
        shard
    }

    fn shard_mut(&mut self, index: usize) -> &mut Shard {
        let Some(shard) = &mut self.shards[index] else {
            unreachable!("all shards are at home between turns")
        };
        shard
    }

    fn all_shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter().flatten().map(|shard| &**shard)
    }

    /// Takes a letter that is to be read in `turn` to the shard, or to the host, that it is for.
    #[inline(always)]
    fn receive(&mut self, target: usize, turn: u64, letter: Letter) {
        if let Some(Some(shard)) = self.shards.get_mut(target) {
            shard.letters[half(turn)].push(letter);
            self.active[half(turn)].insert(target);
        } else {
            self.for_host.push(letter);
        }
    }
}

impl Drop for ActorSystem {
    /// A snapshot that has begun is written to its end, and only then may others open the world.
    fn drop(&mut self) {
        self.end_snapshots();
    }
}
