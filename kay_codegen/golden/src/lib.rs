//! Small sources, and beside them, in `expected`, what is generated for them.
//!
//! No build script makes it anew: what stands there is compiled as it is. The test `golden` of
//! `kay_codegen` compares it with what the generator makes of these sources now, and writes it with
//! `UPDATE_EXPECT=1`.
#![forbid(unsafe_code)]
#![allow(
    clippy::too_many_arguments,
    clippy::fn_params_excessive_bools,
    reason = "there are such handlers"
)]

// As the runtime's, but for the folder.
macro_rules! kay_auto {
    ($($module:ident)::*) => {
        include!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/expected/",
            module_path!(),
            ".rs"
        ));
    };
}

pub mod actor;
mod boat;
pub mod functions;
pub mod generic;
mod harbour;
pub mod park;
pub mod place;

pub use boat::*;

kay_auto!();
