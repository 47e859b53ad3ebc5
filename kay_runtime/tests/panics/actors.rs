//! Who panics, who answers, and who only works.

use std::panic::resume_unwind;

use kay_runtime::{ActorSystem, CVec, Compact, Fate, Id, MessageStatistics, Settings, TurnError};

use crate::common::blow;
use crate::{actor, message, on, spawn};

#[derive(Compact)]
pub struct Worker {
    pub id: Id<Worker>,
    pub done: CVec<u32>,
    pub answers: u32,
    pub hired: Option<Id<Worker>>,
    /// Held only to be dropped.
    pub bomb: Bomb,
}

/// Panics when it is dropped, if it is armed.
#[derive(Compact, Default)]
pub struct Bomb {
    pub armed: bool,
    /// Whether it panics with a [`Fuse`].
    pub fused: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if std::mem::take(&mut self.armed) {
            blow("the bomb went off");
        }
        if std::mem::take(&mut self.fused) {
            burst();
        }
    }
}

/// Panics with another one whenever it is dropped, without an end.
struct Fuse;

impl Drop for Fuse {
    fn drop(&mut self) {
        burst();
    }
}

/// Panics without a text.
fn burst() {
    resume_unwind(Box::new(Fuse));
}

/// A second type, for essential messages and for those that are held.
#[derive(Compact)]
pub struct Clerk {
    pub answers: u32,
    pub filed: u32,
}

message!(NewWorker { fails: bool });
message!(NewClerk {});
message!(
    /// Needs no drop; panics on multiples of `bad`.
    Work { number: u32, bad: u32 }
);
message!(
    /// Needs a drop.
    Haul { load: CVec<u32>, bad: u32 }
);
message!(
    /// All whose index is a multiple of `bad` panic.
    Alarm { number: u32, bad: u32 }
);
message!(Arm {});
message!(
    /// Panics with what panics when it is dropped.
    Blast {}
);
message!(Ask {
    hops: u32,
    panic: bool
});
message!(
    /// Essential; all whose index is a multiple of `bad` panic.
    Call { number: u32, bad: u32 }
);
message!(
    /// Calls all.
    Muster { number: u32, bad: u32 }
);
message!(
    /// Makes one in the shard of another one.
    Adopt { near: Id<Worker> }
);
message!(
    /// Calls who was made, and gives it work then.
    Instruct { call: u32, work: u32 }
);
message!(File {});
message!(Tear {});
message!(Hire { fails: bool });
message!(
    /// Sends work on.
    Pass { to: Id<Worker>, number: u32, bad: u32 }
);
message!(
    /// Sends an alarm to one, to all, and to the one again.
    Cry { to: Id<Worker>, all: Id<Worker>, number: u32, bad: u32 }
);

actor!(Worker, messages: [Work, Haul, Alarm, Arm, Blast, Ask, Call, Muster, Adopt, Instruct, Hire, Pass, Cry], spawners: [NewWorker]);
actor!(Clerk, messages: [Ask, File, Tear], spawners: [NewClerk]);
spawn!(Worker, NewWorker, |m, id, _world| {
    if m.fails {
        blow("no such worker");
    }
    Worker {
        id,
        done: CVec::new(),
        answers: 0,
        hired: None,
        bomb: Bomb::default(),
    }
});
spawn!(Clerk, NewClerk, |_m, _id, _world| Clerk {
    answers: 0,
    filed: 0
});
on!(Worker, Work, |this, m, _world| {
    this.done.push(m.number);
    if m.bad > 0 && m.number.is_multiple_of(m.bad) {
        blow(format!("{} is bad", m.number));
    }
});
on!(Worker, Haul, |this, m, _world| {
    this.done.push(m.load[0]);
    if m.bad > 0 && m.load[0].is_multiple_of(m.bad) {
        blow("too heavy");
    }
});
on!(Worker, Alarm, |this, m, _world| {
    this.done.push(m.number);
    if m.bad > 0 && this.id.index().is_multiple_of(m.bad) {
        blow("alarmed");
    }
});
on!(Worker, Arm, |this, _m, _world| {
    this.bomb.armed = true;
    Fate::Die
});
on!(Worker, Blast, |this, _m, _world| {
    this.bomb.fused = true;
    burst();
});
on!(Worker, Pass, |_this, m, world| world.send(
    m.to,
    Work {
        number: m.number,
        bad: m.bad
    }
));
on!(Worker, Cry, |_this, m, world| {
    for (to, number) in [
        (m.to, m.number),
        (m.all, m.number + 1),
        (m.to, m.number + 2),
    ] {
        world.send(to, Alarm { number, bad: m.bad });
    }
});
on!(Worker, Hire, |this, m, world| {
    let new = world.spawn(NewWorker { fails: m.fails });
    this.hired = Some(new);
    world.send(new, Work { number: 1, bad: 0 });
    world.send(this.id, Work { number: 2, bad: 0 });
});
on!(Worker, Ask, essential: true, |this, m, world| {
    this.answers += 1;
    if m.panic {
        blow("no answer");
    }
    if m.hops > 0 {
        world.send(this.id, Ask { hops: m.hops - 1, panic: false });
    }
});
on!(Worker, Call, essential: true, |this, m, _world| {
    this.done.push(m.number);
    if m.bad > 0 && this.id.index().is_multiple_of(m.bad) {
        blow("called away");
    }
});
on!(Worker, Muster, |_this, m, world| {
    let all = Id::<Worker>::local_broadcast(world);
    let (number, bad) = (m.number, m.bad);
    world.send(all, Call { number, bad });
});
on!(Worker, Adopt, |this, m, world| {
    this.hired = Some(world.spawn_near(m.near, NewWorker { fails: false }));
});
on!(Worker, Instruct, |this, m, world| {
    if let Some(hired) = this.hired {
        world.send(
            hired,
            Call {
                number: m.call,
                bad: 0,
            },
        );
        world.send(
            hired,
            Work {
                number: m.work,
                bad: 0,
            },
        );
    }
});
on!(Clerk, Ask, essential: true, |this, _m, _world| this.answers += 1);
on!(Clerk, Tear, |this, _m, _world| {
    this.filed -= 1;
    if this.filed == 0 {
        blow("torn");
    }
});
on!(Clerk, File, |this, _m, _world| this.filed += 1);

pub fn settings(threads: usize, shards: usize) -> Settings {
    Settings::default().threads(threads).shards(shards)
}

pub fn system(settings: Settings) -> ActorSystem {
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Worker>();
        registry.register::<Clerk>();
    };
    ActorSystem::new(settings, setup).unwrap()
}

pub fn workers(system: &mut ActorSystem, count: u32) -> Vec<Id<Worker>> {
    let ids = (0..count)
        .map(|_| system.world().spawn(NewWorker { fails: false }))
        .collect();
    system.turn().unwrap();
    ids
}

pub fn counts(system: &mut ActorSystem, name: &str) -> (u64, u64) {
    let all = system.statistics().messages;
    let found = all.iter().filter(|message| message.name.ends_with(name));
    let sum = |of: fn(&MessageStatistics) -> u64| found.clone().map(of).sum();
    (
        sum(|message| message.delivered),
        sum(|message| message.lost),
    )
}

pub fn done(system: &ActorSystem, id: Id<Worker>) -> Option<Vec<u32>> {
    Some(system.get(id)?.done.iter().copied().collect())
}

pub fn is_frozen(result: Result<(), TurnError>) -> bool {
    matches!(result, Err(TurnError::Frozen { .. }))
}
