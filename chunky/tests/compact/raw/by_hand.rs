//! Types that say by hand how they lie in memory: whatever they do, values are kept and read.

use super::raw_round_trip;
use chunky::portable::{ReadError, Reader, Writer};
use chunky::raw::{Form, Layouts, RawForm, RawReader, TypeNumber};
use chunky::{Arena, CBox, CVec, Compact, Heap, Storage};
use std::alloc::Layout;
use std::cell::Cell;
use std::fmt;
use std::hash::Hasher;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

type Answer = fn(&mut Layouts) -> TypeNumber;

thread_local! {
    /// What a [`ByHand`] does when it is asked for its layout.
    static ANSWER: Cell<Answer> = const { Cell::new(Layouts::opaque::<ByHand>) };
}

/// A number that is written twice, so that it is not confused with another one.
#[derive(Debug)]
struct ByHand(u32);

impl Compact for ByHand {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        ByHand(self.0)
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn write(&self, to: &mut Writer) {
        (self.0, self.0).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        <(u32, u32)>::read(from).map(|(number, _)| ByHand(number))
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        // Once: who asks for it again is not asked again.
        ANSWER.replace(Layouts::opaque::<ByHand>)(to)
    }
}

#[derive(Compact)]
#[repr(transparent)]
struct Name(NonZero<u64>);

/// Leads to one in each way that there is, and to itself.
#[derive(Compact)]
struct Carrier {
    one: ByHand,
    few: [ByHand; 2],
    none: [ByHand; 0],
    name: Option<Name>,
    many: CVec<(u8, ByHand)>,
    boxed: CBox<ByHand>,
    inner: Option<CBox<Carrier>>,
}

fn carrier(inner: Option<Carrier>) -> Carrier {
    Carrier {
        one: ByHand(1),
        few: [ByHand(2), ByHand(3)],
        none: [],
        name: NonZero::new(4).map(Name),
        many: [(5, ByHand(6)), (7, ByHand(8))].into(),
        boxed: CBox::new(ByHand(9)),
        inner: inner.map(CBox::new),
    }
}

/// Whether values are kept and read by these layouts.
#[track_caller]
fn check(layouts: &mut Layouts) {
    let form = RawForm::<Carrier>::new(layouts);
    let (mut values, mut beside) = (Vec::new(), Vec::new());
    let value = carrier(Some(carrier(None)));
    form.copy(std::slice::from_ref(&value), &mut values, &mut beside)
        .unwrap();
    let mut reader = RawReader::new(layouts.all(), form.number(), &beside).unwrap();
    let read: Carrier = reader.read(&values).unwrap();
    reader.finish().unwrap();
    assert_eq!(
        format!("{:?}", read.described()),
        format!("{:?}", value.described())
    );
}

/// So they are if one answers like this, and if there was something before.
#[track_caller]
fn check_answer(answer: Answer) {
    for first in [
        Layouts::of::<()>,
        Layouts::of::<(Carrier, u64)>,
        Layouts::of::<[ByHand; 2]>,
    ] {
        let layouts = &mut Layouts::new();
        ANSWER.set(answer);
        // If it panics, it does so here.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            first(layouts);
            layouts.of::<Carrier>();
        }));
        check(layouts);
    }
}

#[test]
fn whatever_a_type_answers_it_is_kept() {
    check_answer(Layouts::opaque::<ByHand>);
    check_answer(|to| to.opaque_named::<ByHand>(""));
    // The number of another one, or of none.
    check_answer(Layouts::of::<u32>);
    check_answer(Layouts::of::<CVec<u64>>);
    check_answer(Layouts::of::<Carrier>);
    check_answer(|_| 0);
    check_answer(|_| TypeNumber::MAX);
    check_answer(|_| Layouts::new().of::<ByHand>());
    // Itself, again.
    check_answer(Layouts::of::<ByHand>);
    check_answer(<ByHand as Compact>::layout);
    check_answer(Layouts::of::<Option<CBox<Carrier>>>);
    // What others are, before they say so.
    check_answer(Layouts::opaque::<Carrier>);
    check_answer(Layouts::opaque::<NonZero<u64>>);
    check_answer(Layouts::opaque::<[ByHand; 2]>);
    check_answer(Layouts::opaque::<CVec<(u8, ByHand)>>);
    // A form of a type that is not described yet.
    check_answer(|to| {
        check(to);
        0
    });
    // Nothing.
    check_answer(|_| resume_unwind(Box::new("it does not say")));
    check_answer(|to| {
        check(to);
        resume_unwind(Box::new("it does not say"))
    });
}

/// One that was opaque before it was asked has no niche, since it is not known to be plain.
#[test]
fn what_is_opaque_has_no_niche() {
    let layouts = &mut Layouts::new();
    let number = layouts.opaque::<NonZero<u64>>();
    assert_eq!(<NonZero<u64> as Compact>::layout(layouts), number);
    assert_eq!(layouts.all()[number as usize].form, Form::Opaque);
    let form = RawForm::<[Option<NonZero<u64>>; 2]>::new(layouts);
    assert!(!form.is_plain());
    // Nor has what is laid out as it, or was opaque itself.
    assert!(!RawForm::<Option<Name>>::new(layouts).is_plain());
    let layouts = &mut Layouts::new();
    layouts.opaque::<Name>();
    assert!(layouts.all().len() == 1 && <Name as Compact>::layout(layouts) == 0);
    let form = RawForm::<Option<Name>>::new(layouts);
    assert!(!form.is_plain());
    let names = [NonZero::new(7).map(Name), None];
    let (mut values, mut beside) = (Vec::new(), Vec::new());
    form.copy(&names, &mut values, &mut beside).unwrap();
    assert_eq!(beside, [9, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
}

/// The heap, which has no room for what is large.
#[derive(Debug)]
struct Small;

// SAFETY: the calls are passed on to `Heap`, which keeps the contract, or do not return.
unsafe impl Storage for Small {
    fn acquire(&self, layout: Layout) -> NonNull<u8> {
        if layout.size() > 1 << 20 {
            resume_unwind(Box::new("there is no room"));
        }
        Heap.acquire(layout)
    }

    unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { Heap.release(chunk, layout) }
    }
}

/// One whose name cannot be recorded is not there, and no other one is taken for it.
#[test]
fn a_type_for_which_there_is_no_room_is_not_there() {
    let name = "name".repeat(1 << 20);
    let mut arena = Arena::new(Arc::new(Small));
    arena.with(|| {
        let layouts = &mut Layouts::new();
        let add = AssertUnwindSafe(|| layouts.opaque_named::<ByHand>(&name));
        assert!(catch_unwind(add).is_err());
        assert!(layouts.all().is_empty());
        let values = [Some(7_u16), None];
        let form = RawForm::new(layouts);
        let (mut bytes, mut beside) = (Vec::new(), Vec::new());
        form.copy(&values, &mut bytes, &mut beside).unwrap();
        assert_eq!(beside, [3, 1, 7, 0, 1, 0]);
        check(layouts);
    });
}

/// Others may be said to be what they are not, where nobody vouches for it. Then they cannot be read, but nothing worse.
#[test]
fn a_lie_about_another_type_does_no_harm() {
    let lies: [fn(&mut Layouts) -> TypeNumber; 5] = [
        |to| to.empty::<u32>(""),
        |to| to.empty::<NonZero<u64>>(""),
        |to| to.empty::<ByHand>(""),
        |to| to.empty::<Name>(""),
        |to| to.beside::<CVec<(u8, ByHand)>>("", &[("", &[("", |_| TypeNumber::MAX)])]),
    ];
    for lie in lies {
        let layouts = &mut Layouts::new();
        lie(layouts);
        let form = RawForm::<(Carrier, [u32; 3])>::new(layouts);
        let (mut values, mut beside) = (Vec::new(), Vec::new());
        let value = (carrier(Some(carrier(None))), [1, 2, 3]);
        form.copy(std::slice::from_ref(&value), &mut values, &mut beside)
            .unwrap();
        let mut reader = RawReader::new(layouts.all(), form.number(), &beside).unwrap();
        if let Ok(read) = reader.read::<(Carrier, [u32; 3])>(&values) {
            raw_round_trip(&read);
        }
    }
}
