//! The power is cut, or the process killed, at each step.

use std::collections::HashSet;

use super::common::shrunk;
use super::open;
use super::world::{Ship, settings, setup, step};
use crate::persist::SimulatedDisk;
use crate::{
    ActorSystem, OpenError, PanicPolicy, Rng, Settings, Statistics, SyncPolicy, TurnError,
};

/// Steps of the host.
const STEPS: usize = 24;

/// A run that nothing interrupts: what the world is after so many steps.
struct Reference {
    hashes: Vec<u64>,
    statistics: Vec<Statistics>,
    panics: Vec<usize>,
    /// Whether the step that comes then has an input.
    inputs: Vec<bool>,
    /// Steps of a frozen world.
    frozen: usize,
}

fn reference(settings: Settings, seed: u64) -> Reference {
    let mut system = ActorSystem::new(settings, setup).unwrap();
    let mut reference = Reference {
        hashes: vec![system.state_hash()],
        statistics: vec![system.statistics()],
        panics: vec![0],
        inputs: Vec::new(),
        frozen: 0,
    };
    for at in 0..STEPS {
        reference.frozen += usize::from(system.is_frozen());
        let (input, outcome) = step(&mut system, seed, at);
        assert!(is_as_it_should_be(&outcome), "{outcome:?}");
        reference.inputs.push(input);
        reference.hashes.push(system.state_hash());
        reference.statistics.push(system.statistics());
        reference.panics.push(system.panics().len());
    }
    let different: HashSet<u64> = reference.hashes.iter().copied().collect();
    assert!(different.len() > STEPS * 3 / 4, "most steps show");
    reference
}

fn is_as_it_should_be(outcome: &Result<(), TurnError>) -> bool {
    matches!(outcome, Ok(()) | Err(TurnError::Frozen { .. }))
}

/// What is known of a world by its host.
#[derive(Default)]
struct Known {
    /// Steps that the world must have taken.
    safe: usize,
    /// Steps that it may have taken.
    tried: usize,
}

impl Known {
    /// Opens the world, looks where it has come to, and goes on until the disk fails. Returns
    /// whether it has come to the end.
    fn live(
        &mut self,
        disk: &SimulatedDisk,
        settings: Settings,
        seed: u64,
        reference: &Reference,
        story: &str,
    ) -> bool {
        let (mut system, recovery) = match open(disk, settings, setup) {
            Ok(opened) => opened,
            Err(error @ (OpenError::Journal { .. } | OpenError::Disk(_))) => {
                let text = error.to_string();
                assert!(text.contains("the power is cut"), "{story}: {text}");
                return false;
            }
            Err(error) => panic!("{story}: {error}"),
        };
        let hash = system.state_hash();
        // A turn of a frozen world may change nothing. No input must be lost, and none be there that
        // was not tried.
        let found = (self.safe..=self.tried).rfind(|&at| reference.hashes[at] == hash);
        let Some(mut at) = found else {
            let found = reference.hashes.iter().position(|&other| other == hash);
            panic!("{story}: is as after {found:?}, {recovery:?}");
        };
        assert!(at == 0 || reference.inputs[at - 1], "{story}: {at}");
        assert_eq!(recovery.turns, system.turns(), "{story}");
        assert_eq!(system.statistics(), reference.statistics[at], "{story}");
        assert_eq!(system.panics().len(), reference.panics[at], "{story}");
        // What has not come back is gone for good from here on.
        (self.safe, self.tried) = (at, at);
        while at < STEPS {
            self.tried = at + 1;
            let (_, outcome) = step(&mut system, seed, at);
            if let Err(TurnError::Journal { .. }) = outcome {
                let again = system.turn();
                assert_eq!(again, outcome, "{story}: it says the same again");
                assert_eq!(system.state_hash(), reference.hashes[at], "{story}");
                return false;
            }
            assert!(is_as_it_should_be(&outcome), "{story}: {outcome:?}");
            at += 1;
            assert_eq!(
                system.state_hash(),
                reference.hashes[at],
                "{story}, at {at}"
            );
            if reference.inputs[at - 1] {
                self.safe = at;
            }
        }
        assert_eq!(system.statistics(), reference.statistics[at], "{story}");
        true
    }
}

/// A world that is run in several lives. The first ends at the operation `crash_at`; `variant`
/// decides about what is left of it, and about the later ones.
fn tell(settings: &Settings, seed: u64, reference: &Reference, crash_at: usize, variant: u64) {
    let story = format!("{settings:?}, seed {seed}, crash at {crash_at}, variant {variant}");
    let mut fate = Rng::new(seed << 40 | (crash_at as u64) << 16 | variant);
    let mut disk = SimulatedDisk::default();
    let mut known = Known::default();
    disk.crash_at(crash_at);
    for life in 0..3 {
        let story = format!("{story}, life {life}");
        known.live(&disk, settings.clone(), seed, reference, &story);
        let cut = fate.chance(0.6);
        disk = if cut {
            disk.after_crash(fate.bits())
        } else {
            disk.after_kill(fate.bits())
        };
        if cut && settings.sync != SyncPolicy::EveryTurn {
            known.safe = 0;
        }
        disk.crash_at(fate.below(30) as usize);
    }
    disk = disk.after_kill(0);
    let story = format!("{story}, last life");
    assert!(known.live(&disk, settings.clone(), seed, reference, &story));
}

fn crash_everywhere(settings: Settings, seeds: std::ops::Range<u64>) {
    let (mut frozen, mut lost, mut died) = (0, 0, 0);
    for seed in seeds {
        let reference = reference(settings.clone(), seed);
        let end = &reference.statistics[STEPS];
        frozen += reference.frozen;
        lost += end.lost();
        died += end
            .messages
            .iter()
            .map(|message| message.delivered)
            .sum::<u64>();
        let disk = SimulatedDisk::default();
        let whole = Known::default().live(&disk, settings.clone(), seed, &reference, "whole");
        assert!(whole);
        // The last one is behind the end.
        for crash_at in 0..=disk.operations() {
            for variant in 0..u64::from(shrunk(4)) {
                tell(&settings, seed, &reference, crash_at, variant);
            }
        }
    }
    let freezes = settings.panic_policy == PanicPolicy::Freeze;
    assert!(frozen > 5 || !freezes, "it must have been frozen: {frozen}");
    assert!(lost > 0 && died > 100, "something must have happened");
}

#[test]
fn what_was_acknowledged_outlasts_any_crash_and_happens_once() {
    crash_everywhere(settings(), 0..6);
}

#[test]
fn so_it_does_where_culprits_are_killed() {
    crash_everywhere(settings().panic_policy(PanicPolicy::Kill), 10..12);
}

#[test]
fn without_syncs_a_power_cut_leaves_a_world_as_it_was_earlier() {
    crash_everywhere(settings().sync(SyncPolicy::Never), 20..23);
}

#[test]
fn other_threads_and_schedules_bring_back_the_same_world() {
    let seed = 3;
    let reference = reference(settings(), seed);
    let disk = SimulatedDisk::default();
    for (life, threads) in [1, 2, 3, 8].into_iter().enumerate() {
        let settings = settings()
            .threads(threads)
            .schedule(life as u64)
            .sync_test(3);
        let (mut system, _) = open(&disk, settings, setup).unwrap();
        let hash = system.state_hash();
        let at = reference.hashes.iter().rposition(|&other| other == hash);
        let at = at.expect("the same world");
        assert!(life == 0 || at > 0);
        for at in at..(life + 1) * STEPS / 4 {
            let (_, outcome) = step(&mut system, seed, at);
            assert!(is_as_it_should_be(&outcome), "{outcome:?}");
            assert_eq!(system.state_hash(), reference.hashes[at + 1]);
        }
    }
    let (system, _) = open(&disk, settings(), setup).unwrap();
    assert!(system.population::<Ship>() > 0);
}
