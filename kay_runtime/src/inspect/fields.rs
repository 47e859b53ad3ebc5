//! Which fields of an instance differ.

use chunky::raw::{Form, Layout, RawReader, TypeNumber};

use super::store::Instance;

/// The fields of a type, in one of two files in which it lies alike.
pub(super) struct Fields<'a> {
    fields: Vec<FieldReader<'a>>,
}

struct FieldReader<'a> {
    name: &'a str,
    offset: usize,
    reader: RawReader<'a>,
}

impl<'a> Fields<'a> {
    /// Those of a type; none, if it has no fields, or its layout makes no sense.
    pub(super) fn of(layouts: &'a [Layout], number: TypeNumber) -> Self {
        let form = layouts.get(number as usize).map(|layout| &layout.form);
        let Some(Form::Fields(fields)) = form else {
            return Fields { fields: Vec::new() };
        };
        let fields = fields.iter().filter_map(|field| {
            Some(FieldReader {
                name: &field.name,
                offset: field.offset as usize,
                reader: RawReader::new(layouts, field.of, &[]).ok()?,
            })
        });
        Fields {
            fields: fields.collect(),
        }
    }

    /// Each field of an instance; none, if it does not consist of them.
    fn split(&mut self, (value, beside): Instance<'a>) -> Option<Vec<Instance<'a>>> {
        let mut rest = beside;
        let mut parts = Vec::new();
        for field in &mut self.fields {
            let end = field.offset.checked_add(field.reader.size())?;
            let own = value.get(field.offset..end)?;
            field.reader.set_beside(rest);
            field.reader.skip(own).ok()?;
            let left = field.reader.beside();
            parts.push((own, &rest[..rest.len() - left.len()]));
            rest = left;
        }
        rest.is_empty().then_some(parts)
    }

    /// The names of those in which two instances differ, as far as that can be told.
    pub(super) fn that_differ(
        &mut self,
        instance: Instance<'a>,
        others: &mut Fields<'a>,
        other: Instance<'a>,
    ) -> Vec<String> {
        let (Some(parts), Some(others)) = (self.split(instance), others.split(other)) else {
            return Vec::new();
        };
        let pairs = parts.iter().zip(&others);
        let named = self.fields.iter().zip(pairs);
        let differing = named.filter(|(_, (part, other))| part != other);
        differing.map(|(field, _)| field.name.to_owned()).collect()
    }
}
