//! The function that registers the actors of a module and of the modules inside it.

use super::overview::overview;
use super::writer::Writer;
use super::{Emitter, texts};
use crate::model::{Block, normalised};
use crate::resolve::spelled;
use crate::source::ModuleId;
use quote::ToTokens;

impl<'a> Emitter<'_, 'a> {
    /// The function of a module, whose definitions of actors and blocks for actors of other crates
    /// are these, in the order of the source.
    pub(super) fn setup(
        &mut self,
        out: &mut Writer,
        module: ModuleId,
        definitions: &[(usize, usize)],
        extensions: &[&Block<'a>],
    ) {
        let model = self.model;
        if !model.setup.modules.contains(&module) {
            return;
        }
        let is_root = module == model.names.krate.root();
        let mut statements: Vec<(Vec<String>, String)> = Vec::new();
        if is_root {
            for name in &model.setup.dependencies {
                let name = spelled(name);
                statements.push((Vec::new(), format!("::{name}::setup(registry);")));
            }
        }
        for (index, at) in definitions {
            let actor = &model.actors[*index];
            let definition = &actor.definitions[*at];
            if definition.generics.is_empty() {
                let statement = format!("registry.register::<{}>();", actor.ident);
                statements.push((texts(&definition.conditions), statement));
            }
        }
        for (conditions, path) in model.setup.calls.get(&module).into_iter().flatten() {
            let statement = format!("{}(registry);", normalised(path.clone()));
            statements.push((texts(conditions), statement));
        }
        let is_always = statements
            .iter()
            .any(|(conditions, _)| conditions.is_empty())
            || extensions.iter().any(|block| block.conditions.is_empty());

        out.gap();
        let (visibility, allowed) = if is_root {
            overview(model, out);
            // In a program, there is no other crate to reach it.
            ("pub ", "unreachable_pub")
        } else {
            out.line(&["#[doc(hidden)]"]);
            ("pub(crate) ", "clippy::redundant_pub_crate")
        };
        if is_always {
            out.allow(&["dead_code", allowed]);
        } else {
            let of_nothing = [
                "clippy::missing_const_for_fn",
                "clippy::needless_pass_by_ref_mut",
            ];
            out.allow(&["dead_code", of_nothing[0], of_nothing[1], allowed]);
        }
        out.open(&[
            visibility,
            "fn setup(registry: &mut ::kay_runtime::Registry) {",
        ]);
        // However many crates take this one in, its actors are registered once.
        let is_included = is_root && !(statements.is_empty() && extensions.is_empty());
        if is_included {
            out.open(&["registry.include(|registry| {"]);
        }
        if !is_always {
            out.line(&["let _ = registry;"]);
        }
        for (conditions, statement) in &statements {
            out.attributes(conditions);
            out.line(&[statement]);
        }
        // The actors of other crates are registered by now.
        for block in extensions {
            out.attributes(&texts(&block.conditions));
            let actor = normalised(block.self_type.to_token_stream());
            out.open(&["registry.extend::<", &actor, ">(|handlers| {"]);
            self.listed(out, block);
            out.close_with("});");
        }
        if is_included {
            out.close_with("});");
        }
        out.close();
    }
}
