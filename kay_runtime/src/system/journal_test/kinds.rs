//! A small world of all that may be in an actor or a message.

use super::super::ActorSystem;
use super::common::blow;
use crate::{CBox, CMap, CString, CVec, Compact, Fate, Id, Registry, Settings};
use crate::{actor, message, on, spawn};

#[derive(Clone, Copy, Compact, PartialEq)]
pub(crate) enum Mood {
    Good,
    Bad,
}

#[derive(Clone, Compact)]
pub(crate) enum Shape {
    Dot,
    Line(u16),
    Text { text: CString },
}

/// Contains itself.
#[derive(Clone, Compact)]
pub(crate) struct Tree {
    value: u8,
    children: CVec<Tree>,
}

#[derive(Compact)]
pub(crate) struct Plain {
    id: Id<Plain>,
    friend: Option<Id<Plain>>,
    mood: Mood,
    is_old: bool,
    sum: u64,
}

#[derive(Compact)]
pub(crate) struct Rich {
    id: Id<Rich>,
    name: CString,
    numbers: CVec<u32>,
    boxed: CBox<u64>,
    shapes: CVec<Shape>,
    known: CMap<u32, Id<Rich>>,
    tree: Tree,
    last: Option<CString>,
}

message!(MakePlain { mood: Mood });
message!(MakeRich {
    name: CString,
    tree: Tree
});
message!(Count { by: u64 });
message!(Meet { who: Option<Id<Plain>> });
message!(Draw { shape: Shape });
message!(Know { who: Id<Rich> });
message!(Fail { of: u32 });
message!(End {});

actor!(Plain, messages: [Count, Meet, Fail, End], spawners: [MakePlain]);
actor!(Rich, messages: [Count, Draw, Know, End], spawners: [MakeRich]);
spawn!(Plain, MakePlain, |m, id, _world| Plain {
    id,
    friend: None,
    mood: m.mood,
    is_old: false,
    sum: 0
});
spawn!(Rich, MakeRich, |m, id, _world| Rich {
    id,
    name: m.name,
    numbers: CVec::new(),
    boxed: CBox::new(1),
    shapes: CVec::new(),
    known: CMap::new(),
    tree: m.tree,
    last: None
});
on!(Plain, Count, essential: true, |this, m, world| {
    this.sum = this.sum.wrapping_add(m.by) ^ world.rng().bits();
    this.is_old = this.mood == Mood::Good;
});
on!(Plain, Meet, |this, m, world| {
    this.friend = m.who;
    if let Some(friend) = this.friend {
        world.send(friend, Count { by: 1 });
    }
});
on!(Plain, Fail, |this, m, _world| {
    if this.id.index().is_multiple_of(m.of.max(1)) {
        blow("failed");
    }
});
on!(Plain, End, |_this, _m, _world| Fate::Die);
on!(Rich, Count, |this, m, world| {
    this.numbers.push(m.by as u32);
    *this.boxed = this.boxed.wrapping_add(m.by);
    this.last = Some(this.name.clone());
    let tree = this.tree.clone();
    let name = CString::from("child");
    let who = world.spawn(MakeRich { name, tree });
    world.send(this.id, Know { who });
});
on!(Rich, Draw, |this, m, _world| this.shapes.push(m.shape));
on!(Rich, Know, |this, m, _world| {
    this.known.insert(m.who.index(), m.who);
});
on!(Rich, End, |_this, _m, _world| Fate::Die);

pub(super) fn setup(registry: &mut Registry) {
    registry.register::<Plain>();
    registry.register::<Rich>();
}

pub(super) fn settings(shards: usize) -> Settings {
    Settings::default().threads(1).shards(shards).seed(9)
}

/// What the host sends in a turn with this number.
pub(super) fn say(system: &mut ActorSystem, at: u64) {
    let plain: Vec<Id<Plain>> = system.instances().map(|(id, _)| id).collect();
    let rich: Vec<Id<Rich>> = system.instances().map(|(id, _)| id).collect();
    let world = system.world();
    let mood = if at.is_multiple_of(2) {
        Mood::Good
    } else {
        Mood::Bad
    };
    let new = world.spawn(MakePlain { mood });
    world.send(new, Count { by: at });
    let leaf = Tree {
        value: at as u8,
        children: CVec::new(),
    };
    let tree = Tree {
        value: 1,
        children: CVec::from([leaf.clone(), leaf]),
    };
    let name = CString::from("a name that is long enough");
    let other = world.spawn(MakeRich { name, tree });
    let text = CString::from("text");
    let shapes = [Shape::Dot, Shape::Line(7), Shape::Text { text }];
    let shape = shapes[at as usize % 3].clone();
    world.send(other, Draw { shape });
    world.send(other, Count { by: at });
    let all = Id::<Plain>::local_broadcast(world);
    world.send(all, Meet { who: Some(new) });
    let first = Id::<Plain>::local_first(world);
    world.send(first, Meet { who: None });
    if let [.., last] = plain[..] {
        world.send(last, Count { by: 2 });
    }
    if at % 4 == 3 {
        plain.first().inspect(|&&id| world.send(id, End {}));
        rich.first().inspect(|&&id| world.send(id, End {}));
    }
    if at % 5 == 4 {
        world.send(all, Fail { of: 4 });
    }
}
