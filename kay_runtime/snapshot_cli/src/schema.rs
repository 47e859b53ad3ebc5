//! How types lie, for people and as JSON.

use std::io::{self, Write};

use kay_runtime::inspect::{Field, Form, Layout};
use serde_json::{Value, json};

use crate::table::printable;

/// Writes all types, with their fields.
pub(crate) fn write(layouts: &[Layout], out: &mut impl Write) -> io::Result<()> {
    for (number, layout) in layouts.iter().enumerate() {
        writeln!(
            out,
            "  #{number} {}: {}, {} bytes, aligned to {}",
            printable(&layout.name),
            what(&layout.form, layouts),
            layout.size,
            layout.align
        )?;
        match &layout.form {
            Form::Fields(fields) => {
                for field in fields {
                    let Field { name, offset, of } = field;
                    let (name, of) = (printable(name), named(*of, layouts));
                    writeln!(out, "      {offset:>4} {name}: {of}")?;
                }
            }
            Form::Tags(tags) => {
                let names: Vec<String> = tags.iter().map(|tag| printable(&tag.name)).collect();
                writeln!(out, "      {}", names.join(" | "))?;
            }
            Form::Beside(variants) => {
                for variant in variants {
                    let fields = variant.fields.iter();
                    let fields = fields.map(|field| {
                        let of = named(field.of, layouts);
                        format!(" {}: {of}", printable(&field.name))
                    });
                    let fields: Vec<String> = fields.collect();
                    let name = printable(&variant.name);
                    writeln!(out, "      {name}{}", fields.join(","))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The name of a type and its number.
fn named(number: u32, layouts: &[Layout]) -> String {
    let layout = layouts.get(number as usize);
    let name = layout.map_or("?".to_owned(), |layout| printable(&layout.name));
    format!("{name} #{number}")
}

/// What values of a form consist of.
fn what(form: &Form, layouts: &[Layout]) -> String {
    match form {
        Form::Plain => "plain".to_owned(),
        Form::Optional(of) => format!("nothing or {}", named(*of, layouts)),
        Form::Tags(_) => "one of these".to_owned(),
        Form::Fields(_) => "fields".to_owned(),
        Form::Array(of, count) => format!("{count} of {}", named(*of, layouts)),
        Form::List { of, .. } => format!("a list of {}, beside", named(*of, layouts)),
        Form::Boxed(of) => format!("{}, beside", named(*of, layouts)),
        Form::Beside(_) => "one of these, beside in portable form".to_owned(),
        Form::Opaque => "beside in portable form".to_owned(),
        Form::Empty => "not kept".to_owned(),
    }
}

/// The same as JSON.
pub(crate) fn json(layouts: &[Layout]) -> Value {
    let fields = |fields: &[Field]| -> Vec<Value> {
        let field = |field: &Field| json!({ "name": &*field.name, "offset": field.offset, "type": field.of });
        fields.iter().map(field).collect()
    };
    let form = |form: &Form| match form {
        Form::Plain => json!("plain"),
        Form::Optional(of) => json!({ "optional": of }),
        Form::Tags(tags) => {
            let names: Vec<&str> = tags.iter().map(|tag| &*tag.name).collect();
            json!({ "tags": names })
        }
        Form::Fields(of) => json!({ "fields": fields(of) }),
        Form::Array(of, count) => json!({ "array": of, "count": count }),
        Form::List { of, .. } => json!({ "list": of }),
        Form::Boxed(of) => json!({ "boxed": of }),
        Form::Beside(variants) => {
            let variants: Vec<Value> = variants
                .iter()
                .map(|variant| json!({ "name": &*variant.name, "fields": fields(&variant.fields) }))
                .collect();
            json!({ "beside": variants })
        }
        Form::Opaque => json!("opaque"),
        Form::Empty => json!("empty"),
    };
    let layouts = layouts.iter().map(|layout| {
        json!({
            "name": &*layout.name,
            "size": layout.size,
            "align": layout.align,
            "form": form(&layout.form),
        })
    });
    layouts.collect()
}
