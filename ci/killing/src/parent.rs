//! The process that kills, and compares.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use demo_sim::Error;
use demo_sim::city::BUILDING_TURNS;
use kay_runtime::{ActorSystem, Rng};

use crate::child::{BACK, Life, TURN, refused};
use crate::figures::Figures;
use crate::town::{Town, is_meddled_with};

type Outcome<T> = Result<T, Error>;

/// Turns that a child runs before it is killed, at most.
const TURNS: u64 = 60;

/// Kills so many children, one after the other.
pub fn run(kills: u64, cars: u32, seed: u64) -> Outcome<Figures> {
    let folder = tempfile::tempdir()?;
    let mut rng = Rng::new(seed);
    let mut judge = Judge::new(cars, seed)?;
    for kill in 1..=kills {
        let life = Life {
            directory: folder.path().to_owned(),
            cars,
            seed,
            threads: 1 + rng.below(2) as usize,
            every: 1 + rng.below(30),
            sync: rng.chance(0.2),
        };
        let judged = live_and_die(&life, &mut rng, &mut judge);
        judged.map_err(|reason| format!("KAY_TEST_SEED={seed}, kill {kill}: {reason}"))?;
    }
    let settings = Town::settings(seed);
    let (system, recovery) = ActorSystem::open(folder.path(), settings, demo_sim::setup)?;
    let mut town = Town::within(system, cars, seed)?;
    let (turn, hash) = (town.turns(), town.city.system.state_hash());
    let judged = judge.come_back(turn, hash, refused(&recovery));
    judged.map_err(|reason| format!("KAY_TEST_SEED={seed}, at the end: {reason}"))?;
    town.city.system.close()?;
    judge.figures.turn = turn;
    Ok(judge.figures)
}

/// Starts a child, kills it, and has all judged that it has said.
fn live_and_die(life: &Life, rng: &mut Rng, judge: &mut Judge) -> Outcome<()> {
    let before = unfinished(&life.directory)?;
    let mut child = Command::new(env::current_exe()?)
        .args(life.arguments())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut out = BufReader::new(child.stdout.take().ok_or("a pipe was asked for")?);
    let mut said = Vec::new();
    let lines = rng.below(TURNS);
    while (said.len() as u64) < lines && say(&mut out, &mut said)? {}
    // A child that has said nothing has more to do than a turn.
    let most = if lines == 0 { 60_000 } else { 4_000 };
    spin(Duration::from_micros(rng.below(most)));
    child.kill()?;
    // What is in the pipe was said before the end, too.
    while say(&mut out, &mut said)? {}
    let status = child.wait()?;
    if status.code().is_some() {
        return Err(format!("the child has ended by itself: {status}").into());
    }
    judge.figures.kills += 1;
    let hit = unfinished(&life.directory)?;
    judge.figures.saving += u64::from(!hit.is_subset(&before));
    judge.figures.coming_back += u64::from(said.is_empty());
    said.iter().try_for_each(|line| judge.hear(line))
}

/// Takes in a line; false if there are no more.
fn say(out: &mut impl BufRead, said: &mut Vec<String>) -> io::Result<bool> {
    let mut line = String::new();
    out.read_line(&mut line)?;
    let whole = line.ends_with('\n');
    if whole {
        said.push(line);
    }
    Ok(whole)
}

fn spin(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// The snapshots in a directory that are not written to their end. Their numbers are never used again.
fn unfinished(directory: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("snapshot-0") && name.ends_with(".new") {
            names.insert(name);
        }
    }
    Ok(names)
}

/// Knows what the city must be like.
struct Judge {
    /// The same city, which nobody kills.
    town: Town,
    /// Its hashes, from when it was built.
    hashes: Vec<u64>,
    seed: u64,
    /// The last turn that was acknowledged, and the last one of those with inputs.
    done: u64,
    with_inputs: u64,
    figures: Figures,
}

impl Judge {
    fn new(cars: u32, seed: u64) -> Outcome<Self> {
        let system = ActorSystem::new(Town::settings(seed), demo_sim::setup)?;
        let mut town = Town::within(system, cars, seed)?;
        Ok(Judge {
            hashes: vec![town.city.system.state_hash()],
            town,
            seed,
            done: BUILDING_TURNS,
            with_inputs: 0,
            figures: Figures::default(),
        })
    }

    /// The hash of the city after a turn.
    fn hash(&mut self, turn: u64) -> Outcome<u64> {
        while self.town.turns() < turn {
            self.town.turn()?;
            self.hashes.push(self.town.city.system.state_hash());
        }
        let at = turn.checked_sub(BUILDING_TURNS);
        Ok(self.hashes[at.ok_or("it was not built")? as usize])
    }

    fn hear(&mut self, line: &str) -> Outcome<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [BACK, turn, hash, turns, time, refused, torn] => {
                self.figures.replayed.push(turns.parse()?);
                let time = Duration::from_micros(time.parse()?);
                self.figures.times.push(time);
                self.figures.torn += u64::from(torn.parse::<bool>()?);
                self.come_back(turn.parse()?, hash.parse()?, refused.parse()?)
            }
            [TURN, turn] if turn.parse() == Ok(self.done + 1) => {
                self.acknowledge(self.done + 1);
                Ok(())
            }
            _ => Err(format!("after turn {}, the child said {line}", self.done).into()),
        }
    }

    fn come_back(&mut self, turn: u64, hash: u64, refused: usize) -> Outcome<()> {
        let (done, with_inputs) = (self.done, self.with_inputs);
        // A turn that was about to be acknowledged may be there.
        if turn < with_inputs || turn > done + 1 {
            return Err(format!(
                "it came back to turn {turn}; it was at {done}, with inputs at {with_inputs}"
            )
            .into());
        }
        if self.hash(turn)? != hash {
            return Err(format!("it came back to another turn {turn}; it was at {done}").into());
        }
        if refused > 0 {
            return Err(format!("{refused} snapshots were damaged, at turn {turn}").into());
        }
        self.acknowledge(turn);
        Ok(())
    }

    fn acknowledge(&mut self, turn: u64) {
        self.done = turn;
        if is_meddled_with(self.seed, turn) {
            self.with_inputs = turn;
        }
    }
}
