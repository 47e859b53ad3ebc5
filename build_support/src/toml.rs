//! The values of a TOML text, each with its full path: as much of TOML as manifests use.

use std::collections::BTreeMap;

/// A key's path, as in `["dependencies", "city", "package"]`, and a value that is no table. What
/// is in an array has the path of the array; tables in one are numbered, as in `["bin", "0", "name"]`.
pub(crate) type Entry = (Vec<String>, String);

/// Reads a text. What is no TOML is passed over: Cargo has refused it before.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut reader = Reader {
        // Some editors begin files with a byte order mark, which Cargo passes over.
        rest: text.trim_start_matches('\u{feff}'),
        found: Vec::new(),
        open: 0,
    };
    let mut table = Vec::new();
    let mut numbers: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    loop {
        reader.skip_gaps();
        if reader.rest.is_empty() {
            return reader.found;
        }
        let is_read = if reader.eat('[') {
            let is_in_array = reader.eat('[');
            let key = reader.key();
            if let (true, Some(key)) = (is_in_array, &key) {
                let number = numbers.entry(key.clone()).or_default();
                table = [key.as_slice(), &[number.to_string()]].concat();
                *number += 1;
            } else if let Some(key) = &key {
                table.clone_from(key);
            }
            key.is_some()
        } else {
            reader.pair(&table).is_some()
        };
        if !is_read || !reader.rest.starts_with(['\r', '\n']) {
            let end = reader.rest.find('\n').unwrap_or(reader.rest.len());
            reader.rest = &reader.rest[end..];
        }
    }
}

/// How many brackets may be open. No manifest nests like that, and the reader recurses.
const MOST_OPEN: usize = 64;

struct Reader<'t> {
    rest: &'t str,
    found: Vec<Entry>,
    open: usize,
}

impl Reader<'_> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Skips comments, too, and the ends of lines.
    fn skip_gaps(&mut self) {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
    }

    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `a."b.c".d`
    fn key(&mut self) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            self.skip_spaces();
            parts.push(match self.string() {
                Some(part) => part,
                None => self.word(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))?,
            });
            self.skip_spaces();
            if !self.eat('.') {
                return Some(parts);
            }
        }
    }

    fn word(&mut self, is_in: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest.find(|c| !is_in(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn string(&mut self) -> Option<String> {
        for mark in ["\"\"\"", "'''", "\"", "'"] {
            let Some(inside) = self.rest.strip_prefix(mark) else {
                continue;
            };
            let mut text = String::new();
            let mut letters = inside.char_indices();
            while let Some((at, letter)) = letters.next() {
                if let Some(rest) = inside[at..].strip_prefix(mark) {
                    self.rest = rest;
                    return Some(text);
                }
                match letter {
                    // What names and paths hold needs no other escapes.
                    '\\' if mark.starts_with('"') => text.extend(letters.next().map(|(_, c)| c)),
                    letter => text.push(letter),
                }
            }
            return None;
        }
        None
    }

    fn pair(&mut self, table: &[String]) -> Option<()> {
        let mut path = table.to_vec();
        path.extend(self.key()?);
        self.skip_spaces();
        self.eat('=').then(|| self.value(&path))?
    }

    fn value(&mut self, path: &[String]) -> Option<()> {
        self.skip_spaces();
        let (is_table, end) = match self.rest.chars().next()? {
            '{' => (true, '}'),
            '[' => (false, ']'),
            _ => {
                let value = match self.string() {
                    Some(value) => value,
                    None => {
                        let word =
                            self.word(|c| !matches!(c, ',' | '}' | ']' | '#' | '\r' | '\n'))?;
                        word.trim().to_owned()
                    }
                };
                self.found.push((path.to_vec(), value));
                return Some(());
            }
        };
        if self.open == MOST_OPEN {
            return None;
        }
        self.open += 1;
        self.rest = &self.rest[1..];
        let is_read = self.inside(path, is_table, end);
        self.open -= 1;
        is_read
    }

    /// What is in a bracket that was just opened, up to its end.
    fn inside(&mut self, path: &[String], is_table: bool, end: char) -> Option<()> {
        for number in 0.. {
            self.skip_gaps();
            if self.eat(end) {
                return Some(());
            }
            if is_table {
                self.pair(path)?;
            } else if self.rest.starts_with('{') {
                self.value(&[path, &[number.to_string()]].concat())?;
            } else {
                self.value(path)?;
            }
            self.skip_gaps();
            self.eat(',');
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = entries(text)
            .iter()
            .map(|(path, value)| format!("{}={value}", path.join("/")))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tables_of_all_kinds() {
        check(
            "a = 1 # one\n[b]\nc.d = 'x'\n[b.\"e f\".g]\nh = true\n[[i]]\nj = \"k\\\"#\"\n[[i]]\nj = 2",
            &["a=1", "b/c/d=x", "b/e f/g/h=true", "i/0/j=k\"#", "i/1/j=2"],
        );
        check(
            "[target.'cfg(unix)'.dependencies]\ncity = { package = \"town\", features = [\n  \"a\", # b\n  'c',\n] }\nd = \"1\"",
            &[
                "target/cfg(unix)/dependencies/city/package=town",
                "target/cfg(unix)/dependencies/city/features=a",
                "target/cfg(unix)/dependencies/city/features=c",
                "target/cfg(unix)/dependencies/d=1",
            ],
        );
        check(
            "a = \"\"\"\nb = 1\n\"\"\"\nc = {}\nd = []\ne = 2\nf = [{ g = 3 }, { g = 4 }]",
            &["a=\nb = 1\n", "e=2", "f/0/g=3", "f/1/g=4"],
        );
    }

    #[test]
    fn files_as_other_systems_write_them() {
        check("\u{feff}[a]\r\nb = 1\r\n", &["a/b=1"]);
    }

    #[test]
    fn what_is_no_toml_ends() {
        check("= 1\n[\n]\na = 1 }\nb.c\nd = 'e'", &["a=1", "d=e"]);
        for text in ["[a", "a = {", "a = [\"", "a.b.", "\"", "a = [}", "a = {]"] {
            assert!(entries(text).len() < 2, "{text}");
        }
        for open in ["[", "{a=", "[{a="] {
            let deep = format!("a = {}\nb = 1", open.repeat(100_000));
            assert_eq!(entries(&deep).len(), 1, "{open}");
        }
    }
}
