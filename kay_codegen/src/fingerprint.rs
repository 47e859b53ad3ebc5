//! Names that stay the same from build to build.

use crate::model::{Parameter, normalised};
use xxhash_rust::xxh3::xxh3_64;

/// The fingerprint of a path: what `kay_runtime::fingerprint` makes of it.
pub(crate) fn of_path(path: &str) -> u64 {
    xxh3_64(path.as_bytes())
}

/// The fingerprint of a message, from its path and the types of its parameters.
pub(crate) fn of_message(path: &str, parameters: &[Parameter]) -> u64 {
    let types = parameters.iter().map(|parameter| {
        let text = normalised(parameter.ty.clone());
        if parameter.is_lent {
            format!("&{text}")
        } else {
            text
        }
    });
    of_path(&format!("{path}({})", types.collect::<Vec<_>>().join(", ")))
}
