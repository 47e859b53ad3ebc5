//! How all that a world consists of lies in memory.

use std::any::Any;

use chunky::raw::{Layout, Layouts, TypeNumber};
use chunky::{ItemForm, MapForms};

use crate::registry::{Registry, Tag, TypeIndex};
use crate::world::Returned;

/// The layouts of a registry's actor types and messages.
pub(crate) struct Schema {
    layouts: Box<Layouts>,
    /// By type; a `RawForm` of the type.
    actors: Vec<Option<ActorForm>>,
    /// By tag.
    messages: Vec<Option<ItemForm>>,
    pub(crate) maps: MapForms,
}

/// How instances of a type lie in memory: the number of its layout, and a `RawForm`.
pub(crate) struct ActorForm {
    pub(crate) number: TypeNumber,
    pub(crate) form: Box<dyn Any + Send + Sync>,
}

impl Schema {
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut layouts = Layouts::new();
        let maps = MapForms::new(&mut layouts);
        let mut actors: Vec<Option<ActorForm>> = vec![None];
        for (_, actor) in registry.actors() {
            actors.push(Some((actor.form)(&mut layouts)));
        }
        let mut messages: Vec<Option<ItemForm>> = vec![None];
        for handler in registry.handlers() {
            messages.push(Some((handler.tools.form)(&mut layouts)));
        }
        let returned = registry.returned_tag().0;
        debug_assert_eq!(usize::from(returned), messages.len(), "the last tag");
        messages.push(Some(ItemForm::new::<Returned>(&mut layouts)));
        Schema {
            layouts,
            actors,
            messages,
            maps,
        }
    }

    /// All layouts, to be recorded.
    pub(crate) fn layouts(&self) -> &[Layout] {
        self.layouts.all()
    }

    /// How instances of a type lie.
    pub(crate) fn actor(&self, index: TypeIndex) -> &ActorForm {
        let form = self.actors[usize::from(index)].as_ref();
        form.expect("each type but the shard has a form")
    }

    /// How messages lie, by tag.
    pub(crate) fn messages(&self) -> &[Option<ItemForm>] {
        &self.messages
    }

    /// The number of the layout of the messages with a tag.
    pub(crate) fn message(&self, tag: Tag) -> TypeNumber {
        let form = self.messages[usize::from(tag.0)].as_ref();
        form.expect("each tag but that of marks has a form")
            .number()
    }
}
