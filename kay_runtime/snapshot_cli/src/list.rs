//! `list`: what there is.

use std::io::{self, Write};
use std::path::Path;

use kay_runtime::SnapshotError;
use kay_runtime::inspect::{FileState, JournalFile, SavedWorld, SnapshotFile, Summary, WorldFiles};
use serde_json::{Value, json};

use crate::error::Error;
use crate::schema;
use crate::table::{self, counted, grouped, printable};

pub(crate) fn run(
    path: &Path,
    with_schema: bool,
    is_json: bool,
    out: &mut impl Write,
) -> Result<bool, Error> {
    let files = path.is_dir().then(|| WorldFiles::read(path)).transpose()?;
    if let Some(files) = &files
        && files.snapshots.is_empty()
        && files.journal.is_empty()
    {
        let directory = path.to_owned();
        return Err(SnapshotError::NeverTaken { directory }.into());
    }
    // A world without a snapshot may still have a journal.
    let has_none = files.as_ref().is_some_and(|files| files.newest.is_none());
    let world = match has_none {
        true => None,
        false => Some(SavedWorld::open(path)?),
    };
    let summary = world.as_ref().map(SavedWorld::summary).transpose()?;
    if is_json {
        let all = json!({
            "files": files.as_ref().map(json_of_files),
            "world": world.as_ref().zip(summary.as_ref()).map(|(world, summary)| json_of_world(world, summary)),
            "schema": world.as_ref().filter(|_| with_schema).map(|world| schema::json(world.layouts())),
        });
        writeln!(out, "{all:#}")?;
    } else {
        if let Some(files) = &files {
            write_files(files, out)?;
        }
        if let Some((world, summary)) = world.as_ref().zip(summary.as_ref()) {
            if files.is_some() {
                writeln!(out)?;
            }
            write_world(world, summary, out)?;
            if with_schema {
                writeln!(out, "\ntypes")?;
                schema::write(world.layouts(), out)?;
            }
        }
    }
    Ok(files.is_none_or(|files| is_well(&files)))
}

/// Whether nothing is damaged. What is being written is no damage, nor is what was set aside.
fn is_well(files: &WorldFiles) -> bool {
    let complete = |file: &&SnapshotFile| file.state == FileState::Complete;
    let mut snapshots = files.snapshots.iter().filter(complete);
    let mut journal = files.journal.iter();
    // That there is no snapshot yet needs no root.
    files.refused.is_empty()
        && snapshots.all(|file| file.turn.is_ok())
        && journal.all(|part| part.contents.is_ok())
}

fn state(state: FileState) -> &'static str {
    match state {
        FileState::Complete => "complete",
        FileState::Needed => "has chunks of newer ones",
        FileState::Unfinished => "unfinished",
        FileState::Damaged => "set aside as damaged",
    }
}

fn write_files(files: &WorldFiles, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "snapshots")?;
    let mut rows = Vec::new();
    for SnapshotFile {
        name,
        state: of,
        turn,
        ..
    } in &files.snapshots
    {
        let what = match (of, turn) {
            (FileState::Complete, Ok(turn)) => format!("after turn {turn}"),
            (FileState::Complete, Err(error)) => error.to_string(),
            (of, _) => state(*of).to_owned(),
        };
        rows.push(vec![name.clone(), what]);
    }
    if rows.is_empty() {
        rows.push(vec!["none".to_owned()]);
    }
    table::write(&rows, false, out)?;
    for error in &files.refused {
        writeln!(out, "  refused: {error}")?;
    }
    writeln!(out, "\njournal")?;
    let rows: Vec<Vec<String>> = files.journal.iter().map(journal_row).collect();
    table::write(&rows, false, out)
}

fn journal_row(file: &JournalFile) -> Vec<String> {
    let contents = match &file.contents {
        Ok(contents) => contents,
        Err(error) => return vec![file.name.clone(), error.to_string()],
    };
    let mut what = match contents.last_turn {
        Some(last) => format!(
            "{} in {}, until turn {last}",
            counted(contents.letters, "letter"),
            counted(contents.ends, "input"),
        ),
        None => "no input".to_owned(),
    };
    if let Some(torn) = contents.torn {
        what += &format!("; {} torn off", counted(torn.bytes, "byte"));
    }
    vec![file.name.clone(), counted(contents.bytes, "byte"), what]
}

fn write_world(world: &SavedWorld, summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let name = world.path().file_name().unwrap_or_default();
    let (shards, policy) = (grouped(summary.shards), printable(&summary.panic_policy));
    writeln!(out, "{}", name.display())?;
    let sizes = summary.sizes;
    let row = |what: &str, is: String| vec![what.to_owned(), is];
    let rows = [
        row("turn", summary.turn.to_string()),
        row("run", format!("{:032x}", summary.run)),
        row("format", summary.format.to_string()),
        row(
            "settings",
            format!(
                "{shards} shards, seed {}, panic policy {policy}",
                summary.seed
            ),
        ),
        row(
            "frozen",
            if summary.frozen { "yes" } else { "no" }.to_owned(),
        ),
        row("journal from", format!("part {}", summary.part)),
        row("size", counted(summary.bytes, "byte")),
        row(
            "a shard",
            format!(
                "{} to {}",
                grouped(sizes.least),
                counted(sizes.most, "byte")
            ),
        ),
    ];
    table::write(&rows, false, out)?;
    for panic in &summary.panics {
        writeln!(
            out,
            "  `{}` {} panicked on message `{}` in turn {}: {}",
            printable(&panic.actor),
            panic.id,
            printable(&panic.message),
            panic.turn,
            printable(&panic.reason)
        )?;
    }
    writeln!(out)?;
    let heading = [
        "actors",
        "instances",
        "bytes",
        "beside",
        "used where they lie",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for actor in &summary.actors {
        let plain = if actor.is_plain { "yes" } else { "no" };
        rows.push(vec![
            printable(&actor.name),
            grouped(actor.instances),
            grouped(actor.bytes),
            grouped(actor.beside),
            plain.to_owned(),
        ]);
    }
    table::write(&rows, true, out)?;
    let mut rows = vec![vec!["waiting messages".to_owned(), "count".to_owned()]];
    for waiting in &summary.waiting {
        let (name, actor) = (printable(&waiting.name), printable(&waiting.actor));
        rows.push(vec![format!("{name} to {actor}"), grouped(waiting.count)]);
    }
    if rows.len() == 1 {
        return Ok(());
    }
    writeln!(out)?;
    table::write(&rows, true, out)
}

fn json_of_files(files: &WorldFiles) -> Value {
    let snapshots = files.snapshots.iter().map(|file| {
        json!({
            "name": file.name,
            "state": state(file.state),
            "turn": file.turn.as_ref().ok(),
            "error": file.turn.as_ref().err().map(ToString::to_string),
        })
    });
    let journal = files.journal.iter().map(|file| match &file.contents {
        Ok(contents) => json!({
            "name": file.name,
            "run": format!("{:032x}", contents.run),
            "last_turn": contents.last_turn,
            "letters": contents.letters,
            "inputs": contents.ends,
            "bytes": contents.bytes,
            "torn_bytes": contents.torn.map_or(0, |torn| torn.bytes),
        }),
        Err(error) => json!({ "name": file.name, "error": error.to_string() }),
    });
    let refused = files.refused.iter().map(ToString::to_string);
    json!({
        "snapshots": snapshots.collect::<Vec<_>>(),
        "newest": files.newest,
        "refused": refused.collect::<Vec<_>>(),
        "journal": journal.collect::<Vec<_>>(),
    })
}

fn json_of_world(world: &SavedWorld, summary: &Summary) -> Value {
    let actors = summary.actors.iter().map(|actor| {
        json!({
            "name": actor.name,
            "type": actor.layout,
            "used_where_they_lie": actor.is_plain,
            "instances": actor.instances,
            "bytes": actor.bytes,
            "beside": actor.beside,
        })
    });
    let waiting = summary.waiting.iter().map(
        |waiting| json!({ "actor": waiting.actor, "name": waiting.name, "count": waiting.count }),
    );
    let panics = summary.panics.iter().map(|panic| {
        json!({
            "turn": panic.turn,
            "actor": panic.actor,
            "id": panic.id.to_string(),
            "message": panic.message,
            "arguments": panic.arguments,
            "state": panic.state,
            "reason": panic.reason,
        })
    });
    json!({
        "file": world.path().display().to_string(),
        "turn": summary.turn,
        "run": format!("{:032x}", summary.run),
        "format": summary.format,
        "shards": summary.shards,
        "seed": summary.seed,
        "panic_policy": summary.panic_policy,
        "frozen": summary.frozen,
        "panics": panics.collect::<Vec<_>>(),
        "journal_from": summary.part,
        "bytes": summary.bytes,
        "smallest_shard": summary.sizes.least,
        "largest_shard": summary.sizes.most,
        "actors": actors.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    })
}
