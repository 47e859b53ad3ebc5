//! A small map from fingerprints to indices, looked up for each message that is sent.

/// Maps keys that are spread evenly already (fingerprints and their low halves) to indices.
///
/// Open addressing with linear probing, at most half full.
#[derive(Debug)]
pub(crate) struct TagMap {
    slots: Vec<Option<(u64, u32)>>,
    len: usize,
}

impl TagMap {
    pub(crate) fn new() -> Self {
        TagMap {
            slots: vec![None; 8],
            len: 0,
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, key: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            match self.slots[at & mask] {
                Some((found, index)) if found == key => return Some(index),
                Some(_) => at += 1,
                None => return None,
            }
        }
    }

    /// Inserts `index`, or returns the one that `key` has already.
    pub(crate) fn insert(&mut self, key: u64, index: u32) -> Result<(), u32> {
        if let Some(found) = self.get(key) {
            return Err(found);
        }
        if (self.len + 1) * 2 > self.slots.len() {
            let larger = vec![None; self.slots.len() * 2];
            for (key, index) in std::mem::replace(&mut self.slots, larger)
                .into_iter()
                .flatten()
            {
                self.place(key, index);
            }
        }
        self.place(key, index);
        self.len += 1;
        Ok(())
    }

    fn place(&mut self, key: u64, index: u32) {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at & mask].is_some() {
            at += 1;
        }
        self.slots[at & mask] = Some((key, index));
    }
}
