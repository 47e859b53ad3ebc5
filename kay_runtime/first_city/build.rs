//! Generates what the actors of this crate need.

fn main() {
    kay_codegen::build();
}
