//! Generates what the shapes need.

fn main() {
    kay_codegen::build();
}
