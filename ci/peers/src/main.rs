//! Prints the speed table, with all peers.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    kay_bench::suite::run(&kay_peers::contenders())
}
