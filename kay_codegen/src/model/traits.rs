//! Actor traits.

use super::compact::Compactness;
use super::generics::{Generics, Substitution, arguments_of, mentions};
use super::items::{Impl, Structs, conditions, has_id, items, parameter_names};
use super::marks::{refuse_query, useless_mark};
use super::parameters::Reader;
use super::shape::{Scope, Shape};
use super::types::{ActorTrait, Handler, Placed, Super, TraitDefinition};
use super::{Essential, camel_case};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::options::Options;
use crate::resolve::{Absolute, Def, Names, Reach};
use crate::source::{ModuleId, cfgs};
use std::collections::{BTreeSet, HashMap, HashSet};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{
    GenericArgument, GenericParam, Item, ItemTrait, Path, TraitItem, TypeParam, TypeParamBound,
    WherePredicate,
};

/// A trait, by its module and name.
pub(super) type TraitKey = (ModuleId, String);

/// Traits above a trait, with their arguments.
type Above = Vec<(TraitKey, Vec<GenericArgument>)>;

/// The actor traits of a crate, and those that it knows of other crates.
pub(super) struct Traits<'a> {
    pub(super) list: Vec<ActorTrait<'a>>,
    pub(super) index: HashMap<TraitKey, usize>,
}

struct Candidate<'a> {
    key: TraitKey,
    definitions: Vec<(Placed, &'a ItemTrait, Vec<Handler<'a>>)>,
    /// Known traits directly above it, with their arguments, for each definition.
    above: Vec<Above>,
}

/// Finds the actor traits, and declares what will be generated for them.
pub(super) fn collect<'a>(
    names: &mut Names<'a>,
    options: &Options,
    impls: &[Impl<'a>],
    structs: &Structs<'a>,
    compactness: &Compactness,
    diagnostics: &mut Diagnostics,
) -> Traits<'a> {
    let mut candidates = candidates(names, compactness, diagnostics);
    let index: HashMap<TraitKey, usize> = candidates
        .iter()
        .enumerate()
        .map(|(at, c)| (c.key.clone(), at))
        .collect();
    let chosen = choose(names, &candidates, &index, impls, structs);
    let supers: Vec<Vec<Above>> = candidates
        .iter()
        .enumerate()
        .map(|(at, candidate)| {
            let of = |definition| closure(&candidates, &index, at, definition);
            let all = if chosen.contains(&candidate.key) {
                candidate.definitions.len()
            } else {
                0
            };
            (0..all).map(of).collect()
        })
        .collect();

    let mut traits = Traits {
        list: Vec::new(),
        index: HashMap::new(),
    };
    for candidate in &candidates {
        if chosen.contains(&candidate.key) {
            let next = traits.index.len();
            traits.index.insert(candidate.key.clone(), next);
        }
    }
    for (candidate, supers) in candidates.drain(..).zip(supers) {
        if !traits.index.contains_key(&candidate.key) {
            continue;
        }
        let (module, name) = &candidate.key;
        let first = candidate.definitions[0].1;
        let reach = Reach::new(names.krate, &first.vis, *module);
        let id = options.id_name_in(names.krate, *module, name);
        names.declare(*module, id, reach);
        let mut definitions = Vec::new();
        for (placed, item, _) in &candidate.definitions {
            if names.krate.is_own(placed.module) {
                check_generics(names, *placed, item, diagnostics);
            }
        }
        for ((placed, item, handlers), supers) in candidate.definitions.into_iter().zip(supers) {
            for handler in &handlers {
                let message = format!("{name}{}", camel_case(&handler.ident.to_string()));
                names.declare(*module, message, reach);
            }
            let mut supers: Vec<Super> = supers
                .into_iter()
                .filter_map(|(key, arguments)| {
                    Some(Super {
                        index: *traits.index.get(&key)?,
                        arguments,
                    })
                })
                .collect();
            supers.sort_by_key(|above| above.index);
            definitions.push(TraitDefinition {
                placed,
                attributes: &item.attrs,
                visibility: &item.vis,
                conditions: conditions(names.krate, placed, &item.attrs),
                generics: Generics::new(&item.generics),
                handlers,
                supers,
            });
        }
        traits.list.push(ActorTrait {
            module: *module,
            ident: &first.ident,
            definitions,
        });
    }
    traits
}

/// An id and a message take over the parameters of their trait: not all can be.
fn check_generics(names: &Names, placed: Placed, item: &ItemTrait, diagnostics: &mut Diagnostics) {
    let file = &names.krate.module(placed.module).parts[placed.part].file;
    for parameter in &item.generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => diagnostics.report(
                Diagnostic::new(
                    Code::LifetimeOfTrait,
                    file,
                    lifetime.lifetime.span(),
                    format!("the actor trait `{}` has a lifetime", item.ident),
                )
                .note("a message owns what it carries")
                .help("leave it out"),
            ),
            GenericParam::Type(TypeParam {
                ident,
                default: Some((_, default)),
                ..
            }) if mentions(default, "Self") => {
                diagnostics.report(
                    Diagnostic::new(
                        Code::SelfByDefault,
                        file,
                        default.span(),
                        format!(
                            "`{ident}` of the actor trait `{}` is `Self` by default",
                            item.ident
                        ),
                    )
                    .note("the id of an actor trait stands for actors of many types")
                    .help(
                        "leave the default out, and write the type where the trait is implemented",
                    ),
                );
            }
            _ => {}
        }
    }
}

/// All known traits, with their handlers.
fn candidates<'a>(
    names: &Names<'a>,
    compactness: &Compactness,
    diagnostics: &mut Diagnostics,
) -> Vec<Candidate<'a>> {
    let mut found: Vec<Candidate<'a>> = Vec::new();
    let mut index: HashMap<TraitKey, usize> = HashMap::new();
    for (placed, file, item) in items(names.krate) {
        let Item::Trait(item) = item else { continue };
        let placed = Placed {
            span: item.ident.span(),
            ..placed
        };
        let key = (placed.module, item.ident.unraw().to_string());
        let at = *index.entry(key.clone()).or_insert_with(|| {
            found.push(Candidate {
                key,
                definitions: Vec::new(),
                above: Vec::new(),
            });
            found.len() - 1
        });
        found[at].above.push(above(names, placed.module, item));
        let mut unheard = Diagnostics::default();
        let diagnostics = if names.krate.is_own(placed.module) {
            &mut *diagnostics
        } else {
            &mut unheard
        };
        let handlers = handlers(names, compactness, placed, file, item, diagnostics);
        found[at].definitions.push((placed, item, handlers));
    }
    found
}

fn handlers<'a>(
    names: &Names<'a>,
    compactness: &Compactness,
    placed: Placed,
    file: &str,
    item: &'a ItemTrait,
    diagnostics: &mut Diagnostics,
) -> Vec<Handler<'a>> {
    let parameters: BTreeSet<String> = parameter_names(&item.generics);
    let reader = Reader {
        scope: Scope {
            names,
            module: placed.module,
            parameters: &parameters,
        },
        file,
        self_type: None,
        compactness,
    };
    let mut handlers = Vec::new();
    for item in &item.items {
        let TraitItem::Fn(item) = item else { continue };
        if refuse_query(names, placed.module, file, &item.attrs, diagnostics) {
            continue;
        }
        let essential = Essential::of(names, placed.module, &item.attrs);
        if let Some(Shape::Handler {
            parameters,
            has_fate,
        }) = reader.scope.shape(&item.sig, None)
        {
            handlers.push(Handler {
                ident: &item.sig.ident,
                attributes: &item.attrs,
                conditions: cfgs(&item.attrs),
                parameters: reader.read(&item.sig, &parameters, diagnostics),
                has_fate,
                essential,
            });
        } else if essential.is_marked() {
            useless_mark(file, &item.sig, diagnostics);
        }
    }
    handlers
}

/// The known traits that a trait names as its supertraits, with paths that hold anywhere.
fn above(names: &Names, module: ModuleId, item: &ItemTrait) -> Above {
    let parameters = parameter_names(&item.generics);
    let of_self = item
        .generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let of_self = of_self.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            let path = super::shape::plain_path(&predicate.bounded_ty)?;
            path.is_ident("Self").then_some(&predicate.bounds)
        }
        _ => None,
    });
    let mut found = Vec::new();
    for bound in item.supertraits.iter().chain(of_self.flatten()) {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let resolved = names.resolve(module, &bound.path);
        let Some(key) = resolved.iter().find_map(|def| match def {
            Def::Item(module, name) => Some((*module, name.clone())),
            _ => None,
        }) else {
            continue;
        };
        let mut path: Path = bound.path.clone();
        if key.0 != module || !names.krate.is_own(module) {
            Absolute {
                names,
                module,
                parameters: &parameters,
            }
            .visit_path_mut(&mut path);
        }
        let mut arguments = arguments_of(&path);
        // `Sink<Item = u8>` says what its actors are like: the id of a `Sink` has no such parameter.
        arguments.retain(|argument| {
            matches!(
                argument,
                GenericArgument::Lifetime(_) | GenericArgument::Type(_) | GenericArgument::Const(_)
            )
        });
        found.push((key, arguments));
    }
    found
}

/// Chooses the traits that are actor traits: those with handlers, and those that lie above or
/// below one and that an actor implements.
fn choose(
    names: &Names,
    candidates: &[Candidate],
    index: &HashMap<TraitKey, usize>,
    impls: &[Impl],
    structs: &Structs,
) -> HashSet<TraitKey> {
    let implemented: HashSet<&TraitKey> = impls
        .iter()
        .filter(|found| found.of.as_ref().is_some_and(|of| has_id(&structs[of])))
        .filter_map(|found| found.of_trait.as_ref())
        .collect();
    candidates
        .iter()
        .enumerate()
        .filter(|(at, candidate)| {
            let has_handlers = |c: &Candidate| c.definitions.iter().any(|(_, _, h)| !h.is_empty());
            // An interface names actor traits only.
            !names.krate.is_own(candidate.key.0)
                || has_handlers(candidate)
                || implemented.contains(&candidate.key)
                    && (0..candidate.definitions.len()).any(|definition| {
                        let above = closure(candidates, index, *at, definition);
                        above
                            .iter()
                            .any(|(key, _)| has_handlers(&candidates[index[key]]))
                    })
        })
        .map(|(_, candidate)| candidate.key.clone())
        .collect()
}

/// All traits above a definition of a trait, each once, with arguments in its own parameters.
fn closure(
    candidates: &[Candidate],
    index: &HashMap<TraitKey, usize>,
    at: usize,
    definition: usize,
) -> Above {
    let mut found = Above::new();
    let mut open = candidates[at].above[definition].clone();
    open.reverse();
    while let Some((key, arguments)) = open.pop() {
        let Some(&next) = index.get(&key) else {
            continue;
        };
        // A trait cannot lie above itself; the compiler says so, with a better message.
        if next == at || found.contains(&(key.clone(), arguments.clone())) || found.len() > 1000 {
            continue;
        }
        let candidate = &candidates[next];
        for (above, (_, item, _)) in candidate.above.iter().zip(&candidate.definitions) {
            let mut substitution = Substitution::default();
            let names = item
                .generics
                .params
                .iter()
                .filter_map(|parameter| match parameter {
                    syn::GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
                    syn::GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
                    syn::GenericParam::Lifetime(_) => None,
                });
            for (name, argument) in names.zip(&arguments) {
                if let GenericArgument::Type(ty) = argument {
                    substitution.arguments.insert(name, ty.clone());
                }
            }
            for (key, arguments) in above.iter().rev() {
                let mut arguments = arguments.clone();
                for argument in &mut arguments {
                    substitution.visit_generic_argument_mut(argument);
                }
                open.push((key.clone(), arguments));
            }
        }
        found.push((key, arguments));
    }
    found
}
