//! Types of the standard library that are not compact, and what to write instead.

/// Why a type is not compact, and what to do.
pub(super) struct Advice {
    pub(super) why: &'static str,
    /// The type to write instead.
    pub(super) instead: Option<String>,
    pub(super) help: Option<String>,
}

const STORED: &str =
    "actors and messages live in the memory of their shard, to be moved and saved with it";

/// What to say about a type by its name; nothing if it may well be compact.
pub(super) fn advice(name: &str, arguments: &[String]) -> Option<Advice> {
    let argument = |at: usize, other: &str| {
        let given = arguments.get(at);
        given.cloned().unwrap_or_else(|| other.to_owned())
    };
    let instead = |why, text: String| Advice {
        why,
        instead: Some(text),
        help: None,
    };
    let help = |why, text: &str| Advice {
        why,
        instead: None,
        help: Some(text.to_owned()),
    };
    Some(match name {
        "String" => instead(STORED, "CString".to_owned()),
        "PathBuf" | "OsString" => instead(STORED, "CString".to_owned()),
        // Theirs ends with a zero, and has nothing to do with kay's.
        "CString" => instead(STORED, "kay_runtime::CString".to_owned()),
        "Vec" | "VecDeque" | "LinkedList" | "BinaryHeap" => {
            instead(STORED, format!("CVec<{}>", argument(0, "T")))
        }
        "Box" => instead(STORED, format!("CBox<{}>", argument(0, "T"))),
        "HashMap" | "BTreeMap" => instead(
            STORED,
            format!("CMap<{}, {}>", argument(0, "K"), argument(1, "V")),
        ),
        "HashSet" | "BTreeSet" => instead(STORED, format!("CMap<{}, ()>", argument(0, "T"))),
        "Rc" | "Arc" | "Weak" => help(
            "actors share nothing: then no handler has to wait for another",
            "let one actor own it, and take the id of that actor",
        ),
        "Cell" | "RefCell" | "OnceCell" | "LazyCell" | "Mutex" | "RwLock" | "OnceLock"
        | "LazyLock" => instead(
            "a handler has its actor to itself, so that nothing has to be locked",
            argument(0, "T"),
        ),
        "Instant" | "SystemTime" => help(
            "no clock reaches a handler: the same messages are to give the same world",
            "use a `Duration`, or count turns: `world.turn()`",
        ),
        "File" | "TcpStream" | "TcpListener" | "UdpSocket" | "Child" | "JoinHandle" | "Sender"
        | "SyncSender" | "Receiver" => help(
            "it belongs to the process, and cannot be saved with the world",
            "let an actor hold it, in a field of the type `External`",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn arguments_are_kept() {
        let instead = |name, arguments: &[&str]| {
            let arguments: Vec<_> = arguments.iter().map(|a| (*a).to_owned()).collect();
            advice(name, &arguments).and_then(|advice| advice.instead)
        };
        let expected = Some("CMap<u8, CVec<u16>>".to_owned());
        assert_eq!(instead("HashMap", &["u8", "CVec<u16>", "S"]), expected);
        assert_eq!(instead("HashSet", &["u8"]).unwrap(), "CMap<u8, ()>");
        assert_eq!(instead("Mutex", &["u8"]).unwrap(), "u8");
        assert_eq!(instead("Vec", &[]).unwrap(), "CVec<T>");
        assert_eq!(instead("Duration", &[]), None);
    }
}
