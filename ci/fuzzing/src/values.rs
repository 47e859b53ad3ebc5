//! Values as they lay in memory, which may be anything, as values of several types.

use std::fmt::Debug;
use std::sync::{Arc, LazyLock};

use chunky::raw::{Layout, Layouts, RawForm, RawReader, differences};
use chunky::{
    Arena, CBox, CMap, CString, CVec, ChunkedVec, Compact, Heap, Kept, MapCopy, MapForms, MapParts,
    Region, SlotMap, portable,
};
use kay_runtime::{Id, RawId, Rng};

use crate::mutate;
use crate::town::{Colour, Lamp, Mood, Person};

/// What a slot map was copied as.
#[derive(Compact, Debug, Default)]
pub struct Saved {
    /// As which type it is read.
    of: u8,
    layouts: CVec<Layout>,
    number: u32,
    slots: (u32, CVec<u8>),
    pages: (u32, CVec<u8>),
    page_numbers: CVec<u32>,
    len: u32,
    values: CVec<u8>,
    beside: CVec<u8>,
}

#[derive(Clone, Copy, Compact)]
struct Plain {
    number: f64,
    colour: Colour,
    flag: bool,
    id: Option<RawId>,
    letter: char,
    person: Option<Id<Person>>,
    colours: [(Colour, u16); 3],
}

/// More than a block has room for a few of.
#[derive(Clone, Copy, Compact)]
struct Large([(Option<Id<Lamp>>, bool); 60]);

#[derive(Compact)]
struct Tree {
    height: u8,
    branches: CVec<Tree>,
    leaf: Option<CBox<Tree>>,
}

#[derive(Compact)]
enum Shape {
    Nothing,
    Round(u16),
    Many {
        shapes: CVec<Shape>,
        of: CMap<u16, CVec<()>>,
    },
}

fn tree(height: u8) -> Tree {
    let branches = (0..height / 2).map(tree).collect();
    let leaf = (height > 2).then(|| CBox::new(tree(0)));
    Tree {
        height,
        branches,
        leaf,
    }
}

fn shape(of: u16) -> Shape {
    match of % 3 {
        0 => Shape::Nothing,
        1 => Shape::Round(of),
        _ => Shape::Many {
            shapes: (0..of / 2).map(shape).collect(),
            of: [(of, CVec::from([()]))].into_iter().collect(),
        },
    }
}

fn plain(of: u32) -> Plain {
    Plain {
        number: of.into(),
        colour: Colour::Blue,
        flag: of.is_multiple_of(2),
        id: None,
        letter: 'x',
        person: None,
        colours: [(Colour::Green, 7); 3],
    }
}

/// Does something with each of the types.
macro_rules! types {
    ($($number:literal: $type:ty = $make:expr;)*) => {
        /// Reads what was saved as the type that it says.
        pub fn read(saved: &Saved) -> bool {
            match saved.of {
                $($number => saved.read::<$type>(),)*
                _ => false,
            }
        }

        /// Maps with some values of each type.
        pub fn examples() -> Vec<Saved> {
            vec![$(Saved::of::<$type>($number, $make),)*]
        }
    };
}

types! {
    0: u64 = |of| of.into();
    1: Plain = plain;
    2: Large = |_| Large([(None, true); 60]);
    3: Tree = |of| tree(of as u8 % 7);
    4: Shape = |of| shape(of as u16 % 9);
    5: CMap<CString, Option<Id<Lamp>>> = |of| [(CString::from("a"), None), (of.to_string().as_str().into(), None)].into_iter().collect();
    6: (CBox<CVec<CVec<Plain>>>, bool) = |of| (CBox::new([[plain(of)].into_iter().collect()].into_iter().collect()), true);
    7: Mood = Mood::Angry;
    8: Option<Colour> = |of| of.is_multiple_of(2).then_some(Colour::Red);
}

/// These bytes in memory with so much room.
fn region(bytes: &[u8], room: usize) -> Region {
    let mut all = bytes.to_vec();
    all.resize(bytes.len().max(room), 0);
    Region::copy_of(&all)
}

/// Room for blocks of so many values, unless that would be much.
fn room<T: Compact>(len: usize) -> usize {
    if len.saturating_mul(size_of::<T>()) < 1 << 18 {
        ChunkedVec::<T>::kept_bytes(len)
    } else {
        0
    }
}

impl Saved {
    fn of<T: Compact>(number: u8, make: impl Fn(u32) -> T) -> Saved {
        let mut layouts = Layouts::new();
        let (form, forms) = (RawForm::<T>::new(&mut layouts), MapForms::new(&mut layouts));
        let mut map = SlotMap::new(Arc::new(Heap));
        for slot in 0..9 {
            let key = chunky::Key {
                slot: slot * 40,
                generation: 1,
            };
            assert!(map.insert(key, make(slot)).is_ok());
        }
        let mut copy = MapCopy::default();
        map.copy(&form, &forms, &mut copy)
            .expect("such values can be copied");
        Saved {
            of: number,
            layouts: layouts.all().iter().cloned().collect(),
            number: form.number(),
            slots: (forms.slots.number(), copy.slots.into_iter().collect()),
            pages: (forms.pages.number(), copy.pages.into_iter().collect()),
            page_numbers: copy.page_numbers.into_iter().collect(),
            len: map.len() as u32,
            values: copy.values.into_iter().collect(),
            beside: copy.beside.into_iter().collect(),
        }
    }

    /// Reads it in all ways. Returns whether it is a map.
    fn read<T: Compact>(&self) -> bool {
        Arena::new(Arc::new(Heap)).with(|| {
            let mut layouts = Layouts::new();
            let (form, forms) = (RawForm::<T>::new(&mut layouts), MapForms::new(&mut layouts));
            let was = (&self.layouts[..], self.number);
            for difference in differences(was, (layouts.all(), form.number()), "a value") {
                assert!(!difference.to_string().is_empty());
            }
            self.pass(|reader, value| reader.skip(value).is_ok());
            self.pass(|reader, value| reader.read::<T>(value).is_ok());
            if form.is_plain() {
                let _ = form.check(&self.values);
            }
            let pages = self.page_numbers.len();
            let Some(values) = self.restore::<T>(
                &form,
                self.number,
                &self.values,
                &self.beside,
                self.len as usize,
            ) else {
                return false;
            };
            let slots = self.restore(
                &forms.slots,
                self.slots.0,
                &self.slots.1,
                &[],
                self.len as usize,
            );
            let pages = self.restore(&forms.pages, self.pages.0, &self.pages.1, &[], pages);
            let (Some(slots), Some(pages)) = (slots, pages) else {
                return false;
            };
            let page_numbers = &self.page_numbers[..];
            let map = SlotMap::adopt(MapParts {
                values,
                slots,
                pages,
                page_numbers,
                page_limit: 64,
            });
            let Ok(mut map) = map else { return false };
            let keys: Vec<_> = map.iter().map(|(key, _)| key).collect();
            assert!(keys.iter().all(|&key| map.get(key).is_some()));
            let mut copy = MapCopy::default();
            map.copy(&form, &forms, &mut copy)
                .expect("what was read can be copied");
            for key in keys.into_iter().step_by(2) {
                assert!(map.remove(key).is_some());
            }
            true
        })
    }

    /// Reads values one by one until one is wrong.
    fn pass(&self, mut each: impl for<'a> FnMut(&mut RawReader<'a>, &'a [u8]) -> bool) {
        let reader = RawReader::new(&self.layouts, self.number, &self.beside);
        let Ok(mut reader) = reader else { return };
        let size = reader.size().max(1);
        for value in self.values.chunks(size) {
            if !each(&mut reader, value) {
                break;
            }
        }
        let _ = reader.finish();
    }

    /// A vector of such bytes. It is copied, and what it was copied as is it again.
    fn restore<T: Compact>(
        &self,
        form: &RawForm<T>,
        number: u32,
        values: &[u8],
        beside: &[u8],
        len: usize,
    ) -> Option<ChunkedVec<T>> {
        let values = region(values, room::<T>(len));
        let kept = Kept {
            len,
            values,
            beside,
            layouts: &self.layouts,
            number,
        };
        let mut vec = ChunkedVec::restore(form, kept, Arc::new(Heap)).ok()?;
        let copied = copy(form, &mut vec);
        let mut layouts = Layouts::new();
        let own = RawForm::<T>::new(&mut layouts);
        let kept = Kept {
            len: vec.len(),
            values: region(&copied.0, ChunkedVec::<T>::kept_bytes(vec.len())),
            beside: &copied.1,
            layouts: layouts.all(),
            number: own.number(),
        };
        let again = ChunkedVec::restore(&own, kept, Arc::new(Heap));
        let mut again = again.expect("what was copied can be read");
        assert!(
            copy(form, &mut again) == copied,
            "what was read is the same again"
        );
        for value in vec.iter() {
            let bytes = portable::to_bytes(value).expect("what was read can be written");
            let again = portable::from_bytes::<T>(&bytes).expect("what was written can be read");
            assert_eq!(portable::to_bytes(&again).as_ref(), Ok(&bytes));
        }
        Some(vec)
    }
}

fn copy<T: Compact>(form: &RawForm<T>, vec: &mut ChunkedVec<T>) -> (Vec<u8>, Vec<u8>) {
    let (mut values, mut beside) = (Vec::new(), Vec::new());
    vec.copy(form, &mut values, &mut beside)
        .expect("what was read can be copied");
    (values, beside)
}

static EXAMPLES: LazyLock<Vec<Saved>> = LazyLock::new(examples);

/// Changes a part of what was saved.
pub fn mutate(bytes: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut saved: Saved = portable::from_bytes(bytes).ok()?;
    // Else, what once made no sense never would again.
    if rng.below(3) == 0 {
        let right = EXAMPLES.get(usize::from(saved.of))?;
        match rng.below(3) {
            0 => {
                saved.layouts = right.layouts.clone();
                saved.number = right.number;
                (saved.slots.0, saved.pages.0) = (right.slots.0, right.pages.0);
            }
            1 => {
                (saved.slots.1, saved.pages.1) = (right.slots.1.clone(), right.pages.1.clone());
                (saved.page_numbers, saved.len) = (right.page_numbers.clone(), right.len);
            }
            _ => {
                saved.values = right.values.clone();
                saved.beside = right.beside.clone();
            }
        }
        return portable::to_bytes(&saved).ok();
    }
    let part = match rng.below(16) {
        0 => {
            saved.of = rng.below(9) as u8;
            return portable::to_bytes(&saved).ok();
        }
        1 => {
            let numbers = [&mut saved.number, &mut saved.slots.0, &mut saved.pages.0];
            *numbers.into_iter().nth(rng.below(3) as usize)? = rng.below(24) as u32;
            return portable::to_bytes(&saved).ok();
        }
        2 => {
            saved.len = rng.below(3000) as u32;
            return portable::to_bytes(&saved).ok();
        }
        3 => {
            let at = mutate::one(rng, saved.page_numbers.len());
            *saved.page_numbers.get_mut(at)? = rng.below(70) as u32;
            return portable::to_bytes(&saved).ok();
        }
        4..7 => {
            // Of a layout, any changed bytes may be no layout.
            let at = mutate::one(rng, saved.layouts.len());
            let layout = saved.layouts.get_mut(at)?;
            let mut bytes = portable::to_bytes(layout).ok()?;
            mutate::bytes(&mut bytes);
            *layout = portable::from_bytes(&bytes).ok()?;
            return portable::to_bytes(&saved).ok();
        }
        7..11 => &mut saved.values,
        11..14 => &mut saved.beside,
        14 => &mut saved.slots.1,
        _ => &mut saved.pages.1,
    };
    let mut bytes = part.to_vec();
    mutate::bytes(&mut bytes);
    *part = bytes.into_iter().collect();
    portable::to_bytes(&saved).ok()
}
