//! What patterns bind.

use super::types::Ty;
use super::walk::Walker;
use syn::ext::IdentExt;
use syn::{Member, Pat, Path};

impl Walker<'_, '_, '_> {
    /// Binds the names of a pattern that something of this type is matched with.
    pub(super) fn bind(&mut self, pattern: &Pat, ty: &Ty) {
        match pattern {
            Pat::Ident(pattern) => {
                if let Some((_, inner)) = &pattern.subpat {
                    self.bind(inner, ty);
                }
                self.scope
                    .push((pattern.ident.unraw().to_string(), ty.clone()));
            }
            Pat::Paren(pattern) => self.bind(&pattern.pat, ty),
            Pat::Reference(pattern) => self.bind(&pattern.pat, ty),
            Pat::Type(pattern) => {
                let ty = self.read(&pattern.ty).or(|| ty.clone());
                self.bind(&pattern.pat, &ty);
            }
            Pat::Guard(pattern) => {
                self.bind(&pattern.pat, ty);
                self.expression(&pattern.guard);
            }
            Pat::Or(pattern) => pattern.cases.iter().for_each(|case| self.bind(case, ty)),
            Pat::Slice(pattern) => pattern.elems.iter().for_each(|item| self.bind(item, ty)),
            Pat::Tuple(pattern) => {
                for (index, item) in pattern.elems.iter().enumerate() {
                    self.bind(item, &ty.at(index));
                }
            }
            Pat::TupleStruct(pattern) => {
                for (index, item) in pattern.elems.iter().enumerate() {
                    let member = Member::from(index);
                    let inner = self
                        .field_of_path(&pattern.path, &member)
                        // `Some(x)`, `Ok(x)`: an option is taken for what it holds.
                        .unwrap_or_else(|| ty.clone());
                    self.bind(item, &inner);
                }
            }
            Pat::Struct(pattern) => {
                for field in &pattern.fields {
                    let inner = self.field_of_path(&pattern.path, &field.member);
                    self.bind(&field.pat, &inner.unwrap_or(Ty::Unknown));
                }
            }
            _ => {}
        }
    }

    /// The type of a field of the struct or variant that a path names; `None` for what is not of
    /// this crate.
    fn field_of_path(&self, path: &Path, field: &Member) -> Option<Ty> {
        let of = self.read_path(path);
        if let Ty::Item(..) = of {
            return Some(self.context.field(&of, field));
        }
        let (of, variant) = self.split(path)?;
        let of = self.read_path(&of);
        matches!(of, Ty::Item(..)).then(|| self.context.variant_field(&of, variant, field))
    }

    /// A path as the path before its last part, and that part.
    pub(super) fn split<'p>(&self, path: &'p Path) -> Option<(Path, &'p syn::Ident)> {
        let last = &path.segments.last()?.ident;
        let mut before = path.clone();
        before.segments.pop()?;
        before.segments.pop_punct();
        (!before.segments.is_empty()).then_some((before, last))
    }
}
