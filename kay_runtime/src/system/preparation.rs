//! Memory for the first snapshot.

use super::save::Spare;
use crate::persist::Key;

/// In how many turns the memory is got. In fewer, each took half as long again in the city, on a virtual machine whose
/// host has to find the memory, too.
const TURNS: usize = 64;

/// How much of it is got in a turn, in bytes, if it is less than that.
const LEAST: usize = 1 << 20;

/// Memory that is to be got before it is needed: most of the first pause would be waiting for it.
///
/// Each turn gets some of it. Not a thread beside the turns: that has to get it all in time, though they leave it hardly
/// any.
#[derive(Debug)]
pub(super) struct Preparation {
    /// For which shard, for which chunk, and how much of it.
    rooms: Vec<(usize, Key, usize)>,
    share: usize,
}

impl Preparation {
    /// Memory for a copy with these rooms, by shard, and some more.
    pub(super) fn new(rooms: Vec<Vec<(Key, usize)>>) -> Self {
        let rooms = rooms.into_iter().enumerate();
        let rooms = rooms.flat_map(|(shard, rooms)| {
            let room = move |(key, room)| (shard, key, room + room / 8);
            rooms.into_iter().map(room)
        });
        let rooms: Vec<_> = rooms.collect();
        let all: usize = rooms.iter().map(|(.., room)| room).sum();
        Preparation {
            rooms,
            share: (all / TURNS).max(LEAST),
        }
    }

    /// Gets as much as is a turn's share.
    pub(super) fn go_on(&mut self, spare: &mut Spare) {
        let mut left = self.share;
        while left > 0
            && let Some(&(shard, key, room)) = self.rooms.last()
        {
            if spare.len() <= shard {
                spare.resize_with(shard + 1, Default::default);
            }
            let memory = spare[shard].entry(key);
            let memory = memory.or_insert_with(|| Vec::with_capacity(room));
            let bytes = left.min(room - memory.len());
            // The system gives memory when it is written to; zeros would only be promised.
            memory.resize(memory.len() + bytes, 0xFF);
            left -= bytes;
            if memory.len() == room {
                self.rooms.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persist::ChunkKind;

    #[test]
    fn all_of_it_is_got_in_some_turns_and_a_part_of_it_in_each() {
        let key = |actor| ChunkKind::Values.key(0, actor);
        let (large, small) = (300 * LEAST, 5000);
        let rooms = vec![
            vec![(key(1), small), (key(2), 0)],
            vec![],
            vec![(key(1), large)],
        ];
        let mut preparation = Preparation::new(rooms);
        let mut spare = Spare::new();
        let bytes = |spare: &Spare| {
            let all = spare.iter().flat_map(|shard| shard.values());
            all.map(Vec::len).sum::<usize>()
        };
        let mut before = 0;
        for _ in 0..=TURNS {
            preparation.go_on(&mut spare);
            let got = bytes(&spare) - before;
            assert!(got <= large * 9 / 8 / TURNS + small, "{got} in one turn");
            before += got;
        }
        assert_eq!(before, large / 8 * 9 + small / 8 * 9);
        assert_eq!(spare[2][&key(1)].capacity(), large / 8 * 9);
        assert_eq!(spare[0][&key(1)].len(), small / 8 * 9);
    }
}
