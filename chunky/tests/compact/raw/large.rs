//! Types whose values take more bytes than are counted.
#![cfg(target_pointer_width = "64")]

use chunky::raw::{Form, LayoutError, Layouts, RawForm, RawReader};
use chunky::{CBox, CVec, Compact};
use std::panic::catch_unwind;

const MOST: usize = u32::MAX as usize - 1;

#[derive(Compact)]
struct Large {
    small: u8,
    values: [u64; 1 << 30],
}

/// A type of which nothing is kept as it lies.
#[track_caller]
fn is_refused<T: Compact>() {
    let layouts = &mut Layouts::new();
    let number = layouts.of::<T>();
    let error = layouts.program(number).unwrap_err();
    assert_eq!(error, LayoutError::TooLarge { number });
    let error = RawReader::new(layouts.all(), number, &[]).err();
    assert_eq!(error, Some(LayoutError::TooLarge { number }));
    names::<T>(&layouts.all()[number as usize].name);
}

/// The refusal names the type that is too large.
#[track_caller]
fn names<T: Compact>(large: &str) {
    let refused = catch_unwind(|| drop(RawForm::<T>::new(&mut Layouts::new())));
    let message = *refused.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains(large), "{message}");
}

#[test]
fn what_takes_4_gib_is_not_kept_as_it_lies() {
    is_refused::<[bool; MOST + 1]>();
    is_refused::<[bool; MOST + 2]>();
    is_refused::<[bool; 1 << 33]>();
    is_refused::<[[u64; 1 << 20]; 1 << 20]>();
    is_refused::<Large>();
    is_refused::<(Large, CVec<u8>)>();
    // Nor is what leads to it.
    names::<(u8, CBox<Large>)>("Large");
    names::<(u8, CVec<[Large; 2]>)>("array");
    // What is one byte smaller is, and what has none of it.
    let form = RawForm::<[bool; MOST]>::new(&mut Layouts::new());
    assert!(form.is_plain() && form.program().size() == MOST);
    let form = RawForm::<[Large; 0]>::new(&mut Layouts::new());
    assert!(form.is_plain() && form.program().size() == 0);
}

#[test]
fn so_many_values_without_bytes_are_not_counted() {
    let many = [
        Layouts::of::<[(); 1 << 32]>,
        Layouts::of::<[(); u32::MAX as usize]>,
    ];
    let layouts = &mut Layouts::new();
    let [more, most] = many.map(|of| {
        let number = of(layouts);
        layouts.all()[number as usize].form.clone()
    });
    assert_eq!(more, Form::Opaque);
    assert!(matches!(most, Form::Array(_, u32::MAX)), "{most:?}");
}
