//! A value as a snapshot would keep it.

use chunky::portable::ReadError;
use chunky::raw::{Layout, Layouts, Memory, RawForm, RawReader, TypeNumber};
use chunky::{Arena, Compact, Storage};
use std::alloc::{alloc_zeroed, dealloc};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

/// A value and the memory that it points to, with what says how it lies there.
pub struct Kept {
    pub layouts: Vec<Layout>,
    pub number: TypeNumber,
    pub value: Vec<u8>,
    pub beside: Vec<u8>,
    pub chunks: Vec<(u64, Vec<u8>)>,
    pub is_plain: bool,
}

/// Gives out chunks of zeros, and knows which there are.
#[derive(Debug, Default)]
struct Recording(Mutex<Vec<(usize, usize)>>);

// SAFETY: chunks come from the allocator with the layout that is asked for.
unsafe impl Storage for Recording {
    fn acquire(&self, layout: std::alloc::Layout) -> NonNull<u8> {
        // SAFETY: a chunk has at least one byte.
        let chunk = NonNull::new(unsafe { alloc_zeroed(layout) }).unwrap();
        let entry = (chunk.as_ptr().expose_provenance(), layout.size());
        self.0.lock().unwrap().push(entry);
        chunk
    }

    unsafe fn release(&self, chunk: NonNull<u8>, layout: std::alloc::Layout) {
        let address = chunk.as_ptr().addr();
        self.0.lock().unwrap().retain(|&(at, _)| at != address);
        // SAFETY: it came from here with this layout.
        unsafe { dealloc(chunk.as_ptr(), layout) }
    }
}

/// Copies memory as a file would hold it.
///
/// # Safety
///
/// So many bytes are there.
unsafe fn frozen(from: *const u8, bytes: usize) -> Vec<u8> {
    let mut copy: Vec<u8> = Vec::with_capacity(bytes);
    // SAFETY: as the caller vouches; the copy has room.
    unsafe { copy.as_mut_ptr().copy_from_nonoverlapping(from, bytes) };
    // SAFETY: padding is whatever is there, as it would be in a file.
    unsafe { copy.set_len(bytes) };
    copy
}

/// Keeps a value.
pub fn keep<T: Compact>(value: &T) -> Kept {
    let recording = Arc::new(Recording::default());
    let mut arena = Arena::new(recording.clone());
    let value = arena.with(|| value.duplicate());
    let mut layouts = Layouts::new();
    let form = RawForm::<T>::new(&mut layouts);
    let mut beside = Vec::new();
    form.write_beside(&value, &mut beside).unwrap();
    let chunks = recording.0.lock().unwrap();
    let chunk = |&(at, bytes): &(usize, usize)| {
        // SAFETY: the arena has this chunk.
        let content = unsafe { frozen(std::ptr::with_exposed_provenance(at), bytes) };
        (at as u64, content)
    };
    let chunks = chunks.iter().map(chunk).collect();
    Kept {
        layouts: layouts.all().to_vec(),
        number: form.number(),
        // SAFETY: a value has so many bytes.
        value: unsafe { frozen(std::ptr::from_ref(&value).cast(), size_of::<T>()) },
        beside,
        chunks,
        is_plain: form.is_plain(),
    }
}

impl Kept {
    /// Reads the value back, if it is one.
    pub fn read<T: Compact>(&self) -> Result<T, ReadError> {
        let chunks = self.chunks.iter().map(|(at, bytes)| (*at, &bytes[..]));
        let memory = Memory::new(chunks.collect());
        let reader = RawReader::new(&self.layouts, self.number, &memory, &self.beside);
        let mut reader = reader.expect("the layouts are right");
        let value = reader.read(&self.value)?;
        reader.finish()?;
        Ok(value)
    }
}
