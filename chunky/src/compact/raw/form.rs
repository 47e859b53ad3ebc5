//! The raw form of a type that this process knows.

use super::layout::TypeNumber;
use super::layouts::Layouts;
use super::program::{CheckOf, Program, What};
use super::stream;
use crate::Compact;
use crate::portable::{Limits, Problem, WriteError, Writer};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

/// How values of `T` are kept raw, and whether bytes are values.
#[derive(Debug)]
pub struct RawForm<T> {
    untyped: Untyped,
    of: PhantomData<fn() -> T>,
}

/// The same for a type that is known to those who use it.
#[derive(Debug)]
pub(crate) struct Untyped {
    number: TypeNumber,
    /// For the type itself, and for those that it leads to.
    programs: Vec<Option<Form>>,
}

#[derive(Debug)]
struct Form {
    program: Program,
    /// Where bytes lie that mean nothing.
    holes: Vec<Range<usize>>,
}

impl Untyped {
    pub(crate) fn new<T: Compact>(layouts: &mut Layouts) -> Self {
        let number = layouts.of::<T>();
        Untyped {
            number,
            programs: programs(layouts, number),
        }
    }

    pub(crate) fn number(&self) -> TypeNumber {
        self.number
    }

    pub(crate) fn program(&self) -> &Program {
        &self.form(self.number).program
    }

    /// Where bytes of a value lie that mean nothing.
    pub(crate) fn holes(&self) -> &[Range<usize>] {
        &self.form(self.number).holes
    }

    fn form(&self, number: TypeNumber) -> &Form {
        let form = self.programs[number as usize].as_ref();
        form.expect("there is a program for each type that the type leads to")
    }

    /// Appends what a value has beside it.
    ///
    /// # Safety
    ///
    /// A value of the type is there, and nobody changes it meanwhile.
    pub(crate) unsafe fn copy_all_beside(
        &self,
        value: NonNull<u8>,
        to: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        // SAFETY: as the caller vouches.
        unsafe { self.copy_beside(self.number, value, to, &mut Limits::new()) }
    }

    /// Appends bytes of values of a type. Those that mean nothing, which may not be initialised, become 0.
    ///
    /// # Safety
    ///
    /// The type is this one, or one that it leads to; so many values are there, and nobody changes them meanwhile.
    unsafe fn copy_bytes(&self, of: TypeNumber, at: NonNull<u8>, count: usize, to: &mut Vec<u8>) {
        let Form { program, holes } = self.form(of);
        let (size, start) = (program.size, to.len());
        let bytes = size * count;
        to.reserve(bytes);
        let room = &mut to.spare_capacity_mut()[..bytes];
        if holes.is_empty() {
            // SAFETY: the caller vouches for so many values, all of whose bytes are those of parts, which are
            // initialised, as their layouts vouch for.
            let values = unsafe { std::slice::from_raw_parts(at.as_ptr(), bytes) };
            stream::copy(values, room);
        } else {
            let values = at.as_ptr().cast::<MaybeUninit<u8>>();
            // SAFETY: the caller vouches for so many values; a byte that may not be initialised can stand for
            // each of theirs.
            room.copy_from_slice(unsafe { std::slice::from_raw_parts(values, bytes) });
            for value in room.chunks_exact_mut(size) {
                for hole in holes {
                    value[hole.clone()].fill(MaybeUninit::new(0));
                }
            }
        }
        // SAFETY: so many bytes have been copied. Those of parts that are read are initialised in each value, as
        // their layouts vouch for, and all others are 0.
        unsafe { to.set_len(start + bytes) };
    }

    /// Appends what a value has beside it.
    ///
    /// # Safety
    ///
    /// The type is this one, or one that it leads to; a value is there, and nobody changes it meanwhile.
    unsafe fn copy_beside(
        &self,
        of: TypeNumber,
        value: NonNull<u8>,
        to: &mut Vec<u8>,
        limits: &mut Limits,
    ) -> Result<(), WriteError> {
        let program = &self.form(of).program;
        let mut writes = program.beside.iter();
        for step in &program.steps {
            // SAFETY: the parts of a type lie within its values.
            let part = unsafe { value.add(step.offset) };
            let (of, at, count) = match step.what {
                What::Plain(_) | What::Optional(_) | What::Tags(..) | What::Empty => continue,
                What::Beside => {
                    let write = writes.next();
                    let write = write.expect("a type that is known has all that it is written by");
                    // SAFETY: the layout vouches for the type of the part, which this writes.
                    write_part(to, |writer| unsafe { write(part, writer) })?;
                    continue;
                }
                What::Boxed(of) => {
                    // SAFETY: the layout vouches for an address.
                    let at = unsafe { part.cast::<NonNull<u8>>().read() };
                    (of, at, 1)
                }
                What::List { of, at, length } => {
                    // SAFETY: the layout vouches for where the address is.
                    let at = unsafe { part.add(at) };
                    // SAFETY: likewise.
                    let at = unsafe { at.cast::<NonNull<u8>>().read() };
                    // SAFETY: the layout vouches for where the number is.
                    let length = unsafe { part.add(length) };
                    // SAFETY: likewise.
                    let length = unsafe { length.cast::<u32>().read() };
                    (of, at, length as usize)
                }
            };
            let program = &self.form(of).program;
            let size = program.size;
            limits.enter(size).map_err(WriteError::Limit)?;
            // SAFETY: the layout vouches for so many values, which belong to this one.
            unsafe { self.copy_bytes(of, at, count, to) };
            if !program.is_plain() {
                for number in 0..count {
                    // SAFETY: likewise.
                    let inner = unsafe { at.add(number * size) };
                    // SAFETY: likewise.
                    unsafe { self.copy_beside(of, inner, to, limits) }?;
                }
            }
            limits.leave(size);
        }
        Ok(())
    }
}

/// The programs of a type and of those that it leads to, by number.
fn programs(layouts: &Layouts, number: TypeNumber) -> Vec<Option<Form>> {
    let mut programs: Vec<Option<Form>> = Vec::new();
    programs.resize_with(layouts.all().len(), || None);
    let mut wanted = vec![number];
    while let Some(number) = wanted.pop() {
        let place = &mut programs[number as usize];
        if place.is_none() {
            let program = match layouts.program(number) {
                Ok(program) => program,
                Err(error) => unreachable!("the layout of a type makes sense: {error}"),
            };
            wanted.extend(program.leads_to());
            let holes = program.holes();
            *place = Some(Form { program, holes });
        }
    }
    programs
}

impl<T: Compact> RawForm<T> {
    /// That of a type, whose layout is added if it is not there.
    pub fn new(layouts: &mut Layouts) -> Self {
        RawForm {
            untyped: Untyped::new::<T>(layouts),
            of: PhantomData,
        }
    }

    /// The number of its layout.
    #[must_use]
    pub fn number(&self) -> TypeNumber {
        self.untyped.number()
    }

    /// The parts of a value.
    #[must_use]
    pub fn program(&self) -> &Program {
        self.untyped.program()
    }

    /// Whether bytes that are [checked](RawForm::check) are values.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.program().is_plain()
    }

    /// Appends the bytes of values, and what is kept beside them. Takes little more than copying memory, if the
    /// type is plain.
    ///
    /// # Errors
    ///
    /// If one exceeds a limit, or a part has no portable form. What was appended makes no sense then.
    pub fn copy(
        &self,
        values: &[T],
        to: &mut Vec<u8>,
        beside: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let at = NonNull::from(values).cast();
        // SAFETY: so many values are there, and borrowed.
        unsafe { self.untyped.copy_bytes(self.number(), at, values.len(), to) };
        if self.is_plain() {
            return Ok(());
        }
        for value in values {
            // SAFETY: the value is borrowed.
            unsafe {
                self.untyped
                    .copy_all_beside(NonNull::from(value).cast(), beside)
            }?;
        }
        Ok(())
    }

    /// Sees whether these bytes, one after the other, are values of the type.
    ///
    /// # Errors
    ///
    /// The number of the first value that is wrong, and what is.
    ///
    /// # Panics
    ///
    /// If the type is not plain.
    pub fn check(&self, values: &[u8]) -> Result<(), (usize, Problem)> {
        assert!(self.is_plain(), "more than the bytes makes a value");
        if size_of::<T>() == 0 {
            return Ok(());
        }
        for (number, value) in values.chunks(size_of::<T>()).enumerate() {
            if value.len() < size_of::<T>() {
                return Err((number, Problem::End));
            }
            self.check_value(value)
                .map_err(|problem| (number, problem))?;
        }
        Ok(())
    }

    fn check_value(&self, value: &[u8]) -> Result<(), Problem> {
        for check in &self.program().checks {
            let parts = &value[check.offset..][..check.size * check.count];
            if let CheckOf::Tags(tags) = &check.of
                && check.size == 0
            {
                if tags.is_empty() {
                    return Err(Problem::Never);
                }
                continue;
            }
            for part in parts.chunks_exact(check.size.max(1)) {
                match &check.of {
                    CheckOf::Bytes(check) => check(part)?,
                    CheckOf::Optional(_) if part.iter().all(|&byte| byte == 0) => (),
                    CheckOf::Optional(check) => check(part)?,
                    CheckOf::Tags(tags) => {
                        if !tags.iter().any(|tag| tag == part) {
                            return Err(Problem::Invalid {
                                why: "the bytes of an enum are those of no variant",
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Appends a part in portable form, behind the number of its bytes.
fn write_part(to: &mut Vec<u8>, write: impl FnOnce(&mut Writer)) -> Result<(), WriteError> {
    let start = to.len();
    // One byte, until it is known that it takes more.
    to.push(0);
    let mut writer = Writer::appending(std::mem::take(to));
    write(&mut writer);
    *to = writer.finish()?;
    let bytes = to.len() - start - 1;
    if bytes < usize::from(LONG) {
        to[start] = bytes as u8;
        return Ok(());
    }
    let Ok(bytes) = u32::try_from(bytes) else {
        let why = "a part takes more than 4 GiB in portable form";
        return Err(WriteError::Invalid { why });
    };
    to[start] = LONG;
    to.splice(start + 1..start + 1, bytes.to_le_bytes());
    Ok(())
}

/// Stands for the length of a part that takes so many bytes or more; the length follows as a `u32`.
pub(crate) const LONG: u8 = u8::MAX;
