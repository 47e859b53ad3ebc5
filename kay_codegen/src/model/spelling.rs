//! Names and types as text.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// `turn_left` as part of the name of a type: `TurnLeft`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    for word in name.trim_start_matches("r#").split('_') {
        let mut letters = word.chars();
        result.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        result.push_str(letters.as_str());
    }
    result
}

/// Tokens as text that does not depend on how the source was spaced: `CMap<u8, &[T; 4]>`. For
/// types, bounds and attributes, it is spaced as `rustfmt` does it.
pub(crate) fn normalised(tokens: TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

/// What stands before a token, as far as spacing needs it.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// A name or literal, which another one must not touch.
    Word,
    /// A word after which a type begins: `dyn`, `mut`.
    Keyword,
    /// The end of something in brackets.
    Group,
    /// `>`, or `=` and the like, which bring their own space.
    Close,
    Other,
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut before = Before::Other;
    let mut depth = 0;
    // The depth at which the lifetimes of a `for<'a>` stand.
    let mut after_for = None;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if matches!(before, Before::Word | Before::Keyword | Before::Close) {
                    text.push(' ');
                }
                let start = text.len();
                text.push_str(&ident.to_string());
                before = match &text[start..] {
                    "as" | "const" | "dyn" | "impl" | "mut" | "where" => Before::Keyword,
                    _ => Before::Word,
                };
            }
            TokenTree::Literal(literal) => {
                if matches!(before, Before::Word | Before::Keyword) {
                    text.push(' ');
                }
                text.push_str(&literal.to_string());
                before = Before::Word;
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                if before == Before::Keyword {
                    text.push(' ');
                }
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
                before = Before::Group;
            }
            TokenTree::Punct(punct) => {
                let is_operator = matches!(before, Before::Word | Before::Group);
                let is_joint = punct.spacing() == Spacing::Joint;
                let next = match tokens.peek() {
                    Some(TokenTree::Punct(next)) => Some(next.as_char()),
                    _ => None,
                };
                before = Before::Other;
                match punct.as_char() {
                    // A comma before a closing bracket says nothing.
                    ',' if next == Some('>') => {}
                    c @ (',' | ';') => {
                        text.push(c);
                        if tokens.peek().is_some() {
                            text.push(' ');
                        }
                    }
                    ':' if is_joint && next == Some(':') => {
                        if text.ends_with(" as") || text.ends_with("dyn") || text.ends_with("mut") {
                            text.push(' ');
                        }
                        text.push_str("::");
                        tokens.next();
                    }
                    ':' => text.push_str(": "),
                    '-' if is_joint && next == Some('>') => {
                        text.push_str(" -> ");
                        tokens.next();
                    }
                    c @ ('+' | '=') => text.extend([' ', c, ' ']),
                    c @ ('-' | '*' | '/' | '%') if is_operator => text.extend([' ', c, ' ']),
                    '<' => {
                        if text.ends_with("for") {
                            after_for = Some(depth);
                        }
                        text.push('<');
                        depth += 1;
                    }
                    '>' => {
                        text.push('>');
                        depth -= 1;
                        if after_for == Some(depth) {
                            text.push(' ');
                            after_for = None;
                        } else {
                            before = Before::Close;
                        }
                    }
                    c => {
                        if c == '\'' && is_operator {
                            text.push(' ');
                        }
                        text.push(c);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{camel_case, normalised};

    #[test]
    fn names_of_messages() {
        for (name, expected) in [
            ("tick", "Tick"),
            ("turn_left", "TurnLeft"),
            ("r#match", "Match"),
            ("on_2_wheels", "On2Wheels"),
            ("_hidden", "Hidden"),
            ("x", "X"),
            ("änder_es", "ÄnderEs"),
        ] {
            assert_eq!(camel_case(name), expected);
        }
    }

    #[test]
    fn types_without_the_spacing_of_their_source() {
        for (source, expected) in [
            ("& CVec < u8 >", "&CVec<u8>"),
            ("CMap<u8 ,CVec<u16>,>", "CMap<u8, CVec<u16>>"),
            ("[ u8;4 ]", "[u8; 4]"),
            ("( u8 , )", "(u8,)"),
            ("<T as a :: Iterator>::Item", "<T as a::Iterator>::Item"),
            ("fn(u8)->u8", "fn(u8) -> u8"),
            ("Box<dyn A+B>", "Box<dyn A + B>"),
            ("T:A<Item=u8>+'static", "T: A<Item = u8> + 'static"),
            ("for<'a>& 'a T:D<'a>", "for<'a> &'a T: D<'a>"),
            ("for<'a>fn(& 'a mut[T])", "for<'a> fn(&'a mut [T])"),
            ("[T;N*2-1]", "[T; N * 2 - 1]"),
            ("A<{N+1}, -1>", "A<{ N + 1 }, -1>"),
            ("*const dyn :: a :: B", "*const dyn ::a::B"),
            (
                "#[cfg(all(unix,feature=\"a\"))]",
                "#[cfg(all(unix, feature = \"a\"))]",
            ),
        ] {
            assert_eq!(normalised(source.parse().unwrap()), expected);
        }
    }
}
