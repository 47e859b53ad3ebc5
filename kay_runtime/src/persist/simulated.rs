//! A disk in memory whose power can be cut at every step, and then holds any of what a real one
//! may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use super::disk::{Disk, DiskError, DiskFile};
use chunky::Region;

use super::mapping;
use crate::rng::Rng;

/// What goes to the disk as one. Smaller than in reality, so that short files have several.
const PAGE: usize = 32;

/// A disk that forgets. A clone is the same disk.
#[derive(Clone, Default)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

struct SimulatedFile {
    disk: SimulatedDisk,
    name: String,
    inode: usize,
}

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
    /// How many operations there were.
    operations: usize,
    crash_at: Option<usize>,
    fail_at: Option<usize>,
    /// The file that was being appended to when the power was cut.
    interrupted: Option<usize>,
    /// How many bytes can still be written.
    room: Option<usize>,
    syncs_fail: bool,
}

/// What is known of a file.
#[derive(Clone, Default)]
struct Inode {
    durable: Vec<u8>,
    current: Vec<u8>,
    /// Since the last sync.
    changes: Vec<Change>,
    /// At each offset what was there last, before it was cut off: a file system may show it again.
    ghost: Vec<u8>,
}

#[derive(Clone)]
enum Change {
    Append(Vec<u8>),
    Truncate(usize),
}

#[derive(Clone)]
enum NameChange {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

impl SimulatedDisk {
    /// Lets operation number `operation`, counted from 0, and all after it fail. What that one was
    /// to do may still come about, wholly or in part, as that of any that was not synced.
    pub(crate) fn crash_at(&self, operation: usize) {
        self.state().crash_at = Some(operation);
    }

    /// Lets operation number `operation`, counted from 0, fail and change nothing.
    pub(crate) fn fail_at(&self, operation: usize) {
        self.state().fail_at = Some(operation);
    }

    /// How many operations there were that `crash_at` counts: all that change something, and
    /// syncs.
    pub(crate) fn operations(&self) -> usize {
        self.state().operations
    }

    /// Lets there be room for so many bytes more. What does not fit is written as far as it does.
    pub(crate) fn leave_room(&self, bytes: usize) {
        self.state().room = Some(bytes);
    }

    /// Lets all syncs fail.
    pub(crate) fn fail_syncs(&self) {
        self.state().syncs_fail = true;
    }

    /// The disk after a power cut: one of the many ways it may look.
    pub(crate) fn after_crash(&self, seed: u64) -> SimulatedDisk {
        let state = self.state();
        let mut rng = Rng::new(seed);
        let names = state.surviving_names(&mut rng);
        let inodes = state.inodes.iter().map(|inode| inode.survivor(&mut rng));
        SimulatedDisk::from_state(State {
            inodes: inodes.collect(),
            durable_names: names.clone(),
            names,
            ..State::default()
        })
    }

    /// The disk as another process finds it after this one was killed: nothing is lost but a last
    /// part of what it was about to append, and nothing is safe that was not.
    pub(crate) fn after_kill(&self, seed: u64) -> SimulatedDisk {
        let state = self.state();
        let mut rng = Rng::new(seed);
        let mut inodes = state.inodes.clone();
        if let Some(inode) = state.interrupted.map(|inode| &mut inodes[inode])
            && let Some(Change::Append(bytes)) = inode.changes.last_mut()
        {
            let lost = rng.below(bytes.len() as u64 + 1) as usize;
            bytes.truncate(bytes.len() - lost);
            inode.current.truncate(inode.current.len() - lost);
        }
        SimulatedDisk::from_state(State {
            inodes,
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            name_changes: state.name_changes.clone(),
            ..State::default()
        })
    }

    /// Puts a file there, as safe as can be.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let inode = state.inodes.len();
        state.inodes.push(Inode {
            durable: bytes.to_vec(),
            current: bytes.to_vec(),
            ..Inode::default()
        });
        state.names.insert(name.to_owned(), inode);
        state.durable_names.insert(name.to_owned(), inode);
    }

    fn from_state(state: State) -> Self {
        SimulatedDisk(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

fn error(operation: &'static str, name: &str, reason: impl Into<io::Error>) -> DiskError {
    DiskError::new(operation, Path::new(name), reason.into())
}

impl State {
    /// Counts an operation, lets it change something, and says whether it has worked.
    fn operate(
        &mut self,
        operation: &'static str,
        name: &str,
        change: impl FnOnce(&mut State),
    ) -> Result<(), DiskError> {
        self.alive(operation, name)?;
        self.operations += 1;
        if self.fail_at == Some(self.operations - 1) {
            return Err(error(operation, name, io::Error::other("it is refused")));
        }
        change(self);
        self.alive(operation, name)
    }

    /// Fails from the operation on at which the power is cut.
    fn alive(&self, operation: &'static str, name: &str) -> Result<(), DiskError> {
        match self.crash_at {
            Some(at) if self.operations > at => {
                Err(error(operation, name, io::Error::other("the power is cut")))
            }
            _ => Ok(()),
        }
    }

    fn inode(&self, operation: &'static str, name: &str) -> Result<usize, DiskError> {
        let inode = self.names.get(name).copied();
        inode.ok_or_else(|| error(operation, name, io::ErrorKind::NotFound))
    }

    /// Any of the changes survive, but none to a name without those to it that came before.
    fn surviving_names(&self, rng: &mut Rng) -> BTreeMap<String, usize> {
        let mut names = self.durable_names.clone();
        let mut lost = BTreeSet::new();
        let all = rng.chance(0.3);
        for change in &self.name_changes {
            let touched = change.touched();
            if touched.iter().any(|name| lost.contains(name)) || !all && rng.chance(0.4) {
                lost.extend(touched);
            } else {
                change.apply(&mut names);
            }
        }
        names
    }
}

impl NameChange {
    fn touched(&self) -> Vec<&str> {
        match self {
            NameChange::Create(name, _) | NameChange::Remove(name) => vec![name],
            NameChange::Rename(from, to) => vec![from, to],
        }
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            NameChange::Create(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            NameChange::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
            NameChange::Remove(name) => {
                names.remove(name);
            }
        }
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Append(more) => bytes.extend(more),
            Change::Truncate(length) => bytes.truncate(*length),
        }
    }
}

/// Lets `bytes` be seen at the start of `ghost`.
fn haunt(ghost: &mut Vec<u8>, bytes: &[u8]) {
    ghost.resize(ghost.len().max(bytes.len()), 0);
    ghost[..bytes.len()].copy_from_slice(bytes);
}

impl Inode {
    fn change(&mut self, change: Change) {
        if let Change::Truncate(_) = change {
            haunt(&mut self.ghost, &self.current);
        }
        change.apply(&mut self.current);
        self.changes.push(change);
    }

    fn sync(&mut self) {
        self.durable.clone_from(&self.current);
        self.changes.clear();
    }

    /// The file after a power cut.
    fn survivor(&self, rng: &mut Rng) -> Inode {
        let mut bytes = self.durable.clone();
        // All bytes before this one are safe.
        let mut safe = bytes.len();
        let changes = if rng.chance(0.5) {
            self.changes.len()
        } else {
            rng.below(self.changes.len() as u64 + 1) as usize
        };
        for change in &self.changes[..changes] {
            change.apply(&mut bytes);
            safe = safe.min(bytes.len());
        }
        let unsafe_length = bytes.len() - safe;
        // The ends are likely, since little happens between them.
        let first_part = safe
            + match rng.below(4) {
                0 => 0,
                1 => unsafe_length,
                _ => rng.below(unsafe_length as u64 + 1) as usize,
            };
        let filling = rng.below(3);
        match rng.below(4) {
            // All that the file system has begun.
            0 => {}
            // A first part.
            1 => bytes.truncate(first_part),
            // A first part, and other bytes behind it.
            2 => self.spoil(&mut bytes[first_part..], first_part, filling, rng),
            // Some of the pages.
            _ => {
                let share = rng.unit();
                let mut from = safe;
                while from < bytes.len() {
                    let end = bytes.len().min((from / PAGE + 1) * PAGE);
                    if rng.chance(share) {
                        self.spoil(&mut bytes[from..end], from, filling, rng);
                    }
                    from = end;
                }
            }
        }
        let mut ghost = self.ghost.clone();
        haunt(&mut ghost, &self.current);
        Inode {
            durable: bytes.clone(),
            current: bytes,
            changes: Vec::new(),
            ghost,
        }
    }

    /// Puts other bytes in place of these, which begin at `offset`.
    fn spoil(&self, bytes: &mut [u8], offset: usize, filling: u64, rng: &mut Rng) {
        for (at, byte) in (offset..).zip(bytes) {
            *byte = match filling {
                0 => 0,
                1 => rng.bits() as u8,
                _ => self.ghost.get(at).copied().unwrap_or(0),
            };
        }
    }
}

impl Disk for SimulatedDisk {
    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError> {
        let mut inode = 0;
        self.state().operate("create", name, |state| {
            if let Some(&old) = state.names.get(name) {
                inode = old;
                state.inodes[old].change(Change::Truncate(0));
            } else {
                inode = state.inodes.len();
                state.inodes.push(Inode::default());
                state.names.insert(name.to_owned(), inode);
                let change = NameChange::Create(name.to_owned(), inode);
                state.name_changes.push(change);
            }
        })?;
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            name: name.to_owned(),
            inode,
        }))
    }

    fn open(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError> {
        let state = self.state();
        state.alive("open", name)?;
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            name: name.to_owned(),
            inode: state.inode("open", name)?,
        }))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let mut state = self.state();
        state.inode("rename", from)?;
        state.operate("rename", from, |state| {
            let change = NameChange::Rename(from.to_owned(), to.to_owned());
            change.apply(&mut state.names);
            state.name_changes.push(change);
        })
    }

    fn sync_directory(&self) -> Result<(), DiskError> {
        self.state().sync("the directory", |state| {
            state.durable_names = state.names.clone();
            state.name_changes.clear();
        })
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DiskError> {
        let state = self.state();
        state.alive("read", name)?;
        let inode = state.inode("read", name)?;
        Ok(state.inodes[inode].current.clone())
    }

    fn map(&self, name: &str) -> Result<Region, DiskError> {
        let bytes = self.read(name)?;
        mapping::map_copy_of(&bytes).map_err(|reason| error("map", name, reason))
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        let mut state = self.state();
        state.inode("remove", name)?;
        state.operate("remove", name, |state| {
            let change = NameChange::Remove(name.to_owned());
            change.apply(&mut state.names);
            state.name_changes.push(change);
        })
    }

    fn list(&self) -> Result<Vec<String>, DiskError> {
        let state = self.state();
        state.alive("list", "the directory")?;
        Ok(state.names.keys().cloned().collect())
    }
}

impl State {
    /// A sync that does not come to its end leaves everything as it was: any part of it may have
    /// become safe.
    fn sync(&mut self, name: &str, sync: impl FnOnce(&mut State)) -> Result<(), DiskError> {
        self.operate("sync", name, |_| ())?;
        if self.syncs_fail {
            return Err(error("sync", name, io::Error::other("the disk is broken")));
        }
        sync(self);
        Ok(())
    }
}

impl DiskFile for SimulatedFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let mut state = self.disk.state();
        let fitting = state.room.unwrap_or(bytes.len()).min(bytes.len());
        let outcome = state.operate("write to", &self.name, |state| {
            let change = Change::Append(bytes[..fitting].to_vec());
            state.inodes[self.inode].change(change);
            state.room = state.room.map(|room| room - fitting);
            state.interrupted = Some(self.inode);
        });
        outcome?;
        state.interrupted = None;
        if fitting < bytes.len() {
            return Err(error("write to", &self.name, io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        let inode = self.inode;
        let mut state = self.disk.state();
        state.sync(&self.name, |state| state.inodes[inode].sync())
    }

    fn length(&self) -> Result<u64, DiskError> {
        let state = self.disk.state();
        state.alive("measure", &self.name)?;
        Ok(state.inodes[self.inode].current.len() as u64)
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        let mut state = self.disk.state();
        state.operate("truncate", &self.name, |state| {
            let change = Change::Truncate(length as usize);
            state.inodes[self.inode].change(change);
        })
    }
}
