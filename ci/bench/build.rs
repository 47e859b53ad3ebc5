//! Generates the addresses and messages of the actors that are measured.

fn main() {
    kay_codegen::build();
}
