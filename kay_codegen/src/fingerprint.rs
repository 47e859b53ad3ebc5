//! Names that stay the same from build to build.

use crate::model::Parameter;
use xxhash_rust::xxh3::xxh3_64;

/// The fingerprint of a path: what `kay_runtime::fingerprint` makes of it.
pub(crate) fn of_path(path: &str) -> u64 {
    xxh3_64(path.as_bytes())
}

/// The fingerprint of a message, from its path and the types of its parameters.
pub(crate) fn of_message(path: &str, parameters: &[Parameter]) -> u64 {
    let mut signature = [path, "("].concat();
    for (at, Parameter { ty, is_lent, .. }) in parameters.iter().enumerate() {
        signature.push_str(if at > 0 { ", " } else { "" });
        signature.push_str(if *is_lent { "&" } else { "" });
        signature.push_str(ty);
    }
    signature.push(')');
    of_path(&signature)
}
