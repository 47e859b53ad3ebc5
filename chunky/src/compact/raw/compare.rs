//! What differs between a type as it was recorded, and as it is.

use super::layout::{Field, Form, Layout, TypeNumber, Variant};
use std::collections::HashSet;
use std::fmt;

/// How deep types are looked into. A file may claim that they never end.
const MOST_LEVELS: u32 = 256;

/// What differs between two versions of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: the type, and the fields that lead there.
    pub place: String,
    /// What: a sentence that fits behind the place.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.place, self.what)
    }
}

/// Lists what differs between a type as it was and as it is; empty if values of one can be read as the other.
/// Where fields lie is not compared, nor what the types themselves are called; only the names of their parts are.
#[must_use]
pub fn differences(
    was: (&[Layout], TypeNumber),
    is: (&[Layout], TypeNumber),
    place: &str,
) -> Vec<Difference> {
    let mut comparison = Comparison {
        was: was.0,
        is: is.0,
        seen: HashSet::new(),
        levels: 0,
        differences: Vec::new(),
    };
    comparison.parts(was.1, is.1, place);
    comparison.differences
}

struct Comparison<'a> {
    was: &'a [Layout],
    is: &'a [Layout],
    /// Pairs that have been compared, or are being.
    seen: HashSet<(TypeNumber, TypeNumber)>,
    /// How deep the pair is nested that is being compared.
    levels: u32,
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn tell(&mut self, place: &str, what: String) {
        let place = place.to_owned();
        self.differences.push(Difference { place, what });
    }

    fn types(&mut self, was: TypeNumber, is: TypeNumber, place: &str) {
        if let (Some(old), Some(new)) = (self.was.get(was as usize), self.is.get(is as usize))
            && old.name != new.name
        {
            let what = format!("was a `{}`, and is a `{}`", old.name, new.name);
            return self.tell(place, what);
        }
        self.parts(was, is, place);
    }

    fn parts(&mut self, was: TypeNumber, is: TypeNumber, place: &str) {
        if !self.seen.insert((was, is)) {
            return;
        }
        if self.levels == MOST_LEVELS {
            return self.tell(place, "is nested too deep to be compared".to_owned());
        }
        self.levels += 1;
        self.forms(was, is, place);
        self.levels -= 1;
    }

    fn forms(&mut self, was: TypeNumber, is: TypeNumber, place: &str) {
        let (Some(old), Some(new)) = (self.was.get(was as usize), self.is.get(is as usize)) else {
            return self.tell(place, "has a type that was not recorded".to_owned());
        };
        match (&old.form, &new.form) {
            (Form::Plain, Form::Plain) | (Form::Empty, Form::Empty) => (),
            (Form::Opaque, Form::Opaque) => (),
            (Form::Optional(old), Form::Optional(new)) | (Form::Boxed(old), Form::Boxed(new)) => {
                self.types(*old, *new, place);
            }
            (Form::List { of: old, .. }, Form::List { of: new, .. }) => {
                self.types(*old, *new, &format!("{place}[]"));
            }
            (Form::Array(old, before), Form::Array(new, now)) => {
                if before != now {
                    self.tell(place, format!("had {before} elements, and has {now}"));
                }
                self.types(*old, *new, &format!("{place}[]"));
            }
            (Form::Fields(old), Form::Fields(new)) => self.fields(old, new, place),
            (Form::Tags(old), Form::Tags(new)) => {
                let old: Vec<_> = old.iter().map(|tag| &*tag.name).collect();
                let new: Vec<_> = new.iter().map(|tag| &*tag.name).collect();
                self.names("variant", &old, &new, place);
            }
            (Form::Beside(old), Form::Beside(new)) => self.variants(old, new, place),
            _ => self.tell(place, "was of another kind".to_owned()),
        }
    }

    fn fields(&mut self, old: &[Field], new: &[Field], place: &str) {
        let names = |fields: &[Field]| -> Vec<String> {
            fields.iter().map(|field| field.name.to_string()).collect()
        };
        let (before, now) = (names(old), names(new));
        let (before, now): (Vec<&str>, Vec<&str>) = (
            before.iter().map(|name| &**name).collect(),
            now.iter().map(|name| &**name).collect(),
        );
        self.names("field", &before, &now, place);
        for field in new {
            if let Some(same) = old.iter().find(|other| other.name == field.name) {
                self.types(same.of, field.of, &format!("{place}.{}", field.name));
            }
        }
    }

    fn variants(&mut self, old: &[Variant], new: &[Variant], place: &str) {
        let before: Vec<_> = old.iter().map(|variant| &*variant.name).collect();
        let now: Vec<_> = new.iter().map(|variant| &*variant.name).collect();
        self.names("variant", &before, &now, place);
        for variant in new {
            if let Some(same) = old.iter().find(|other| other.name == variant.name) {
                let place = format!("{place}::{}", variant.name);
                self.fields(&same.fields, &variant.fields, &place);
            }
        }
    }

    /// Compares names whose order counts.
    fn names(&mut self, what: &str, old: &[&str], new: &[&str], place: &str) {
        if old == new {
            return;
        }
        let differences = self.differences.len();
        for name in new.iter().filter(|name| !old.contains(name)) {
            self.tell(place, format!("has got a {what} `{name}`"));
        }
        for name in old.iter().filter(|name| !new.contains(name)) {
            self.tell(place, format!("has lost its {what} `{name}`"));
        }
        if self.differences.len() == differences {
            self.tell(place, format!("has its {what}s in another order"));
        }
    }
}
