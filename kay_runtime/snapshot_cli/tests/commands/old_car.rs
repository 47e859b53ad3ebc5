// What actors were in a snapshot, for `Registry::migrate`: printed by `kay_snapshot source`.
// A type that is still what it was can be used itself, instead of its copy here.
// `()` stands for an argument that is not recorded, such as the actor type of an `Id`: any other fits as well.
// A type with a path of this crate or another one writes a form of its own: it has to be what it was.
use kay_runtime::{CBox, CMap, CString, CVec, Compact, External, Id, RawId};

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Car")]
pub(crate) struct OldCar {
    pub(crate) id: OldCarId,
    pub(crate) r#type: CString,
    pub(crate) speed: u32,
    pub(crate) gear: OldGear,
    pub(crate) lights: (OldLight, [OldLight; 2], OldLight2),
    pub(crate) front: Option<OldCarId>,
    pub(crate) place: Option<RawId>,
    pub(crate) trip: CBox<OldTrip>,
    pub(crate) seen: CMap<(OldCarId, OldLight), CVec<char>>,
    pub(crate) pairs: (OldPair, OldPair2, (i64,)),
    pub(crate) file: External<()>,
    pub(crate) nothing: (OldNothing, (), std::marker::PhantomData<()>),
    pub(crate) wheels: Option<std::num::NonZero<u16>>,
    pub(crate) range: std::ops::Range<std::cmp::Reverse<std::time::Duration>>,
    pub(crate) bound: std::ops::Bound<Result<f64, usize>>,
    pub(crate) odd: crate::migrate::Odd,
}

#[derive(PartialEq, Eq, Hash, Compact)]
#[compact(name = "commands::migrate::first::CarId")]
#[repr(transparent)]
pub(crate) struct OldCarId(pub(crate) Id<()>);

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Gear")]
pub(crate) enum OldGear {
    Neutral,
    Forward(u8),
    Back {
        slowly: bool,
        r#as: Option<OldCarId>,
    },
}

#[derive(PartialEq, Eq, Hash, Compact)]
#[compact(name = "commands::migrate::first::Light")]
pub(crate) enum OldLight {
    Off,
    On,
}

#[derive(Compact)]
#[compact(name = "commands::migrate::first::other::Light")]
pub(crate) struct OldLight2(pub(crate) f32);

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Trip")]
pub(crate) struct OldTrip {
    pub(crate) to: OldPlaceId,
    pub(crate) before: Option<CBox<OldTrip>>,
}

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Pair")]
pub(crate) struct OldPair(pub(crate) u8, pub(crate) u8);

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Pair")]
pub(crate) struct OldPair2(pub(crate) OldLight, pub(crate) OldLight);

#[derive(Compact)]
#[compact(name = "commands::migrate::first::Nothing")]
pub(crate) struct OldNothing;

#[derive(Compact)]
#[compact(name = "commands::migrate::first::PlaceId")]
pub(crate) struct OldPlaceId(pub(crate) RawId);
