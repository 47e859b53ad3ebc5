//! What the files in a directory with snapshots are called.

/// Names which snapshots are complete.
pub(super) const ROOT: &str = "snapshot-root";

/// The root that is being written.
pub(super) const NEW_ROOT: &str = "snapshot-root.new";

/// The highest number that fits into a name.
pub(super) const LAST: u64 = 999_999_999_999;

const DIGITS: usize = 12;
const PREFIX: &str = "snapshot-";
const UNFINISHED: &str = ".new";
const DAMAGED: &str = ".damaged";

/// A snapshot's file, and what its name says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileName {
    /// It was written to its end.
    Complete(u64),
    /// It is being written, or was given up.
    Unfinished(u64),
    /// It is kept for people to look at, and never used again.
    Damaged(u64),
}

impl FileName {
    /// What this name means, if it is that of a snapshot.
    pub(crate) fn parse(name: &str) -> Option<FileName> {
        let (number, suffix) = name.strip_prefix(PREFIX)?.split_at_checked(DIGITS)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = number.parse().ok()?;
        match suffix {
            "" => Some(FileName::Complete(number)),
            UNFINISHED => Some(FileName::Unfinished(number)),
            DAMAGED => Some(FileName::Damaged(number)),
            _ => None,
        }
    }

    pub(crate) fn number(self) -> u64 {
        match self {
            FileName::Complete(number)
            | FileName::Unfinished(number)
            | FileName::Damaged(number) => number,
        }
    }
}

/// A finished file.
pub(super) fn complete(number: u64) -> String {
    format!("{PREFIX}{number:0DIGITS$}")
}

/// The same file before it is finished.
pub(super) fn unfinished(number: u64) -> String {
    complete(number) + UNFINISHED
}

/// The same file once it is known to be damaged.
pub(super) fn damaged(number: u64) -> String {
    complete(number) + DAMAGED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for number in [0, 17, LAST] {
            let parsed = |name: String| FileName::parse(&name);
            assert_eq!(parsed(complete(number)), Some(FileName::Complete(number)));
            assert_eq!(
                parsed(unfinished(number)),
                Some(FileName::Unfinished(number))
            );
            assert_eq!(parsed(damaged(number)), Some(FileName::Damaged(number)));
        }
        assert_eq!(complete(17), "snapshot-000000000017");
        assert!(
            complete(9) < complete(10),
            "a directory lists them in order"
        );
    }

    #[test]
    fn files_of_others_are_not_taken_for_snapshots() {
        for name in [
            "",
            "snapshot-",
            "snapshot-17",
            "snapshot-+00000000017",
            "snapshot-000000000017.old",
            "snapshot-0000000000170",
            "snapshot-00000000001é",
            "my snapshot-000000000017",
            ROOT,
            NEW_ROOT,
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
