//! Generates what the actors of the small world need.

fn main() {
    kay_codegen::build();
}
