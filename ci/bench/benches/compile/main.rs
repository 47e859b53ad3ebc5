//! What a user's build pays for handlers: the same ones with kay, and as plain functions.
//!
//! `cargo bench -p kay_bench --bench compile` builds programs with 100 and with 1,000 handlers, ten
//! for each actor type (`town.rs` says which), and prints how long Cargo takes for that crate alone:
//! dependencies and the build script are built already. It is built as a whole, as after a checkout,
//! and again after a change in one handler, with what the compiler remembers. Each figure is the
//! median of three paired builds; 1,000 handlers are built once for release, since it takes longest.
//!
//! The generator's share is what the build script takes, the rest is the compiler's, linker included.
//! What kay adds for each handler is the difference of the two builds, divided by the handlers.

mod package;
mod town;

use kay_bench::measure::{Medians, median, paired};
use package::Package;

/// What is asked of Cargo, and where it keeps the result.
pub struct Build {
    name: &'static str,
    arguments: &'static [&'static str],
    folder: &'static str,
}

const CHECK: Build = Build {
    name: "check",
    arguments: &["check"],
    folder: "debug",
};
const DEBUG: Build = Build {
    name: "debug",
    arguments: &["build"],
    folder: "debug",
};
const RELEASE: Build = Build {
    name: "release",
    arguments: &["build", "--release"],
    folder: "release",
};

fn main() {
    println!(
        "{:<37} {:>8} {:>8} {:>7} {:>12} {:>16}",
        "", "plain s", "kay s", "ratio", "generator s", "ms more/handler"
    );
    for handlers in [100, 1000] {
        let modules = handlers / town::HANDLERS;
        let plain = Package::new(&format!("plain_{handlers}"), false, town::plain(modules));
        let kay = Package::new(&format!("kay_{handlers}"), true, town::kay(modules));
        for build in [CHECK, DEBUG, RELEASE] {
            for package in [&plain, &kay] {
                package.build(&build);
            }
            let is_longest = build.name == RELEASE.name && handlers == 1000;
            let pairs = if is_longest { 1 } else { 3 };
            let row = |what: &str, run: fn(&Package, &Build) -> f64| {
                let mut generator = Vec::new();
                let Medians { hand, kay, ratio } = paired(
                    pairs,
                    || run(&plain, &build),
                    || {
                        let seconds = run(&kay, &build);
                        generator.push(kay.generator());
                        seconds
                    },
                );
                let generator = median(generator.into_iter());
                let more = (kay - hand) * 1000.0 / handlers as f64;
                let name = format!("{}, {handlers} handlers, {what}", build.name);
                println!(
                    "{name:<37} {hand:>8.2} {kay:>8.2} {ratio:>7.1} {generator:>12.2} {more:>16.2}"
                );
            };
            row("whole", Package::whole);
            if build.name != RELEASE.name {
                row("one changed", Package::one_changed);
            }
        }
    }
}
