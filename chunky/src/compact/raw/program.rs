//! From a layout to the steps by which a value is read.

use super::blanks::Optional;
use super::check::{Check, CheckOf, CheckParts, Tags};
use super::layout::{Field, Form, Layout, TypeNumber};
use super::layouts::Native;
use crate::portable::Writer;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

/// Writes the value at an address in portable form.
pub(super) type WriteAt = unsafe fn(NonNull<u8>, &mut Writer);

/// How many parts are looked at, and how deep fields may be nested. Values of more parts are kept beside as a
/// whole: there are few such types, if a file does not claim one.
const MOST_PARTS: usize = 1 << 14;
const MOST_LEVELS: u32 = 128;

/// As how many parts one without bytes counts. Who reads a value takes a step for each part, and a file that claims
/// parts with bytes has these bytes.
const EMPTY_PARTS: usize = MOST_PARTS / 16;

/// How many types one may lead to, which have no more fields than a value has parts. Values of one that leads to
/// more are kept beside as a whole, too.
const MOST_TYPES: usize = 1 << 12;

/// Stands for the size of all types that are as large as this, or larger. They have no program.
pub(super) const TOO_LARGE: u32 = u32::MAX;

/// The bytes of the variants of a type, which all its values in a program share.
pub(crate) type TagBytes = Arc<[Vec<u8>]>;

/// The parts of a value, in the order in which they are read.
#[derive(Clone, Debug)]
pub struct Program {
    /// The size of a value.
    pub(super) size: usize,
    pub(crate) steps: Vec<Step>,
    /// What has to be right for the bytes to be a value, if it is plain. Not known of recorded layouts.
    pub(super) checks: Vec<Check>,
    /// How what is beside in portable form is written, in the order of the steps; likewise.
    pub(super) beside: Vec<WriteAt>,
    /// Which parts have bytes that mean nothing if they are `None`; likewise.
    pub(super) options: Vec<Optional>,
}

/// Where the next part is, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) offset: usize,
    pub(crate) what: What,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// So many bytes, which are those of the portable form.
    Plain(usize),
    /// So many bytes. If all are 0, the variant 0; else the variant 1, and they are what it holds.
    Optional(usize),
    /// The variant whose bytes these are; each takes so many.
    Tags(usize, TagBytes),
    /// The values of a type that an address and a number lead to, which are in these places. What was there
    /// is beside.
    List {
        of: TypeNumber,
        at: usize,
        length: usize,
    },
    /// The value of a type that an address leads to; likewise.
    Boxed(TypeNumber),
    /// What is beside in portable form.
    Beside,
    /// The variant 0.
    Empty,
}

/// Why values of a type cannot be read by its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutError {
    /// A type has a number that no type has.
    NoType {
        /// The number.
        number: TypeNumber,
    },
    /// A part of a type lies outside of it, or where another one does.
    Outside {
        /// The number of the type.
        number: TypeNumber,
    },
    /// Values of a type take 4 GiB, less a byte, or more.
    TooLarge {
        /// The number of the type.
        number: TypeNumber,
    },
}

impl std::error::Error for LayoutError {}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayoutError::NoType { number } => write!(f, "there is no type number {number}"),
            LayoutError::Outside { number } => {
                write!(f, "a part of type number {number} lies outside of it")
            }
            LayoutError::TooLarge { number } => {
                write!(f, "values of type number {number} take 4 GiB or more")
            }
        }
    }
}

impl Program {
    /// The program for a type whose layout was recorded, by whomever.
    ///
    /// # Errors
    ///
    /// If the layouts make no sense.
    pub fn recorded(layouts: &[Layout], number: TypeNumber) -> Result<Self, LayoutError> {
        Program::led_to(layouts, number, &Beside::of(layouts, number))
    }

    /// As [`Program::recorded`], for a type that the one leads to that it is known of what is beside it.
    pub(crate) fn led_to(
        layouts: &[Layout],
        number: TypeNumber,
        beside: &Beside,
    ) -> Result<Self, LayoutError> {
        Program::compile(layouts, number, beside, |_| None)
    }

    pub(super) fn new<'a>(
        layouts: &[Layout],
        number: TypeNumber,
        native: impl Fn(TypeNumber) -> Option<&'a Native>,
    ) -> Result<Self, LayoutError> {
        Program::compile(layouts, number, &Beside::of(layouts, number), native)
    }

    fn compile<'a>(
        layouts: &[Layout],
        number: TypeNumber,
        beside: &Beside,
        native: impl Fn(TypeNumber) -> Option<&'a Native>,
    ) -> Result<Self, LayoutError> {
        let layout = get(layouts, number)?;
        if layout.size == TOO_LARGE {
            return Err(LayoutError::TooLarge { number });
        }
        let mut compiler = Compiler {
            layouts,
            beside,
            native: &native,
            program: Program::empty(layout),
            tags: HashMap::new(),
            parts: MOST_PARTS,
            bytes: layout.size as usize,
            apart: 0,
        };
        let added = match beside.types {
            Some(_) => compiler.add(number, 0, MOST_LEVELS),
            None => Err(Failure::TooLarge),
        };
        match added {
            Ok(()) => Ok(compiler.program),
            Err(Failure::Layout(error)) => Err(error),
            Err(Failure::TooLarge) => {
                let mut program = Program::empty(layout);
                let what = What::Beside;
                program.steps.push(Step { offset: 0, what });
                program
                    .beside
                    .extend(native(number).map(|native| native.write));
                Ok(program)
            }
        }
    }

    fn empty(layout: &Layout) -> Self {
        Program {
            size: layout.size as usize,
            steps: Vec::new(),
            checks: Vec::new(),
            beside: Vec::new(),
            options: Vec::new(),
        }
    }

    /// The size of a value in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether all that a value holds is in its own bytes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.steps.iter().all(|step| match step.what {
            What::Plain(_) | What::Optional(_) | What::Tags(..) => true,
            What::List { .. } | What::Boxed(_) | What::Beside | What::Empty => false,
        })
    }

    /// The types of values that this leads to.
    pub(super) fn leads_to(&self) -> impl Iterator<Item = TypeNumber> {
        self.steps.iter().filter_map(|step| match step.what {
            What::List { of, .. } | What::Boxed(of) => Some(of),
            _ => None,
        })
    }

    /// Whether values read by the other program lie as those read by this one.
    #[must_use]
    pub fn lies_as(&self, other: &Program) -> bool {
        (self.size, &self.steps) == (other.size, &other.steps)
    }
}

fn get(layouts: &[Layout], number: TypeNumber) -> Result<&Layout, LayoutError> {
    let layout = layouts.get(number as usize);
    layout.ok_or(LayoutError::NoType { number })
}

/// Which of the types that one leads to have a part that is kept beside them, be it in a collection. A file may
/// record many types, so others are not looked at.
#[derive(Debug)]
pub(crate) struct Beside {
    /// None if it leads to too many.
    types: Option<HashSet<TypeNumber>>,
}

impl Beside {
    pub(crate) fn of(layouts: &[Layout], number: TypeNumber) -> Self {
        let (mut seen, mut wanted) = (HashSet::from([number]), vec![number]);
        // Types may be in each other: so each is asked once what is in it, and once more in what it is.
        let mut owners: HashMap<TypeNumber, Vec<TypeNumber>> = HashMap::new();
        let (mut found, mut fields) = (Vec::new(), 0);
        while let Some(owner) = wanted.pop() {
            let Ok(layout) = get(layouts, owner) else {
                continue;
            };
            if let Form::Fields(own) = &layout.form {
                fields += own.len();
            }
            if seen.len() > MOST_TYPES || fields > MOST_PARTS {
                return Beside { types: None };
            }
            let mut has = |of: TypeNumber| {
                owners.entry(of).or_default().push(owner);
                if seen.insert(of) {
                    wanted.push(of);
                }
            };
            match &layout.form {
                Form::Beside(_) | Form::Opaque => found.push(owner),
                Form::Fields(fields) => fields.iter().for_each(|field| has(field.of)),
                &(Form::Array(of, _) | Form::Boxed(of) | Form::List { of, .. }) => has(of),
                _ => (),
            }
        }
        let mut types = HashSet::new();
        while let Some(of) = found.pop() {
            if types.insert(of) {
                found.extend(owners.remove(&of).unwrap_or_default());
            }
        }
        let types = Some(types);
        Beside { types }
    }

    fn has(&self, number: TypeNumber) -> bool {
        self.types
            .as_ref()
            .is_none_or(|types| types.contains(&number))
    }
}

struct Compiler<'p, F> {
    layouts: &'p [Layout],
    beside: &'p Beside,
    native: F,
    program: Program,
    /// By type.
    tags: HashMap<TypeNumber, TagBytes>,
    /// How many more parts may be looked at.
    parts: usize,
    /// How many bytes of a value are in no part yet: no two parts share any.
    bytes: usize,
    /// The step before which nothing is added to another one.
    apart: usize,
}

enum Failure {
    Layout(LayoutError),
    TooLarge,
}

impl From<LayoutError> for Failure {
    fn from(error: LayoutError) -> Self {
        Failure::Layout(error)
    }
}

impl<'a, F: Fn(TypeNumber) -> Option<&'a Native>> Compiler<'_, F> {
    /// Adds the steps for a value of a type at an offset.
    fn add(&mut self, number: TypeNumber, offset: usize, levels: u32) -> Result<(), Failure> {
        let layout = get(self.layouts, number)?;
        let size = layout.size as usize;
        let outside = LayoutError::Outside { number };
        let levels = levels.checked_sub(1).ok_or(Failure::TooLarge)?;
        self.parts = self.parts.checked_sub(1).ok_or(Failure::TooLarge)?;
        if !fits(offset, size, self.program.size) {
            return Err(outside.into());
        }
        let what = match &layout.form {
            Form::Plain => {
                if let Some(check) = self.check_of(number) {
                    self.check(offset, size, CheckOf::Values(check));
                }
                if size == 0 {
                    return Ok(());
                }
                What::Plain(size)
            }
            Form::Optional(of) => {
                let of = self.within(*of, levels)?;
                let inner = get(self.layouts, of)?;
                if inner.size != layout.size || inner.form != Form::Plain {
                    return Err(outside.into());
                }
                if let Some(check) = self.check_of(of) {
                    self.check(offset, size, CheckOf::Optional(check));
                }
                if let Some(Native {
                    niche: Some(niche), ..
                }) = (self.native)(of)
                    && *niche != (0..size)
                {
                    self.program.options.push(Optional {
                        bytes: offset..offset + size,
                        niche: offset + niche.start..offset + niche.end,
                    });
                }
                What::Optional(size)
            }
            Form::Tags(tags) => {
                if tags.len() > 256 {
                    return Err(Failure::TooLarge);
                }
                if tags.iter().any(|tag| tag.bytes.len() != size) {
                    return Err(outside.into());
                }
                let bytes = || tags.iter().map(|tag| tag.bytes.to_vec()).collect();
                let bytes = self.tags.entry(number).or_insert_with(bytes);
                let bytes = Arc::clone(bytes);
                if (self.native)(number).is_some() {
                    self.check(offset, size, CheckOf::Tags(Tags::new(&bytes)));
                }
                What::Tags(size, bytes)
            }
            Form::Fields(fields) => {
                for &Field { offset: at, of, .. } in fields {
                    if !fits(at as usize, get(self.layouts, of)?.size as usize, size) {
                        return Err(outside.into());
                    }
                    self.add(of, offset + at as usize, levels)?;
                }
                return Ok(());
            }
            &Form::Array(of, count) => {
                let whole = get(self.layouts, of)?.size as usize;
                if whole.checked_mul(count as usize) != Some(size) {
                    return Err(outside.into());
                }
                return self.add_array(of, count as usize, offset, levels);
            }
            &Form::List { of, at, length } => {
                get(self.layouts, of)?;
                let (at, length) = (at as usize, length as usize);
                if !fits(at, size_of::<u64>(), size) || !fits(length, size_of::<u32>(), size) {
                    return Err(outside.into());
                }
                What::List { of, at, length }
            }
            &Form::Boxed(of) => {
                get(self.layouts, of)?;
                if size != size_of::<u64>() {
                    return Err(outside.into());
                }
                What::Boxed(of)
            }
            Form::Beside(_) | Form::Opaque => What::Beside,
            Form::Empty => What::Empty,
        };
        let what = match what {
            What::List { .. } | What::Boxed(_) if self.beside.has(number) => What::Beside,
            // How many there may be of those without bytes, the portable form counts.
            What::List { of, .. } if self.is_empty(of, levels) => What::Beside,
            what => what,
        };
        if what == What::Beside
            && let Some(native) = (self.native)(number)
        {
            self.program.beside.push(native.write);
        }
        if size == 0 {
            let left = self.parts.checked_sub(EMPTY_PARTS);
            self.parts = left.ok_or(Failure::TooLarge)?;
        }
        self.take(size, number)?;
        self.push(Step { offset, what });
        Ok(())
    }

    fn add_array(
        &mut self,
        of: TypeNumber,
        count: usize,
        offset: usize,
        levels: u32,
    ) -> Result<(), Failure> {
        let size = get(self.layouts, of)?.size as usize;
        if count == 0 {
            return Ok(());
        }
        let (steps, checks) = (self.program.steps.len(), self.program.checks.len());
        self.apart = steps;
        self.add(of, offset, levels)?;
        if (self.program.steps.len(), self.program.checks.len()) == (steps, checks) {
            return Ok(());
        }
        if let [step] = &mut self.program.steps[steps..]
            && step.what == What::Plain(size)
            && let at @ ([] | [_]) = &mut self.program.checks[checks..]
            && at.iter().all(|check| check.size * check.count == size)
        {
            // As good as one part that is so long.
            step.what = What::Plain(size * count);
            at.iter_mut().for_each(|check| check.count *= count);
            return self.take(size * (count - 1), of);
        }
        for at in 1..count {
            self.add(of, offset + at * size, levels)?;
        }
        Ok(())
    }

    /// Takes bytes for a part of a value.
    fn take(&mut self, bytes: usize, number: TypeNumber) -> Result<(), Failure> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or(LayoutError::Outside { number })?;
        Ok(())
    }

    /// Whether values of a type may have no bytes, as they lie or in portable form.
    fn is_empty(&self, of: TypeNumber, levels: u32) -> bool {
        let (Some(levels), Ok(layout)) = (levels.checked_sub(1), get(self.layouts, of)) else {
            return true;
        };
        if layout.size == 0 {
            return true;
        }
        match &layout.form {
            Form::Fields(fields) => match &fields[..] {
                [] => true,
                [first, ..] => self.is_empty(first.of, levels),
            },
            Form::Array(of, count) => *count == 0 || self.is_empty(*of, levels),
            Form::Boxed(of) => self.is_empty(*of, levels),
            Form::Plain | Form::Optional(_) | Form::Tags(_) | Form::List { .. } => false,
            Form::Beside(_) | Form::Opaque | Form::Empty => true,
        }
    }

    /// The type that one is laid out as, if it is a struct of a single field.
    fn within(&self, of: TypeNumber, levels: u32) -> Result<TypeNumber, Failure> {
        let levels = levels.checked_sub(1).ok_or(Failure::TooLarge)?;
        match &get(self.layouts, of)?.form {
            Form::Fields(fields) if fields.len() == 1 => self.within(fields[0].of, levels),
            _ => Ok(of),
        }
    }

    fn check_of(&self, number: TypeNumber) -> Option<CheckParts> {
        (self.native)(number)?.check
    }

    fn check(&mut self, offset: usize, size: usize, of: CheckOf) {
        let count = 1;
        self.program.checks.push(Check {
            offset,
            size,
            count,
            of,
        });
    }

    /// Adds a step; plain parts side by side are one.
    fn push(&mut self, step: Step) {
        if let What::Plain(bytes) = step.what
            && self.program.steps.len() > self.apart
            && let Some(Step {
                offset,
                what: What::Plain(before),
            }) = self.program.steps.last_mut()
            && *offset + *before == step.offset
        {
            *before += bytes;
            return;
        }
        self.program.steps.push(step);
    }
}

/// Whether so many bytes at an offset lie within a size.
fn fits(offset: usize, bytes: usize, size: usize) -> bool {
    offset.checked_add(bytes).is_some_and(|end| end <= size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::Tag;

    #[test]
    fn values_side_by_side_share_the_bytes_of_their_variants() {
        let tag = |byte| Tag {
            name: "variant".into(),
            bytes: [byte].into(),
        };
        let layout = |size, form| Layout {
            name: "a type".into(),
            size,
            align: 1,
            form,
        };
        let layouts = [
            layout(9_000, Form::Array(1, 9_000)),
            layout(1, Form::Tags((0..=255).map(tag).collect())),
        ];
        let program = Program::recorded(&layouts, 0).unwrap();
        let tags = program.steps.iter().map(|step| match &step.what {
            What::Tags(1, tags) => tags,
            other => panic!("{other:?}"),
        });
        let first = tags.clone().next().unwrap();
        assert_eq!(tags.clone().count(), 9_000);
        assert!(tags.clone().all(|tags| Arc::ptr_eq(tags, first)));
    }
}
