//! Bytes in the input of a target.

use kay_runtime::prelude::*;

/// Bytes are not much longer than this, whatever is said of zeros.
const LONGEST: usize = 1 << 20;

/// Eight at a time, since to read them one by one would take a good part of all the time; and without most zeros: a
/// single instance may have thousands.
#[derive(Clone, Compact, Default)]
pub struct Bytes {
    runs: CVec<Run>,
    rest: CVec<u8>,
}

#[derive(Clone, Compact, Default)]
struct Run {
    /// How many words before the others are zero.
    zeros: u32,
    words: CVec<u64>,
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks();
        let mut runs = CVec::new();
        let mut run = Run::default();
        for word in words {
            match u64::from_le_bytes(*word) {
                0 if run.words.is_empty() => run.zeros += 1,
                0 => {
                    runs.push(std::mem::take(&mut run));
                    run.zeros = 1;
                }
                word => run.words.push(word),
            }
        }
        runs.push(run);
        Bytes {
            runs,
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
        let mut bytes = Vec::new();
        for run in &self.runs {
            let zeros = (run.zeros as usize * 8).min(LONGEST.saturating_sub(bytes.len()));
            bytes.resize(bytes.len() + zeros, 0);
            bytes.extend(run.words.iter().flat_map(|word| word.to_le_bytes()));
        }
        bytes.extend(&self.rest);
        bytes
    }
}
