//! Whoever panics, all others get each message exactly once, and all is counted.

use std::cell::RefCell;

use kay_runtime::{Actor, ActorSystem, Id, PanicPolicy, Settings, TurnError};

use crate::actors::*;
use crate::common::shrunk;

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
            // Nothing essential waits, or nothing that depends on when it is answered.
            assert!(system.turn().is_err(), "it stays frozen");
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

/// Alarms to one and to all, from the instances of all shards: they come in letters that are read
/// as one, and share runs.
#[test]
fn culprits_among_those_who_are_called_alone_and_with_all_cost_no_other_message() {
    const BAD: u32 = 7;
    /// Who cries, for whom, and whether those whose index is a multiple of `BAD` panic then.
    fn cries(ids: &[Id<Worker>]) -> Vec<(Id<Worker>, Id<Worker>, u32)> {
        let cry = |at: usize| {
            let bad = if at % 3 == 1 { BAD } else { 0 };
            (ids[at], ids[at * 5 % ids.len()], bad)
        };
        (0..ids.len()).step_by(2).map(cry).collect()
    }
    /// What one would hear who never panics, with whether it is bad, and whether it is for all.
    fn heard(ids: &[Id<Worker>], id: Id<Worker>) -> Vec<(u32, bool, bool)> {
        let mut cries: Vec<_> = cries(ids).into_iter().enumerate().collect();
        cries.sort_by_key(|(_, cry)| cry.0.index() % 4);
        let mut heard = Vec::new();
        for (at, (_, to, bad)) in cries {
            let number = at as u32 * 10;
            let bad = bad > 0 && id.index().is_multiple_of(BAD);
            for (number, for_all) in [(number, false), (number + 1, true), (number + 2, false)] {
                if for_all || to == id {
                    heard.push((number, bad, for_all));
                }
            }
        }
        heard
    }
    let known = RefCell::new(Vec::new());
    let heard = both_ways(
        settings(1, 4),
        |system| {
            let ids = workers(system, 40);
            let all = Id::<Worker>::local_broadcast(system.world());
            for (number, (from, to, bad)) in (0..).step_by(10).zip(cries(&ids)) {
                #[rustfmt::skip]
                system.world().send(from, Cry { to, all, number, bad });
            }
            system.turn().unwrap();
            *known.borrow_mut() = ids;
        },
        |system| {
            let ids = known.borrow();
            let (mut delivered, mut lost, mut living) = (0, 0, 0);
            for &id in &*ids {
                let mut alarms = heard(&ids, id).into_iter();
                let mut numbers = Vec::new();
                let ends = alarms.by_ref().any(|(number, bad, _)| {
                    numbers.push(number);
                    bad
                });
                delivered += numbers.len() as u64;
                lost += alarms.filter(|(_, _, for_all)| !for_all).count() as u64;
                living += usize::from(!ends);
                assert_eq!(done(system, id), (!ends).then_some(numbers), "{id}");
            }
            assert_eq!(counts(system, "Alarm"), (delivered, lost));
            (living, lost > 0)
        },
    );
    assert_eq!(heard, (34, true));
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
fn what_a_panic_carries_may_panic_when_it_is_dropped() {
    for broadcast in [false, true] {
        both_ways(
            settings(1, 1),
            |system| {
                let ids = workers(system, 5);
                if broadcast {
                    let all = Id::<Worker>::local_broadcast(system.world());
                    system.world().send(all, Blast {});
                } else {
                    system.world().send(ids[1], Blast {});
                    system.world().send(ids[3], Blast {});
                }
                for &id in &ids {
                    system.world().send(id, Work { number: 4, bad: 0 });
                }
            },
            |system| {
                let all = if broadcast { 5 } else { 2 };
                assert_eq!(counts(system, "Blast"), (all, 0));
                assert_eq!(counts(system, "Work"), (5 - all, all));
                assert_eq!(system.population::<Worker>() as u64, 5 - all);
            },
        );
    }
}

/// The messages come before the spawner of their receiver, and a culprit between them.
#[test]
fn early_messages_keep_their_order_when_a_panic_comes_between_them() {
    for answers in [0, 1, 3] {
        let heard = both_ways(
            settings(1, 1),
            |system| {
                let ids = workers(system, 3);
                system.world().send(ids[0], Hire { fails: false });
                system.turn().unwrap();
                let hired = system.get(ids[0]).unwrap().hired.unwrap();
                for (number, bad) in [(10, 0), (11, 0), (12, 1), (13, 0)] {
                    let to = if bad > 0 { ids[1] } else { hired };
                    system.world().send(to, Work { number, bad });
                }
                system.world().send(
                    hired,
                    Pass {
                        to: hired,
                        number: 14,
                        bad: 0,
                    },
                );
                for _ in 0..answers {
                    system.world().send(
                        ids[2],
                        Ask {
                            hops: 0,
                            panic: false,
                        },
                    );
                }
            },
            |system| {
                let hired = system
                    .instances::<Worker>()
                    .find_map(|(_, worker)| worker.hired);
                (done(system, hired.unwrap()), counts(system, "::Work"))
            },
        );
        assert_eq!(
            heard.0,
            Some(vec![1, 10, 11, 13]),
            "as long as the last is on its way"
        );
        assert_eq!(heard.1, (6, 0));
    }
}

#[test]
fn killing_goes_on_and_reports_all_culprits_in_order_on_any_number_of_threads() {
    let run = |settings: Settings| {
        let mut system = system(settings.panic_policy(PanicPolicy::Kill));
        let ids = workers(&mut system, 3000);
        // Sent on by others, so that shards become busy in another order on other threads.
        for (at, &to) in ids.iter().enumerate() {
            let through = ids[at * 7 % ids.len()];
            system.world().send(
                through,
                Pass {
                    to,
                    number: at as u32,
                    bad: 97,
                },
            );
        }
        system.turn().unwrap();
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

#[test]
fn where_culprits_are_killed_the_last_panics_are_kept_and_all_are_counted() {
    let mut system = system(settings(2, 3).panic_policy(PanicPolicy::Kill));
    let ids = workers(&mut system, 2500);
    for (turn, ids) in ids.chunks(700).enumerate() {
        for &id in ids {
            system.world().send(id, Work { number: 1, bad: 1 });
        }
        system.turn().unwrap();
        let so_far = (turn * 700 + ids.len()) as u64;
        assert_eq!(system.statistics().panics, so_far);
        assert_eq!(system.panics().len() as u64, so_far.min(1000));
        let turns = system.turns();
        let last = system.panics().iter().rev().take(ids.len());
        assert!(last.map(|report| report.turn).all(|turn| turn == turns));
    }
    assert_eq!(system.population::<Worker>(), 0);
}
