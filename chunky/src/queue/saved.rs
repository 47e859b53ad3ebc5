//! Reading items where they were saved, of which nothing is believed.

use std::alloc::Layout;
use std::error::Error;
use std::fmt;
use std::iter::FusedIterator;

use super::item::{Label, MARK, Receiver, WORD, stride_with};
use crate::pool::CHUNK_ALIGN;

/// The items in bytes that a chunk of a chain was [copied](super::Chain::copy) as, which may be anybody's.
///
/// It yields an error where the bytes are no items, and nothing behind it. It reads none but the labels:
/// whether the bytes of an item are a value is to be found out by others.
///
/// ```
/// use chunky::raw::Layouts;
/// use chunky::{Depot, Heap, ItemForm, ItemKind, Lane, Pool, Receiver, SavedItems};
/// use std::alloc::Layout;
/// use std::sync::Arc;
///
/// let mut pool = Pool::new(&Depot::new(Arc::new(Heap), [ItemKind::of::<u64>()]));
/// let mut lane = Lane::new();
/// lane.begin(5, &mut pool);
/// lane.push(1, Receiver::new(7, 1), 0x0102_u64.to_le(), &mut pool);
///
/// let mut chain = lane.take().unwrap();
/// let forms = [None, Some(ItemForm::new::<u64>(&mut Layouts::new()))];
/// let (mut bytes, mut beside, mut chunks) = (Vec::new(), Vec::new(), Vec::new());
/// chain.copy(&forms, &mut bytes, &mut beside, |chunk| chunks.push(chunk)).unwrap();
/// assert_eq!((beside.len(), chunks.len(), chunks[0].bytes), (0, 1, bytes.len()));
///
/// let layouts = [None, Some(Layout::new::<u64>())];
/// let mut items = SavedItems::new(&bytes, chunks[0].offset, chunks[0].sender, &layouts);
/// let item = items.next().unwrap().unwrap();
/// assert_eq!((item.sender, item.tag, item.to), (5, 1, Receiver::new(7, 1)));
/// assert_eq!(item.bytes, [2, 1, 0, 0, 0, 0, 0, 0]);
/// assert!(items.next().is_none());
/// ```
#[derive(Clone, Debug)]
pub struct SavedItems<'a> {
    bytes: &'a [u8],
    /// Where the next label is.
    at: usize,
    /// How far behind a multiple of 64 the bytes began.
    skew: usize,
    sender: u32,
    layouts: &'a [Option<Layout>],
}

/// An item that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedItem<'a> {
    /// Whom it is for.
    pub to: Receiver,
    /// The number of its type.
    pub tag: u16,
    /// Who has sent it.
    pub sender: u32,
    /// As many bytes as its type has, at any address.
    pub bytes: &'a [u8],
}

/// Why bytes are no items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemError {
    offset: usize,
    problem: ItemProblem,
}

/// What is wrong with the bytes of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemProblem {
    /// No chunk has items from such an offset on: it is not a multiple of 8.
    Start,
    /// The bytes end within a label or an item.
    End,
    /// No items of this tag are known.
    Tag(u16),
}

impl<'a> SavedItems<'a> {
    /// The items in `bytes`, which began at this offset in their chunk, the first one from this sender.
    ///
    /// `layouts` says by tag what items are like. It says nothing for tags that are not known; a layout
    /// aligned to more than 64 bytes is that of no item. What stands at 0 is of no consequence.
    #[must_use]
    pub fn new(bytes: &'a [u8], offset: u32, sender: u32, layouts: &'a [Option<Layout>]) -> Self {
        SavedItems {
            bytes,
            at: 0,
            skew: offset as usize % CHUNK_ALIGN,
            sender,
            layouts,
        }
    }

    /// What is known of the items with a tag.
    fn layout(&self, tag: u16) -> Option<Layout> {
        if tag == MARK {
            return Some(Layout::new::<()>());
        }
        let layout = *self.layouts.get(usize::from(tag))?;
        layout.filter(|layout| layout.align() <= CHUNK_ALIGN)
    }

    /// The next item or mark, or what is wrong with it.
    fn read(&self) -> Result<(SavedItem<'a>, usize), ItemProblem> {
        if !self.skew.is_multiple_of(WORD) {
            return Err(ItemProblem::Start);
        }
        let rest = &self.bytes[self.at..];
        let label = Label::from_bytes(*rest.first_chunk().ok_or(ItemProblem::End)?);
        let tag = label.tag();
        let layout = self.layout(tag).ok_or(ItemProblem::Tag(tag))?;
        let stride = stride_with(layout);
        let item = rest.get(..stride).ok_or(ItemProblem::End)?;
        // As far as it was when the chunk began at a multiple of 64.
        let behind = self.skew + self.at + WORD;
        let start = WORD + behind.next_multiple_of(layout.align()) - behind;
        let item = SavedItem {
            to: label.to(),
            tag,
            sender: self.sender,
            bytes: &item[start..start + layout.size()],
        };
        Ok((item, stride))
    }
}

impl<'a> Iterator for SavedItems<'a> {
    type Item = Result<SavedItem<'a>, ItemError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.bytes.len() {
            match self.read() {
                Ok((mark, stride)) if mark.tag == MARK => {
                    self.at += stride;
                    self.sender = mark.to.index();
                }
                Ok((item, stride)) => {
                    self.at += stride;
                    return Some(Ok(item));
                }
                Err(problem) => {
                    let offset = std::mem::replace(&mut self.at, self.bytes.len());
                    return Some(Err(ItemError { offset, problem }));
                }
            }
        }
        None
    }
}

impl FusedIterator for SavedItems<'_> {}

impl ItemError {
    /// Where the label is that is wrong, or whose item is, counted from the first of the bytes.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> ItemProblem {
        self.problem
    }
}

impl Error for ItemError {}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.offset)?;
        match self.problem {
            ItemProblem::Start => f.write_str("no item begins at such an offset"),
            ItemProblem::End => f.write_str("the bytes end within an item"),
            ItemProblem::Tag(tag) => write!(f, "no items with tag {tag} are known"),
        }
    }
}
