//! How the actors of kay, and its host, send what the logic wants to be sent.

use kay_runtime::{CBox, Id, RawId, Recipient, Spawner, World};

use crate::actors::*;
use crate::letter::{Kind, Letter, To};
use crate::logic::Surroundings;

/// A world of kay, as surroundings.
pub(crate) struct InKay<'a>(pub(crate) &'a mut World);

/// Makes a message of a letter, and sends it with this method.
macro_rules! send {
    ($world:expr, $method:ident, $to:expr, $letter:expr) => {{
        let (
            to,
            Letter {
                kind,
                note,
                from,
                friends,
                text,
            },
        ) = ($to, $letter);
        match kind {
            Kind::Poke => $world.$method(to, Poke { note, from }),
            Kind::Say => {
                let (text, friends) = (text.as_str().into(), friends.into_iter().collect());
                $world.$method(
                    to,
                    Say {
                        note,
                        text,
                        friends,
                    },
                );
            }
            Kind::Call => $world.$method(to, Call { note }),
            Kind::Big => {
                let (boxed, more) = (CBox::new([note.seed; 4]), [note.seed; 150]);
                $world.$method(to, Big { note, boxed, more });
            }
            Kind::New | Kind::Seed => unreachable!("spawners are not sent"),
        }
    }};
}

impl InKay<'_> {
    fn send_typed<A>(&mut self, to: Id<A>, letter: Letter)
    where
        A: Recipient<Poke> + Recipient<Say> + Recipient<Call> + Recipient<Big>,
    {
        send!(self.0, send, to, letter);
    }

    fn send_to_trait(&mut self, to: impl Into<RawId>, letter: Letter) {
        send!(self.0, send_to_trait, AnyId(to.into()), letter);
    }

    fn spawn_anywhere(&mut self, near: Option<RawId>, spawner: impl Spawner) -> RawId {
        match near {
            Some(near) => self.0.spawn_near(near, spawner).into(),
            None => self.0.spawn(spawner).into(),
        }
    }
}

impl Surroundings for InKay<'_> {
    fn turn(&self) -> u64 {
        self.0.turn()
    }

    /// Takes each of the ways that there are.
    fn send(&mut self, to: To, letter: Letter) {
        match to {
            To::One(id) if letter.note.seed.is_multiple_of(2) => self.send_to_trait(id, letter),
            To::One(id) => match type_of(id) {
                0 => self.send_typed(typed::<Plain>(id), letter),
                1 => self.send_typed(typed::<Diary>(id), letter),
                _ => self.send_typed(typed::<Moody>(id), letter),
            },
            To::All(0) => self.send_typed(Id::<Plain>::local_broadcast(self.0), letter),
            To::All(1) => self.send_typed(Id::<Diary>::global_broadcast(self.0), letter),
            To::All(_) => self.send_to_trait(Id::<Moody>::local_broadcast(self.0), letter),
            To::First(0) => self.send_typed(Id::<Plain>::local_first(self.0), letter),
            To::First(1) => self.send_to_trait(Id::<Diary>::global_first(self.0), letter),
            To::First(_) => self.send_typed(Id::<Moody>::local_first(self.0), letter),
            To::Everyone => {
                let everyone: AnyId = self.0.local_broadcast_id();
                self.send_to_trait(everyone, letter);
            }
        }
    }

    fn spawn(&mut self, of: usize, near: Option<RawId>, letter: Letter) -> RawId {
        let (note, parent, name) = (letter.note, letter.from, letter.text.as_str().into());
        match (of, letter.kind) {
            (0, Kind::New) => self.spawn_anywhere(near, NewPlain { note, name, parent }),
            (1, Kind::New) => self.spawn_anywhere(near, NewDiary { note, name, parent }),
            (_, Kind::New) => self.spawn_anywhere(near, NewMoody { note, name, parent }),
            (0, _) => self.spawn_anywhere(near, SeedPlain { note }),
            (1, _) => self.spawn_anywhere(near, SeedDiary { note }),
            _ => self.spawn_anywhere(near, SeedMoody { note }),
        }
    }
}
