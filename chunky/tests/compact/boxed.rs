//! `CBox`.

use crate::common::{Counted, Ledger, blows};
use chunky::{Arena, CBox, Compact, Heap};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Compact)]
enum Tree {
    Leaf(u32),
    Fork(CBox<Tree>, CBox<Tree>),
}

impl Tree {
    fn full(depth: u32) -> Self {
        match depth {
            0 => Tree::Leaf(0),
            _ => Tree::Fork(Tree::full(depth - 1).into(), Tree::full(depth - 1).into()),
        }
    }

    fn leaves(&mut self) -> Vec<&mut u32> {
        match self {
            Tree::Leaf(value) => vec![value],
            Tree::Fork(left, right) => {
                let mut leaves = left.leaves();
                leaves.extend(right.leaves());
                leaves
            }
        }
    }
}

#[test]
fn recursive_types_can_be_built_changed_and_copied() {
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| {
        let mut tree = Tree::full(6);
        for (at, leaf) in (0..).zip(tree.leaves()) {
            *leaf = at;
        }
        if let Tree::Fork(left, right) = &mut tree {
            std::mem::swap(left, right);
        }
        let mut copy = tree.duplicate();
        assert_eq!(copy, tree);
        let values: Vec<u32> = copy.leaves().into_iter().map(|leaf| *leaf).collect();
        assert!(values.into_iter().eq((32..64).chain(0..32)));
        *copy.leaves()[5] = 1000;
        assert_ne!(copy, tree);
        // A part takes the place of the whole.
        if let Tree::Fork(left, _) = std::mem::replace(&mut tree, Tree::Leaf(1)) {
            tree = left.into_inner();
        }
        assert_eq!(tree.leaves().len(), 32);
    });
    assert_eq!(arena.bytes_in_use(), 0);
}

#[test]
fn the_value_is_dropped_once_and_the_block_freed_even_if_the_drop_panics() {
    let ledger = Ledger::new();
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| {
        let boxed = CBox::new(Counted::new(1, &ledger));
        ledger.check(1);
        let clone = boxed.clone();
        ledger.check(2);
        drop(boxed);
        ledger.check(1);
        let value = clone.into_inner();
        ledger.check(1);
        assert_eq!(value.value, 1);
        let boxed = CBox::new(value);
        ledger.arm(0);
        assert!(blows(|| drop(boxed)));
        ledger.check(0);
    });
    assert_eq!(arena.bytes_in_use(), 0);
}

#[test]
fn values_without_size_need_no_storage() {
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| CBox::new(()).into_inner());
    assert_eq!(arena.bytes_held(), 0);
}

#[test]
fn is_a_pointer_and_behaves_as_its_value() {
    assert_eq!(size_of::<Option<CBox<u64>>>(), size_of::<usize>());
    let mut boxed = CBox::new([1, 2, 3]);
    boxed[1] = 5;
    assert_eq!(*boxed, [1, 5, 3]);
    assert_eq!(boxed, CBox::from([1, 5, 3]));
    assert!(boxed > CBox::new([1, 2, 3]));
    assert_eq!(
        format!("{boxed:?} {:?} {}", boxed.described(), CBox::new(7)),
        "[1, 5, 3] [1, 5, 3] 7"
    );
}
