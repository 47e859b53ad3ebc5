//! The growable string.

use crate::CVec;
use crate::compact::portable::{Problem, ReadError, Reader, Writer};
use crate::compact::raw::{Layouts, TypeNumber};
use crate::compact::{Compact, hash_length, name_hash};
use std::borrow::Borrow;
use std::convert::Infallible;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::offset_of;
use std::ops::{AddAssign, Deref, DerefMut};
use std::str::{self, FromStr};

/// A growable UTF-8 string like [`String`], whose storage comes from the current
/// [`Arena`](crate::Arena).
///
/// It takes 16 bytes, and no storage while it is empty. Like a [`CVec`], it may go anywhere and
/// outlive its arena. It holds at most `u32::MAX` bytes; what would exceed that panics.
///
/// ```
/// use chunky::CString;
///
/// let mut name = CString::from("Elm");
/// name += " Street";
/// assert_eq!(name, "Elm Street");
/// assert!(name.ends_with("Street"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CString {
    /// Always valid UTF-8.
    bytes: CVec<u8>,
}

impl CString {
    /// Makes an empty string, without storage.
    #[must_use]
    pub const fn new() -> Self {
        CString { bytes: CVec::new() }
    }

    /// Makes an empty string with room for at least `capacity` bytes.
    ///
    /// # Panics
    ///
    /// If `capacity` exceeds `u32::MAX`.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        CString {
            bytes: CVec::with_capacity(capacity),
        }
    }

    /// The number of bytes that fit without new storage.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Makes room for at least `additional` more bytes.
    ///
    /// # Panics
    ///
    /// If that would exceed `u32::MAX` bytes.
    pub fn reserve(&mut self, additional: usize) {
        self.bytes.reserve(additional);
    }

    /// Gives back storage that is not needed, as far as size classes allow.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// The text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        // SAFETY: the bytes are valid UTF-8 (field invariant).
        unsafe { str::from_utf8_unchecked(&self.bytes) }
    }

    /// The text, to change in place.
    #[inline]
    #[must_use]
    pub fn as_mut_str(&mut self) -> &mut str {
        // SAFETY: the bytes are valid UTF-8 (field invariant), and `str` keeps them so.
        unsafe { str::from_utf8_unchecked_mut(&mut self.bytes) }
    }

    /// The bytes of the text.
    #[must_use]
    pub fn into_bytes(self) -> CVec<u8> {
        self.bytes
    }

    /// Appends a text.
    pub fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends a character.
    pub fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    /// Removes the last character and returns it.
    pub fn pop(&mut self) -> Option<char> {
        let last = self.chars().next_back()?;
        self.truncate(self.len() - last.len_utf8());
        Some(last)
    }

    /// Puts a text at the byte position `index`. O(length).
    ///
    /// # Panics
    ///
    /// If `index` is not on a character boundary.
    pub fn insert_str(&mut self, index: usize, text: &str) {
        assert!(
            self.is_char_boundary(index),
            "{index} is not a character boundary"
        );
        self.push_str(text);
        self.bytes[index..].rotate_right(text.len());
    }

    /// Puts a character at the byte position `index`. O(length).
    ///
    /// # Panics
    ///
    /// If `index` is not on a character boundary.
    pub fn insert(&mut self, index: usize, character: char) {
        self.insert_str(index, character.encode_utf8(&mut [0; 4]));
    }

    /// Removes the character at the byte position `index` and returns it. O(length).
    ///
    /// # Panics
    ///
    /// If no character starts at `index`.
    pub fn remove(&mut self, index: usize) -> char {
        let Some(character) = self[index..].chars().next() else {
            panic!("no character starts at {index}, the end");
        };
        self.bytes.drain(index..index + character.len_utf8());
        character
    }

    /// Shortens the text to `len` bytes; does nothing if it is no longer than that.
    ///
    /// # Panics
    ///
    /// If `len` is within the text and not on a character boundary.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            assert!(
                self.is_char_boundary(len),
                "{len} is not a character boundary"
            );
            self.bytes.truncate(len);
        }
    }

    /// Removes all of the text and keeps the storage.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Keeps the characters for which `keep` is true.
    ///
    /// If `keep` panics, the text is unchanged.
    pub fn retain(&mut self, keep: impl FnMut(char) -> bool) {
        let mut keep = keep;
        *self = self.chars().filter(|&character| keep(character)).collect();
    }
}

impl Compact for CString {
    const NAME_HASH: u64 = name_hash("chunky::CString");

    fn write(&self, to: &mut Writer) {
        if to.enter(1) {
            to.length(self.len());
            to.bytes(self.as_bytes());
            to.leave(1);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        from.enter(1)?;
        let length = from.length()?;
        let offset = from.offset();
        let text = str::from_utf8(from.bytes(length as usize)?);
        from.leave(1);
        text.map(CString::from)
            .map_err(|_| ReadError::new(offset, Problem::Utf8))
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        let bytes = (
            "bytes",
            offset_of!(Self, bytes),
            Layouts::of::<CVec<u8>> as _,
        );
        // SAFETY: this is its only field, and it is read as one.
        unsafe { to.fields::<Self>("chunky::CString", &[bytes]) }
    }

    fn duplicate(&self) -> Self {
        self.clone()
    }

    #[inline]
    fn prefetch(&self) {
        self.bytes.prefetch();
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        hash_length(self.len(), hasher);
        hasher.write(&self.bytes);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Deref for CString {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl DerefMut for CString {
    #[inline]
    fn deref_mut(&mut self) -> &mut str {
        self.as_mut_str()
    }
}

impl fmt::Debug for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Write for CString {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

// The same as that of `str`, as `Borrow<str>` promises.
impl Hash for CString {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_str().hash(hasher);
    }
}

impl Borrow<str> for CString {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for CString {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for CString {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

macro_rules! equal {
    ($($left:ty, $right:ty;)*) => { $(
        impl PartialEq<$right> for $left {
            fn eq(&self, other: &$right) -> bool {
                self[..] == other[..]
            }
        }
    )* };
}

equal! {
    CString, str;
    CString, &str;
    CString, String;
    str, CString;
    &str, CString;
    String, CString;
}

impl From<&str> for CString {
    fn from(text: &str) -> Self {
        CString {
            bytes: text.as_bytes().into(),
        }
    }
}

impl From<String> for CString {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for CString {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<char> for CString {
    fn from(character: char) -> Self {
        (&*character.encode_utf8(&mut [0; 4])).into()
    }
}

impl From<CString> for String {
    fn from(text: CString) -> Self {
        text.as_str().into()
    }
}

impl FromStr for CString {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl AddAssign<&str> for CString {
    fn add_assign(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Extend<char> for CString {
    fn extend<I: IntoIterator<Item = char>>(&mut self, characters: I) {
        characters
            .into_iter()
            .for_each(|character| self.push(character));
    }
}

impl<'a> Extend<&'a str> for CString {
    fn extend<I: IntoIterator<Item = &'a str>>(&mut self, texts: I) {
        texts.into_iter().for_each(|text| self.push_str(text));
    }
}

impl FromIterator<char> for CString {
    fn from_iter<I: IntoIterator<Item = char>>(characters: I) -> Self {
        let mut string = CString::new();
        string.extend(characters);
        string
    }
}

impl<'a> FromIterator<&'a str> for CString {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut string = CString::new();
        string.extend(texts);
        string
    }
}
