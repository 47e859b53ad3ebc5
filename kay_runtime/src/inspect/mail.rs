//! Messages that wait.

use chunky::raw::RawReader;
use chunky::{SavedItem, SavedItems};

use super::SavedWorld;
use crate::SnapshotError;
use crate::persist::{ChunkKind, LetterImage, ShardImage};

impl SavedWorld {
    /// Calls `each` for all messages that wait for a shard, and sees that there is nothing else.
    pub(super) fn mail<'a>(
        &'a self,
        shard: usize,
        image: &ShardImage,
        mut each: impl FnMut(&LetterImage, SavedItem<'a>) -> Result<(), String>,
    ) -> Result<(), SnapshotError> {
        let wrong = |what: String| self.malformed(format!("the messages of shard {shard}: {what}"));
        let mut bytes = self.chunk(ChunkKind::Letters, shard, 0)?;
        for letter in image.pending.iter().chain(&image.letters) {
            for &(sender, offset, length) in &letter.chunks {
                let length = usize::try_from(length).ok();
                let split = length.and_then(|length| bytes.split_at_checked(length));
                let (own, rest) = split.ok_or_else(|| wrong("they end within a letter".into()))?;
                bytes = rest;
                for item in SavedItems::new(own, offset, sender, &self.places) {
                    let item = item.map_err(|error| wrong(error.to_string()))?;
                    each(letter, item).map_err(wrong)?;
                }
            }
        }
        if bytes.is_empty() {
            return Ok(());
        }
        Err(wrong("there is more than their letters".into()))
    }

    /// Sees that the messages that wait for a shard are for those that they say they are for, and lie as
    /// their layouts say.
    pub(super) fn check_mail(&self, shard: usize, image: &ShardImage) -> Result<(), SnapshotError> {
        let mut beside = self.chunk(ChunkKind::LettersBeside, shard, 0)?;
        let mut readers: Vec<Option<RawReader<'_>>> = Vec::new();
        readers.resize_with(self.image.protocol.messages.len(), || None);
        self.mail(shard, image, |letter, item| {
            let at = usize::from(item.tag).checked_sub(1);
            let message =
                at.and_then(|at| Some((self.image.protocol.messages.get(at)?, &mut readers[at])));
            let Some((message, reader)) = message.filter(|(of, _)| of.actor == letter.to) else {
                return Err("one is not for the type of its letter".to_owned());
            };
            if reader.is_none() {
                let new = RawReader::new(&self.image.protocol.layouts, message.layout, &[]);
                *reader = Some(new.map_err(|error| error.to_string())?);
            }
            if let Some(reader) = reader {
                reader.set_beside(beside);
                let passed = reader.skip(item.bytes);
                passed.map_err(|error| error.to_string())?;
                beside = reader.beside();
            }
            Ok(())
        })?;
        if beside.is_empty() {
            return Ok(());
        }
        let what = format!("more is beside the messages of shard {shard} than is theirs");
        Err(self.malformed(what))
    }
}
