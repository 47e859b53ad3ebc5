//! What has changed between two schemas, and what that breaks.
//!
//! Builds that talk to each other compare the fingerprints of all messages, so that they must have
//! the same ones. A snapshot holds the states of actors and messages that wait: what it holds must
//! still be there, as it was. So a message that was added breaks peers but no snapshot, and a field
//! that was added to an actor's state breaks snapshots but no peers.

use super::format::{Actor, Message, SchemaFile, Trait};
use crate::screen::{CHANGED, ERROR, FAINT, GOOD, HEADING, styled};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What has changed, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Changes {
    pub(super) breaks_peers: bool,
    pub(super) breaks_snapshots: bool,
    pub(super) changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Change {
    /// The path of what it is about: the new one, if it has a new one.
    pub(super) path: String,
    /// `message`, `actor` or `trait`.
    pub(super) what: &'static str,
    /// `added`, `removed`, `renamed` or `changed`.
    pub(super) change: &'static str,
    /// What was there, and what is there now.
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
    pub(super) breaks_peers: bool,
    pub(super) breaks_snapshots: bool,
}

/// What a change breaks: peers, snapshots.
type Breaks = (bool, bool);
const BOTH: Breaks = (true, true);
const PEERS: Breaks = (true, false);
const SNAPSHOTS: Breaks = (false, true);
const NOTHING: Breaks = (false, false);

/// Compares two schemas. Where something stands is no part of what it is.
pub(super) fn diff(old: &SchemaFile, new: &SchemaFile) -> Changes {
    let mut changes = Vec::new();
    compare(&old.messages, &new.messages, &mut changes);
    compare(&old.actors, &new.actors, &mut changes);
    compare(&old.traits, &new.traits, &mut changes);
    changes.sort();
    Changes {
        breaks_peers: changes.iter().any(|change| change.breaks_peers),
        breaks_snapshots: changes.iter().any(|change| change.breaks_snapshots),
        changes,
    }
}

/// Something that has a path and can change.
trait Part {
    const WHAT: &'static str;
    fn path(&self) -> &str;
    fn conditions(&self) -> &[String];
    /// Its path, and what else it takes to know it.
    fn shown(&self) -> String;
    /// What stays the same if it only gets another name: its content, and the one part of the path
    /// that may not change with the other, if there is one.
    fn contents(&self) -> Vec<String>;
    /// How it differs from what it was: what was there, what is there now, what that breaks.
    fn differences(&self, old: &Self) -> Vec<(String, String, Breaks)>;
}

fn compare<P: Part>(old: &[P], new: &[P], changes: &mut Vec<Change>) {
    let mut change = |part: &P, change, was, is, (peers, snapshots): Breaks| {
        changes.push(Change {
            path: part.path().to_owned(),
            what: P::WHAT,
            change,
            was,
            is,
            breaks_peers: peers,
            breaks_snapshots: snapshots,
        });
    };
    // What has a path of its own is compared with what has that path, whatever its conditions.
    let keys = |parts: &[P]| -> Vec<(String, String)> {
        let count = |path: &str| parts.iter().filter(|part| part.path() == path).count();
        let key = |part: &P| {
            let is_only = count(part.path()) == 1;
            let conditions = if is_only {
                String::new()
            } else {
                part.conditions().concat()
            };
            (part.path().to_owned(), conditions)
        };
        parts.iter().map(key).collect()
    };
    let old: BTreeMap<_, _> = keys(old).into_iter().zip(old).collect();
    let new: BTreeMap<_, _> = keys(new).into_iter().zip(new).collect();
    let mut removed: Vec<&P> = Vec::new();
    for (key, part) in &old {
        match new.get(key) {
            None => removed.push(part),
            Some(now) => {
                for (was, is, breaks) in now.differences(part) {
                    change(now, "changed", Some(was), Some(is), breaks);
                }
                if now.conditions() != part.conditions() {
                    let (was, is) = (part.conditions().concat(), now.conditions().concat());
                    let named = |text: String| {
                        if text.is_empty() {
                            "always".to_owned()
                        } else {
                            text
                        }
                    };
                    change(now, "changed", Some(named(was)), Some(named(is)), NOTHING);
                }
            }
        }
    }
    let mut added: Vec<&P> = new
        .iter()
        .filter(|(key, _)| !old.contains_key(*key))
        .map(|(_, part)| *part)
        .collect();
    for (was, is) in renamed(&removed, &added) {
        change(is, "renamed", Some(was.shown()), Some(is.shown()), BOTH);
        removed.retain(|part| !std::ptr::eq(*part, was));
        added.retain(|part| !std::ptr::eq(*part, is));
    }
    for part in removed {
        change(part, "removed", Some(part.shown()), None, BOTH);
    }
    for part in added {
        change(part, "added", None, Some(part.shown()), PEERS);
    }
}

/// What was removed and added with one content, if there is one of each.
fn renamed<'p, P: Part>(removed: &[&'p P], added: &[&'p P]) -> Vec<(&'p P, &'p P)> {
    let mut pairs: Vec<(&P, &P)> = Vec::new();
    for &was in removed {
        for content in was.contents() {
            let has = |part: &&&P| part.contents().contains(&content);
            let (mut before, mut after) = (removed.iter().filter(has), added.iter().filter(has));
            if let (Some(_), None, Some(is), None) =
                (before.next(), before.next(), after.next(), after.next())
                && !pairs
                    .iter()
                    .any(|(w, i)| std::ptr::eq(*w, was) || std::ptr::eq(*i, *is))
            {
                pairs.push((was, is));
            }
        }
    }
    pairs
}

impl Part for Message {
    const WHAT: &'static str = "message";

    fn path(&self) -> &str {
        &self.path
    }

    fn conditions(&self) -> &[String] {
        &self.conditions
    }

    fn shown(&self) -> String {
        format!("{}::{}{}", self.receiver, self.name, self.signature())
    }

    fn contents(&self) -> Vec<String> {
        let content = format!("{} {:?}", self.kind, self.types());
        vec![
            format!("of {} {content}", self.receiver),
            format!("named {} {content}", self.name),
        ]
    }

    fn differences(&self, old: &Self) -> Vec<(String, String, Breaks)> {
        let mut found = Vec::new();
        if (&self.fingerprint, &self.generics) != (&old.fingerprint, &old.generics) {
            found.push((old.signature(), self.signature(), BOTH));
        } else if self.signature() != old.signature() {
            found.push((old.signature(), self.signature(), NOTHING));
        }
        if self.kind != old.kind {
            found.push((old.kind.clone(), self.kind.clone(), BOTH));
        }
        if self.returns_fate != old.returns_fate {
            let named = |is_so| {
                if is_so {
                    "returns Fate"
                } else {
                    "returns nothing"
                }
                .to_owned()
            };
            found.push((named(old.returns_fate), named(self.returns_fate), NOTHING));
        }
        if self.essential != old.essential {
            let named = |is_so| if is_so { "essential" } else { "not essential" }.to_owned();
            found.push((named(old.essential), named(self.essential), NOTHING));
        }
        found
    }
}

impl Part for Actor {
    const WHAT: &'static str = "actor";

    fn path(&self) -> &str {
        &self.path
    }

    fn conditions(&self) -> &[String] {
        &self.conditions
    }

    fn shown(&self) -> String {
        self.receiver.clone()
    }

    fn contents(&self) -> Vec<String> {
        let own = self.fields.iter().filter(|field| field.name != "id");
        let fields: Vec<(&str, &str)> = own.map(|f| (&*f.name, &*f.ty)).collect();
        vec![format!("{fields:?} {:?}", self.implements)]
    }

    fn differences(&self, old: &Self) -> Vec<(String, String, Breaks)> {
        let mut found = Vec::new();
        if self.generics != old.generics {
            found.push((listed(&old.generics), listed(&self.generics), BOTH));
        }
        if self.fields != old.fields {
            let shown = |actor: &Self| {
                let fields = actor.fields.iter().map(|f| format!("{}: {}", f.name, f.ty));
                fields.collect::<Vec<_>>()
            };
            let (was, is) = (shown(old), shown(self));
            let only = |of: &[String], other: &[String]| {
                let own = of.iter().filter(|field| !other.contains(field)).cloned();
                own.collect::<Vec<String>>()
            };
            let (gone, come) = (only(&was, &is), only(&is, &was));
            // Fields in another order lie elsewhere in memory.
            let (gone, come) = if (&gone, &come) == (&vec![], &vec![]) {
                (was, is)
            } else {
                (gone, come)
            };
            found.push((braced(&gone), braced(&come), SNAPSHOTS));
        }
        let sets = |actor: &Self| actor.implements.iter().cloned().collect::<BTreeSet<_>>();
        let (was, is) = (sets(old), sets(self));
        if was != is {
            // What waits for a trait that was left would find no handler.
            let breaks = (true, !was.is_subset(&is));
            let shown = |set: BTreeSet<String>| {
                let all: Vec<String> = set.into_iter().collect();
                format!(
                    "is a {}",
                    if all.is_empty() {
                        "(nothing)".to_owned()
                    } else {
                        all.join(", ")
                    }
                )
            };
            found.push((shown(was), shown(is), breaks));
        }
        found
    }
}

impl Part for Trait {
    const WHAT: &'static str = "trait";

    fn path(&self) -> &str {
        &self.path
    }

    fn conditions(&self) -> &[String] {
        &self.conditions
    }

    fn shown(&self) -> String {
        self.receiver.clone()
    }

    fn contents(&self) -> Vec<String> {
        Vec::new()
    }

    fn differences(&self, old: &Self) -> Vec<(String, String, Breaks)> {
        if self.generics == old.generics {
            return Vec::new();
        }
        vec![(listed(&old.generics), listed(&self.generics), BOTH)]
    }
}

fn listed(generics: &[String]) -> String {
    format!("<{}>", generics.join(", "))
}

fn braced(fields: &[String]) -> String {
    if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", fields.join(", "))
    }
}

impl Changes {
    /// Whether anything that was there cannot go on.
    pub(super) fn break_something(&self) -> bool {
        self.breaks_peers || self.breaks_snapshots
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            let style = match change.change {
                "added" => GOOD,
                "removed" => ERROR,
                _ => CHANGED,
            };
            let word = styled(style, &format!("{:<8}", change.change));
            let what = styled(HEADING, &change.path);
            writeln!(
                f,
                "{word} {what} {}",
                styled(FAINT, &format!("({})", change.what))
            )?;
            if let (Some(was), Some(is)) = (&change.was, &change.is) {
                writeln!(f, "         was  {was}\n         is   {is}")?;
            } else if change.what == "message"
                && let Some(shown) = change.is.as_ref().or(change.was.as_ref())
            {
                writeln!(f, "         {shown}")?;
            }
            let verdict = breaks(change.breaks_peers, change.breaks_snapshots);
            writeln!(f, "         {verdict}")?;
        }
        match self.changes.len() {
            0 => write!(f, "Nothing has changed."),
            1 => write!(
                f,
                "One change: {}",
                breaks(self.breaks_peers, self.breaks_snapshots)
            ),
            count => {
                let verdict = breaks(self.breaks_peers, self.breaks_snapshots);
                write!(f, "{count} changes, taken together: {verdict}")
            }
        }
    }
}

fn breaks(peers: bool, snapshots: bool) -> String {
    let (style, text) = match (peers, snapshots) {
        (true, true) => (ERROR, "breaks peers and snapshots"),
        (true, false) => (ERROR, "breaks peers, but no snapshots"),
        (false, true) => (ERROR, "breaks snapshots, but no peers"),
        (false, false) => (GOOD, "breaks nothing"),
    };
    styled(style, text)
}
