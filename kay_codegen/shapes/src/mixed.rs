//! How actors talk to each other: ids in messages, state in messages, trait ids in state.

use kay_runtime::prelude::*;

kay_auto!();

/// Something that wants an answer.
pub trait Asker {
    /// The answer.
    fn answered(&mut self, answer: &CString, from: OracleId, world: &mut World);
}

/// Answers.
#[derive(Compact)]
pub struct Oracle {
    id: OracleId,
    asked: CMap<u32, AskerId>,
}

impl Oracle {
    /// Makes one.
    pub fn spawn(id: OracleId, _: &mut World) -> Self {
        Self {
            id,
            asked: CMap::new(),
        }
    }

    /// A question, with the id of who asks.
    pub fn ask(&mut self, question: u32, asker: AskerId, world: &mut World) {
        self.asked.insert(question, asker);
        asker.answered(CString::from("yes"), self.id, world);
    }
}

/// Asks.
#[derive(Compact)]
pub struct Pilgrim {
    id: PilgrimId,
    oracle: OracleId,
    answer: CString,
}

impl Pilgrim {
    /// Makes one, which asks at once.
    pub fn spawn(id: PilgrimId, oracle: OracleId, world: &mut World) -> Self {
        let pilgrim = Self {
            id,
            oracle,
            answer: CString::default(),
        };
        pilgrim.ask_again(world);
        pilgrim
    }

    /// Called as a plain method too, before the actor is in its place.
    pub fn ask_again(&self, world: &mut World) {
        self.oracle.ask(self.id.index(), self.id.into(), world);
    }
}

impl Asker for Pilgrim {
    fn answered(&mut self, answer: &CString, from: OracleId, _: &mut World) {
        assert_eq!(from, self.oracle);
        self.answer = answer.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::{Oracle, OracleId, Pilgrim, PilgrimId};
    use crate::support::{settle, system};

    #[test]
    fn a_question_and_its_answer() {
        let mut system = system();
        let world = system.world();
        let oracle = OracleId::spawn(world);
        let pilgrims: Vec<_> = (0..9).map(|_| PilgrimId::spawn(oracle, world)).collect();
        settle(&mut system);
        for pilgrim in pilgrims {
            assert_eq!(&*system.get::<Pilgrim>(pilgrim).unwrap().answer, "yes");
        }
        assert_eq!(system.get::<Oracle>(oracle).unwrap().asked.len(), 9);
    }
}
