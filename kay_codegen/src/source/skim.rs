//! Texts without what decides nothing about actors.
//!
//! A generator reads signatures. Most of a source text is the inside of functions, and most of
//! the time would go into parsing it. So before a text is parsed, the bodies of its functions,
//! the values of its constants and the rules of its macros are blanked. Everything else keeps its
//! line and column.
//!
//! The same pass bounds how deeply the rest can nest: the parser recurses, and what is nested by a
//! machine, or by malice, would overflow its stack.

use std::borrow::Cow;

/// How many tokens may be open, in all brackets around a token, since the last separator in each
/// of them. The parser recurses at most once for each. People stay below a hundred or two.
const MOST_OPEN_TOKENS: u32 = 1_000;

/// Why a text was not skimmed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unskimmed {
    /// Something is not closed, or closed twice: the parser will say so better.
    Unbalanced,
    /// It nests too deeply to be parsed.
    TooDeep,
}

/// Blanks what decides nothing.
pub(crate) fn skim(text: &str) -> Result<Cow<'_, str>, Unskimmed> {
    Skimmer::new(text).run(true)
}

/// Checks only that a text does not nest too deeply.
pub(crate) fn check_depth(text: &str) -> Result<(), Unskimmed> {
    Skimmer::new(text).run(false).map(|_| ())
}

/// What the tokens since the last separator have turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Unknown,
    /// After `fn name`: the next brace opens a body.
    Function,
    /// After `const NAME:` or `static NAME:`: a value follows `=`.
    Constant,
    /// After `mod`, `impl`, `trait` or `extern`: the next brace holds items.
    Items,
    /// After `macro_rules`: the next bracket holds rules.
    Rules,
}

/// An open bracket; an angle bracket counts as one where it can be one.
#[derive(Debug, Clone, Copy)]
struct Frame {
    open: u8,
    /// Tokens since the last separator.
    tokens: u32,
    /// Starts of closures, which may hold commas, since the last end of a statement.
    closures: u32,
    /// Whether it holds items, one after the other without separators.
    has_items: bool,
    /// Whether it is an argument of a macro: nothing in it is parsed.
    is_opaque: bool,
    item: Item,
    /// Whether a value has begun since the last comma, as in `A = 1 << 2`: there `<` compares.
    has_value: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Literal,
    Punct(u8),
}

struct Skimmer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    /// The sum of the tokens of all frames.
    open_tokens: u32,
    result: String,
    /// Up to where the text is in the result.
    copied: usize,
    /// Whether the token before was the `!` behind the name of a macro.
    names_macro: bool,
    /// The brackets that are open in what is being blanked.
    blanked: Vec<u8>,
}

impl<'a> Skimmer<'a> {
    fn new(text: &'a str) -> Self {
        let mut skimmer = Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            frames: Vec::new(),
            open_tokens: 0,
            result: String::new(),
            copied: 0,
            names_macro: false,
            blanked: Vec::new(),
        };
        if text.starts_with("#!") && !text[2..].trim_start().starts_with('[') {
            skimmer.line();
        }
        skimmer.push(b'{', true, false);
        skimmer
    }

    fn run(mut self, blank: bool) -> Result<Cow<'a, str>, Unskimmed> {
        let mut before = Token::Punct(b';');
        loop {
            self.next_token();
            let Some(token) = self.token()? else { break };
            self.count(token, before)?;
            match token {
                Token::Word(word) => self.word(word, before),
                Token::Literal => {}
                Token::Punct(punct) => self.punct(punct, before, blank)?,
            }
            self.names_macro = token == Token::Punct(b'!')
                && matches!(before, Token::Word(word) if !is_operator(word));
            before = token;
        }
        while self.top().open == b'<' {
            self.pop();
        }
        if self.frames.len() > 1 {
            return Err(Unskimmed::Unbalanced);
        }
        if self.copied == 0 {
            return Ok(Cow::Borrowed(self.text));
        }
        self.result.push_str(&self.text[self.copied..]);
        Ok(Cow::Owned(self.result))
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the text itself is a frame")
    }

    fn push(&mut self, open: u8, has_items: bool, is_opaque: bool) {
        self.frames.push(Frame {
            open,
            tokens: 0,
            closures: 0,
            has_items,
            is_opaque,
            item: Item::Unknown,
            has_value: false,
        });
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.open_tokens -= frame.tokens + frame.closures;
        }
    }

    /// Counts a token, and refuses it if too much is open.
    fn count(&mut self, token: Token, before: Token) -> Result<(), Unskimmed> {
        let is_bracket = matches!(token, Token::Punct(b'(' | b'[' | b'{'));
        let starts_closure = token == Token::Punct(b'|')
            && matches!(
                before,
                Token::Punct(b'=' | b'(' | b'[' | b'{' | b',' | b'|')
            );
        // What follows a block and cannot continue it begins something new.
        let is_new = match token {
            Token::Word(word) => !matches!(word, "else" | "as"),
            Token::Punct(b'#') => true,
            _ => false,
        };
        if is_new && before == Token::Punct(b'}') && self.top().open == b'{' {
            self.separate();
        }
        let top = self.top();
        if top.is_opaque && !is_bracket {
            return Ok(());
        }
        top.tokens += 1;
        top.closures += u32::from(starts_closure);
        self.open_tokens += 1 + u32::from(starts_closure);
        if self.open_tokens > MOST_OPEN_TOKENS {
            return Err(Unskimmed::TooDeep);
        }
        Ok(())
    }

    fn word(&mut self, word: &str, before: Token) {
        let top = self.top();
        if top.open == b'<' {
            return;
        }
        match (word, before) {
            (_, Token::Word("fn")) => top.item = Item::Function,
            ("fn", Token::Word("const")) => {}
            ("mut", Token::Word("static")) => {}
            (_, Token::Word("const" | "static")) if top.item == Item::Unknown => {
                top.item = Item::Constant;
            }
            (_, Token::Word("mut")) if top.item == Item::Unknown => top.item = Item::Constant,
            ("mod" | "impl" | "trait" | "extern", _) if top.item == Item::Unknown => {
                top.item = Item::Items;
            }
            ("macro_rules", _) => top.item = Item::Rules,
            _ => {}
        }
    }

    fn punct(&mut self, punct: u8, before: Token, blank: bool) -> Result<(), Unskimmed> {
        match punct {
            b'<' => {
                let top = self.top();
                let is_comparison = top.has_value
                    && matches!(
                        before,
                        Token::Word(_) | Token::Literal | Token::Punct(b')' | b']' | b'}' | b'<')
                    );
                if !top.is_opaque && !is_comparison {
                    self.push(b'<', false, false);
                }
            }
            b'>' => {
                let is_arrow = matches!(before, Token::Punct(b'-' | b'='));
                if self.top().open == b'<' && !is_arrow {
                    self.pop();
                }
            }
            b'(' | b'[' | b'{' => {
                let Frame {
                    open,
                    item,
                    is_opaque,
                    has_items,
                    ..
                } = *self.top();
                let is_body = item == Item::Function && punct == b'{' && open != b'<';
                if blank && has_items && (is_body || item == Item::Rules) {
                    self.blank_group()?;
                    self.end_item();
                    return Ok(());
                }
                let is_macro = self.names_macro;
                let holds_items = item == Item::Items && punct == b'{' && open != b'<';
                self.push(punct, holds_items && !is_opaque, is_opaque || is_macro);
            }
            b')' | b']' | b'}' => {
                while self.top().open == b'<' {
                    self.pop();
                }
                if !fits(self.top().open, punct) || self.frames.len() == 1 {
                    return Err(Unskimmed::Unbalanced);
                }
                self.pop();
                if punct == b'}' && self.top().has_items {
                    self.top().item = Item::Unknown;
                }
            }
            b';' => {
                while self.top().open == b'<' {
                    self.pop();
                }
                self.end_item();
            }
            b',' => {
                let top = self.top();
                let tokens = std::mem::take(&mut top.tokens);
                top.has_value = false;
                self.open_tokens -= tokens;
            }
            b'=' if blank && self.top().has_items && self.top().item == Item::Constant => {
                self.blank_value()?;
            }
            b'=' => {
                let top = self.top();
                top.has_value = top.open == b'{' && !top.has_items;
            }
            _ => {}
        }
        Ok(())
    }

    fn end_item(&mut self) {
        self.top().item = Item::Unknown;
        self.separate();
    }

    /// Forgets what was open since the last separator.
    fn separate(&mut self) {
        let top = self.top();
        let tokens = std::mem::take(&mut top.tokens) + std::mem::take(&mut top.closures);
        self.open_tokens -= tokens;
    }

    /// Blanks what is inside the bracket that was just opened, and closes it.
    fn blank_group(&mut self) -> Result<(), Unskimmed> {
        let start = self.at;
        self.blanked.clear();
        self.blanked.push(self.bytes[start - 1]);
        loop {
            let end = self.next_token();
            self.hidden_token()?.ok_or(Unskimmed::Unbalanced)?;
            if self.blanked.is_empty() {
                self.blank(start, end, "");
                return Ok(());
            }
        }
    }

    /// Puts something short in the place of a value, up to the semicolon behind it.
    fn blank_value(&mut self) -> Result<(), Unskimmed> {
        let start = self.at;
        self.blanked.clear();
        loop {
            let end = self.next_token();
            let token = self.hidden_token()?.ok_or(Unskimmed::Unbalanced)?;
            if token == Token::Punct(b';') && self.blanked.is_empty() {
                if end - start > 2 {
                    self.blank(start, end, "0");
                }
                self.end_item();
                return Ok(());
            }
        }
    }

    /// Reads a token of what is being blanked, and keeps account of its brackets.
    fn hidden_token(&mut self) -> Result<Option<Token<'a>>, Unskimmed> {
        let token = self.token()?;
        match token {
            Some(Token::Punct(open @ (b'(' | b'[' | b'{'))) => self.blanked.push(open),
            Some(Token::Punct(close @ (b')' | b']' | b'}'))) => {
                let open = self.blanked.pop().ok_or(Unskimmed::Unbalanced)?;
                if !fits(open, close) {
                    return Err(Unskimmed::Unbalanced);
                }
            }
            _ => {}
        }
        Ok(token)
    }

    /// Leaves a part of the text out, but for what keeps the places of all that follows.
    fn blank(&mut self, start: usize, end: usize, with: &str) {
        self.result.push_str(&self.text[self.copied..start]);
        self.result.push_str(with);
        let hidden = &self.text[start..end];
        let lines = hidden.bytes().filter(|byte| *byte == b'\n').count();
        self.result.extend(std::iter::repeat_n('\n', lines));
        let (last, written) = match hidden.rfind('\n') {
            Some(last) => (&hidden[last + 1..], 0),
            None => (hidden, with.len()),
        };
        let columns = last.chars().count().saturating_sub(written);
        self.result.extend(std::iter::repeat_n(' ', columns));
        self.copied = end;
    }

    /// Goes to where the next token begins.
    fn next_token(&mut self) -> usize {
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(byte), _) if byte.is_ascii_whitespace() => self.at += 1,
                (Some(b'/'), Some(b'/')) => self.line(),
                (Some(b'/'), Some(b'*')) => self.comment(),
                _ => return self.at,
            }
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn line(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.at += length.unwrap_or(rest.len());
    }

    /// Goes behind a comment; one that never ends is the parser's business.
    fn comment(&mut self) {
        let mut depth = 0_u32;
        while self.at < self.bytes.len() {
            match (self.byte(0), self.byte(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// Reads the token that begins here.
    fn token(&mut self) -> Result<Option<Token<'a>>, Unskimmed> {
        let Some(first) = self.byte(0) else {
            return Ok(None);
        };
        let start = self.at;
        let token = match first {
            b'"' => {
                self.string()?;
                Token::Literal
            }
            b'\'' => {
                self.quote()?;
                Token::Literal
            }
            byte if is_word(byte) => {
                while self.byte(0).is_some_and(is_word) {
                    self.at += 1;
                }
                let word = &self.text[start..self.at];
                match (word, self.byte(0)) {
                    ("r" | "br" | "cr", Some(b'"' | b'#')) if self.is_raw_string() => {
                        self.raw_string()?;
                        Token::Literal
                    }
                    ("r", Some(b'#')) if self.byte(1).is_some_and(is_word) => {
                        self.at += 1;
                        while self.byte(0).is_some_and(is_word) {
                            self.at += 1;
                        }
                        // With `r#`, so that it is no keyword.
                        Token::Word(&self.text[start..self.at])
                    }
                    ("b" | "c", Some(b'"')) => {
                        self.string()?;
                        Token::Literal
                    }
                    ("b", Some(b'\'')) => {
                        self.quote()?;
                        Token::Literal
                    }
                    _ => Token::Word(word),
                }
            }
            punct => {
                self.at += 1;
                Token::Punct(punct)
            }
        };
        Ok(Some(token))
    }

    /// Goes behind a string that begins here.
    fn string(&mut self) -> Result<(), Unskimmed> {
        self.at += 1;
        loop {
            match self.byte(0).ok_or(Unskimmed::Unbalanced)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    fn is_raw_string(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        rest.get(hashes) == Some(&b'"')
    }

    /// Goes behind the rest of a raw string, whose `#` and `"` begin here.
    fn raw_string(&mut self) -> Result<(), Unskimmed> {
        let rest = &self.text[self.at..];
        let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
        let mut end = String::from("\"");
        end.extend(std::iter::repeat_n('#', hashes));
        let length = rest[hashes + 1..].find(&end);
        self.at += hashes + 1 + length.ok_or(Unskimmed::Unbalanced)? + end.len();
        Ok(())
    }

    /// Goes behind a character or the name of a lifetime.
    fn quote(&mut self) -> Result<(), Unskimmed> {
        self.at += 1;
        let mut rest = self.text[self.at..].chars();
        match (rest.next(), rest.next()) {
            (Some('\\'), _) => {
                self.at += 2;
                let rest = &self.bytes[self.at.min(self.bytes.len())..];
                let length = rest.iter().position(|byte| *byte == b'\'');
                self.at += length.ok_or(Unskimmed::Unbalanced)? + 1;
            }
            (Some(one), Some('\'')) => self.at += one.len_utf8() + 1,
            _ => {
                while self.byte(0).is_some_and(is_word) {
                    self.at += 1;
                }
            }
        }
        Ok(())
    }
}

/// Whether a byte is part of a name or number; names may hold any letters.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn fits(open: u8, close: u8) -> bool {
    matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

/// Whether what follows a keyword and `!` is negated, rather than the argument of a macro.
fn is_operator(word: &str) -> bool {
    matches!(
        word,
        "as" | "break" | "else" | "if" | "in" | "match" | "move" | "mut" | "return" | "while"
    )
}

#[cfg(test)]
#[path = "skim_tests.rs"]
mod tests;
