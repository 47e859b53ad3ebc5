//! kay beside loops written by hand: the speed table without peers, which `ci/speed` measures too.
//!
//! `cargo bench -p kay_bench --bench rows`; parts of names of rows can be given as arguments.

fn main() -> std::process::ExitCode {
    kay_bench::suite::run(&[])
}
