//! What a message costs as the work grows: `cargo run --release -p kay_curves` draws all curves of
//! `docs/speed` anew, and writes down the figures. Names of curves can be given as arguments.

#![forbid(unsafe_code)]

mod curves;
mod node;
mod plot;

use std::error::Error;
use std::path::Path;

use plot::Plot;

type Curve = fn() -> Plot;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/speed");
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let curves: [(&str, Curve); 6] = [
        ("actors", curves::actors),
        ("shards", curves::shards),
        ("types", curves::types),
        ("idle", curves::idle),
        ("size", curves::size),
        ("lists", curves::lists),
    ];
    for (name, curve) in curves {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            let plot = curve();
            let table = plot.table();
            println!("{table}");
            std::fs::write(folder.join(format!("{name}.svg")), plot.svg()?)?;
            std::fs::write(folder.join(format!("{name}.txt")), table)?;
        }
    }
    Ok(())
}
