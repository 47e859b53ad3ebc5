//! The mailbox of a shard: many writers, one reader, no locks.

use crate::sync::SegQueue;

/// What is waiting for a shard, in two halves: one is read in this turn while the other is
/// written for the next one.
///
/// Writers publish whole letters, each with all that one sender has for one actor type, so the
/// cost of an atomic is shared by all messages in it. The reader sorts them: the order in which
/// they come depends on threads, their order by sender does not.
pub(crate) struct Mailbox<T> {
    halves: [SegQueue<T>; 2],
}

impl<T> Mailbox<T> {
    pub(crate) fn new() -> Self {
        Mailbox {
            halves: [SegQueue::new(), SegQueue::new()],
        }
    }

    /// Publishes a letter, to be read in `turn`. May be called by any thread at any time.
    pub(crate) fn publish(&self, turn: u64, letter: T) {
        self.halves[(turn & 1) as usize].push(letter);
    }

    /// Takes out all letters that are to be read in `turn`, in no particular order. All of them
    /// have been published before, since no turn begins before the last one has ended.
    pub(crate) fn drain(&self, turn: u64, into: &mut Vec<T>) {
        while let Some(letter) = self.halves[(turn & 1) as usize].pop() {
            into.push(letter);
        }
    }
}

#[cfg(all(loom, test))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    /// Two shards write for the next turn while the reader is still reading this one.
    #[test]
    fn turns_do_not_mix_and_nothing_is_lost() {
        loom::model(|| {
            let mailbox = Arc::new(Mailbox::new());
            mailbox.publish(1, (0, 0));
            let writers: Vec<_> = (1..=2)
                .map(|source| {
                    let mailbox = Arc::clone(&mailbox);
                    thread::spawn(move || {
                        mailbox.publish(2, (source, 0));
                        mailbox.publish(2, (source, 1));
                    })
                })
                .collect();
            let mut read = Vec::new();
            mailbox.drain(1, &mut read);
            assert_eq!(
                read,
                [(0, 0)],
                "a letter for the next turn was read in this one"
            );
            for writer in writers {
                writer.join().unwrap();
            }
            let mut read = Vec::new();
            mailbox.drain(2, &mut read);
            read.sort_by_key(|&(source, _)| source);
            assert_eq!(read, [(1, 0), (1, 1), (2, 0), (2, 1)]);
            mailbox.drain(2, &mut read);
            assert_eq!(read.len(), 4, "a letter was read twice");
        });
    }
}
