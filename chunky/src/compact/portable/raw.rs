//! Reading values from where they lay in memory.

use super::limits::{LEVELS, Limits};
use super::{Limit, Problem, ReadError, Reader};
use crate::Compact;
use crate::raw::{Beside, LONG, Layout, LayoutError, Program, TypeNumber, What};

/// Reads values of one type, one after the other, from their raw bytes and what is beside them. Both may be
/// anything.
#[derive(Debug)]
pub struct RawReader<'a> {
    reader: Reader<'a>,
}

/// Where a [`Reader`] gets its bytes from, part by part.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// Made when first needed.
    programs: Vec<Program>,
    /// Where among them that of each type is, by type.
    numbers: Vec<(TypeNumber, usize)>,
    layouts: &'a [Layout],
    /// Which types have something beside, of those that the type leads to that is read.
    has_beside: Beside,
    /// What is left of what is beside the value that is read and those behind it.
    beside: &'a [u8],
    /// The value that is read, and within it, those in collections.
    frames: Vec<Frame<'a>>,
    /// What the bytes of an `Option` are, if it has any.
    held: Option<&'a [u8]>,
}

/// Values of one type, side by side.
#[derive(Debug)]
struct Frame<'a> {
    /// Where their program is.
    program: usize,
    /// Those that have not been read.
    values: &'a [u8],
    /// How many these are, the one included that is being read.
    count: usize,
    /// The size of each.
    size: usize,
    /// The next part of the first one.
    step: usize,
}

/// The positions of variants, in portable form.
static POSITIONS: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = at as u8;
        at += 1;
    }
    bytes
};

impl<'a> RawReader<'a> {
    /// For values of the type with this number among the recorded layouts.
    ///
    /// # Errors
    ///
    /// If the layouts make no sense.
    pub fn new(
        layouts: &'a [Layout],
        number: TypeNumber,
        beside: &'a [u8],
    ) -> Result<Self, LayoutError> {
        let mut parts = Parts {
            programs: Vec::new(),
            numbers: Vec::new(),
            layouts,
            has_beside: Beside::of(layouts, number),
            beside,
            frames: Vec::new(),
            held: None,
        };
        let program = parts.program(number)?;
        parts.frames.push(Frame {
            program,
            values: &[],
            count: 0,
            size: parts.programs[program].size(),
            step: 0,
        });
        Ok(RawReader {
            reader: Reader::of_parts(parts),
        })
    }

    /// The size of a value.
    #[must_use]
    pub fn size(&self) -> usize {
        self.reader.parts().map_or(0, |parts| parts.frames[0].size)
    }

    /// Reads the next value, whose bytes begin with these.
    ///
    /// # Errors
    ///
    /// If they are not those of a value of this type. What is read after that makes no sense.
    pub fn read<T: Compact>(&mut self, value: &'a [u8]) -> Result<T, ReadError> {
        self.reader.begin(value)?;
        let read = T::read(&mut self.reader)?;
        self.reader.end()?;
        Ok(read)
    }

    /// Passes the next value, whose bytes begin with these, as far as its layout says what it consists of: for
    /// those who do not know its type. What is beside it is there then, and its plain enums are variants; whether
    /// numbers and what is in portable form make sense, only the type knows.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a value of such a layout. What is read after that makes no sense.
    pub fn skip(&mut self, value: &'a [u8]) -> Result<(), ReadError> {
        self.reader.begin(value)?;
        loop {
            match self.reader.next_part() {
                Ok(true) => self.reader.bytes = &[],
                Ok(false) => return Ok(()),
                Err(problem) => return Err(self.reader.error(problem)),
            }
        }
    }

    /// What is left beside the values that have not been read.
    #[must_use]
    pub fn beside(&self) -> &'a [u8] {
        self.reader.parts().map_or(&[], |parts| parts.beside)
    }

    /// From now on, this is what is beside the values: where values of several types share that, whoever reads
    /// the next one goes on where the last one ended.
    pub fn set_beside(&mut self, beside: &'a [u8]) {
        if let Some(parts) = &mut self.reader.parts {
            parts.beside = beside;
        }
    }

    /// Sees that nothing is left beside the values.
    ///
    /// # Errors
    ///
    /// If anything is.
    pub fn finish(&self) -> Result<(), ReadError> {
        match self.beside().len() {
            0 => Ok(()),
            bytes => Err(ReadError::new(0, Problem::Rest { bytes })),
        }
    }
}

impl<'a> Reader<'a> {
    fn of_parts(parts: Parts<'a>) -> Self {
        Reader {
            parts: Some(Box::new(parts)),
            ..Reader::new(&[])
        }
    }

    fn parts(&self) -> Option<&Parts<'a>> {
        self.parts.as_deref()
    }

    /// Begins with a value.
    fn begin(&mut self, value: &'a [u8]) -> Result<(), ReadError> {
        (self.bytes, self.offset, self.reserved) = (&[], 0, 0);
        self.limits = Limits::new();
        let Some(parts) = self.parts.as_deref_mut() else {
            return Ok(());
        };
        let frame = &mut parts.frames[0];
        let Some(values) = value.get(..frame.size) else {
            return Err(ReadError::new(0, Problem::End));
        };
        (frame.values, frame.count, frame.step) = (values, 1, 0);
        Ok(())
    }

    /// Sees that all of the value was read.
    fn end(&mut self) -> Result<(), ReadError> {
        while self.bytes.is_empty() {
            match self.next_part() {
                Ok(true) => (),
                Ok(false) => return Ok(()),
                Err(problem) => return Err(self.error(problem)),
            }
        }
        let bytes = self.bytes.len();
        Err(self.error(Problem::Rest { bytes }))
    }

    /// Goes on with the next part, when all of the last one has been read. Returns whether there is any.
    #[cold]
    #[inline(never)]
    pub(super) fn next_part(&mut self) -> Result<bool, Problem> {
        let Some(parts) = self.parts.as_deref_mut() else {
            return Ok(false);
        };
        match parts.next()? {
            Some(bytes) => {
                self.bytes = bytes;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

const STRANGE: Problem = Problem::Invalid {
    why: "the layout of a type makes no sense",
};

impl<'a> Parts<'a> {
    /// How many bytes are left in the collection that is being read.
    pub(super) fn left(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.values.len())
    }

    fn next(&mut self) -> Result<Option<&'a [u8]>, Problem> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(None);
            };
            if frame.count == 0 {
                if self.frames.len() == 1 {
                    return Ok(None);
                }
                self.frames.pop();
                continue;
            }
            let program = &self.programs[frame.program];
            let Some(step) = program.steps.get(frame.step) else {
                // All of a value has been read. Values without parts have been all at once.
                frame.count = if program.steps.is_empty() {
                    0
                } else {
                    frame.count - 1
                };
                frame.values = frame.values.get(frame.size..).unwrap_or_default();
                frame.step = 0;
                continue;
            };
            frame.step += 1;
            let at = |offset: usize, bytes: usize| -> Result<&'a [u8], Problem> {
                let from = frame.values.get(step.offset + offset..).ok_or(STRANGE)?;
                from.get(..bytes).ok_or(STRANGE)
            };
            match step.what {
                What::Plain(0) => continue,
                What::Plain(bytes) => {
                    // All values at once, if they are nothing else.
                    if bytes == frame.size && program.steps.len() == 1 {
                        let all = std::mem::take(&mut frame.values);
                        frame.count = 0;
                        return Ok(Some(all));
                    }
                    return at(0, bytes).map(Some);
                }
                What::Optional(bytes) => {
                    let held = at(0, bytes)?;
                    let is_none = held.iter().all(|&byte| byte == 0);
                    self.held = (!is_none).then_some(held);
                    return Ok(Some(position(usize::from(!is_none))));
                }
                What::Tags(bytes, ref tags) => {
                    let bytes = at(0, bytes)?;
                    let found = tags.iter().position(|tag| tag == bytes);
                    let found = found.ok_or(Problem::Invalid {
                        why: "the bytes of an enum are those of no variant",
                    })?;
                    return Ok(Some(position(found)));
                }
                What::Empty => return Ok(Some(position(0))),
                What::Beside => {
                    let part = self.beside()?;
                    if !part.is_empty() {
                        return Ok(Some(part));
                    }
                }
                What::Boxed(of) => self.enter(of, 1)?,
                What::List { of, length, .. } => {
                    let length = at(length, size_of::<u32>())?;
                    let count = length.first_chunk().copied().map_or(0, u32::from_le_bytes);
                    self.enter(of, count as usize)?;
                    return Ok(Some(length));
                }
            }
        }
    }

    /// Takes the next part of what is beside.
    fn beside(&mut self) -> Result<&'a [u8], Problem> {
        let (&length, mut rest) = self.beside.split_first().ok_or(Problem::End)?;
        let mut length = usize::from(length);
        if length == usize::from(LONG) {
            let (long, behind) = rest.split_first_chunk().ok_or(Problem::End)?;
            (length, rest) = (u32::from_le_bytes(*long) as usize, behind);
        }
        let (part, rest) = rest.split_at_checked(length).ok_or(Problem::End)?;
        self.beside = rest;
        Ok(part)
    }

    /// Where the program of a type is.
    fn program(&mut self, of: TypeNumber) -> Result<usize, LayoutError> {
        match self.numbers.binary_search_by_key(&of, |(of, _)| *of) {
            Ok(at) => Ok(self.numbers[at].1),
            Err(at) => {
                let program = Program::led_to(self.layouts, of, &self.has_beside)?;
                let place = self.programs.len();
                self.programs.push(program);
                self.numbers.insert(at, (of, place));
                Ok(place)
            }
        }
    }

    /// Goes on with so many values that are beside.
    fn enter(&mut self, of: TypeNumber, count: usize) -> Result<(), Problem> {
        if count == 0 {
            // A file could name another type each time, and pay for none of them.
            return Ok(());
        }
        // Whoever reads counts, too. Who skips does not, and boxes could lead to boxes for ever.
        if self.frames.len() > LEVELS as usize {
            return Err(Problem::Limit(Limit::Levels));
        }
        let program = self.program(of).map_err(|_| STRANGE)?;
        let size = self.programs[program].size();
        let bytes = size.checked_mul(count).ok_or(Problem::End)?;
        let (values, rest) = self.beside.split_at_checked(bytes).ok_or(Problem::End)?;
        self.beside = rest;
        self.frames.push(Frame {
            program,
            values,
            count,
            size,
            step: 0,
        });
        Ok(())
    }
}

fn position(of: usize) -> &'static [u8] {
    &POSITIONS[of..=of]
}
