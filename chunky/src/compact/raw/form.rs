//! The raw form of a type that this process knows.

use super::layout::TypeNumber;
use super::layouts::Layouts;
use super::program::{CheckOf, Program};
use crate::Compact;
use crate::portable::{Problem, WriteError, Writer};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// How values of `T` are kept raw: what is beside them, and whether bytes are values.
#[derive(Debug)]
pub struct RawForm<T> {
    number: TypeNumber,
    program: Program,
    of: PhantomData<fn() -> T>,
}

impl<T: Compact> RawForm<T> {
    /// That of a type, whose layout is added if it is not there.
    pub fn new(layouts: &mut Layouts) -> Self {
        let number = layouts.of::<T>();
        match layouts.program(number) {
            Ok(program) => RawForm {
                number,
                program,
                of: PhantomData,
            },
            Err(error) => unreachable!("the layout of a type makes sense: {error}"),
        }
    }

    /// The number of its layout.
    #[must_use]
    pub fn number(&self) -> TypeNumber {
        self.number
    }

    /// The parts of a value.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Whether bytes that are [checked](RawForm::check) are values.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.program.is_plain()
    }

    /// Appends what is kept beside a value: for each such part the number of its bytes, and the bytes.
    ///
    /// # Errors
    ///
    /// If a part has no portable form. What was appended of it makes no sense then.
    pub fn write_beside(&self, value: &T, to: &mut Vec<u8>) -> Result<(), WriteError> {
        for &(offset, write) in &self.program.beside {
            let start = to.len();
            // One byte, until it is known that it takes more.
            to.push(0);
            let mut writer = Writer::appending(std::mem::take(to));
            // SAFETY: the layout, which is right by what its parts vouch for, has a value of the type that
            // this writes at this offset; it is within the value, which is borrowed.
            let part = unsafe { NonNull::from(value).cast::<u8>().add(offset) };
            // SAFETY: likewise.
            unsafe { write(part, &mut writer) };
            *to = writer.finish()?;
            let bytes = to.len() - start - 1;
            if bytes < usize::from(LONG) {
                to[start] = bytes as u8;
            } else {
                let Ok(bytes) = u32::try_from(bytes) else {
                    let why = "a part takes more than 4 GiB in portable form";
                    return Err(WriteError::Invalid { why });
                };
                to[start] = LONG;
                to.splice(start + 1..start + 1, bytes.to_le_bytes());
            }
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
        for check in &self.program.checks {
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

/// Stands for the length of a part that takes so many bytes or more; the length follows as a `u32`.
pub(crate) const LONG: u8 = u8::MAX;
