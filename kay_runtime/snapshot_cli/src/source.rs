//! `source`: what actors were, as Rust source.

use std::io::Write;
use std::path::Path;

use kay_runtime::SnapshotError;
use kay_runtime::inspect::SavedWorld;

use crate::declare::Declarations;
use crate::error::Error;
use crate::table::printable;

const HEAD: &str = "\
// What actors were in a snapshot, for `Registry::migrate`: printed by `kay_snapshot source`.
// A type that is still what it was can be used itself, instead of its copy here.
";

const NOT_RECORDED: &str = "\
// `()` stands for an argument that is not recorded, such as the actor type of an `Id`: any other fits as well.
";

const BY_HAND: &str = "\
// A type with a path of this crate or another one writes a form of its own: it has to be what it was.
";

pub(crate) fn run(path: &Path, actors: &[String], out: &mut impl Write) -> Result<bool, Error> {
    let world = SavedWorld::open(path)?;
    let file = world.path().file_name().unwrap_or_default().display();
    let file = file.to_string();
    for name in actors {
        if !world.actors().any(|(actor, _)| is_called(actor, name)) {
            return Err(no_actor(&world, file, name));
        }
    }
    let asked = |actor: &str| actors.is_empty() || actors.iter().any(|name| is_called(actor, name));
    let mut declarations = Declarations::new(world.layouts());
    for (actor, number) in world.actors().filter(|(actor, _)| asked(actor)) {
        let declared = declarations.declare(actor, number);
        declared.map_err(|what| SnapshotError::Malformed {
            name: file.clone(),
            what: format!("`{}`: {what}", printable(actor)),
        })?;
    }
    write!(out, "{HEAD}")?;
    if declarations.is_incomplete {
        write!(out, "{NOT_RECORDED}")?;
    }
    if declarations.has_foreign {
        write!(out, "{BY_HAND}")?;
    }
    let imports: Vec<&str> = declarations.imports.iter().copied().collect();
    match &imports[..] {
        [] => (),
        [only] => writeln!(out, "use kay_runtime::{only};")?,
        all => writeln!(out, "use kay_runtime::{{{}}};", all.join(", "))?,
    }
    for item in &declarations.items {
        write!(out, "\n{item}")?;
    }
    Ok(true)
}

/// Whether this is the path of an actor type, or the end of it.
fn is_called(actor: &str, name: &str) -> bool {
    let before = actor.strip_suffix(name);
    before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

fn no_actor(world: &SavedWorld, file: String, name: &str) -> Error {
    let known = world.actors().map(|(actor, _)| printable(actor));
    let known: Vec<String> = known.map(|actor| format!("`{actor}`")).collect();
    let known = match known.is_empty() {
        true => "it has none".to_owned(),
        false => format!("there are {}", known.join(", ")),
    };
    let name = printable(name);
    Error::NoActor { name, file, known }
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn an_actor_is_called_by_the_end_of_its_path() {
        assert!(
            ["city::road::Car", "road::Car", "Car"].map(|it| is_called("city::road::Car", it))
                == [true; 3]
        );
        assert!(
            [
                "ar",
                "d::Car",
                "city",
                "::Car",
                "city::Car",
                "x::city::road::Car"
            ]
            .map(|it| is_called("city::road::Car", it))
                == [false; 6]
        );
    }
}
