//! The concurrent parts that the runtime is built on, or a model checker's in their place.

#[cfg(not(loom))]
pub(crate) use crossbeam_queue::SegQueue;

#[cfg(loom)]
pub(crate) use model::SegQueue;

#[cfg(loom)]
mod model {
    use loom::sync::Mutex;
    use std::collections::VecDeque;

    /// A queue with the behaviour of crossbeam's, whose operations loom can interleave.
    pub(crate) struct SegQueue<T>(Mutex<VecDeque<T>>);

    impl<T> SegQueue<T> {
        pub(crate) fn new() -> Self {
            SegQueue(Mutex::new(VecDeque::new()))
        }

        pub(crate) fn push(&self, value: T) {
            self.0.lock().unwrap().push_back(value);
        }

        pub(crate) fn pop(&self) -> Option<T> {
            self.0.lock().unwrap().pop_front()
        }
    }
}
