//! From a layout to the steps by which a value is read.

use super::blanks::Optional;
use super::check::{Check, CheckOf, CheckParts, Tags};
use super::layout::{Field, Form, Layout, TypeNumber};
use super::layouts::Native;
use crate::portable::Writer;
use std::fmt;
use std::ptr::NonNull;

/// Writes the value at an address in portable form.
pub(super) type WriteAt = unsafe fn(NonNull<u8>, &mut Writer);

/// How many parts are looked at, and how deep fields may be nested. Values of more parts are kept beside as a
/// whole: there are few such types, if a file does not claim one.
const MOST_PARTS: usize = 1 << 14;
const MOST_LEVELS: u32 = 128;

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
    Tags(usize, Vec<Vec<u8>>),
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
    /// A part of a type lies outside of it.
    Outside {
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
        Program::new(layouts, number, |_| None)
    }

    pub(super) fn new<'a>(
        layouts: &[Layout],
        number: TypeNumber,
        native: impl Fn(TypeNumber) -> Option<&'a Native>,
    ) -> Result<Self, LayoutError> {
        let layout = get(layouts, number)?;
        let beside = beside(layouts);
        let mut compiler = Compiler {
            layouts,
            beside: &beside,
            native: &native,
            program: Program::empty(layout),
            parts: MOST_PARTS,
            apart: 0,
        };
        match compiler.add(number, 0, MOST_LEVELS) {
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

    /// The steps to what is beside.
    pub(super) fn steps_beside(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| match step.what {
            What::Plain(_) | What::Optional(_) | What::Tags(..) | What::Empty => false,
            What::List { .. } | What::Boxed(_) | What::Beside => true,
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

/// Which types have a part that is kept beside them, be it in a collection.
fn beside(layouts: &[Layout]) -> Vec<bool> {
    let own = |layout: &Layout| matches!(layout.form, Form::Beside(_) | Form::Opaque);
    let mut beside: Vec<bool> = layouts.iter().map(own).collect();
    // Types may be in each other.
    loop {
        let mut changed = false;
        for (at, layout) in layouts.iter().enumerate() {
            let is = |of: &TypeNumber| beside.get(*of as usize).copied().unwrap_or(false);
            let has = match &layout.form {
                Form::Fields(fields) => fields.iter().any(|field| is(&field.of)),
                Form::Array(of, _) | Form::Boxed(of) | Form::List { of, .. } => is(of),
                _ => false,
            };
            changed |= has && !beside[at];
            beside[at] |= has;
        }
        if !changed {
            return beside;
        }
    }
}

struct Compiler<'p, F> {
    layouts: &'p [Layout],
    beside: &'p [bool],
    native: F,
    program: Program,
    /// How many more parts may be looked at.
    parts: usize,
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
                let bytes: Vec<Vec<u8>> = tags.iter().map(|tag| tag.bytes.to_vec()).collect();
                if bytes.len() > 256 {
                    return Err(Failure::TooLarge);
                }
                if bytes.iter().any(|bytes| bytes.len() != size) {
                    return Err(outside.into());
                }
                self.check(offset, size, CheckOf::Tags(Tags::new(&bytes)));
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
            What::List { .. } | What::Boxed(_) if self.beside[number as usize] => What::Beside,
            // How many there may be of those without bytes, the portable form counts.
            What::List { of, .. } if self.is_empty(of, levels) => What::Beside,
            what => what,
        };
        if what == What::Beside
            && let Some(native) = (self.native)(number)
        {
            self.program.beside.push(native.write);
        }
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
        if let [step] = &mut self.program.steps[steps..]
            && step.what == What::Plain(size)
            && let at @ ([] | [_]) = &mut self.program.checks[checks..]
            && at.iter().all(|check| check.size * check.count == size)
        {
            // As good as one part that is so long.
            step.what = What::Plain(size * count);
            at.iter_mut().for_each(|check| check.count *= count);
            return Ok(());
        }
        for at in 1..count {
            self.add(of, offset + at * size, levels)?;
        }
        Ok(())
    }

    /// Whether values of a type may have no bytes in portable form.
    fn is_empty(&self, of: TypeNumber, levels: u32) -> bool {
        let (Some(levels), Ok(layout)) = (levels.checked_sub(1), get(self.layouts, of)) else {
            return true;
        };
        match &layout.form {
            Form::Plain => layout.size == 0,
            Form::Fields(fields) => match &fields[..] {
                [] => true,
                [first, ..] => self.is_empty(first.of, levels),
            },
            Form::Array(of, count) => *count == 0 || self.is_empty(*of, levels),
            Form::Boxed(of) => self.is_empty(*of, levels),
            Form::Optional(_) | Form::Tags(_) | Form::List { .. } => false,
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
