//! The mailbox of a shard: many writers, one reader, no locks.

use crate::sync::SegQueue;

/// What is waiting for a shard, in two halves: one is read in this turn while the other is
/// written for the next one.
///
/// Writers publish whole bundles, each with all letters that one thread has for this shard, so
/// the cost of an atomic is shared by all messages in them. The reader sorts the letters: the order
/// in which they come depends on threads, their order by sender does not.
pub(crate) struct Mailbox<T> {
    halves: [SegQueue<T>; 2],
}

impl<T> Mailbox<T> {
    pub(crate) fn new() -> Self {
        Mailbox {
            halves: [SegQueue::new(), SegQueue::new()],
        }
    }

    /// Publishes a bundle, to be read in `turn`. May be called by any thread at any time.
    pub(crate) fn publish(&self, turn: u64, bundle: T) {
        self.halves[(turn & 1) as usize].push(bundle);
    }

    /// Takes out one of the bundles that are to be read in `turn`. All of them have been published
    /// before, since no turn begins before the last one has ended.
    pub(crate) fn take(&self, turn: u64) -> Option<T> {
        self.halves[(turn & 1) as usize].pop()
    }
}

impl<T> std::fmt::Debug for Mailbox<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailbox")
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
            let read: Vec<_> = std::iter::from_fn(|| mailbox.take(1)).collect();
            assert_eq!(
                read,
                [(0, 0)],
                "a letter for the next turn was read in this one"
            );
            for writer in writers {
                writer.join().unwrap();
            }
            let mut read: Vec<_> = std::iter::from_fn(|| mailbox.take(2)).collect();
            read.sort_by_key(|&(source, _)| source);
            assert_eq!(read, [(1, 0), (1, 1), (2, 0), (2, 1)]);
            assert_eq!(mailbox.take(2), None, "a letter was read twice");
        });
    }
}
