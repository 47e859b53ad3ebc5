//! What the struct of an actor must be like.

use super::compact::{Compactness, Derived, NotCompact, derives_of, last_name};
use super::items::parameter_names;
use super::shape::{Scope, SpawnerOf};
use super::types::Placed;
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::Names;
use crate::source::ModuleId;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Field, Fields, ItemStruct, Path, parse_quote};

/// Checks the id of an actor, and whether it is compact.
pub(super) fn check(
    names: &Names,
    compactness: &Compactness,
    definitions: &[(Placed, &ItemStruct)],
    of: &SpawnerOf<'_>,
    diagnostics: &mut Diagnostics,
) {
    for (placed, item) in definitions {
        let file = &names.krate.module(placed.module).parts[placed.part].file;
        let parameters = parameter_names(&item.generics);
        let scope = Scope {
            names,
            module: placed.module,
            parameters: &parameters,
        };
        check_id(&scope, file, item, of, diagnostics);
        let derived = compactness.derived(of.module, of.name, &item.attrs);
        if derived == Derived::No {
            diagnostics.report(
                Diagnostic::new(
                    Code::ActorNotCompact,
                    file,
                    item.ident.span(),
                    format!("the actor `{}` is not compact", of.name),
                )
                .label("this has no `#[derive(Compact)]`")
                .note("actors are stored, copied, compared and saved by `Compact`")
                .help("write `#[derive(Compact)]` above it, and `use kay_runtime::Compact;` above that"),
            );
        }
        if let Some(path) = derive_out_of_scope(names, placed.module, &item.attrs) {
            diagnostics.report(
                Diagnostic::new(
                    Code::ActorNotCompact,
                    file,
                    path.span(),
                    "`#[derive(Compact)]` does not find the trait `Compact`",
                )
                .label("this needs the trait of the same name in scope")
                .help("write `use kay_runtime::Compact;`, and `#[derive(Compact)]`"),
            );
        }
        // With an `impl Compact` of its own, it may hold anything.
        if derived == Derived::Unknown {
            continue;
        }
        let mut found = Vec::new();
        for field in item.fields.iter().filter(|field| !is_id(field)) {
            compactness.check(&scope, &field.ty, &mut found);
        }
        for found in found {
            let label = format!("the actor `{}` cannot hold this", of.name);
            diagnostics.report(found.diagnostic(file, label, "write `"));
        }
    }
}

/// Whether a struct is meant to be an actor: it has the `id` of one.
pub(super) fn claims(
    names: &Names,
    definitions: &[(Placed, &ItemStruct)],
    of: &SpawnerOf<'_>,
) -> bool {
    definitions.iter().any(|(placed, item)| {
        let parameters = parameter_names(&item.generics);
        let scope = Scope {
            names,
            module: placed.module,
            parameters: &parameters,
        };
        id_of(item).is_some_and(|id| scope.is_item(&id.ty, of.module, of.id_name))
    })
}

fn id_of(item: &ItemStruct) -> Option<&Field> {
    let Fields::Named(fields) = &item.fields else {
        return None;
    };
    fields.named.iter().find(|field| is_id(field))
}

fn is_id(field: &Field) -> bool {
    field
        .ident
        .as_ref()
        .is_some_and(|ident| ident.unraw() == "id")
}

fn check_id(
    scope: &Scope<'_, '_>,
    file: &str,
    item: &ItemStruct,
    of: &SpawnerOf<'_>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(id) = id_of(item)
        && !scope.is_item(&id.ty, of.module, of.id_name)
    {
        diagnostics.report(
            Diagnostic::new(
                Code::IdType,
                file,
                id.ty.span(),
                format!("the `id` of the actor `{}` is no `{}`", of.name, of.id_name),
            )
            .label(format!("this is to be `{}`", of.id_name))
            .note("an actor keeps its own address in `id`; its type is generated")
            .help(format!(
                "if this is something else, give it another name, and add `id: {}`",
                of.id_name
            )),
        );
    }
}

impl NotCompact {
    /// Says so; `take` comes before the type that should stand there instead.
    pub(super) fn diagnostic(self, file: &str, label: String, take: &str) -> Diagnostic {
        let message = format!("{} is not compact", self.what);
        let mut diagnostic = Diagnostic::new(Code::NotCompact, file, self.span, message)
            .label(label)
            .note(self.why);
        if let Some(instead) = self.instead {
            diagnostic = diagnostic.help(format!("{take}{instead}`"));
        }
        if let Some(help) = self.help {
            diagnostic = diagnostic.help(help);
        }
        if let Some((file, span)) = self.defined {
            diagnostic = diagnostic.secondary(&file, span, "it is defined here");
        }
        diagnostic
    }
}

/// The path of a `#[derive(kay_runtime::Compact)]` in a module that has no `Compact`: the derive names
/// the trait as the module does.
fn derive_out_of_scope(names: &Names, module: ModuleId, attributes: &[Attribute]) -> Option<Path> {
    let has_crate = attributes.iter().any(|a| a.path().is_ident("compact"));
    if has_crate || !names.resolve(module, &parse_quote!(Compact)).is_empty() {
        return None;
    }
    let derives = attributes.iter().filter(|a| a.path().is_ident("derive"));
    derives
        .flat_map(|attribute| derives_of(&attribute.meta))
        .find(|path| path.get_ident().is_none() && last_name(path).as_deref() == Some("Compact"))
}
