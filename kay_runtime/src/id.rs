//! Addresses: which machine, which shard, which slot, which generation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64};

use chunky::portable::{Problem, ReadError, Reader, Writer};
use chunky::raw::{Layouts, TypeNumber};
use chunky::{Compact, Receiver};

use crate::{Actor, World};

/// Where an instance lives, or one of the special addresses, in 64 bits:
///
/// ```text
/// 63      48 47                16 15         0
///  machine        index            generation
/// ```
///
/// The low bits of the index are the shard, the others the slot. Generation 0 is never that of an
/// instance: it marks a [`Special`] address, whose number then stands in the index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub(crate) struct Address(NonZeroU64);

/// What an address with generation 0 means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    LocalBroadcast = 1,
    GlobalBroadcast = 2,
    LocalFirst = 3,
    GlobalFirst = 4,
}

impl Address {
    #[inline]
    pub(crate) fn new(machine: u16, index: u32, generation: u16) -> Self {
        debug_assert!(generation > 0, "an instance has a generation");
        let bits = u64::from(machine) << 48 | u64::from(index) << 16 | u64::from(generation.max(1));
        Address(NonZeroU64::new(bits).expect("the generation is not 0"))
    }

    pub(crate) fn special(special: Special) -> Self {
        Address(NonZeroU64::new((special as u64) << 16).expect("no special address is 0"))
    }

    fn write(self, to: &mut Writer) {
        self.0.get().write(to);
    }

    /// Reads an address. Whether there is such an instance, shard or machine is not known here.
    // Into the loop that checks the ids of a file.
    #[inline(always)]
    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        let offset = from.offset();
        Self::of_bits(u64::read(from)?, offset)
    }

    /// The address with these bits, which were read at an offset.
    #[inline(always)]
    fn of_bits(bits: u64, offset: usize) -> Result<Self, ReadError> {
        NonZeroU64::new(bits)
            .map(Address)
            .filter(|address| {
                let special = address.as_special();
                !address.is_special() || special.map(Address::special) == Some(*address)
            })
            .ok_or_else(|| {
                let why = "an id is neither that of an instance nor a special one";
                ReadError::new(offset, Problem::Invalid { why })
            })
    }

    #[inline(always)]
    pub(crate) fn is_special(self) -> bool {
        self.generation() == 0
    }

    pub(crate) fn as_special(self) -> Option<Special> {
        if !self.is_special() {
            return None;
        }
        Some(match self.index() {
            1 => Special::LocalBroadcast,
            2 => Special::GlobalBroadcast,
            3 => Special::LocalFirst,
            _ => Special::GlobalFirst,
        })
    }

    /// The instance on its machine, as what a message is labelled with.
    #[inline(always)]
    pub(crate) fn receiver(self) -> Receiver {
        Receiver::from_bits(self.0.get())
    }

    #[inline(always)]
    pub(crate) fn machine(self) -> u16 {
        (self.0.get() >> 48) as u16
    }

    #[inline(always)]
    pub(crate) fn index(self) -> u32 {
        (self.0.get() >> 16) as u32
    }

    #[inline(always)]
    pub(crate) fn generation(self) -> u16 {
        self.0.get() as u16
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_special() {
            Some(Special::LocalBroadcast) => f.write_str("all"),
            Some(Special::GlobalBroadcast) => f.write_str("all on all machines"),
            Some(Special::LocalFirst) => f.write_str("first"),
            Some(Special::GlobalFirst) => f.write_str("first of all machines"),
            None if self.machine() == 0 => write!(f, "{}.{}", self.index(), self.generation()),
            None => write!(
                f,
                "{}:{}.{}",
                self.machine(),
                self.index(),
                self.generation()
            ),
        }
    }
}

/// The address of an instance of actor type `A`: 8 bytes, also inside an `Option`.
///
/// Generated ids (`CarId`) wrap one. It says which machine, which shard, which slot and which
/// generation of the slot, so the id of an instance that is gone never reaches another one.
/// Prints as `index.generation`, with `machine:` before it where that is not 0.
#[repr(transparent)]
pub struct Id<A>(pub(crate) Address, PhantomData<fn() -> A>);

impl<A> Id<A> {
    #[inline]
    pub(crate) fn from_address(address: Address) -> Self {
        Id(address, PhantomData)
    }

    /// An integer, unique among the living instances of the type on this machine: good for
    /// staggering work (`id.index() % 60 == world.turn() as u32 % 60`).
    ///
    /// Numbers are dense within pages of 128 in each shard. How many pages are never used depends
    /// on who spawns: every second one if it is the host alone, most of them if it is a single
    /// actor; and on the number of shards, which counts as the next power of two.
    #[inline]
    pub fn index(self) -> u32 {
        self.0.index()
    }

    /// The machine that the instance lives on.
    #[inline]
    pub fn machine(self) -> u16 {
        self.0.machine()
    }

    /// How many instances have had this index, the instance included; 0 for broadcast and `first`
    /// addresses.
    #[inline]
    pub fn generation(self) -> u16 {
        self.0.generation()
    }

    /// The address of all instances of the type on this machine.
    pub fn local_broadcast(_: &World) -> Self {
        Self::from_address(Address::special(Special::LocalBroadcast))
    }

    /// The address of all instances of the type on all machines.
    pub fn global_broadcast(_: &World) -> Self {
        Self::from_address(Address::special(Special::GlobalBroadcast))
    }

    /// The address of the first instance of the type on this machine: how singletons are found.
    ///
    /// Which one is first is settled when a message arrives: one of the lowest shard that has any.
    /// It stays first as long as it lives, unless a lower shard gets one. A message that comes where there is none any
    /// more goes on to where the first one is now: a turn later, and perhaps behind what was sent after it.
    pub fn local_first(_: &World) -> Self {
        Self::from_address(Address::special(Special::LocalFirst))
    }

    /// The address of the first instance of the type on the first machine that has one.
    pub fn global_first(_: &World) -> Self {
        Self::from_address(Address::special(Special::GlobalFirst))
    }
}

impl<A> Clone for Id<A> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Id<A> {}

impl<A> PartialEq for Id<A> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<A> Eq for Id<A> {}

impl<A> PartialOrd for Id<A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<A> Ord for Id<A> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<A> Hash for Id<A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<A> fmt::Display for Id<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<A> fmt::Debug for Id<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

/// Computed once, not for each `A`: that takes the compiler some 30 ms.
const ID_HASH: u64 = crate::fingerprint("kay_runtime::Id");

impl<A: 'static> Compact for Id<A> {
    const NAME_HASH: u64 = ID_HASH;

    #[inline]
    fn duplicate(&self) -> Self {
        *self
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        self.0.0.get().hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        Address::read(from).map(Self::from_address)
    }

    #[allow(unsafe_code)]
    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: an id is laid out as a `NonZeroU64`, whose bytes it is written as.
        unsafe { to.plain_with_niche::<Self>("kay_runtime::Id", 0..8) }
    }
}

/// The address of an instance of any actor type: 12 bytes, also inside an `Option`.
///
/// Trait ids (`PlaceId`) wrap one. It is an [`Id`] and a 32-bit tag of the actor type, the low
/// half of its fingerprint; that no two types of a system share a tag is checked at set-up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C)]
pub struct RawId {
    tag: u32,
    high: u32,
    /// Holds the generation and part of the index, which are never both 0.
    low: NonZeroU32,
}

impl RawId {
    pub(crate) fn new(tag: u32, address: Address) -> Self {
        let bits = address.0.get();
        let low = NonZeroU32::new(bits as u32).expect("an address has a generation or is special");
        RawId {
            tag,
            high: (bits >> 32) as u32,
            low,
        }
    }

    #[inline]
    pub(crate) fn tag(self) -> u32 {
        self.tag
    }

    #[inline]
    pub(crate) fn address(self) -> Address {
        let bits = u64::from(self.high) << 32 | u64::from(self.low.get());
        Address(NonZeroU64::new(bits).expect("the low half is not 0"))
    }

    /// As [`Id::index`]: unique among the living instances of one type on one machine.
    #[inline]
    pub fn index(self) -> u32 {
        self.address().index()
    }

    /// The machine that the instance lives on.
    #[inline]
    pub fn machine(self) -> u16 {
        self.address().machine()
    }

    /// As [`Id::generation`].
    #[inline]
    pub fn generation(self) -> u16 {
        self.address().generation()
    }
}

impl<A: Actor> From<Id<A>> for RawId {
    #[inline]
    fn from(id: Id<A>) -> Self {
        RawId::new(A::FINGERPRINT as u32, id.0)
    }
}

impl fmt::Display for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}/{}", self.tag, self.address())
    }
}

impl fmt::Debug for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawId({self})")
    }
}

impl Compact for RawId {
    const NAME_HASH: u64 = crate::fingerprint("kay_runtime::RawId");

    #[inline]
    fn duplicate(&self) -> Self {
        *self
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        (self.tag, self.address().0.get()).hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn write(&self, to: &mut Writer) {
        (self.tag, self.high, self.low).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        let (tag, offset) = (u32::read(from)?, from.offset());
        let (high, low) = <(u32, u32)>::read(from)?;
        let address = Address::of_bits(u64::from(high) << 32 | u64::from(low), offset)?;
        Ok(RawId::new(tag, address))
    }

    #[allow(unsafe_code)]
    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: it is laid out as its three numbers of 32 bits, in the order in which they are written. An
        // `Option` of it is as said, as is found out below.
        unsafe { to.plain_with_niche::<Self>("kay_runtime::RawId", LOW..LOW + 4) }
    }
}

/// Where in a raw id its only number is that is never 0.
const LOW: usize = std::mem::offset_of!(RawId, low);

/// The language promises nothing about an `Option` of a struct. So here the compiler says what it has made of this
/// one: nothing else is in it than a raw id, and what tells that there is none is that `low`, of all values
/// the only one that no raw id has, is 0. If it had made anything else, this would not compile.
#[allow(unsafe_code)]
const _: () = {
    assert!(size_of::<Option<RawId>>() == size_of::<RawId>());
    let low = NonZeroU32::MIN;
    let (some, none) = (
        Some(RawId {
            tag: 0,
            high: 0,
            low,
        }),
        None::<RawId>,
    );
    let inner = match &some {
        Some(inner) => std::ptr::from_ref(inner).cast::<u8>(),
        None => unreachable!(),
    };
    // SAFETY: both lead to the same value.
    assert!(unsafe { inner.offset_from(std::ptr::from_ref(&some).cast()) } == 0);
    // SAFETY: it is within the value.
    let at = unsafe { std::ptr::from_ref(&none).byte_add(LOW) };
    // SAFETY: likewise. Were it not initialised, the compiler, which evaluates this, would say so.
    assert!(unsafe { at.cast::<u32>().read_unaligned() } == 0);
};

#[cfg(test)]
mod tests {
    use chunky::raw::{Layouts, RawForm, RawReader};

    use super::*;

    #[derive(Compact, Clone, Copy)]
    #[compact(crate = chunky)]
    struct Way {
        busy: bool,
        next: Option<RawId>,
        last: u8,
    }

    /// Whether all bytes come out as those of ways to nobody, or to somebody.
    fn check(form: &RawForm<Way>, layouts: &Layouts, ways: &[Way]) {
        let (mut bytes, mut beside) = (Vec::new(), Vec::new());
        form.copy(ways, &mut bytes, &mut beside).unwrap();
        assert!(beside.is_empty());
        form.check(&bytes).unwrap();
        let mut reader = RawReader::new(layouts.all(), form.number(), &beside).unwrap();
        for (value, way) in bytes.chunks(size_of::<Way>()).zip(ways) {
            let read: Way = reader.read(value).unwrap();
            assert_eq!((read.busy, read.last), (way.busy, way.last));
            assert_eq!(read.next, way.next);
            let zeros = value.iter().filter(|&&byte| byte == 0).count();
            // `true`, 9, and of an id each byte that is not 0.
            let of_id = if way.next.is_some() { 8 } else { 0 };
            assert_eq!(value.len() - zeros, 2 + of_id, "{value:?}");
        }
    }

    #[test]
    fn nothing_of_an_id_is_left_where_there_is_none() {
        let mut layouts = Layouts::new();
        let form = RawForm::<Way>::new(&mut layouts);
        assert!(form.is_plain());
        let next = Some(RawId::new(0x0101_0101, Address::new(0, 0x0101, 0x0101)));
        let (busy, last) = (true, 9);
        // Some are copied at once, many piece by piece.
        for count in [1, 30, 3_000] {
            let mut ways = vec![Way { busy, next, last }; count];
            check(&form, &layouts, &ways);
            for way in ways.iter_mut().step_by(3) {
                // That leaves most of the id where it was.
                way.next = None;
            }
            check(&form, &layouts, &ways);
        }
    }

    /// A check of these bytes says what reading them says.
    fn agree<T: Compact>(bytes: &[u8]) {
        let mut layouts = Layouts::new();
        let form = RawForm::<T>::new(&mut layouts);
        let mut reader = RawReader::new(layouts.all(), form.number(), &[]).unwrap();
        let read = reader.read::<T>(bytes).map(drop);
        let expected = read.map_err(|error| (0, error.problem()));
        assert_eq!(form.check(bytes), expected, "{bytes:x?}");
    }

    #[test]
    fn ids_are_checked_as_they_are_read() {
        // Instances, what is special, and what nobody is.
        let parts = [0, 1, 2, 3, 4, 5, 0x100, 0xFFFF];
        let bits = parts.iter().flat_map(|high| {
            let low = parts.iter().flat_map(move |index| {
                parts.map(|generation| high << 48 | index << 16 | generation)
            });
            low.chain([high << 32, high << 40])
        });
        let good = Address::new(0, 7, 7).0.get();
        for bits in bits {
            for two in [[bits, good], [good, bits], [bits, bits]] {
                agree::<(Id<u8>, Option<Id<u8>>)>(&two.map(u64::to_le_bytes).concat());
                let raw = two.map(|bits| {
                    let [high, low] = [(bits >> 32) as u32, bits as u32];
                    [9, high, low].map(u32::to_le_bytes).concat()
                });
                agree::<(RawId, Option<RawId>)>(&raw.concat());
            }
        }
        agree::<(RawId, Option<RawId>)>(&[0; 24]);
    }
}
