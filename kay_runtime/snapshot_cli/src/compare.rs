//! `compare`: what differs between two snapshots.

use std::io::{self, Write};
use std::path::Path;

use kay_runtime::inspect::{ChangedInstance, Comparison, SavedWorld};
use serde_json::{Value, json};

use crate::error::Error;
use crate::table::{self, grouped, printable};

pub(crate) fn run(
    before: &Path,
    after: &Path,
    is_json: bool,
    out: &mut impl Write,
) -> Result<bool, Error> {
    let comparison = SavedWorld::open(before)?.compare(&SavedWorld::open(after)?)?;
    if is_json {
        writeln!(out, "{:#}", json(&comparison))?;
    } else {
        write(&comparison, out)?;
    }
    Ok(comparison.is_same())
}

fn write(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    let settings = comparison.settings.iter().map(|setting| {
        let (before, after) = (printable(&setting.before), printable(&setting.after));
        vec![setting.what.to_owned(), format!("{before} -> {after}")]
    });
    table::write(&settings.collect::<Vec<_>>(), false, out)?;
    for difference in &comparison.schema {
        writeln!(out, "  {}", printable(&difference.to_string()))?;
    }
    if !(comparison.settings.is_empty() && comparison.schema.is_empty()) {
        writeln!(out)?;
    }
    let heading = ["actors", "before", "after", "came", "went", "changed"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for actor in &comparison.actors {
        let numbers = [actor.before, actor.after, actor.came, actor.went].map(grouped);
        let changed = actor.changed.as_ref();
        let changed = changed.map_or("?".to_owned(), |changes| grouped(changes.count));
        rows.push(
            [
                vec![printable(&actor.name)],
                numbers.to_vec(),
                vec![changed],
            ]
            .concat(),
        );
    }
    table::write(&rows, true, out)?;
    for actor in &comparison.actors {
        let Some(changes) = actor.changed.as_ref().filter(|changes| changes.count > 0) else {
            continue;
        };
        writeln!(out, "\nchanged: {}", printable(&actor.name))?;
        for changed in &changes.first {
            writeln!(out, "  {}", instance(changed))?;
        }
        let more = changes.count - changes.first.len() as u64;
        if more > 0 {
            writeln!(out, "  and {} more", grouped(more))?;
        }
    }
    Ok(())
}

fn instance(changed: &ChangedInstance) -> String {
    let ChangedInstance {
        shard,
        slot,
        generation,
        index,
        fields,
        ..
    } = changed;
    let fields: Vec<String> = fields.iter().map(|field| printable(field)).collect();
    let fields = match fields.is_empty() {
        true => String::new(),
        false => format!(": {}", fields.join(", ")),
    };
    format!("{index}.{generation} (shard {shard}, slot {slot}){fields}")
}

fn json(comparison: &Comparison) -> Value {
    let settings = comparison.settings.iter();
    let settings = settings.map(
        |setting| json!({ "what": setting.what, "before": setting.before, "after": setting.after }),
    );
    let schema = comparison.schema.iter();
    let schema = schema.map(|it| json!({ "place": it.place, "what": it.what }));
    let actors = comparison.actors.iter().map(|actor| {
        let changes = actor.changed.as_ref();
        let first = changes.iter().flat_map(|changes| &changes.first);
        let first = first.map(|changed| {
            json!({
                "index": changed.index,
                "generation": changed.generation,
                "shard": changed.shard,
                "slot": changed.slot,
                "fields": changed.fields,
            })
        });
        json!({
            "name": actor.name,
            "before": actor.before,
            "after": actor.after,
            "came": actor.came,
            "went": actor.went,
            "changed": changes.map(|changes| changes.count),
            "first_changed": first.collect::<Vec<_>>(),
        })
    });
    json!({
        "settings": settings.collect::<Vec<_>>(),
        "schema": schema.collect::<Vec<_>>(),
        "actors": actors.collect::<Vec<_>>(),
    })
}
