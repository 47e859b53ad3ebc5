//! Slot numbers that a sender has for those whom it spawns, of one type.

/// Which slot, and how many others have had it.
pub(crate) type Key = (u32, u16);

/// Slots of a page.
const PAGE: u32 = 128;

/// Who has sent something: 0 for the host, `shard + 1` for a shard.
pub(crate) type Source = u32;

pub(crate) struct Stock {
    source: Source,
    next_target: u32,
    /// By the shard in which the slots are.
    targets: Vec<Target>,
}

#[derive(Clone, Default)]
struct Target {
    returned: Vec<Key>,
    /// So many were never used before.
    fresh: u32,
}

impl Stock {
    pub(crate) fn new(source: Source, shards: u32) -> Self {
        Stock {
            source,
            next_target: source.saturating_sub(1) % shards,
            targets: vec![Target::default(); shards as usize],
        }
    }

    /// The shard whose turn it is where nobody says which one.
    pub(crate) fn next_target(&mut self) -> u32 {
        let target = self.next_target;
        self.next_target = (target + 1) % self.targets.len() as u32;
        target
    }

    pub(crate) fn take(&mut self, shard: u32) -> Key {
        let shards = self.targets.len() as u32;
        let target = &mut self.targets[shard as usize];
        if let Some(key) = target.returned.pop() {
            return key;
        }
        let (page, at) = (target.fresh / PAGE, target.fresh % PAGE);
        target.fresh += 1;
        // Every second page is the host's, and the others are those of the shards in turn.
        let page = match self.source {
            0 => page * 2,
            source => (page * shards + source - 1) * 2 + 1,
        };
        (page * PAGE + at, 1)
    }

    pub(crate) fn put_back(&mut self, shard: u32, key: Key) {
        self.targets[shard as usize].returned.push(key);
    }
}

/// Who gets a slot number back.
pub(crate) fn owner(key: Key, shards: u32) -> Source {
    let page = key.0 / PAGE;
    match page % 2 {
        0 => 0,
        _ => page / 2 % shards + 1,
    }
}
