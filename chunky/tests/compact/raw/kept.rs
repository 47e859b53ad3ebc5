//! A value as a snapshot would keep it.

use chunky::Compact;
use chunky::portable::ReadError;
use chunky::raw::{Layout, Layouts, RawForm, RawReader, TypeNumber};

/// The bytes of a value and what is beside it, with what says how it lies there.
#[derive(Clone)]
pub struct Kept {
    pub layouts: Vec<Layout>,
    pub number: TypeNumber,
    pub value: Vec<u8>,
    pub beside: Vec<u8>,
    pub is_plain: bool,
}

/// Keeps a value.
pub fn keep<T: Compact>(value: &T) -> Kept {
    let mut layouts = Layouts::new();
    let form = RawForm::<T>::new(&mut layouts);
    let (mut bytes, mut beside) = (Vec::new(), Vec::new());
    form.copy(std::slice::from_ref(value), &mut bytes, &mut beside)
        .unwrap();
    Kept {
        layouts: layouts.all().to_vec(),
        number: form.number(),
        value: bytes,
        beside,
        is_plain: form.is_plain(),
    }
}

impl Kept {
    /// Reads the value back, if it is one.
    pub fn read<T: Compact>(&self) -> Result<T, ReadError> {
        let reader = RawReader::new(&self.layouts, self.number, &self.beside);
        let mut reader = reader.expect("the layouts are right");
        let value = reader.read(&self.value)?;
        reader.finish()?;
        Ok(value)
    }
}
