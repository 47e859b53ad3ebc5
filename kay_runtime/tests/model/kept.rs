//! A world that is kept in a directory.

use kay_runtime::{ActorSystem, Settings};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use tempfile::TempDir;

use crate::actors::setup;
use crate::contest::{send, unless_frozen};
use crate::script::Operation;
use crate::sending::InKay;

pub(crate) struct Kept {
    system: Option<ActorSystem>,
    settings: Settings,
    /// What the host has sent that would be gone if the world were dropped.
    pub(crate) unsent: Vec<Operation>,
    directory: TempDir,
}

impl Kept {
    pub(crate) fn new(settings: Settings) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (system, _) = ActorSystem::open(directory.path(), settings.clone(), setup).unwrap();
        Kept {
            system: Some(system),
            settings,
            unsent: Vec::new(),
            directory,
        }
    }

    pub(crate) fn system(&mut self) -> &mut ActorSystem {
        self.system.as_mut().unwrap()
    }

    pub(crate) fn snapshot(&mut self) -> TestCaseResult {
        let system = self.system();
        system.wait_for_snapshot()?;
        system.snapshot()?;
        self.unsent.clear();
        Ok(())
    }

    /// Ends the world and opens it again, at this turn.
    pub(crate) fn reopen(&mut self, closes: bool, threads: usize, turn: u64) -> TestCaseResult {
        if let Some(system) = self.system.take() {
            if closes {
                system.close()?;
            } else {
                drop(system);
            }
        }
        self.settings = self.settings.clone().threads(threads);
        let settings = self.settings.clone();
        let (system, recovery) = ActorSystem::open(self.directory.path(), settings, setup)?;
        prop_assert!(recovery.refused.is_empty(), "{recovery:?}");
        prop_assert!(recovery.torn.is_none(), "{recovery:?}");
        let turns = system.turns();
        self.system = Some(system);
        if closes {
            prop_assert_eq!(turns, turn, "it comes back as it was");
            self.unsent.clear();
        }
        // Turns since the last input are gone, and run again.
        for _ in turns..turn {
            unless_frozen(self.system().turn())?;
        }
        for operation in std::mem::take(&mut self.unsent) {
            send(&mut InKay(self.system().world()), &operation);
            self.unsent.push(operation);
        }
        Ok(())
    }
}
