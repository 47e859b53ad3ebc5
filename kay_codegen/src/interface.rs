//! What a crate tells the crates that depend on it: its actors, its actor traits, and under which
//! names they can be reached.
//!
//! An interface is Rust source text, which the generator reads as it reads any source. It says what
//! holds in one build of a crate: what a `cfg` leaves out is not in it. It brings along what the
//! crate knew of the crates that it depends on itself, since it can hand on their items.

mod write;

pub(crate) use write::write;

use crate::diagnostics::Diagnostics;
use crate::generate::on_deep_stack;
use crate::options::Options;
use crate::source::{self, Bodies, Crate, Sources};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use xxhash_rust::xxh3::xxh3_64;

/// The first line of an interface begins with this; another form gets another number.
const FORM: &str = "//~ kay interface 1";

/// What is known of a crate outside it, to be handed to [`Options::dependency`] when generating
/// for a crate that depends on it.
///
/// It is text, and can be written to a file and read again:
///
/// ```
/// use kay_codegen::{Interface, Options, Root, Sources, generate};
/// # let root = Root { crate_name: "city".to_owned(), file: "src/lib.rs".to_owned() };
/// # let sources = Sources::from_iter([("src/lib.rs", "pub trait Place {
/// #     fn enter(&mut self, world: &mut kay_runtime::World);
/// # } kay_runtime::kay_auto!();")]);
/// let interface = generate(&root, &sources, &Options::default()).interface.unwrap();
/// assert_eq!(interface.crate_name(), "city");
/// assert_eq!(interface.to_string().parse::<Interface>(), Ok(interface));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// The crates that it tells of: those that others depend on first, the crate itself last.
    sections: Vec<Section>,
}

/// What an interface says of one crate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// What follows the name of an actor in the name of its id.
    pub(crate) id_suffix: String,
    /// Whether its root has a `setup`.
    pub(crate) has_setup: bool,
    /// The names by which its code knows other crates, with their places among all sections.
    pub(crate) externs: BTreeMap<String, usize>,
    /// Its modules, as Rust source text.
    pub(crate) text: String,
}

/// Why a text is no interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceError {
    reason: &'static str,
}

impl std::error::Error for InterfaceError {}

impl fmt::Display for InterfaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl Interface {
    /// The name of the crate, which code that depends on it may have changed for itself.
    pub fn crate_name(&self) -> &str {
        self.sections.last().map_or("", |section| &section.name)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sections: String = self.sections.iter().map(ToString::to_string).collect();
        writeln!(f, "{FORM} {:016x}", xxh3_64(sections.as_bytes()))?;
        f.write_str(&sections)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = if self.has_setup { "setup" } else { "-" };
        writeln!(f, "//~ crate {} {setup} {}", self.name, self.id_suffix)?;
        for (name, index) in &self.externs {
            writeln!(f, "//~ extern {name} {index}")?;
        }
        f.write_str(&self.text)
    }
}

impl FromStr for Interface {
    type Err = InterfaceError;

    /// Reads what was written with `to_string()`.
    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        let error = |reason| InterfaceError { reason };
        let damaged = || error("it is damaged: remove it, and build the crate anew");
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let Some(sum) = first.strip_prefix(FORM) else {
            return Err(error(
                "it was written by another version of kay_codegen: use one version for all crates",
            ));
        };
        if u64::from_str_radix(sum.trim(), 16) != Ok(xxh3_64(rest.as_bytes())) {
            return Err(damaged());
        }
        let mut sections: Vec<Section> = Vec::new();
        for line in rest.split_inclusive('\n') {
            if let Some(about) = line.strip_prefix("//~ crate ") {
                let mut words = about.split_whitespace().map(str::to_owned);
                sections.push(Section {
                    name: words.next().ok_or_else(damaged)?,
                    has_setup: words.next().is_some_and(|word| word == "setup"),
                    id_suffix: words.next().unwrap_or_default(),
                    externs: BTreeMap::new(),
                    text: String::new(),
                });
                continue;
            }
            let earlier = sections.len().saturating_sub(1);
            let section = sections.last_mut().ok_or_else(damaged)?;
            if let Some((name, index)) = line
                .strip_prefix("//~ extern ")
                .and_then(|about| about.trim_end().split_once(' '))
            {
                let index = index.parse().ok().filter(|index| *index < earlier);
                section
                    .externs
                    .insert(name.to_owned(), index.ok_or_else(damaged)?);
            } else {
                section.text.push_str(line);
            }
        }
        let can_be_read = |section: &Section| syn::parse_file(&section.text).is_ok();
        let can_be_read = on_deep_stack(&|| sections.iter().all(can_be_read));
        if sections.is_empty() || !can_be_read {
            return Err(damaged());
        }
        Ok(Self { sections })
    }
}

/// Makes what the dependencies' interfaces tell known to a crate.
///
/// Two dependencies may tell of one crate: what they say is the same, and so it is taken in once.
pub(crate) fn take_in(krate: &mut Crate, options: &Options) {
    let mut known: HashMap<Section, usize> = HashMap::new();
    for (name, interface) in options.dependencies() {
        let mut places = Vec::new();
        for section in &interface.sections {
            let mut section = section.clone();
            section
                .externs
                .values_mut()
                .for_each(|index| *index = places[*index]);
            let next = krate.others.len();
            let place = *known.entry(section.clone()).or_insert(next);
            places.push(place);
            if place == next {
                // A name that says in messages where something was read.
                let file = format!("the crate `{}`", section.name);
                let sources = Sources::from_iter([(file.as_str(), section.text.as_str())]);
                let mut unheard = Diagnostics::default();
                let read = source::load(&section.name, &file, &sources, Bodies::Kept, &mut unheard);
                krate.add(section, read);
            }
        }
        krate
            .externs
            .extend(places.last().map(|last| (name.clone(), *last)));
    }
}
