//! Bytes in the input of a target.

use kay_runtime::prelude::*;

/// Eight at a time: to read them one by one would take a good part of all the time.
#[derive(Clone, Compact, Default)]
pub struct Bytes {
    words: CVec<u64>,
    rest: CVec<u8>,
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks();
        Bytes {
            words: words.iter().map(|word| u64::from_le_bytes(*word)).collect(),
            rest: rest.into(),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(&*bytes)
    }
}

impl Bytes {
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self
            .words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        bytes.extend(&self.rest);
        bytes
    }
}
