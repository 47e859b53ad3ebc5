//! What the ids of actors and of actor traits have in common.

use super::generics::{Common, Parameters};
use super::writer::{Piece, Writer};

/// An id to be written.
pub(super) struct Id<'i> {
    /// `CarId`.
    pub(super) name: &'i str,
    /// `Car`.
    pub(super) of: &'i str,
    /// `pub `, or another visibility.
    pub(super) visibility: &'i str,
    pub(super) conditions: &'i [String],
    /// Whether it may be more public than it can be used.
    pub(super) is_hidden: bool,
    /// The parameters of the struct.
    pub(super) parameters: &'i Parameters,
}

impl Id<'_> {
    fn common(&self) -> Common<'_> {
        Common {
            conditions: self.conditions,
            parameters: self.parameters,
        }
    }

    /// `CarId<T>`.
    pub(super) fn ty(&self) -> String {
        [self.name, &self.parameters.arguments].concat()
    }

    /// The struct, after its documentation, and the traits of a plain value.
    pub(super) fn definition(&self, out: &mut Writer, fields: Vec<Piece>) {
        if self.parameters.is_empty() {
            out.line(&["#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ::kay_runtime::Compact)]"]);
        } else {
            out.line(&["#[derive(::kay_runtime::Compact)]"]);
        }
        out.line(&["#[compact(crate = ::kay_runtime)]"]);
        if fields.len() == 1 {
            // So an `Option` of it is as certainly laid out as one of what is in it.
            out.line(&["#[repr(transparent)]"]);
        }
        out.allow(&allowed(self.is_hidden, false));
        let parameters = &self.parameters.with_defaults;
        let open = [self.visibility, "struct ", self.name, parameters, "("].concat();
        out.tuple(&Piece::call(open, fields), &self.parameters.clause);
        if !self.parameters.is_empty() {
            self.without_bounds(out);
        }
        self.common().implement(
            out,
            "::core::fmt::Display",
            &self.ty(),
            "
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }",
            &[],
        );
    }

    /// What an id can do whatever its type arguments can do: a derive would ask the same of them.
    fn without_bounds(&self, out: &mut Writer) {
        let (common, ty) = (self.common(), self.ty());
        let clone_is_copy = ["#[allow(clippy::expl_impl_clone_on_copy)]".to_owned()];
        let conditions = [self.conditions, &clone_is_copy].concat();
        let with_attribute = Common {
            conditions: &conditions,
            ..common
        };
        with_attribute.implement(
            out,
            "::core::clone::Clone",
            &ty,
            "
            fn clone(&self) -> Self {
                *self
            }",
            &[],
        );
        common.mark(out, "::core::marker::Copy", &ty);
        common.implement(
            out,
            "::core::cmp::PartialEq",
            &ty,
            "
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }",
            &[],
        );
        common.mark(out, "::core::cmp::Eq", &ty);
        common.implement(
            out,
            "::core::cmp::PartialOrd",
            &ty,
            "
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }",
            &[],
        );
        common.implement(
            out,
            "::core::cmp::Ord",
            &ty,
            "
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                ::core::cmp::Ord::cmp(&self.0, &other.0)
            }",
            &[],
        );
        common.implement(
            out,
            "::core::hash::Hash",
            &ty,
            "
            fn hash<__H: ::core::hash::Hasher>(&self, state: &mut __H) {
                ::core::hash::Hash::hash(&self.0, state);
            }",
            &[],
        );
        common.implement(
            out,
            "::core::fmt::Debug",
            &ty,
            "
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(\"$name\").field(&self.0).finish()
            }",
            &[("name", self.name)],
        );
    }

    /// The special addresses, each with what it is and how it is made, and the parts of an id.
    pub(super) fn methods(
        &self,
        out: &mut Writer,
        parameters: &Parameters,
        addresses: &[(&str, &str, &str)],
        index: &str,
    ) {
        let common = Common {
            conditions: self.conditions,
            parameters,
        };
        start_methods(out, common, &self.ty(), &allowed(self.is_hidden, false));
        for (method, what, value) in addresses {
            out.gap();
            out.lines(
                "
                /// The address of $what.
                #[must_use]
                $pubfn $method(world: &::kay_runtime::World) -> Self {
                    $value
                }",
                &[
                    ("what", &what.replace("$of", self.of)),
                    ("pub", self.visibility),
                    ("method", method),
                    ("value", value),
                ],
            );
        }
        out.gap();
        out.lines(
            "
            /// $index
            #[must_use]
            $pubfn index(self) -> u32 {
                self.0.index()
            }

            /// The machine that the actor lives on.
            #[must_use]
            $pubfn machine(self) -> u16 {
                self.0.machine()
            }

            /// How many actors have had this index, this one included.
            #[must_use]
            $pubfn generation(self) -> u16 {
                self.0.generation()
            }",
            &[("index", index), ("pub", self.visibility)],
        );
        out.close();
    }
}

/// Begins an `impl` with methods of an id, with what it is [`allowed`].
pub(super) fn start_methods(out: &mut Writer, common: Common, id: &str, allowed: &[&str]) {
    out.gap();
    out.attributes(common.conditions);
    out.allow(allowed);
    let head = ["impl", &common.parameters.declared, " ", id].concat();
    out.head(&head, None, &common.parameters.clause);
}

/// What nobody has to mend about an id: it need not be used, its documentation names the actor,
/// which may be more private, and where it names itself it does so as the source does.
pub(super) fn allowed(is_hidden: bool, names_itself: bool) -> Vec<&'static str> {
    let mut lints = vec!["dead_code"];
    if names_itself {
        lints.push("clippy::use_self");
    }
    lints.push("rustdoc::private_intra_doc_links");
    if is_hidden {
        lints.push("unreachable_pub");
    }
    lints
}
