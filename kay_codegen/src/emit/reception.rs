//! How an actor receives a message.

use super::generics::{Common, Parameters};
use super::writer::{Piece, Writer};
use crate::model::{Essential, Parameter, normalised};

/// A message and the function that handles it.
pub(super) struct Reception<'m> {
    pub(super) conditions: Vec<String>,
    /// The parameters of the block.
    pub(super) parameters: &'m Parameters,
    /// The actor, with arguments.
    pub(super) target: &'m str,
    /// The type of the message, with arguments.
    pub(super) message: &'m str,
    /// The function that handles it: `Self::tick`.
    pub(super) function: String,
    pub(super) arguments: &'m [Parameter],
    pub(super) has_fate: bool,
    pub(super) is_deprecated: bool,
    pub(super) essential: &'m Essential,
}

impl Reception<'_> {
    /// `impl Recipient<CarTick> for Car`.
    pub(super) fn write(mut self, out: &mut Writer) {
        if self.is_deprecated {
            self.conditions.push("#[allow(deprecated)]".to_owned());
        }
        let common = Common {
            conditions: &self.conditions,
            parameters: self.parameters,
        };
        let recipient = ["::kay_runtime::Recipient<", self.message, ">"].concat();
        common.start(out, &recipient, Some(self.target));
        if let Some(essential) = essential(self.essential) {
            out.line(&["const ESSENTIAL: bool = ", &essential, ";"]);
            out.gap();
        }
        let message = if self.arguments.is_empty() {
            "_message: "
        } else {
            "message: "
        };
        self.function(
            out,
            "receive",
            [message, self.message].concat(),
            "message.",
            "",
        );
        // Otherwise what the runtime does by itself will do: each actor gets a copy.
        if self.arguments.iter().any(|argument| argument.is_lent) {
            out.gap();
            let shared = ["message: &", self.message].concat();
            let copied = "::kay_runtime::Compact::duplicate(";
            self.function(out, "receive_shared", shared, "message.", copied);
        }
        out.close();
    }

    /// A function that hands a message on. What is not lent is taken out of it, or `copied`.
    fn function(&self, out: &mut Writer, name: &str, message: String, field: &str, copied: &str) {
        out.line(&["#[inline]"]);
        out.function(
            ["fn ", name, "("].concat(),
            vec![
                "&mut self".into(),
                message.into(),
                "world: &mut ::kay_runtime::World".into(),
            ],
            " -> ::kay_runtime::Fate {",
        );
        let argument = |argument: &Parameter| {
            let name = &argument.field;
            match (argument.is_lent, copied) {
                (true, _) => ["&", field, name].concat().into(),
                (false, "") => [field, name].concat().into(),
                (false, copied) => Piece::call(copied, vec![["&", field, name].concat().into()]),
            }
        };
        let arguments = self.arguments.iter().map(argument);
        let arguments = [Piece::from("self")].into_iter().chain(arguments);
        let arguments = arguments.chain(["world".into()]).collect();
        let call = Piece::call([&self.function, "("].concat(), arguments);
        if self.has_fate {
            out.statement("", &call, "");
        } else {
            out.statement("", &call, ";");
            out.line(&["::kay_runtime::Fate::Live"]);
        }
        out.close();
    }
}

/// Whether a message is essential, if anything says so.
fn essential(essential: &Essential) -> Option<String> {
    if essential.always {
        return Some("true".to_owned());
    }
    if !essential.is_marked() {
        return None;
    }
    let when: Vec<String> = essential.when.iter().cloned().map(normalised).collect();
    Some(format!("::core::cfg!(any({}))", when.join(", ")))
}
