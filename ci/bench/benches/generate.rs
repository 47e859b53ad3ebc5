//! The generator beside what it cannot do without: parsing the sources once.
//!
//! `cargo bench -p kay_bench --bench generate` prints, for crates with 10 handlers in each of 250,
//! 1,000 and 4,000 modules, the time that `syn` takes to parse them, the time that they take in
//! all, and their ratio: medians of paired runs. Time for each handler shows whether cost grows
//! linearly, memory whether anything is held that need not be: it is the most that the process
//! had when the generator had run for this size and all smaller ones.
//!
//! A build script is not optimised. `cargo bench -p kay_bench --bench generate --profile dev`
//! measures that.

use std::fmt::Write;
use std::time::Instant;

use kay_bench::measure::{Medians, paired};
use kay_codegen::{Options, Root, Sources, generate};

const HANDLERS: usize = 10;

fn main() {
    println!(
        "{:<34} {:>9} {:>9} {:>7} {:>12} {:>9}",
        "", "parse ms", "kay ms", "ratio", "ns/handler", "peak MB"
    );
    for modules in [250, 1000, 4000] {
        row(modules);
    }
}

fn row(modules: usize) {
    let files = sources(modules);
    let root = Root {
        crate_name: "town".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let sources: Sources = files.iter().cloned().collect();
    let run = || {
        milliseconds(|| {
            let output = generate(&root, &sources, &Options::default());
            assert_eq!(output.files.len(), modules + 1, "{:?}", output.diagnostics);
        })
    };
    run();
    let peak = peak().map_or("-".to_owned(), |bytes| format!("{:.0}", bytes / 1e6));
    let parse = || {
        milliseconds(|| {
            for (_, text) in &files {
                std::hint::black_box(syn::parse_file(text).expect("the sources are right"));
            }
        })
    };
    let Medians { hand, kay, ratio } = paired(3, parse, run);
    let handlers = modules * HANDLERS;
    let each = kay * 1e6 / handlers as f64;
    let name = format!("{modules} modules, {handlers} handlers");
    println!("{name:<34} {hand:>9.0} {kay:>9.0} {ratio:>7.2} {each:>12.0} {peak:>9}");
}

/// The most memory that this process has had, in bytes, where the system says so.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

/// A crate with an actor and ten handlers in each module.
fn sources(modules: usize) -> Vec<(String, String)> {
    let mut lib = String::from("kay_runtime::kay_auto!();\n");
    let mut files = Vec::new();
    for module in 0..modules {
        writeln!(lib, "pub mod m{module};").expect("a string takes everything");
        let mut text = String::from(
            "use kay_runtime::{Compact, Fate, World};\nkay_runtime::kay_auto!();\n\
             /// A house.\n#[derive(Compact)]\npub struct House { id: HouseId, people: u32 }\n\
             impl House {\n    /// An empty one.\n    \
             pub fn build(id: HouseId, people: u32, _: &mut World) -> House {\n        \
             House { id, people }\n    }\n",
        );
        for handler in 0..HANDLERS {
            write!(
                text,
                "    /// Somebody comes.\n    \
                 pub fn enter{handler}(&mut self, who: u32, by: &(u32, f32), _: &mut World) -> Fate {{\n        \
                 self.people += who + by.0;\n        \
                 if self.people > 100 {{ Fate::Die }} else {{ Fate::Live }}\n    }}\n",
            )
            .expect("a string takes everything");
        }
        text.push_str("}\n");
        files.push((format!("src/m{module}.rs"), text));
    }
    files.push(("src/lib.rs".to_owned(), lib));
    files
}
