//! The graph as it is drawn: one node for each sender and receiver, and one edge for all that one
//! sends to another.

use kay_codegen::calls::{Graph, SentMessage, UnknownCall};
use kay_codegen::schema::MessageKind;
use std::collections::{BTreeMap, BTreeSet};

/// What is drawn.
pub(super) struct Picture {
    pub(super) title: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// The actors that implement a trait, by nodes: trait and actor.
    pub(super) implementors: Vec<(usize, usize)>,
    /// Calls of which it is not known to whom they go.
    pub(super) unknown: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Actor,
    Trait,
    Host,
}

pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// `Car`.
    pub(super) name: String,
    /// `city::car`; empty for the root.
    pub(super) module: String,
}

/// All messages of one kind from one node to another.
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether they go to all instances.
    pub(super) is_broadcast: bool,
    pub(super) messages: Vec<Message>,
}

pub(super) struct Message {
    pub(super) name: String,
    pub(super) is_spawner: bool,
    /// Whether the receiver is known by the name of the message only.
    pub(super) is_inferred: bool,
    /// Who sends it, and where: `drive, src/city/car.rs:125`.
    pub(super) places: Vec<String>,
}

impl Message {
    /// The name, with a `+` if it makes its receiver and a `?` if it is inferred.
    pub(super) fn label(&self) -> String {
        let plus = if self.is_spawner { "+" } else { "" };
        let question = if self.is_inferred { "?" } else { "" };
        format!("{plus}{}{question}", self.name)
    }
}

impl Picture {
    /// Merges what is sent in the crates of a package.
    pub(super) fn new(graphs: &[Graph]) -> Self {
        let with_actors: Vec<&Graph> = graphs.iter().filter(|g| !g.receivers.is_empty()).collect();
        let names: Vec<&str> = with_actors.iter().map(|graph| &*graph.crate_name).collect();
        let mut picture = Self {
            title: format!("Who sends what to whom in {}", names.join(" and ")),
            nodes: Vec::new(),
            edges: Vec::new(),
            implementors: Vec::new(),
            unknown: Vec::new(),
        };
        let are_several = with_actors.len() > 1;
        let mut known = BTreeMap::new();
        for graph in with_actors {
            picture.add(graph, are_several, &mut known);
        }
        picture
    }

    /// Adds a crate. What it shares with others has one node, `known` by its path with the crate's
    /// name, as in `city::car::Car`.
    fn add(&mut self, graph: &Graph, are_several: bool, known: &mut BTreeMap<String, usize>) {
        let mut index: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let crate_name = if are_several { &*graph.crate_name } else { "" };
        let is_host_there = graph.sends.iter().any(|send| send.from.is_none());
        if is_host_there {
            index.insert(None, self.nodes.len());
            self.node(NodeKind::Host, "host", crate_name);
        }
        for receiver in &graph.receivers {
            let path = &receiver.path;
            let full = if receiver.is_foreign {
                path.clone()
            } else {
                format!("{}::{path}", graph.crate_name)
            };
            let shown = if are_several { &full } else { path };
            let (module, name) = shown.rsplit_once("::").unwrap_or(("", shown));
            let next = self.nodes.len();
            let at = *known.entry(full.clone()).or_insert(next);
            index.insert(Some(&receiver.path), at);
            if at < next {
                continue;
            }
            let kind = if receiver.is_trait {
                NodeKind::Trait
            } else {
                NodeKind::Actor
            };
            self.node(kind, name, module);
        }
        for receiver in &graph.receivers {
            for of_trait in &receiver.implements {
                let of_trait = of_trait.split('<').next().unwrap_or(of_trait);
                if let Some(at) = index.get(&Some(of_trait)) {
                    let pair = (*at, index[&Some(&*receiver.path)]);
                    if !self.implementors.contains(&pair) {
                        self.implementors.push(pair);
                    }
                }
            }
        }
        let mut merged: BTreeMap<(usize, usize, bool), Vec<&SentMessage>> = BTreeMap::new();
        for send in &graph.sends {
            let (Some(from), Some(to)) = (
                index.get(&send.from.as_deref()),
                index.get(&Some(&*send.to)),
            ) else {
                continue;
            };
            merged
                .entry((*from, *to, send.is_broadcast))
                .or_default()
                .push(send);
        }
        for ((from, to, is_broadcast), sends) in merged {
            self.edges.push(Edge {
                from,
                to,
                is_broadcast,
                messages: messages(&sends),
            });
        }
        self.unknown.extend(graph.unknown.iter().map(unknown));
    }

    fn node(&mut self, kind: NodeKind, name: &str, module: &str) {
        self.nodes.push(Node {
            kind,
            name: name.to_owned(),
            module: module.to_owned(),
        });
    }

    /// The number of messages on all edges.
    pub(super) fn messages(&self) -> usize {
        self.edges.iter().map(|edge| edge.messages.len()).sum()
    }
}

/// The messages of an edge, each once, those that make their receiver first.
fn messages(sends: &[&SentMessage]) -> Vec<Message> {
    let mut by_name: BTreeMap<(bool, &str), Vec<&SentMessage>> = BTreeMap::new();
    for send in sends {
        let is_handler = send.kind == MessageKind::Handler;
        by_name
            .entry((is_handler, &send.message))
            .or_default()
            .push(send);
    }
    let message = |((is_handler, name), sends): ((bool, &str), Vec<&SentMessage>)| {
        let places: BTreeSet<String> = sends
            .iter()
            .map(|send| format!("{}, {}:{}", send.by, send.location.file, send.location.line))
            .collect();
        Message {
            name: name.to_owned(),
            is_spawner: !is_handler,
            is_inferred: sends.iter().all(|send| send.is_inferred),
            places: places.into_iter().collect(),
        }
    };
    by_name.into_iter().map(message).collect()
}

fn unknown(call: &UnknownCall) -> String {
    let by = match &call.from {
        Some(from) => format!("{from}::{}", call.by),
        None => format!("{} of the host", call.by),
    };
    format!(
        "to whom `{}` goes in {by} ({}:{}): {}",
        call.message,
        call.location.file,
        call.location.line,
        call.candidates.join(" or ")
    )
}
