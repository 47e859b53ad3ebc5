//! Panics: what is reported, what freezes, what is still handled, and how it goes on.

mod common;

use common::{blow, shrunk};
use kay_runtime::{
    Actor, ActorSystem, CVec, Compact, External, Fate, Id, MessageStatistics, PanicPolicy,
    Settings, TurnError,
};

#[derive(Compact)]
struct Worker {
    id: Id<Worker>,
    done: CVec<u32>,
    answers: u32,
    /// Held only to be dropped.
    bomb: Bomb,
}

/// Panics when it is dropped, if it is armed.
#[derive(Compact, Default)]
struct Bomb {
    armed: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if std::mem::take(&mut self.armed) {
            blow("the bomb went off");
        }
    }
}

/// A second type, for essential messages and for those that are held.
#[derive(Compact)]
struct Clerk {
    answers: u32,
    filed: u32,
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
message!(Ask {
    hops: u32,
    panic: bool
});
message!(File {});
message!(Hire { fails: bool });

actor!(Worker, messages: [Work, Haul, Alarm, Arm, Ask, Hire], spawners: [NewWorker]);
actor!(Clerk, messages: [Ask, File], spawners: [NewClerk]);
spawn!(Worker, NewWorker, |m, id, _world| {
    if m.fails {
        blow("no such worker");
    }
    Worker {
        id,
        done: CVec::new(),
        answers: 0,
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
on!(Worker, Hire, |this, m, world| {
    let new = world.spawn(NewWorker { fails: m.fails });
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
on!(Clerk, Ask, essential: true, |this, _m, _world| this.answers += 1);
on!(Clerk, File, |this, _m, _world| this.filed += 1);

fn settings(threads: usize, shards: usize) -> Settings {
    Settings::default().threads(threads).shards(shards)
}

fn system(settings: Settings) -> ActorSystem {
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Worker>();
        registry.register::<Clerk>();
    };
    ActorSystem::new(settings, setup).unwrap()
}

fn workers(system: &mut ActorSystem, count: u32) -> Vec<Id<Worker>> {
    let ids = (0..count)
        .map(|_| system.world().spawn(NewWorker { fails: false }))
        .collect();
    system.turn().unwrap();
    ids
}

fn counts(system: &mut ActorSystem, name: &str) -> (u64, u64) {
    let all = system.statistics().messages;
    let found = all.iter().filter(|message| message.name.ends_with(name));
    let sum = |of: fn(&MessageStatistics) -> u64| found.clone().map(of).sum();
    (
        sum(|message| message.delivered),
        sum(|message| message.lost),
    )
}

fn done(system: &ActorSystem, id: Id<Worker>) -> Option<Vec<u32>> {
    Some(system.get(id)?.done.iter().copied().collect())
}

fn is_frozen(result: Result<(), TurnError>) -> bool {
    matches!(result, Err(TurnError::Frozen { .. }))
}

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
        (2, "panics::Worker", "panics::Work")
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
        "panics::Worker",
        "panics::Work",
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

/// Runs the same world under both policies; returns what a test wants to compare.
fn both_ways<R: PartialEq + std::fmt::Debug>(
    settings: Settings,
    prepare: impl Fn(&mut ActorSystem),
    look: impl Fn(&mut ActorSystem) -> R,
) -> R {
    let run = |policy, schedule: Option<u64>| {
        let mut settings = settings.clone().panic_policy(policy);
        if let Some(seed) = schedule {
            settings = settings.threads(3).schedule(seed);
        }
        let mut system = system(settings);
        prepare(&mut system);
        if let Err(error) = system.turn() {
            assert!(policy == PanicPolicy::Freeze, "{error}");
            // Each resume may meet the next culprit.
            while let Err(error) = system.resume() {
                assert!(matches!(error, TurnError::Frozen { .. }), "{error}");
            }
        }
        let first = (system.state_hash(), look(&mut system));
        for _ in 0..3 {
            system.turn().unwrap();
        }
        (
            first,
            system.state_hash(),
            look(&mut system),
            system.statistics().messages,
        )
    };
    let frozen = run(PanicPolicy::Freeze, None);
    assert_eq!(
        run(PanicPolicy::Kill, None),
        frozen,
        "killing and resuming end alike"
    );
    assert_eq!(run(PanicPolicy::Freeze, Some(3)), frozen);
    assert_eq!(run(PanicPolicy::Kill, Some(4)), frozen);
    frozen.0.1
}

#[test]
fn several_culprits_in_one_turn_cost_no_other_message_of_either_kind() {
    let heard = both_ways(
        settings(1, 3),
        |system| {
            let ids = workers(system, 30);
            for round in 1..=8 {
                for (at, &id) in ids.iter().enumerate() {
                    // One in five panics, at its third message.
                    let bad = u32::from(at % 5 == 2 && round == 3);
                    system.world().send(id, Work { number: round, bad });
                    let bad = u32::from(at % 10 == 4 && round == 5);
                    system.world().send(
                        id,
                        Haul {
                            load: [round + 10].into(),
                            bad,
                        },
                    );
                }
            }
        },
        |system| {
            let heard = system.instances::<Worker>().map(|(_, worker)| {
                let done: Vec<_> = worker.done.iter().copied().collect();
                assert_eq!(
                    done,
                    [1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16, 7, 17, 8, 18]
                );
            });
            let living = heard.count();
            (living, counts(system, "Work"), counts(system, "Haul"))
        },
    );
    // Six die at their third work, and lose five more; three at their fifth haul, which lose
    // three more of both.
    let work = 30 * 8 - 6 * 5 - 3 * 3;
    let haul = 30 * 8 - 6 * 6 - 3 * 3;
    assert_eq!(heard, (21, (work, 240 - work), (haul, 240 - haul)));
}

/// Fact: a panic lost half of a broadcast.
#[test]
fn a_panic_in_the_middle_of_a_broadcast_costs_no_other_instance_its_message() {
    let heard = both_ways(
        settings(1, 3),
        |system| {
            workers(system, 50);
            let all = Id::<Worker>::local_broadcast(system.world());
            system.world().send(all, Alarm { number: 1, bad: 0 });
            system.world().send(all, Alarm { number: 2, bad: 10 });
            system.world().send(all, Alarm { number: 3, bad: 0 });
        },
        |system| {
            for (_, worker) in system.instances::<Worker>() {
                assert_eq!(worker.done, [1, 2, 3]);
            }
            (system.population::<Worker>(), counts(system, "Alarm"))
        },
    );
    let (living, (delivered, lost)) = heard;
    assert!(living < 50);
    assert_eq!((delivered, lost), (100 + living as u64, 0));
}

#[test]
fn a_message_to_the_first_whose_handler_panics_costs_no_other_message() {
    for haul in [false, true] {
        let heard = both_ways(
            settings(1, 1),
            |system| {
                workers(system, 3);
                let first = Id::<Worker>::local_first(system.world());
                for number in 1..=5 {
                    let bad = u32::from(number == 2 || number == 3);
                    if haul {
                        system.world().send(
                            first,
                            Haul {
                                load: [number].into(),
                                bad,
                            },
                        );
                    } else {
                        system.world().send(first, Work { number, bad });
                    }
                }
            },
            |system| {
                let left = system
                    .instances::<Worker>()
                    .map(|(_, worker)| worker.done.to_vec());
                (
                    left.collect::<Vec<_>>(),
                    counts(system, if haul { "Haul" } else { "Work" }),
                )
            },
        );
        assert_eq!(heard, (vec![vec![4, 5]], (5, 0)));
    }
}

#[test]
fn a_culprit_in_its_spawner_is_dead_and_early_messages_to_it_are_lost() {
    let heard = both_ways(
        settings(1, 2),
        |system| {
            let ids = workers(system, 4);
            for &id in &ids {
                system.world().send(
                    id,
                    Hire {
                        fails: id == ids[1],
                    },
                );
            }
            system.turn().unwrap();
        },
        |system| {
            (
                system.population::<Worker>(),
                counts(system, "::Work"),
                counts(system, "NewWorker"),
            )
        },
    );
    // All but one of those that were hired have worked; those that hired them too.
    assert_eq!(heard, (7, (3 + 4, 1), (8, 0)));
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
            ("panics::Work", ids[0].into()),
            ("panics::Ask", ids[2].into())
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
fn an_instance_whose_drop_panics_is_gone_and_costs_nothing_else() {
    for broadcast in [false, true] {
        both_ways(
            settings(1, 1),
            |system| {
                let ids = workers(system, 5);
                if broadcast {
                    let all = Id::<Worker>::local_broadcast(system.world());
                    system.world().send(all, Arm {});
                } else {
                    system.world().send(ids[1], Arm {});
                    system.world().send(ids[3], Arm {});
                }
                for &id in &ids {
                    system.world().send(id, Work { number: 4, bad: 0 });
                }
            },
            |system| {
                let arm = counts(system, "Arm");
                let work = counts(system, "Work");
                assert_eq!(
                    (arm, work),
                    if broadcast {
                        ((5, 0), (0, 5))
                    } else {
                        ((2, 0), (3, 2))
                    }
                );
                assert_eq!(system.population::<Worker>() as u64, work.0);
            },
        );
    }
}

#[test]
fn killing_goes_on_and_reports_all_culprits_in_order_on_any_number_of_threads() {
    let run = |settings: Settings| {
        let mut system = system(settings.panic_policy(PanicPolicy::Kill));
        let ids = workers(&mut system, 3000);
        for &id in ids.iter().rev() {
            system.world().send(
                id,
                Work {
                    number: id.index(),
                    bad: 97,
                },
            );
        }
        system.turn().unwrap();
        assert!(!system.is_frozen());
        system
            .panics()
            .iter()
            .map(|report| report.to_string())
            .collect::<Vec<_>>()
    };
    let expected = run(settings(1, 16));
    assert!(expected.len() > 20);
    assert_eq!(run(settings(2, 16)), expected);
    assert_eq!(run(settings(3, 16).schedule(1)), expected);
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

/// What it must show, 7: one culprit in a million.
#[test]
fn one_culprit_in_a_million_freezes_the_world_and_costs_nobody_else_anything() {
    let count = shrunk(1_000_000);
    let mut system = system(settings(2, 64));
    let ids: Vec<_> = (0..count)
        .map(|_| system.world().spawn(NewWorker { fails: false }))
        .collect();
    let clerk = system.world().spawn(NewClerk {});
    system.turn().unwrap();
    let culprit = ids[ids.len() * 2 / 3];
    for &id in &ids {
        system.world().send(
            id,
            Work {
                number: id.index(),
                bad: 0,
            },
        );
        if id == culprit {
            system.world().send(id, Work { number: 0, bad: 1 });
        }
    }
    assert!(is_frozen(system.turn()));
    let [report] = system.panics() else {
        panic!("one panic, one report")
    };
    assert_eq!(
        (report.actor, report.id),
        (<Worker as Actor>::NAME, culprit.into())
    );
    assert_eq!(
        report.arguments.as_deref(),
        Some("Work { number: 0, bad: 1 }")
    );
    assert!(
        report
            .state
            .as_ref()
            .unwrap()
            .contains(&format!("done: [{}, 0]", culprit.index()))
    );
    system.world().send(
        ids[0],
        Ask {
            hops: 0,
            panic: false,
        },
    );
    system.world().send(
        clerk,
        Ask {
            hops: 0,
            panic: false,
        },
    );
    assert!(is_frozen(system.turn()));
    assert_eq!(
        (
            system.get(ids[0]).unwrap().answers,
            system.get(clerk).unwrap().answers
        ),
        (1, 1)
    );
    system.resume().unwrap();
    assert_eq!(system.population::<Worker>(), count as usize - 1);
    let right = system
        .instances::<Worker>()
        .filter(|(id, worker)| worker.done == [id.index()]);
    assert_eq!(right.count(), count as usize - 1);
    assert_eq!(counts(&mut system, "Work"), (u64::from(count) + 1, 0));
    system.turn().unwrap();
}

/// Whatever is held in a frozen world goes with it.
#[test]
fn a_frozen_world_can_be_dropped() {
    let mut system = system(settings(1, 1));
    let ids = workers(&mut system, 3);
    let bomb = External::new(Bomb { armed: false });
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
