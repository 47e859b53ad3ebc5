//! `CString` beside `String`.

use crate::common::runner;
use chunky::{Arena, CString, Compact, Heap};
use proptest::prelude::*;
use std::fmt::Write;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Op {
    Push(char),
    PushStr(String),
    Pop,
    Insert(usize, char),
    InsertStr(usize, String),
    Remove(usize),
    Truncate(usize),
    Clear,
    Retain(char),
    Extend(Vec<char>),
    ExtendStrs(Vec<String>),
    Write(u32),
    Upper,
    Shrink,
    Clone,
}

fn op() -> impl Strategy<Value = Op> {
    // Characters of one to four bytes.
    let character = prop::sample::select(vec!['a', 'b', 'é', '—', '車', '🚗']);
    let text = prop::collection::vec(character.clone(), 0..10)
        .prop_map(|characters| characters.into_iter().collect::<String>());
    let at = 0..30_usize;
    prop_oneof![
        4 => character.clone().prop_map(Op::Push),
        4 => text.clone().prop_map(Op::PushStr),
        2 => Just(Op::Pop),
        2 => (at.clone(), character.clone()).prop_map(|(at, character)| Op::Insert(at, character)),
        2 => (at.clone(), text.clone()).prop_map(|(at, text)| Op::InsertStr(at, text)),
        2 => at.clone().prop_map(Op::Remove),
        1 => at.prop_map(Op::Truncate),
        1 => Just(Op::Clear),
        1 => character.clone().prop_map(Op::Retain),
        1 => prop::collection::vec(character, 0..5).prop_map(Op::Extend),
        1 => prop::collection::vec(text, 0..3).prop_map(Op::ExtendStrs),
        1 => any::<u32>().prop_map(Op::Write),
        1 => Just(Op::Upper),
        1 => Just(Op::Shrink),
        1 => Just(Op::Clone),
    ]
}

/// Applies an operation; the macro serves `CString` and `String`.
macro_rules! apply {
    ($text:expr, $op:expr) => {{
        let text = $text;
        let boundary = |at: &usize| {
            (0..=*at)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0)
        };
        match $op {
            Op::Push(character) => text.push(*character),
            Op::PushStr(more) => text.push_str(more),
            Op::Pop => drop(text.pop()),
            Op::Insert(at, character) => text.insert(boundary(at), *character),
            Op::InsertStr(at, more) => text.insert_str(boundary(at), more),
            Op::Remove(at) => {
                let at = boundary(at);
                if at < text.len() {
                    text.remove(at);
                }
            }
            Op::Truncate(at) => text.truncate(boundary(at)),
            Op::Clear => text.clear(),
            Op::Retain(character) => text.retain(|kept| kept != *character),
            Op::Extend(characters) => text.extend(characters.iter().copied()),
            Op::ExtendStrs(texts) => text.extend(texts.iter().map(|text| &**text)),
            Op::Write(number) => write!(text, "<{number}>").unwrap(),
            Op::Upper => text.make_ascii_uppercase(),
            Op::Shrink => text.shrink_to_fit(),
            Op::Clone => *text = text.clone(),
        }
    }};
}

#[test]
fn is_like_string() {
    runner(300)
        .run(&prop::collection::vec(op(), 0..40), |ops| {
            let mut arena = Arena::new(Arc::new(Heap));
            arena.with(|| {
                let mut text = CString::new();
                let mut model = String::new();
                for op in &ops {
                    apply!(&mut text, op);
                    apply!(&mut model, op);
                    assert_eq!(text, model, "after {op:?}");
                    assert!(std::str::from_utf8(text.as_bytes()).is_ok());
                }
            });
            assert_eq!(arena.bytes_in_use(), 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn only_character_boundaries_are_taken() {
    let panics = |f: fn(&mut CString)| {
        let mut text = CString::from("é🚗");
        crate::common::blows(|| f(&mut text));
        text
    };
    for f in [
        |text: &mut CString| text.truncate(1),
        |text: &mut CString| text.insert(3, 'a'),
        |text: &mut CString| _ = text.remove(1),
        |text: &mut CString| _ = text.remove(6),
    ] {
        assert!(std::panic::catch_unwind(|| panics(f)).is_err());
    }
    let mut text = CString::from("é🚗");
    text.truncate(100);
    assert_eq!(text, "é🚗");
}

#[test]
fn conversions() {
    assert_eq!(size_of::<CString>(), 16);
    let text = CString::from("a — b");
    assert_eq!(String::from(text.clone()), "a — b");
    assert_eq!(CString::from(String::from("a — b")), text);
    assert_eq!("a — b".parse::<CString>(), Ok(text.clone()));
    assert_eq!(text.to_string(), "a — b");
    assert_eq!(
        format!("{text:?}, {:?}", text.described()),
        r#""a — b", "a — b""#
    );
    assert_eq!(format!("{text:>7}"), "  a — b");
    assert_eq!(text.duplicate().into_bytes(), "a — b".as_bytes());
    assert_eq!(CString::from('車'), "車");
    assert_eq!(["a", "b"].into_iter().collect::<CString>(), "ab");
    let later = CString::from("a — c");
    assert!(text < later);
}
