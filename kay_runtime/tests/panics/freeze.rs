//! What a frozen world tells, and what it still does.

use kay_runtime::{ActorSystem, External, Id, Idle, Settings};

use crate::actors::*;

#[test]
fn a_report_names_type_id_message_arguments_state_and_reason() {
    let mut system = system(settings(1, 4));
    let ids = workers(&mut system, 9);
    system.world().send(ids[6], Work { number: 8, bad: 0 });
    system.world().send(ids[6], Work { number: 7, bad: 7 });
    let error = system.turn().unwrap_err();
    assert!(system.is_frozen());
    let [report] = system.panics() else {
        panic!("one panic, one report")
    };
    assert_eq!(
        (report.turn, report.actor, report.message),
        (2, "panics::actors::Worker", "panics::actors::Work")
    );
    assert_eq!(report.id, ids[6].into());
    assert_eq!(
        report.arguments.as_deref(),
        Some("Work { number: 7, bad: 7 }")
    );
    assert_eq!(report.reason, "7 is bad");
    let state = report.state.as_deref().unwrap();
    assert!(
        state.starts_with("Worker {") && state.contains("done: [8, 7]"),
        "{state}"
    );
    let text = error.to_string();
    for part in [
        "turn 2",
        "panics::actors::Worker",
        "panics::actors::Work",
        "7 is bad",
        &ids[6].to_string(),
        state,
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    // The culprit can be looked at as the panic left it.
    assert_eq!(done(&system, ids[6]), Some(vec![8, 7]));
    assert!(system.describe(ids[6]).unwrap().contains("done: [8, 7]"));
}

#[test]
fn the_turn_of_the_other_shards_completes() {
    for threads in [1, 2] {
        for schedule in 0..5 {
            let mut system = system(settings(threads, 8).schedule(schedule));
            let ids = workers(&mut system, 80);
            for (at, &id) in ids.iter().enumerate() {
                let bad = if at == 19 { 1 } else { 0 };
                system.world().send(id, Work { number: 1, bad });
            }
            assert!(is_frozen(system.turn()));
            let shard = |at: usize| ids[at].index() % 8;
            for at in (0..80).filter(|&at| shard(at) != shard(19)) {
                assert_eq!(done(&system, ids[at]), Some(vec![1]));
            }
            let waiting: usize = system
                .statistics()
                .actors
                .iter()
                .map(|actor| actor.waiting)
                .sum();
            let handled: usize = ids
                .iter()
                .filter_map(|&id| done(&system, id))
                .map(|d| d.len())
                .sum();
            assert_eq!(handled + waiting, 80, "what is held can be seen");
            system.resume().unwrap();
            for (at, &id) in ids.iter().enumerate() {
                assert_eq!(done(&system, id), (at != 19).then(|| vec![1]));
            }
            assert_eq!(counts(&mut system, "Work"), (80, 0));
        }
    }
}

/// Fact: "critical" handlers never worked, because nothing tested them.
#[test]
fn essential_messages_are_answered_by_every_type_while_others_are_held() {
    let mut system = system(settings(2, 4));
    let ids = workers(&mut system, 8);
    let clerk = system.world().spawn(NewClerk {});
    system.turn().unwrap();
    system.world().send(ids[5], Work { number: 3, bad: 3 });
    assert!(is_frozen(system.turn()));
    let turn = system.turns();

    let all = Id::<Worker>::local_broadcast(system.world());
    let late = system.world().spawn(NewClerk {});
    system.world().send(clerk, File {});
    system.world().send(ids[0], Work { number: 9, bad: 0 });
    system.world().send(
        clerk,
        Ask {
            hops: 0,
            panic: false,
        },
    );
    system.world().send(
        late,
        Ask {
            hops: 0,
            panic: false,
        },
    );
    system.world().send(
        all,
        Ask {
            hops: 3,
            panic: false,
        },
    );
    for answers in 1..6 {
        assert!(is_frozen(system.turn()), "it stays frozen");
        for &id in &ids {
            assert_eq!(
                system.get(id).unwrap().answers,
                answers.min(4),
                "also the culprit"
            );
        }
    }
    assert_eq!(system.turns(), turn, "the world's time stands still");
    let found = system.get(clerk).unwrap();
    assert_eq!((found.answers, found.filed), (1, 0));
    assert_eq!(
        (done(&system, ids[0]), system.population::<Clerk>()),
        (Some(vec![]), 1)
    );

    system.resume().unwrap();
    assert!(!system.is_frozen() && system.panics().is_empty());
    system.turn().unwrap();
    assert_eq!(system.get(clerk).unwrap().filed, 1);
    assert_eq!(
        system.get(late).unwrap().answers,
        1,
        "asked before it could be made"
    );
    assert_eq!(done(&system, ids[0]), Some(vec![9]));
    assert_eq!(done(&system, ids[5]), None);
    assert_eq!(counts(&mut system, "Ask"), (2 + 4 * 8, 0));
}

#[test]
fn the_slot_of_a_culprit_is_used_again_with_another_generation() {
    for fails in [false, true] {
        let mut system = system(settings(1, 1));
        let culprit = system.world().spawn(NewWorker { fails });
        system.world().send(culprit, Work { number: 1, bad: 1 });
        assert!(is_frozen(system.turn()));
        assert_eq!(system.panics()[0].state.is_some(), !fails);
        assert_eq!(system.panics()[0].id, culprit.into());
        system.resume().unwrap();
        system.turn().unwrap();
        let next = system.world().spawn(NewWorker { fails: false });
        assert_eq!((next.index(), next.generation()), (culprit.index(), 2));
        system.turn().unwrap();
        assert!(system.get(next).is_some() && system.get(culprit).is_none());
    }
}

#[test]
fn a_panic_in_an_essential_handler_of_a_frozen_world_is_reported_too() {
    let mut system = system(settings(1, 2));
    let ids = workers(&mut system, 6);
    system.world().send(ids[0], Work { number: 1, bad: 1 });
    system.world().send(ids[2], Work { number: 1, bad: 0 });
    assert!(is_frozen(system.turn()));
    for &id in &ids[2..5] {
        system.world().send(
            id,
            Ask {
                hops: 0,
                panic: id == ids[2],
            },
        );
    }
    assert!(is_frozen(system.turn()) && is_frozen(system.turn()));
    let reports: Vec<_> = system
        .panics()
        .iter()
        .map(|report| (report.message, report.id))
        .collect();
    assert_eq!(
        reports,
        [
            ("panics::actors::Work", ids[0].into()),
            ("panics::actors::Ask", ids[2].into())
        ]
    );
    for &id in &ids[3..5] {
        assert_eq!(
            system.get(id).unwrap().answers,
            1,
            "the others still answer"
        );
    }
    system.resume().unwrap();
    let living: Vec<_> = ids.iter().map(|&id| system.get(id).is_some()).collect();
    assert_eq!(living, [false, true, false, true, true, true]);
    assert_eq!(
        (counts(&mut system, "Ask"), counts(&mut system, "Work")),
        ((3, 0), (1, 1))
    );
}

#[test]
fn a_sync_test_survives_a_freeze() {
    let mut system = system(settings(1, 4).sync_test(3));
    let ids = workers(&mut system, 20);
    for turn in 1..20 {
        for &id in &ids {
            system.world().send(
                id,
                Work {
                    number: 6,
                    bad: if id == ids[turn] { turn as u32 } else { 0 },
                },
            );
        }
        if system.turn().is_err() {
            system.world().send(
                ids[turn + 1 - turn % 2],
                Ask {
                    hops: 1,
                    panic: false,
                },
            );
            assert!(is_frozen(system.turn()));
            system.resume().unwrap();
        }
    }
    assert_eq!(system.population::<Worker>(), 16, "1, 2, 3 and 6 divide 6");
}

/// Whatever is held in a frozen world goes with it.
#[test]
fn a_frozen_world_can_be_dropped() {
    let mut system = system(settings(1, 1));
    let ids = workers(&mut system, 3);
    let bomb = External::new(Bomb::default());
    system.world().send(
        ids[0],
        Haul {
            load: [1].into(),
            bad: 1,
        },
    );
    system.world().send(
        ids[1],
        Haul {
            load: [1].into(),
            bad: 0,
        },
    );
    assert!(is_frozen(system.turn()));
    assert_eq!(
        system.panics()[0].arguments,
        None,
        "they were moved into the handler"
    );
    drop((system, bomb));
}

/// A world on several threads, whatever its size: what shards send goes by their mailboxes.
fn threaded() -> (ActorSystem, Vec<Id<Worker>>) {
    let mut system = system(settings(2, 4).schedule(1));
    let ids = workers(&mut system, 8);
    (system, ids)
}

#[test]
fn essential_messages_sent_in_the_turn_of_the_panic_are_answered_in_the_next() {
    let (mut system, ids) = threaded();
    for &id in &ids {
        system.world().send(
            id,
            Ask {
                hops: 1,
                panic: false,
            },
        );
    }
    system.world().send(ids[3], Work { number: 1, bad: 1 });
    assert!(is_frozen(system.turn()));
    assert!(is_frozen(system.turn()));
    assert!(ids.iter().all(|&id| system.get(id).unwrap().answers == 2));
}

#[test]
fn what_was_sent_before_a_panic_comes_before_what_is_sent_when_it_is_over() {
    for frozen_turns in 0..3 {
        let (mut system, ids) = threaded();
        // The sender and the culprit share a shard; the receivers have others, or the same.
        assert_eq!(ids[2].index() % 4, ids[6].index() % 4);
        for (number, bad) in [(1, 0), (2, 0), (0, 1), (3, 0), (4, 0)] {
            for &to in ids[..6].iter().filter(|_| bad == 0) {
                system.world().send(ids[2], Pass { to, number, bad });
            }
            if bad > 0 {
                system.world().send(ids[6], Work { number, bad });
            }
        }
        assert!(is_frozen(system.turn()));
        for _ in 0..frozen_turns {
            assert!(is_frozen(system.turn()));
        }
        system.resume().unwrap();
        system.turn().unwrap();
        for &id in &ids[..6] {
            assert_eq!(done(&system, id), Some(vec![1, 2, 3, 4]));
        }
    }
}

/// Fact: the letter that it came with lost touch with those that were read together with it.
#[test]
fn an_essential_handler_that_panics_in_a_frozen_world_costs_no_message_of_anyone() {
    let mut system = system(settings(1, 2));
    let ids = workers(&mut system, 12);
    let (here, there): (Vec<_>, Vec<_>) = ids.iter().partition(|id| id.index() % 2 == 0);
    // Both shards send to the second one, which is through with its turn, as the host does later.
    for &through in &ids {
        for &to in &there {
            #[rustfmt::skip]
            system.world().send(through, Pass { to, number: 4, bad: 0 });
        }
    }
    system.world().send(here[0], Work { number: 1, bad: 1 });
    assert!(is_frozen(system.turn()));
    let panic = true;
    system.world().send(there[0], Ask { hops: 0, panic });
    for &to in &there {
        system.world().send(to, Work { number: 5, bad: 0 });
    }
    assert!(is_frozen(system.turn()));
    assert_eq!(system.panics().len(), 2);
    system.resume().unwrap();
    for _ in 0..3 {
        system.turn().unwrap();
    }
    for &id in &there[1..] {
        let mut done = done(&system, id).unwrap();
        done.sort_unstable();
        assert_eq!(done, [[4; 12].as_slice(), &[5]].concat());
    }
    assert_eq!(done(&system, there[0]), None);
    assert_eq!(counts(&mut system, "::Work"), (1 + 5 * 13, 13));
    assert_eq!(counts(&mut system, "Ask"), (1, 0));
}

/// Fact: what was left of the broadcast came before what others had sent, if that was in the same letter, and what is in
/// a letter depends on threads.
#[test]
fn an_essential_broadcast_that_panics_in_a_frozen_world_comes_in_the_order_of_senders() {
    let run = |settings: Settings| {
        let mut system = system(settings);
        let ids = workers(&mut system, 12);
        let in_shard = |shard| {
            let mut all = ids.iter().copied();
            all.find(|id| id.index() % 4 == shard).unwrap()
        };
        let (culprit, good) = (in_shard(0), ids[ids.len() - 4]);
        assert_eq!((good.index() % 4, good != culprit), (0, true));
        for (shard, number) in [(1, 1), (3, 3)] {
            let (to, bad) = (good, 0);
            system
                .world()
                .send(in_shard(shard), Pass { to, number, bad });
        }
        // The culprit is the only one who panics: its index is 0.
        let bad = u32::MAX;
        system.world().send(in_shard(2), Muster { number: 2, bad });
        system.turn().unwrap();
        system.world().send(culprit, Work { number: 7, bad: 7 });
        assert!(is_frozen(system.turn()));
        let frozen = system.state_hash();
        assert!(is_frozen(system.turn()));
        let answered = system.state_hash();
        while system.resume().is_err() {}
        assert_eq!(done(&system, good), Some(vec![1, 2, 3]));
        (frozen, answered, system.state_hash())
    };
    let expected = run(settings(1, 4));
    for schedule in 0..10 {
        assert_eq!(
            run(settings(3, 4).schedule(schedule)),
            expected,
            "{schedule}"
        );
    }
}

#[test]
fn an_essential_message_that_waits_for_its_instance_keeps_its_place() {
    for frozen_turns in 0..4 {
        let mut system = system(settings(1, 2));
        let ids = workers(&mut system, 4);
        let (culprit, parent) = (ids[0], ids[1]);
        assert_ne!(culprit.index() % 2, parent.index() % 2);
        system.world().send(parent, Adopt { near: culprit });
        system.turn().unwrap();
        system.world().send(culprit, Work { number: 7, bad: 7 });
        system.world().send(parent, Instruct { call: 1, work: 2 });
        assert!(is_frozen(system.turn()));
        for _ in 0..frozen_turns {
            assert!(is_frozen(system.turn()));
        }
        system.resume().unwrap();
        system.turn().unwrap();
        let hired = system.get(parent).unwrap().hired.unwrap();
        assert_eq!(done(&system, hired), Some(vec![1, 2]), "{frozen_turns}");
    }
}

#[test]
fn what_was_answered_in_a_frozen_world_does_not_wait_any_more() {
    for threads in [1, 2] {
        let mut system = system(settings(threads, 3));
        let ids = workers(&mut system, 9);
        let waiting = |system: &mut ActorSystem| match system.run_until_idle(0).unwrap() {
            Idle::After { turns: 0 } => 0,
            Idle::Never { waiting } => waiting,
            idle => panic!("{idle:?}"),
        };
        system.world().send(ids[0], Work { number: 7, bad: 7 });
        assert!(is_frozen(system.turn()));
        for &id in &ids {
            let (hops, panic) = (0, false);
            system.world().send(id, Ask { hops, panic });
        }
        let all = Id::<Worker>::local_broadcast(system.world());
        system.world().send(all, Call { number: 1, bad: 0 });
        assert!(is_frozen(system.turn()));
        // Not essential: it waits until the world goes on.
        system.world().send(ids[3], Work { number: 2, bad: 0 });
        system.world().send(all, Alarm { number: 3, bad: 0 });
        assert!(is_frozen(system.turn()));
        system.resume().unwrap();
        // An alarm for each shard, and nine who were there when it was sent.
        assert_eq!(waiting(&mut system), 1 + 3 + 9);
        assert_eq!(system.run_until_idle(9).unwrap(), Idle::After { turns: 1 });
        assert_eq!(done(&system, ids[3]), Some(vec![1, 2, 3]));
        assert_eq!(waiting(&mut system), 0);
    }
}

/// Fact: it was nowhere until the world was resumed, and gone for good if it came back from a snapshot meanwhile.
#[test]
fn a_message_that_nobody_will_come_for_is_lost_before_the_world_is_frozen() {
    let strangers = workers(&mut system(settings(1, 1)), 9);
    let mut system = system(settings(1, 1));
    let ids = workers(&mut system, 3);
    let clerk = system.world().spawn(NewClerk {});
    system.turn().unwrap();
    // Workers are handled before clerks.
    for to in [strangers[8], ids[0], strangers[7]] {
        system.world().send(to, Work { number: 1, bad: 0 });
    }
    system.world().send(clerk, File {});
    system.world().send(clerk, Tear {});
    assert!(is_frozen(system.turn()));
    assert_eq!(counts(&mut system, "Work"), (1, 2));
    assert!(is_frozen(system.turn()));
    system.resume().unwrap();
    system.turn().unwrap();
    assert_eq!(counts(&mut system, "Work"), (1, 2));
}
