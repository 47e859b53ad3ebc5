//! Whether types of two files lie alike.

use std::collections::HashSet;

use chunky::raw::{Field, Form, Layout, TypeNumber};

/// Whether values of two types lie alike, and what they lead to: so that their bytes can be compared.
pub(super) fn lie_alike(before: (&[Layout], TypeNumber), after: (&[Layout], TypeNumber)) -> bool {
    let mut seen = HashSet::new();
    let mut pairs = vec![(before.1, after.1)];
    while let Some(pair) = pairs.pop() {
        if !seen.insert(pair) {
            continue;
        }
        let (old, new) = (before.0.get(pair.0 as usize), after.0.get(pair.1 as usize));
        let (Some(old), Some(new)) = (old, new) else {
            return false;
        };
        if (&old.name, old.size, old.align) != (&new.name, new.size, new.align) {
            return false;
        }
        match (&old.form, &new.form) {
            (Form::Fields(old), Form::Fields(new)) if fields(old, new, &mut pairs) => (),
            (Form::Beside(old), Form::Beside(new)) => {
                let same = old.len() == new.len()
                    && old.iter().zip(new).all(|(old, new)| {
                        old.name == new.name && fields(&old.fields, &new.fields, &mut pairs)
                    });
                if !same {
                    return false;
                }
            }
            (Form::Optional(old), Form::Optional(new)) | (Form::Boxed(old), Form::Boxed(new)) => {
                pairs.push((*old, *new));
            }
            (Form::Array(old, before), Form::Array(new, after)) if before == after => {
                pairs.push((*old, *new));
            }
            (
                &Form::List { of, at, length },
                &Form::List {
                    of: new,
                    at: new_at,
                    length: new_length,
                },
            ) if (at, length) == (new_at, new_length) => pairs.push((of, new)),
            (Form::Tags(old), Form::Tags(new)) if old == new => (),
            (Form::Plain, Form::Plain) | (Form::Opaque, Form::Opaque) => (),
            (Form::Empty, Form::Empty) => (),
            _ => return false,
        }
    }
    true
}

/// Whether fields are alike, if their types are.
fn fields(old: &[Field], new: &[Field], pairs: &mut Vec<(TypeNumber, TypeNumber)>) -> bool {
    pairs.extend(old.iter().zip(new).map(|(old, new)| (old.of, new.of)));
    let alike = |(old, new): (&Field, &Field)| (&old.name, old.offset) == (&new.name, new.offset);
    old.len() == new.len() && old.iter().zip(new).all(alike)
}
