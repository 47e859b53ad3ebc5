//! Worlds that turn out to be damaged when parts of them are first looked at.

use super::ActorSystem;
use super::save::on_threads;
use crate::error::TurnError;
use crate::shard::Shard;

impl ActorSystem {
    /// Looks at all of a world that was [opened](ActorSystem::open) and that nobody has looked at yet, on all threads.
    ///
    /// Of a snapshot of more than 32 MiB, instances that lie in it as they are used are checked when something is
    /// first sent to their type in their shard, when somebody looks at one of them, or when the next snapshot is
    /// taken. So a large world is there at once, however large it is. Until it is checked, what is damaged is as if
    /// it were not there, to [`get`](ActorSystem::get) and its like, too; then no turn runs any more. Who needs to know
    /// before asks here. It takes about as long as reading the file does.
    ///
    /// ```
    /// # use kay_runtime::{ActorSystem, Settings};
    /// # fn setup(_: &mut kay_runtime::Registry) {}
    /// # let directory = tempfile::tempdir()?;
    /// # let directory = directory.path().join("city");
    /// let (mut system, _) = ActorSystem::open(&directory, Settings::default(), setup)?;
    /// system.verify()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TurnError::Damaged`], and [`TurnError::Misuse`] if a world of it was swapped with another system's.
    pub fn verify(&mut self) -> Result<(), TurnError> {
        let share = self.shards.len().div_ceil(self.settings.threads);
        on_threads(
            self.shards.chunks_mut(share),
            |shards: &mut [Option<Box<Shard>>]| {
                for shard in shards.iter().flatten() {
                    // What is wrong is known to all of them.
                    let _ = shard.stores.check_all();
                }
            },
        );
        self.check_worlds()?;
        self.origin = None;
        Ok(())
    }

    /// Whether something turned out to be damaged.
    pub(super) fn is_damaged(&self) -> bool {
        let origin = self.origin.as_ref();
        origin.is_some_and(|origin| origin.damage.get().is_some())
    }

    /// That nothing turned out to be damaged. Else the snapshot is set aside, for who opens the world again.
    pub(super) fn report_damage(&mut self) -> Result<(), TurnError> {
        let Some(origin) = &self.origin else {
            return Ok(());
        };
        let Some(reason) = origin.damage.get().cloned() else {
            return Ok(());
        };
        let saver = self.saver.as_ref();
        let set_aside = saver.map_or(Ok(()), |saver| saver.set_aside(&origin.name));
        Err(TurnError::Damaged { reason, set_aside })
    }
}
