//! What outlives the process: files that are whole after a power cut, or say where they are not.

mod disk;
mod journal;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "nobody uses chunks where they lie yet")
)]
mod mapping;
mod real_disk;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_test;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the system does not write snapshots yet"
    )
)]
mod snapshot;
mod sync_policy;
