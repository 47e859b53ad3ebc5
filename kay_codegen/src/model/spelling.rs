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

/// Tokens as text that does not depend on how the source was spaced: `CMap<u8, &[T; 4]>`.
pub(crate) fn normalised(tokens: TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut after_word = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && after_word {
            text.push(' ');
        }
        after_word = is_word;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                // A comma before a closing bracket says nothing.
                ',' if matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '>') => {
                }
                c @ (',' | ';') => {
                    text.push(c);
                    if tokens.peek().is_some() {
                        text.push(' ');
                    }
                }
                c @ ('+' | '=') => text.extend([' ', c, ' ']),
                '-' if punct.spacing() == Spacing::Joint => text.push_str(" -"),
                '>' if text.ends_with('-') => text.push_str("> "),
                c => text.push(c),
            },
            word => text.push_str(&word.to_string()),
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
        ] {
            assert_eq!(normalised(source.parse().unwrap()), expected);
        }
    }
}
