//! Text with indentation, broken into lines as `rustfmt` breaks it.

/// The longest line.
const MOST: usize = 100;
/// The longest arguments of a call that stand in one line.
pub(super) const CALL: usize = 60;
/// The longest fields of a struct literal that stand in one line.
pub(super) const LITERAL: usize = 18;

/// Arguments up to this length need no lines of their own.
const SHORT: usize = 10;

/// The text of a file while it is written.
pub(super) struct Writer {
    text: String,
    indent: usize,
    /// Whether an item would follow the beginning of a block.
    is_open: bool,
}

/// A piece of code that can be broken into several lines.
pub(super) enum Piece {
    Text(String),
    List(List),
}

/// Parameters, arguments or fields: in one line, or each in its own.
pub(super) struct List {
    /// What comes before: `world.send(`.
    pub(super) open: String,
    pub(super) items: Vec<Piece>,
    /// What comes after: `)`.
    pub(super) close: &'static str,
    /// The longest items that stand in one line.
    pub(super) most: usize,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            text: String::with_capacity(1 << 14),
            indent: 0,
            is_open: true,
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An empty line, before an item.
    pub(super) fn gap(&mut self) {
        if !self.is_open {
            self.text.push('\n');
        }
    }

    /// A line of these parts.
    pub(super) fn line(&mut self, parts: &[&str]) {
        self.margin();
        for part in parts {
            self.text.push_str(part);
        }
        self.end();
    }

    /// A line that begins a block.
    pub(super) fn open(&mut self, parts: &[&str]) {
        self.line(parts);
        self.enter();
    }

    fn enter(&mut self) {
        self.indent += 1;
        self.is_open = true;
    }

    /// The end of a block.
    pub(super) fn close(&mut self) {
        self.close_with("}");
    }

    /// The end of a block with more than a brace.
    pub(super) fn close_with(&mut self, end: &str) {
        self.indent -= 1;
        self.line(&[end]);
    }

    /// Lines as they stand, from the indentation of the first on; `$name` stands for a value.
    pub(super) fn lines(&mut self, template: &str, values: &[(&str, &str)]) {
        let template = template.trim_start_matches('\n');
        let margin = template.len() - template.trim_start_matches(' ').len();
        for line in template.trim_end().split('\n') {
            if line.len() <= margin {
                self.text.push('\n');
                continue;
            }
            self.margin();
            let mut parts = line[margin..].split('$');
            self.text.push_str(parts.next().unwrap_or_default());
            for part in parts {
                let (name, value) = values
                    .iter()
                    .find(|(name, _)| part.starts_with(name))
                    .expect("a template names only what it is given");
                self.text.push_str(value);
                self.text.push_str(&part[name.len()..]);
            }
            self.end();
        }
    }

    /// A line of documentation.
    pub(super) fn doc(&mut self, parts: &[&str]) {
        self.margin();
        self.text.push_str("///");
        if parts.iter().any(|part| !part.is_empty()) {
            self.text.push(' ');
        }
        for part in parts {
            self.text.push_str(part);
        }
        self.end();
    }

    /// Attributes, each in its own line.
    pub(super) fn attributes(&mut self, attributes: &[String]) {
        for attribute in attributes {
            self.line(&[attribute]);
        }
    }

    /// `#[allow(..)]`, if there is anything to allow.
    pub(super) fn allow(&mut self, lints: &[&str]) {
        const MOST: usize = 70;
        let list = lints.join(", ");
        if list.len() > MOST {
            self.line(&["#[allow("]);
            self.indent += 1;
            for (at, lint) in lints.iter().enumerate() {
                let comma = if at + 1 < lints.len() { "," } else { "" };
                self.line(&[lint, comma]);
            }
            self.indent -= 1;
            self.line(&[")]"]);
        } else if !lints.is_empty() {
            self.line(&["#[allow(", &list, ")]"]);
        }
    }

    /// The head of an item with a block, and the beginning of the block: `impl A for B where .. {`.
    pub(super) fn head(&mut self, head: &str, target: Option<&str>, clause: &[String]) {
        self.margin();
        self.text.push_str(head);
        let width = 4 * self.indent + head.len();
        let mut is_long = false;
        if let Some(target) = target {
            is_long = width + target.len() + " for  {".len() > MOST;
            if is_long {
                self.end();
                self.indent += 1;
                self.margin();
                self.indent -= 1;
                self.text.push_str("for ");
            } else {
                self.text.push_str(" for ");
            }
            self.text.push_str(target);
        }
        self.clause(clause, is_long);
        self.text.push_str("{\n");
        self.enter();
    }

    /// An `impl` without a body.
    pub(super) fn marker(&mut self, head: &str, target: &str, clause: &[String]) {
        if let [predicate] = clause
            && head.len() + target.len() + predicate.len() + " for  where  {}".len() <= MOST
        {
            self.line(&[head, " for ", target, " where ", predicate, " {}"]);
        } else if clause.is_empty() && head.len() + target.len() + " for  {}".len() <= MOST {
            self.line(&[head, " for ", target, " {}"]);
        } else {
            self.head(head, Some(target), clause);
            self.close();
        }
    }

    /// A `where` clause after what was written; then a new line, or a space.
    fn clause(&mut self, clause: &[String], is_long: bool) {
        if clause.is_empty() && !is_long {
            self.text.push(' ');
            return;
        }
        self.end();
        if !clause.is_empty() {
            self.line(&["where"]);
            self.indent += 1;
            for predicate in clause {
                self.line(&[predicate, ","]);
            }
            self.indent -= 1;
        }
        self.margin();
    }

    /// A struct without braces: `struct A(B) where ..;`.
    pub(super) fn tuple(&mut self, head: &Piece, clause: &[String]) {
        let Some((last, others)) = clause.split_last() else {
            return self.statement("", head, ";");
        };
        self.statement("", head, "");
        self.line(&["where"]);
        self.indent += 1;
        for predicate in others {
            self.line(&[predicate, ","]);
        }
        self.line(&[last, ";"]);
        self.indent -= 1;
    }

    /// The head of a function, and the beginning of its body.
    pub(super) fn function(&mut self, open: String, parameters: Vec<Piece>, end: &str) {
        let parameters = List {
            open,
            items: parameters,
            close: ")",
            most: MOST,
        };
        self.statement("", &Piece::List(parameters), end);
        self.enter();
    }

    /// Piece between a beginning and an end of its line.
    pub(super) fn statement(&mut self, start: &str, code: &Piece, end: &str) {
        self.margin();
        self.text.push_str(start);
        self.piece(code, start.len(), end);
        self.end();
    }

    /// A piece that `before` columns of its line come before.
    fn piece(&mut self, code: &Piece, before: usize, end: &str) {
        let room = MOST.saturating_sub(4 * self.indent + before + end.len());
        match code {
            Piece::List(list) if code.width().is_none_or(|width| width > room) => {
                self.text.push_str(list.open.trim_end());
                if let [Piece::List(_)] = &list.items[..]
                    && list.close == ")"
                {
                    self.piece(&list.items[0], before + list.open.len(), list.close);
                } else {
                    self.end();
                    self.indent += 1;
                    self.items(list);
                    self.indent -= 1;
                    self.margin();
                    self.text.push_str(list.close.trim_start());
                }
            }
            _ => code.write(&mut self.text),
        }
        self.text.push_str(end);
    }

    /// The items of a list that does not fit in one line.
    fn items(&mut self, list: &List) {
        let is_short = |item: &Piece| matches!(item, Piece::Text(text) if text.len() <= SHORT);
        if list.most != CALL || !list.items.iter().all(is_short) {
            for item in &list.items {
                self.margin();
                self.piece(item, 0, ",");
                self.end();
            }
            return;
        }
        let mut column = MOST;
        for item in &list.items {
            let width = item.width().unwrap_or_default() + 1;
            if column + 1 + width > MOST {
                if column < MOST {
                    self.end();
                }
                self.margin();
                column = 4 * self.indent + width;
            } else {
                self.text.push(' ');
                column += 1 + width;
            }
            item.write(&mut self.text);
            self.text.push(',');
        }
        self.end();
    }

    fn margin(&mut self) {
        const SPACES: &str = "                                ";
        self.text.push_str(&SPACES[..4 * self.indent]);
    }

    fn end(&mut self) {
        self.text.push('\n');
        self.is_open = false;
    }
}

impl Piece {
    /// A call of a function, whose name is followed by `(`.
    pub(super) fn call(open: impl Into<String>, items: Vec<Piece>) -> Self {
        Self::List(List {
            open: open.into(),
            items,
            close: ")",
            most: CALL,
        })
    }

    /// Its width in one line, if it may stand in one.
    fn width(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.len()),
            Self::List(list) => {
                let mut width = 2 * list.items.len().saturating_sub(1);
                for item in &list.items {
                    width += item.width()?;
                }
                let frame = list.open.len() + list.close.len();
                (width <= list.most).then_some(frame + width)
            }
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Text(own) => text.push_str(own),
            Self::List(list) => {
                text.push_str(&list.open);
                for (at, item) in list.items.iter().enumerate() {
                    if at > 0 {
                        text.push_str(", ");
                    }
                    item.write(text);
                }
                text.push_str(list.close);
            }
        }
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{List, Piece, Writer};

    fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut out = Writer::new();
        write(&mut out);
        out.finish()
    }

    #[test]
    fn templates_keep_their_shape() {
        let text = written(|out| {
            out.open(&["impl A {"]);
            out.lines(
                "
                fn $name(&self) -> $ty {
                    self.$name
                }

                fn b() {}",
                &[("name", "speed"), ("ty", "f32")],
            );
            out.close();
        });
        let expected = "impl A {\n    fn speed(&self) -> f32 {\n        self.speed\n    }\n\n    fn b() {}\n}\n";
        assert_eq!(text, expected);
    }

    #[track_caller]
    fn check(piece: &Piece, expected: &str) {
        assert_eq!(written(|out| out.statement("", piece, ";")), expected);
    }

    #[test]
    fn calls_are_broken_as_rustfmt_breaks_them() {
        let literal = |fields: &[&str]| {
            Piece::List(List {
                open: "Honk { ".to_owned(),
                items: fields.iter().map(|field| Piece::from(*field)).collect(),
                close: " }",
                most: super::LITERAL,
            })
        };
        let send = |message| Piece::call("send(", vec!["id".into(), message]);
        check(&send(literal(&["loud"])), "send(id, Honk { loud });\n");
        check(
            &send(literal(&["loud", "long", "shriller"])),
            "send(\n    id,\n    Honk {\n        loud,\n        long,\n        shriller,\n    },\n);\n",
        );
        check(
            &Piece::call("Self(", vec![send(literal(&["loud", "long", "shriller"]))]),
            "Self(send(\n    id,\n    Honk {\n        loud,\n        long,\n        shriller,\n    },\n));\n",
        );
        let many = (b'a'..=b'k').map(|c| format!("message.{}", char::from(c)).into());
        check(
            &Piece::call("many(", many.collect()),
            "many(\n    message.a, message.b, message.c, message.d, message.e, message.f, message.g, message.h,\n    message.i, message.j, message.k,\n);\n",
        );
    }
}
