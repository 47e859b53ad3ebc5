//! Bytes that nobody has written: an error or a value, and nothing worse.

use super::values::{Everything, Many, Never, Pair, Road, Unit, Wide};
use crate::common::{Counting, Random, runner, shrunk};
use chunky::portable::{
    EMPTY, Limit, Problem, ReadError, Reader, WriteError, from_bytes, to_bytes,
};
use chunky::{Arena, CBox, CMap, CString, CVec, Compact};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZero;
use std::time::Duration;

/// Reads what may be anything. A value has one form only, so these bytes are its form.
fn try_to_read<T: Compact>(bytes: &[u8]) -> Result<T, ReadError> {
    let read = from_bytes::<T>(bytes);
    match &read {
        Ok(value) => assert_eq!(to_bytes(value).as_deref(), Ok(bytes)),
        Err(error) => assert!(error.offset() <= bytes.len(), "{error}"),
    }
    read
}

#[track_caller]
fn refused<T: Compact>(bytes: &[u8], offset: usize, problem: Problem) {
    let error = try_to_read::<T>(bytes).err().expect("this is no value");
    assert_eq!(error, ReadError::new(offset, problem));
}

#[test]
fn bytes_that_are_no_value_are_refused_where_it_begins() {
    refused::<(u8, bool)>(&[1, 2], 1, Problem::Bool);
    refused::<char>(&[0, 0xd8, 0, 0], 0, Problem::Char);
    refused::<char>(&[0, 0, 0x11, 0], 0, Problem::Char);
    refused::<Ordering>(&[2], 0, Problem::Ordering);
    refused::<(u8, NonZero<u16>)>(&[1, 0, 0], 1, Problem::Zero);
    let second = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0xca, 0x9a, 0x3b];
    refused::<Duration>(&second, 0, Problem::Nanoseconds);
    refused::<CString>(&[2, 0, 0, 0, 0xc3, 0x28], 4, Problem::Utf8);
    refused::<(u8, u16)>(&[1, 2], 1, Problem::End);
    refused::<CString>(&[3, 0, 0, 0, 65, 66], 4, Problem::End);
    refused::<u8>(&[1, 2, 3], 1, Problem::Rest { bytes: 2 });
    refused::<Never>(&[0], 0, Problem::Never);
    refused::<Option<Never>>(&[1], 1, Problem::Never);
    #[cfg(target_pointer_width = "32")]
    refused::<usize>(&[0, 0, 0, 0, 1, 0, 0, 0], 0, Problem::Size);
    let variant = |position, variants| Problem::Variant { position, variants };
    refused::<(u8, Option<u8>)>(&[0, 2, 0], 1, variant(2, 2));
    refused::<Road>(&[3], 0, variant(3, 3));
    refused::<Wide>(&[1, 1, 0, 0], 0, variant(257, 257));
    refused::<Wide>(&[255, 255, 255, 255], 0, variant(u32::MAX, 257));
    assert!(matches!(from_bytes(&[255]), Ok(Many::Vff)));
}

#[test]
fn errors_say_where_and_what() {
    let error = from_bytes::<(u8, Option<u8>)>(&[0, 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at byte 1: there is no variant 2 among 2"
    );
    let error = from_bytes::<u8>(&[1, 2, 3]).unwrap_err();
    assert_eq!(error.to_string(), "at byte 1: 2 bytes are left over");
    let error: Box<dyn std::error::Error> = Box::new(WriteError::Limit(Limit::Empty));
    assert_eq!(error.to_string(), "more than 65536 elements take no bytes");
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let small = [2, 0, 0, 0, 5, 1, 5, 2];
    refused::<CMap<u8, u8>>(&small, 0, Problem::KeyTwice);
    // There is an index.
    let mut large = vec![0, 20, 0, 0, 0];
    large.extend((0..20).flat_map(|key| [key, 0]));
    assert!(try_to_read::<(u8, CMap<u8, u8>)>(&large).is_ok());
    large[5 + 2 * 19] = 3;
    refused::<(u8, CMap<u8, u8>)>(&large, 1, Problem::KeyTwice);
    // A key without bytes can be there once.
    assert!(try_to_read::<CMap<(), u8>>(&[1, 0, 0, 0, 7]).is_ok());
    refused::<CMap<(), u8>>(&[2, 0, 0, 0, 7, 7], 0, Problem::KeyTwice);
}

/// All prefixes, and all values of which one bit is another one.
#[test]
fn a_value_that_was_cut_or_damaged_is_refused_or_another_value() {
    for seed in 0..shrunk(2) {
        let value = Everything::random(&mut Random(u64::from(seed)), 1);
        let whole = to_bytes(&value).unwrap();
        for length in 0..whole.len() {
            let error = try_to_read::<Everything>(&whole[..length]).err();
            assert_eq!(error.unwrap().problem(), Problem::End);
        }
        let mut damaged = whole;
        for bit in 0..damaged.len() * 8 {
            damaged[bit / 8] ^= 1 << (bit % 8);
            drop(try_to_read::<Everything>(&damaged));
            damaged[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn any_bytes_are_refused_or_a_value() {
    // Small numbers make more sense as lengths and variants.
    let byte = prop_oneof![4 => 0..4_u8, 1 => any::<u8>()];
    runner(2000)
        .run(&prop::collection::vec(byte, 0..200), |bytes| {
            drop(try_to_read::<Everything>(&bytes));
            drop(try_to_read::<Tree>(&bytes));
            drop(try_to_read::<CVec<Road>>(&bytes));
            drop(try_to_read::<CMap<CVec<bool>, CMap<u8, Unit>>>(&bytes));
            drop(try_to_read::<CVec<Pair<Option<char>, Result<Unit, CString>>>>(&bytes));
            drop(try_to_read::<CBox<[Option<Duration>; 3]>>(&bytes));
            Ok(())
        })
        .unwrap();
}

#[derive(Compact)]
struct Tree(CVec<Tree>);

/// Reads what claims to be large, and returns how much memory it took.
fn memory_for<T: Compact>(bytes: &[u8]) -> usize {
    let storage = Counting::new();
    let mut arena = Arena::new(storage.clone());
    arena.with(|| drop(try_to_read::<T>(bytes)));
    drop(arena);
    storage.peak()
}

#[test]
fn a_length_that_is_a_lie_takes_no_memory() {
    // Some chunks of an arena, of which there is at least one for each size class.
    const FIXED: usize = 256 * 1024;
    let lie = |count: usize, then: u8| {
        let mut bytes = u32::MAX.to_le_bytes().to_vec();
        bytes.resize(4 + count, then);
        bytes
    };
    for (count, then) in [
        (0, 0),
        (3, 0),
        (1000, 1),
        (1 << 20, 0),
        (1 << 20, 1),
        (1 << 20, 255),
    ] {
        let bytes = lie(count, then);
        let memory = [
            memory_for::<CVec<u8>>(&bytes),
            memory_for::<CString>(&bytes),
            memory_for::<CVec<u64>>(&bytes),
            memory_for::<CVec<[u64; 1000]>>(&bytes),
            memory_for::<CVec<CVec<CVec<u64>>>>(&bytes),
            memory_for::<CMap<u32, u32>>(&bytes),
            // Each level lies.
            memory_for::<Tree>(&bytes),
        ];
        // An empty collection takes 16 bytes for 4.
        let most = FIXED + 12 * bytes.len();
        assert!(memory.iter().all(|&bytes| bytes <= most), "{memory:?}");
    }
}

#[test]
fn elements_without_bytes_are_few() {
    let lie = u32::MAX.to_le_bytes();
    refused::<CVec<()>>(&lie, 4, Problem::Limit(Limit::Empty));
    refused::<CVec<Unit>>(&lie, 4, Problem::Limit(Limit::Empty));
    refused::<CVec<[u64; 0]>>(&lie, 4, Problem::Limit(Limit::Empty));
    refused::<CVec<(PhantomData<u8>, ())>>(&lie, 4, Problem::Limit(Limit::Empty));
    // They are counted for all collections together, by readers and by writers.
    let half = || -> CVec<()> { (0..EMPTY / 2).map(|_| ()).collect() };
    let most = CVec::from([half(), half()]);
    let mut bytes = to_bytes(&most).unwrap();
    assert_eq!(try_to_read::<CVec<CVec<()>>>(&bytes).unwrap(), most);
    let over = CVec::from([half(), half(), [()].into()]);
    assert_eq!(to_bytes(&over), Err(WriteError::Limit(Limit::Empty)));
    bytes[0] = 3;
    bytes.extend([1, 0, 0, 0]);
    refused::<CVec<CVec<()>>>(&bytes, 16, Problem::Limit(Limit::Empty));
}

/// A key whose hash collides with all others.
#[derive(Compact, PartialEq, Eq)]
struct Colliding(u32);

impl Hash for Colliding {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u8(0);
    }
}

#[test]
fn keys_that_collide_on_purpose_are_refused() {
    let bytes = |count: u32| {
        let keys = (0..count).flat_map(u32::to_le_bytes);
        let all: Vec<u8> = count.to_le_bytes().into_iter().chain(keys).collect();
        all
    };
    type Map = CMap<Colliding, ()>;
    assert!(try_to_read::<Map>(&bytes(300)).is_ok());
    let limit = Limit::Collisions;
    refused::<Map>(&bytes(1000), 0, Problem::Limit(limit));
    // Without the limit, this would take minutes.
    refused::<Map>(&bytes(1_000_000), 0, Problem::Limit(limit));
    // So such a map is not written; several of them count together.
    let map = |count| -> Map { (0..count).map(|at| (Colliding(at), ())).collect() };
    assert_eq!(to_bytes(&map(1000)), Err(WriteError::Limit(limit)));
    let maps = |count| -> CVec<Map> { (0..count).map(|_| map(300)).collect() };
    assert!(to_bytes(&maps(2)).is_ok());
    assert_eq!(to_bytes(&maps(3)), Err(WriteError::Limit(limit)));
    // Others do not collide, however many they are.
    let many: CMap<u64, u8> = (0..shrunk(100_000))
        .map(|at| (u64::from(at) << 20, 0))
        .collect();
    assert!(try_to_read::<CMap<u64, u8>>(&to_bytes(&many).unwrap()).is_ok());
}

#[test]
fn several_values_are_read_one_after_the_other() {
    let mut reader = Reader::new(&[1, 2, 0, 3]);
    assert_eq!(u8::read(&mut reader), Ok(1));
    assert_eq!(u16::read(&mut reader), Ok(2));
    assert_eq!(reader.offset(), 3);
    let rest = ReadError::new(3, Problem::Rest { bytes: 1 });
    assert_eq!(reader.finish(), Err(rest));
}
