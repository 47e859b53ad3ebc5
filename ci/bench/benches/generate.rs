//! The generator beside what it cannot do without: parsing the sources once.
//!
//! `cargo bench -p kay_bench --bench generate` prints the time for a crate with 10 handlers in
//! each of 1,000 modules, the time that `syn` takes to parse it, and their ratio: medians of
//! paired runs.

use std::fmt::Write;
use std::time::Instant;

use kay_bench::measure::{Medians, paired};
use kay_codegen::{Options, Root, Sources, generate};

const MODULES: usize = 1000;

fn main() {
    let files = sources();
    let root = Root {
        crate_name: "town".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let sources: Sources = files.iter().cloned().collect();
    let Medians { hand, kay, ratio } = paired(
        3,
        || {
            milliseconds(|| {
                for (_, text) in &files {
                    std::hint::black_box(syn::parse_file(text).expect("the sources are right"));
                }
            })
        },
        || {
            milliseconds(|| {
                let output = generate(&root, &sources, &Options::default());
                assert_eq!(output.files.len(), MODULES + 1, "{:?}", output.diagnostics);
            })
        },
    );
    println!("{:<44} {:>9} {:>9} {:>8}", "", "parsing", "kay", "ratio");
    let name = "1,000 modules, 10,000 handlers [ms]";
    println!("{name:<44} {hand:>9.0} {kay:>9.0} {ratio:>8.2}");
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

/// A crate with an actor and ten handlers in each module.
fn sources() -> Vec<(String, String)> {
    let mut lib = String::from("kay_runtime::kay_auto!();\n");
    let mut files = Vec::new();
    for module in 0..MODULES {
        writeln!(lib, "pub mod m{module};").expect("a string takes everything");
        let mut text = String::from(
            "use kay_runtime::{Compact, Fate, World};\nkay_runtime::kay_auto!();\n\
             /// A house.\n#[derive(Compact)]\npub struct House { id: HouseId, people: u32 }\n\
             impl House {\n    /// An empty one.\n    \
             pub fn build(id: HouseId, people: u32, _: &mut World) -> House {\n        \
             House { id, people }\n    }\n",
        );
        for handler in 0..10 {
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
