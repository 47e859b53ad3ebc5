//! Collections while a thread ends, when its own arena is already gone, or not yet.

use chunky::{CBox, CString, CVec};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Uses and makes collections when it is dropped.
#[derive(Default)]
struct Last(CVec<CString>);

impl Drop for Last {
    fn drop(&mut self) {
        assert!(self.0.iter().all(|text| text.starts_with("text")));
        self.0.push("text, made at the end".into());
        let large: CVec<u64> = (0..1_000).collect();
        let mut more: CVec<CBox<u64>> = large.iter().copied().map(CBox::new).collect();
        more.reverse();
        assert!(more.iter().rev().map(|value| **value).eq(0..1_000));
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
}

thread_local! {
    static EARLY: RefCell<Last> = RefCell::default();
    static LATE: RefCell<Last> = RefCell::default();
}

#[test]
fn collections_work_while_thread_locals_are_destroyed() {
    thread::spawn(|| {
        // Locals are destroyed in one order or the reverse: one of the two comes after the
        // thread's arena.
        EARLY.with_borrow(|last| assert!(last.0.is_empty()));
        drop(CBox::new(1));
        LATE.with_borrow_mut(|last| last.0.push("text".into()));
        EARLY.with_borrow_mut(|last| last.0.extend([CString::from("text"), "text 2".into()]));
    })
    .join()
    .unwrap();
    assert_eq!(ENDED.load(Ordering::Relaxed), 2);
}

#[test]
fn a_value_outlives_the_thread_that_made_it() {
    let made = thread::spawn(|| (0..1000).map(CBox::new).collect::<CVec<CBox<u32>>>());
    let values = made.join().unwrap();
    assert!(values.iter().map(|value| **value).eq(0..1000));
    let halves = thread::spawn(move || {
        let mut values = values;
        let second = values.split_off(500);
        (values, second)
    });
    let (first, second) = halves.join().unwrap();
    assert!(first.iter().chain(&second).map(|value| **value).eq(0..1000));
}
