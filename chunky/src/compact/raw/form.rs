//! The raw form of a type that this process knows.

use super::beside::{Beside, List};
use super::blanks::Blanks;
use super::check::check_all;
use super::layout::TypeNumber;
use super::layouts::Layouts;
use super::program::Program;
use super::stream;
use crate::Compact;
use crate::portable::{Limits, Problem, WriteError, Writer};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// How many bytes of values are copied at once where some of them mean nothing, and checked at once.
const PIECE: usize = 8192;

/// How many values before its turn what a value leads to is asked for: so much of it is on its way at once.
const AHEAD: usize = 8;

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
    blanks: Blanks,
    /// What is beside.
    beside: Vec<Beside>,
    /// The lists among that, and whether they and their elements are all.
    lists: Vec<List>,
    is_flat: bool,
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

    /// What of a value means nothing.
    pub(crate) fn blanks(&self) -> &Blanks {
        &self.form(self.number).blanks
    }

    fn form(&self, number: TypeNumber) -> &Form {
        let form = self.programs[number as usize].as_ref();
        form.expect("there is a program for each type that the type leads to")
    }

    /// Appends what values have beside them, one after the other.
    ///
    /// # Safety
    ///
    /// So many values of the type are there, and nobody changes them meanwhile.
    unsafe fn copy_beside_each(
        &self,
        values: NonNull<u8>,
        count: usize,
        to: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let form = self.form(self.number);
        // Elements that are plain lead no deeper.
        for list in &form.lists {
            Limits::new().enter(list.size).map_err(WriteError::Limit)?;
        }
        let size = form.program.size;
        for number in 0..count {
            // SAFETY: so many values are there.
            let value = unsafe { values.add(number * size) };
            if number + AHEAD < count {
                // SAFETY: likewise.
                let later = unsafe { value.add(AHEAD * size) };
                for list in &form.lists {
                    // SAFETY: the list is one of the type.
                    unsafe { list.prefetch(later) };
                }
            }
            if !form.is_flat {
                // SAFETY: as the caller vouches.
                unsafe { self.copy_all_beside(value, to) }?;
                continue;
            }
            for list in &form.lists {
                // SAFETY: the list is one of the type.
                let (at, length) = unsafe { list.elements(value) };
                if length > 0 {
                    // SAFETY: the layout vouches for so many elements, which belong to this value.
                    unsafe { self.copy_bytes(list.of, at, length, to) };
                }
            }
        }
        Ok(())
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
    #[inline]
    unsafe fn copy_bytes(&self, of: TypeNumber, at: NonNull<u8>, count: usize, to: &mut Vec<u8>) {
        let Form {
            program, blanks, ..
        } = self.form(of);
        let (size, start) = (program.size, to.len());
        let bytes = size * count;
        to.reserve(bytes);
        let room = &mut to.spare_capacity_mut()[..bytes];
        let values = at.as_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: the caller vouches for so many values; a byte that may not be initialised can stand for
        // each of theirs.
        let values = unsafe { std::slice::from_raw_parts(values, bytes) };
        if bytes < stream::MANY {
            room.copy_from_slice(values);
            // SAFETY: they are copies of values of the type.
            unsafe { blanks.clear(room, size) };
        } else {
            // SAFETY: they are values of the type.
            unsafe { copy_many(blanks, size, values, room) };
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
        let Form {
            program, beside, ..
        } = self.form(of);
        let mut writes = program.beside.iter();
        for part in beside {
            let list = match *part {
                Beside::List(list) => list,
                Beside::Portable(offset) => {
                    // SAFETY: the parts of a type lie within its values.
                    let part = unsafe { value.add(offset) };
                    let write = writes.next();
                    let write = write.expect("a type that is known has all that it is written by");
                    // SAFETY: the layout vouches for the type of the part, which this writes.
                    write_part(to, |writer| unsafe { write(part, writer) })?;
                    continue;
                }
            };
            // SAFETY: the list is one of the type.
            let (at, count) = unsafe { list.elements(value) };
            let List { of, size, .. } = list;
            limits.enter(size).map_err(WriteError::Limit)?;
            // SAFETY: the layout vouches for so many values, which belong to this one.
            unsafe { self.copy_bytes(of, at, count, to) };
            if !list.is_plain {
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

/// Copies values of a size that have these blanks, past the caches. Apart, so that the stack is not asked for more
/// than few values need.
///
/// # Safety
///
/// They are values of the type that these are the blanks of.
#[inline(never)]
unsafe fn copy_many(
    blanks: &Blanks,
    size: usize,
    values: &[MaybeUninit<u8>],
    room: &mut [MaybeUninit<u8>],
) {
    if blanks.are_none() {
        // SAFETY: all bytes are those of parts, which are initialised, as their layouts vouch for.
        return stream::copy(unsafe { values.assume_init_ref() }, room);
    }
    if size > PIECE {
        room.copy_from_slice(values);
        // SAFETY: they are copies of values of the type.
        return unsafe { blanks.clear(room, size) };
    }
    // Where it is changed, it should be in the caches, and only there.
    let mut piece = [MaybeUninit::uninit(); PIECE];
    let whole = PIECE / size * size;
    for (values, room) in values.chunks(whole).zip(room.chunks_mut(whole)) {
        let piece = &mut piece[..values.len()];
        piece.copy_from_slice(values);
        // SAFETY: they are copies of values of the type.
        unsafe { blanks.clear(piece, size) };
        // SAFETY: now they are initialised, as those of parts are.
        stream::copy(unsafe { piece.assume_init_ref() }, room);
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
            let program = layouts.must_have_program(number);
            wanted.extend(program.leads_to());
            let beside = Beside::all(layouts, &program);
            let lists: Vec<List> = beside.iter().filter_map(|part| part.list()).collect();
            let is_flat = lists.len() == beside.len() && lists.iter().all(|list| list.is_plain);
            *place = Some(Form {
                blanks: Blanks::new(&program),
                beside,
                lists,
                is_flat,
                program,
            });
        }
    }
    programs
}

impl<T: Compact> RawForm<T> {
    /// That of a type, whose layout is added if it is not there.
    ///
    /// # Panics
    ///
    /// If its values, or others that they lead to, take 4 GiB or more.
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
        // SAFETY: likewise.
        unsafe { self.untyped.copy_beside_each(at, values.len(), beside) }
    }

    /// About how many bytes there are beside so many values, going by some of them. None if that cannot be said.
    pub(crate) fn beside_bytes(&self, some: &[T], count: usize) -> Option<usize> {
        if self.is_plain() || some.is_empty() {
            return Some(0);
        }
        let mut beside = Vec::new();
        self.copy(some, &mut Vec::new(), &mut beside).ok()?;
        Some(beside.len().checked_mul(count)? / some.len())
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
        let size = size_of::<T>();
        if size == 0 {
            return Ok(());
        }
        // What is looked at for one part should still be in the caches for the next one.
        let whole = (PIECE / size).max(1) * size;
        let checks = &self.program().checks;
        for (number, piece) in values.chunks(whole).enumerate() {
            let before = number * (whole / size);
            let wrong = |(number, problem)| (before + number, problem);
            check_all(checks, piece, size).map_err(wrong)?;
        }
        if values.len().is_multiple_of(size) {
            Ok(())
        } else {
            Err((values.len() / size, Problem::End))
        }
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
