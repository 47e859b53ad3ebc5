//! What a turn is: delivery, order, spawning, dying, determinism.

mod common;

use kay_runtime::{ActorSystem, CVec, Compact, Fate, Id, Idle, Settings};

/// Remembers whom it heard, and passes messages on.
#[derive(Compact)]
struct Node {
    id: Id<Node>,
    next: Option<Id<Node>>,
    heard: CVec<(u64, u32)>,
}

message!(NewNode { next: Option<Id<Node>> });
message!(Hear { number: u32 });
message!(PassOn {
    number: u32,
    hops: u32
});
message!(Link { next: Id<Node> });
message!(Breed { count: u32 });
message!(End {});

actor!(Node, messages: [Hear, PassOn, Link, Breed, End], spawners: [NewNode]);
spawn!(Node, NewNode, |m, id, _world| Node {
    id,
    next: m.next,
    heard: CVec::new()
});
on!(Node, Hear, |this, m, world| this
    .heard
    .push((world.turn(), m.number)));
on!(Node, Link, |this, m, _world| this.next = Some(m.next));
on!(Node, End, |_this, _m, _world| Fate::Die);
on!(Node, PassOn, |this, m, world| {
    this.heard.push((world.turn(), m.number));
    if let Some(next) = this.next
        && m.hops > 0
    {
        world.send(
            next,
            PassOn {
                number: m.number,
                hops: m.hops - 1,
            },
        );
    }
});
on!(Node, Breed, |this, m, world| {
    for number in 0..m.count {
        let child = world.spawn(NewNode {
            next: Some(this.id),
        });
        world.send(child, Hear { number });
    }
});

fn system(settings: Settings) -> ActorSystem {
    ActorSystem::new(settings, |registry| registry.register::<Node>()).unwrap()
}

#[test]
fn a_message_is_handled_in_the_turn_after_it_was_sent() {
    let mut system = system(Settings::default().threads(1));
    let b = system.world().spawn(NewNode { next: None });
    let a = system.world().spawn(NewNode { next: Some(b) });
    system.world().send(a, PassOn { number: 5, hops: 1 });
    assert_eq!(system.run_until_idle(10), Ok(Idle::After { turns: 2 }));
    assert_eq!(&system.get(a).unwrap().heard[..], [(1, 5)]);
    assert_eq!(&system.get(b).unwrap().heard[..], [(2, 5)]);
}

#[test]
fn a_bound_on_turns_is_reported() {
    let mut system = system(Settings::default().threads(1));
    let a = system.world().spawn(NewNode { next: None });
    system.world().send(a, Link { next: a });
    system.world().send(
        a,
        PassOn {
            number: 0,
            hops: 1000,
        },
    );
    assert_eq!(system.run_until_idle(10), Ok(Idle::Never { waiting: 1 }));
}

#[test]
fn instances_spawned_by_one_are_spread_over_the_shards() {
    let mut system = system(Settings::default().threads(1).shards(8));
    let a = system.world().spawn(NewNode { next: None });
    system.world().send(a, Breed { count: 799 });
    let _ = system.run_until_idle(10).unwrap();
    assert_eq!(system.population::<Node>(), 800);
    let mut counts = [0; 8];
    for (id, node) in system.instances::<Node>() {
        assert_eq!(id, node.id);
        counts[id.index() as usize % 8] += 1;
    }
    assert!(
        counts.iter().all(|count| (99..=101).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_message_to_the_dead_is_lost_and_counted_and_reaches_no_stranger() {
    let mut system = system(Settings::default().threads(1).shards(1));
    let a = system.world().spawn(NewNode { next: None });
    system.world().send(a, End {});
    system.turn().unwrap();
    system.turn().unwrap();
    let b = system.world().spawn(NewNode { next: None });
    assert_eq!(a.index(), b.index(), "the slot is used again");
    system.world().send(a, Hear { number: 1 });
    system.turn().unwrap();
    assert!(system.get(a).is_none());
    assert!(system.get(b).unwrap().heard.is_empty());
    assert_eq!(system.statistics().lost(), 1);
}

#[test]
fn nothing_is_lost_when_turns_become_small_and_large_again() {
    for threads in [1, 2] {
        let mut system = system(Settings::default().threads(threads));
        let nodes: Vec<_> = (0..100)
            .map(|_| system.world().spawn(NewNode { next: None }))
            .collect();
        for &node in &nodes {
            system.world().send(node, Link { next: node });
        }
        let mut expected = 0;
        for _ in 0..2 {
            // Half of the messages end in the first turn: 5,000 in it, then 2,500, 1,250, ...
            for number in 0..5000_u32 {
                let hops = (number + 1).trailing_zeros();
                let node = nodes[number as usize % nodes.len()];
                system.world().send(node, PassOn { number, hops });
                expected += hops as usize + 1;
            }
            let _ = system.run_until_idle(100).unwrap();
            let heard: usize = nodes
                .iter()
                .map(|&node| system.get(node).unwrap().heard.len())
                .sum();
            assert_eq!(heard, expected, "{threads} threads");
        }
    }
}

/// A crowd that spawns, dies, and talks; the hash after some turns.
fn crowd(settings: Settings) -> u64 {
    let mut system = system(settings);
    let nodes: Vec<_> = (0..500)
        .map(|_| system.world().spawn(NewNode { next: None }))
        .collect();
    for (at, &node) in nodes.iter().enumerate() {
        let next = nodes[(at * 7 + 3) % nodes.len()];
        system.world().send(node, Link { next });
        system.world().send(
            node,
            PassOn {
                number: at as u32,
                hops: 40,
            },
        );
    }
    for turn in 0..30 {
        system.world().send(nodes[turn * 3], Breed { count: 50 });
        system.world().send(nodes[turn * 5 + 1], End {});
        if turn % 4 == 0 {
            let all = Id::<Node>::local_broadcast(system.world());
            system.world().send(all, Hear { number: 99 });
        }
        system.turn().unwrap();
    }
    system.state_hash()
}

#[test]
fn results_do_not_depend_on_threads_or_schedule() {
    let expected = crowd(Settings::default().threads(1));
    for threads in [2, 3, 8] {
        assert_eq!(
            crowd(Settings::default().threads(threads)),
            expected,
            "{threads} threads"
        );
    }
    for seed in 0..20 {
        let settings = Settings::default()
            .threads(1 + seed as usize % 4)
            .schedule(seed);
        assert_eq!(crowd(settings), expected, "schedule {seed}");
    }
    assert_ne!(crowd(Settings::default().seed(1)), expected);
}
