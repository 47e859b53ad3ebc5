//! Recorded types as Rust source, of which the same layouts come again.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Write;

use kay_runtime::inspect::{Field, Form, Layout, Variant};

/// How deep types are nested without a name, and how many parts all have together. A file may claim that they never
/// end.
const MOST_LEVELS: u32 = 64;
const MOST_PARTS: u32 = 1 << 16;

/// Definitions of recorded types.
///
/// Types of the standard library and of kay are named; all others are defined anew. Arguments of generic types are
/// not recorded: what a field of such a type consists of is, so each of their instances is a type of its own here.
pub(crate) struct Declarations<'a> {
    layouts: &'a [Layout],
    /// Structs that are laid out as their field, since an `Option` of them is.
    transparent: HashSet<u32>,
    /// Types that the keys of maps consist of.
    keys: HashSet<u32>,
    /// What types are called here, and those of them that are still to be defined.
    names: HashMap<u32, String>,
    waiting: VecDeque<u32>,
    /// The crate of the actor, from whose code types are named that cannot be defined.
    home: String,
    parts_left: u32,
    /// What is needed of `kay_runtime`.
    pub(crate) imports: BTreeSet<&'static str>,
    /// Whether arguments are missing that decide about nothing.
    pub(crate) is_incomplete: bool,
    /// Whether types are named that are neither defined here nor kay's or the standard library's.
    pub(crate) has_foreign: bool,
    /// The definitions.
    pub(crate) items: Vec<String>,
}

type Result<T> = std::result::Result<T, String>;

impl<'a> Declarations<'a> {
    pub(crate) fn new(layouts: &'a [Layout]) -> Self {
        Declarations {
            layouts,
            transparent: transparent(layouts),
            keys: keys(layouts),
            names: HashMap::new(),
            waiting: VecDeque::new(),
            home: String::new(),
            parts_left: MOST_PARTS,
            imports: BTreeSet::new(),
            is_incomplete: false,
            has_foreign: false,
            items: Vec::new(),
        }
    }

    /// Defines an actor type, and all types in it that are not defined yet. An error says what makes no sense.
    pub(crate) fn declare(&mut self, actor: &str, number: u32) -> Result<()> {
        self.home = actor.split("::").next().unwrap_or_default().to_owned();
        if let Form::Fields(_) | Form::Tags(_) | Form::Beside(_) = self.layout(number)?.form {
            self.name(number);
        } else {
            // Only its own code knows what it was, so nothing can differ.
            let path = path(actor)?.join("::");
            let item = format!("// `{path}` is kept in a form that only its own code knows.\n");
            self.items.push(item);
        }
        while let Some(number) = self.waiting.pop_front() {
            let item = self.define(number)?;
            self.items.push(item);
        }
        Ok(())
    }

    fn layout(&self, number: u32) -> Result<&'a Layout> {
        let layout = self.layouts.get(number as usize);
        layout.ok_or_else(|| format!("there is no type number {number}"))
    }

    /// What a type is called that is defined here.
    fn name(&mut self, number: u32) -> String {
        if let Some(name) = self.names.get(&number) {
            return name.clone();
        }
        let path = &self.layouts[number as usize].name;
        let last = path.rsplit("::").next().unwrap_or(path);
        // A type may have been given any name.
        let last = ident(last).unwrap_or_else(|_| "Type".to_owned());
        let last = format!("Old{}", last.trim_start_matches("r#"));
        let others = (2..).map(|count| format!("{last}{count}"));
        let mut candidates = std::iter::once(last.clone()).chain(others);
        let is_free = |name: &String| self.names.values().all(|taken| taken != name);
        let name = candidates.find(is_free).expect("there is no end of them");
        self.names.insert(number, name.clone());
        self.waiting.push_back(number);
        name
    }

    fn define(&mut self, number: u32) -> Result<String> {
        let layout = self.layout(number)?;
        let name = self.name(number);
        self.imports.insert("Compact");
        let derived = match self.keys.contains(&number) {
            true => "PartialEq, Eq, Hash, Compact",
            false => "Compact",
        };
        let mut item = format!(
            "#[derive({derived})]\n#[compact(name = {:?})]\n",
            &*layout.name
        );
        if self.transparent.contains(&number) {
            item += "#[repr(transparent)]\n";
        }
        match &layout.form {
            Form::Fields(fields) => {
                let end = match fields.first() {
                    Some(field) if !is_position(&field.name) => "",
                    _ => ";",
                };
                let fields = self.fields(fields, "pub(crate) ", "")?;
                let _ = writeln!(item, "pub(crate) struct {name}{fields}{end}");
            }
            Form::Tags(tags) => {
                let _ = writeln!(item, "pub(crate) enum {name} {{");
                for tag in tags {
                    let _ = writeln!(item, "    {},", ident(&tag.name)?);
                }
                item += "}\n";
            }
            Form::Beside(variants) if variants.is_empty() => {
                let _ = writeln!(item, "pub(crate) enum {name} {{}}");
            }
            Form::Beside(variants) => {
                let _ = writeln!(item, "pub(crate) enum {name} {{");
                for Variant { name, fields } in variants {
                    let fields = self.fields(fields, "", "    ")?;
                    let _ = writeln!(item, "    {}{fields},", ident(name)?);
                }
                item += "}\n";
            }
            _ => unreachable!("only these are given names"),
        }
        Ok(item)
    }

    /// What stands behind the name of a struct or a variant.
    fn fields(&mut self, fields: &[Field], public: &str, indent: &str) -> Result<String> {
        let Some(first) = fields.first() else {
            return Ok(String::new());
        };
        if is_position(&first.name) {
            let types = self.positional(fields)?;
            let types: Vec<String> = types.iter().map(|of| format!("{public}{of}")).collect();
            return Ok(format!("({})", types.join(", ")));
        }
        let mut text = " {\n".to_owned();
        for field in fields {
            let (name, of) = (ident(&field.name)?, self.type_of(field.of, MOST_LEVELS)?);
            let _ = writeln!(text, "{indent}    {public}{name}: {of},");
        }
        Ok(text + indent + "}")
    }

    /// The types of fields without names.
    fn positional(&mut self, fields: &[Field]) -> Result<Vec<String>> {
        let types = fields.iter().enumerate().map(|(at, field)| {
            if *field.name != *at.to_string() {
                return Err(format!(
                    "`{}` is no field number {at}",
                    field.name.escape_debug()
                ));
            }
            self.type_of(field.of, MOST_LEVELS)
        });
        types.collect()
    }

    /// How a type is written where it is used.
    fn type_of(&mut self, number: u32, levels: u32) -> Result<String> {
        let layout = self.layout(number)?;
        let end = || "its types never end".to_owned();
        let levels = levels.checked_sub(1).ok_or_else(end)?;
        self.parts_left = self.parts_left.checked_sub(1).ok_or_else(end)?;
        let mut argument = |at: usize| match parts(layout).nth(at) {
            Some(of) => self.type_of(of, levels),
            None => Err(format!("`{}` lacks a part", layout.name.escape_debug())),
        };
        Ok(match (&*layout.name, &layout.form) {
            (name, Form::Plain | Form::Opaque) if is_primitive(name) => name.to_owned(),
            ("core::cmp::Ordering", _) => "std::cmp::Ordering".to_owned(),
            ("core::time::Duration", _) => "std::time::Duration".to_owned(),
            ("tuple", Form::Fields(fields)) => {
                let types = fields.iter().map(|field| self.type_of(field.of, levels));
                let types = types.collect::<Result<Vec<_>>>()?;
                match &types[..] {
                    [only] => format!("({only},)"),
                    all => format!("({})", all.join(", ")),
                }
            }
            ("array", &Form::Array(of, count)) => {
                format!("[{}; {count}]", self.type_of(of, levels)?)
            }
            ("core::option::Option", &Form::Optional(of)) => {
                format!("Option<{}>", self.type_of(of, levels)?)
            }
            ("core::option::Option", Form::Beside(_)) => format!("Option<{}>", argument(0)?),
            ("core::result::Result", Form::Beside(_)) => {
                format!("Result<{}, {}>", argument(0)?, argument(1)?)
            }
            ("core::ops::Bound", Form::Beside(_)) => format!("std::ops::Bound<{}>", argument(0)?),
            ("core::marker::PhantomData", Form::Fields(_)) => {
                self.is_incomplete = true;
                "std::marker::PhantomData<()>".to_owned()
            }
            (
                "core::num::Wrapping"
                | "core::num::Saturating"
                | "core::cmp::Reverse"
                | "core::ops::Range"
                | "core::ops::RangeFrom"
                | "core::ops::RangeTo",
                Form::Fields(_),
            ) => format!("std{}<{}>", &layout.name["core".len()..], argument(0)?),
            ("chunky::CString", _) => self.import("CString"),
            ("chunky::CVec", &Form::List { of, .. }) => {
                format!("{}<{}>", self.import("CVec"), self.type_of(of, levels)?)
            }
            ("chunky::CBox", &Form::Boxed(of)) => {
                format!("{}<{}>", self.import("CBox"), self.type_of(of, levels)?)
            }
            ("chunky::CMap", Form::Beside(_)) => {
                let (key, value) = (argument(0)?, argument(1)?);
                format!("{}<{key}, {value}>", self.import("CMap"))
            }
            ("kay_runtime::RawId", _) => self.import("RawId"),
            ("kay_runtime::Id", _) => {
                self.is_incomplete = true;
                self.import("Id") + "<()>"
            }
            ("kay_runtime::External", _) => {
                self.is_incomplete = true;
                self.import("External") + "<()>"
            }
            (name, Form::Plain | Form::Opaque) if let Some(number) = nonzero(name) => {
                format!("std::num::NonZero<{number}>")
            }
            (_, Form::Fields(_) | Form::Tags(_) | Form::Beside(_)) => self.name(number),
            (name, Form::Opaque) if !name.starts_with("chunky::") => {
                self.has_foreign = true;
                let mut path = path(name)?;
                if path[0] == self.home {
                    path[0] = "crate".to_owned();
                }
                path.join("::")
            }
            (name, _) => {
                let name = name.escape_debug();
                return Err(format!(
                    "`{name}` is not recorded in a form that it has here"
                ));
            }
        })
    }

    fn import(&mut self, name: &'static str) -> String {
        self.imports.insert(name);
        name.to_owned()
    }
}

/// The structs that must be laid out as their field.
fn transparent(layouts: &[Layout]) -> HashSet<u32> {
    let mut found = HashSet::new();
    for layout in layouts {
        let Form::Optional(mut number) = layout.form else {
            continue;
        };
        while let Some(Form::Fields(fields)) = layouts.get(number as usize).map(|it| &it.form)
            && let [field] = &fields[..]
            && found.insert(number)
        {
            number = field.of;
        }
    }
    found
}

/// The types that the keys of maps consist of.
fn keys(layouts: &[Layout]) -> HashSet<u32> {
    let maps = layouts.iter().filter(|it| *it.name == *"chunky::CMap");
    let mut waiting: Vec<u32> = maps.filter_map(|map| parts(map).next()).collect();
    let mut found = HashSet::new();
    while let Some(number) = waiting.pop() {
        if let Some(layout) = layouts.get(number as usize)
            && found.insert(number)
        {
            waiting.extend(parts(layout));
        }
    }
    found
}

/// The types that are in a type.
fn parts(layout: &Layout) -> impl Iterator<Item = u32> {
    let (one, variants, fields): (Option<u32>, &[Variant], &[Field]) = match &layout.form {
        Form::Plain | Form::Opaque | Form::Empty | Form::Tags(_) => (None, &[], &[]),
        Form::Optional(of) | Form::Array(of, _) | Form::List { of, .. } | Form::Boxed(of) => {
            (Some(*of), &[], &[])
        }
        Form::Fields(fields) => (None, &[], fields),
        Form::Beside(variants) => (None, variants, &[]),
    };
    let fields = fields
        .iter()
        .chain(variants.iter().flat_map(|it| &it.fields));
    one.into_iter().chain(fields.map(|field| field.of))
}

fn is_position(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_integer(name: &str) -> bool {
    let all = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    ];
    all.contains(&name)
}

fn is_primitive(name: &str) -> bool {
    is_integer(name) || ["bool", "char", "f32", "f64"].contains(&name)
}

/// The number that is not zero in a type of this name.
fn nonzero(name: &str) -> Option<&str> {
    let number = name
        .strip_prefix("core::num::NonZero<")?
        .strip_suffix('>')?;
    is_integer(number).then_some(number)
}

/// The names in a path. What is pasted into a source must not be more than that.
fn path(text: &str) -> Result<Vec<String>> {
    text.split("::").map(ident).collect()
}

/// A name as it is written: `r#type`, if it is a keyword.
fn ident(name: &str) -> Result<String> {
    let parse = |name: &str| syn::parse_str::<syn::Ident>(name);
    let found = parse(name).or_else(|_| parse(&format!("r#{name}")));
    // The parser skips comments.
    let found = found.map(|ident| ident.to_string()).ok();
    found
        .filter(|found| found.trim_start_matches("r#") == name.trim_start_matches("r#"))
        .ok_or_else(|| format!("`{}` is no name", name.escape_debug()))
}

#[cfg(test)]
mod tests {
    use kay_runtime::inspect::{Field, Form, Layout};

    use super::{Declarations, Variant};

    fn field(name: &str, of: u32) -> Field {
        let (name, offset) = (name.into(), 0);
        Field { name, offset, of }
    }

    /// Why nothing is printed of a type, of which another file says this.
    fn refusal(types: &[(&str, Form)]) -> String {
        let layouts = types.iter().map(|(name, form)| Layout {
            name: (*name).into(),
            size: 8,
            align: 8,
            form: form.clone(),
        });
        let layouts: Vec<Layout> = layouts.collect();
        let mut declarations = Declarations::new(&layouts);
        declarations.declare("city::Car", 0).unwrap_err()
    }

    /// As above, of a struct with one field of this type.
    fn refusal_of(name: &str, form: Form) -> String {
        let car = Form::Fields([field("speed", 1)].into());
        refusal(&[("city::Car", car), (name, form)])
    }

    #[test]
    fn what_a_file_says_is_no_source() {
        let named = |name| {
            refusal(&[
                ("city::Car", Form::Fields([field(name, 1)].into())),
                ("u8", Form::Plain),
            ])
        };
        for name in ["", "a: u8, b", "a /* b */", "a b", "self", "1", "\u{1b}[2J"] {
            let what = named(name);
            assert!(what.contains(" is no "), "{name}: {what}");
            assert!(!what.contains('\u{1b}'), "{what}");
        }
        let empty = Variant {
            name: "}".into(),
            fields: Default::default(),
        };
        let what = refusal(&[("city::Car", Form::Beside([empty].into()))]);
        assert_eq!(what, "`}` is no name");
        for path in ["city::Lane<u8>", "", "a; b", "city::{{closure}}"] {
            let what = refusal_of(path, Form::Opaque);
            assert!(what.contains(" is no name"), "{path}: {what}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        assert_eq!(refusal(&[]), "there is no type number 0");
        let (of, at, length) = (1, 0, 8);
        let list = Form::List { of, at, length };
        assert_eq!(
            refusal_of("chunky::CVec", list.clone()),
            "its types never end"
        );
        let all = ["tuple", "core::ops::Range"];
        let itself = Form::Fields([field("0", 1), field("1", 1)].into());
        let told = all.map(|name| refusal_of(name, itself.clone()));
        assert_eq!(told, ["its types never end"; 2]);
        let nothing = refusal_of("core::result::Result", Form::Beside(Default::default()));
        assert_eq!(nothing, "`core::result::Result` lacks a part");
        for name in ["chunky::CVec", "chunky::CBox"] {
            assert!(refusal_of(name, Form::Opaque).contains("in a form"));
        }
        assert!(refusal_of("city::Lane", list).contains("in a form"));
    }
}
