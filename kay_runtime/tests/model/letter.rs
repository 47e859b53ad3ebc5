//! Messages as the logic, the model and the script know them: any kind in one form.

use kay_runtime::{Compact, RawId, Rng};

/// So many types of actors there are.
pub(crate) const TYPES: usize = 3;
pub(crate) const KINDS: usize = 6;

/// By type and kind of message.
pub(crate) type Counts = [[u64; KINDS]; TYPES];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing has to be dropped.
    Poke,
    Say,
    /// Is essential.
    Call,
    Big,
    /// A spawner.
    New,
    /// A spawner of which nothing has to be dropped.
    Seed,
}

impl Kind {
    pub(crate) fn makes_somebody(self) -> bool {
        matches!(self, Kind::New | Kind::Seed)
    }
}

/// The kind of message that has this path.
pub(crate) fn kind_of(path: &str) -> Kind {
    let name = path.rsplit("::").next().unwrap_or_default();
    match name {
        "Poke" => Kind::Poke,
        "Say" => Kind::Say,
        "Call" => Kind::Call,
        "Big" => Kind::Big,
        name if name.starts_with("New") => Kind::New,
        _ => Kind::Seed,
    }
}

/// What is in all messages.
#[derive(Clone, Copy, Compact, Debug)]
pub(crate) struct Note {
    /// What happens depends on it.
    pub(crate) seed: u64,
    /// So many messages may follow from it, one after the other.
    pub(crate) hops: u8,
    /// How dangerous it is to get it.
    pub(crate) dare: u8,
}

impl Note {
    /// As wild as this one.
    pub(crate) fn follow_up(self, hops: u8, rng: &mut Rng) -> Note {
        let seed = rng.bits();
        Note { seed, hops, ..self }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) kind: Kind,
    pub(crate) note: Note,
    pub(crate) from: Option<RawId>,
    /// Whom the receiver gets to know.
    pub(crate) friends: Vec<RawId>,
    pub(crate) text: String,
}

impl Letter {
    pub(crate) fn new(kind: Kind, note: Note) -> Self {
        Letter {
            kind,
            note,
            from: None,
            friends: Vec::new(),
            text: String::new(),
        }
    }

    /// One that nobody is made of.
    pub(crate) fn any(rng: &mut Rng, note: Note, from: Option<RawId>, known: &[RawId]) -> Self {
        let kind = match rng.below(20) {
            0..9 => Kind::Poke,
            9..15 => Kind::Say,
            15..19 => Kind::Call,
            _ => Kind::Big,
        };
        let mut letter = Letter::new(kind, note);
        match kind {
            Kind::Poke => letter.from = from,
            Kind::Say => {
                letter.text = "x".repeat(rng.below(30) as usize);
                let count = rng.below(5) as usize;
                letter.friends = known.iter().take(count).copied().collect();
            }
            _ => {}
        }
        letter
    }

    pub(crate) fn any_spawner(rng: &mut Rng, note: Note, parent: Option<RawId>) -> Self {
        if rng.below(2) == 0 {
            return Letter::new(Kind::Seed, note);
        }
        let mut letter = Letter::new(Kind::New, note);
        letter.from = parent;
        letter.text = "n".repeat(rng.below(20) as usize);
        letter
    }
}

/// Who gets a letter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    One(RawId),
    /// All of a type.
    All(usize),
    /// The first of a type.
    First(usize),
    /// All of all types, which have a trait in common.
    Everyone,
}
