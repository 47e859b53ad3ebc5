//! The graph for programs that draw: Graphviz and Mermaid.

use super::picture::{Edge, NodeKind, Picture};
use std::fmt::Write;

/// How many messages stand in one line of a label.
const IN_LINE: usize = 3;

/// The graph for Graphviz.
pub(super) fn dot(picture: &Picture) -> String {
    let mut text = String::from("digraph messages {\n");
    let _ = writeln!(
        text,
        "    label=\"{}\"; labelloc=t; rankdir=LR;",
        escaped(&picture.title)
    );
    text.push_str("    node [fontname=\"sans-serif\", shape=box, style=\"rounded,filled\"];\n");
    text.push_str("    edge [fontname=\"monospace\", fontsize=10];\n");
    for (index, node) in picture.nodes.iter().enumerate() {
        let look = match node.kind {
            NodeKind::Actor => "fillcolor=\"#e3edfa\"",
            NodeKind::Trait => "fillcolor=\"#e6f4e1\", shape=hexagon, style=filled",
            NodeKind::Host => "fillcolor=\"#eeeeee\", shape=ellipse, style=filled",
        };
        let mut label = escaped(&node.name);
        if !node.module.is_empty() {
            let _ = write!(label, "\\n{}", escaped(&node.module));
        }
        let _ = writeln!(text, "    n{index} [label=\"{label}\", {look}];");
    }
    for edge in &picture.edges {
        let label = label(edge, "\\n");
        let style = if edge.is_broadcast {
            ", style=dashed"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "    n{} -> n{} [label=\"{label}\"{style}];",
            edge.from, edge.to
        );
    }
    for (of_trait, actor) in &picture.implementors {
        let look = "style=dotted, color=gray, arrowhead=empty, tooltip=\"is answered by\"";
        let _ = writeln!(text, "    n{of_trait} -> n{actor} [{look}];");
    }
    for unknown in &picture.unknown {
        let _ = writeln!(text, "    // not known: {unknown}");
    }
    text + "}\n"
}

/// The graph for Mermaid.
pub(super) fn mermaid(picture: &Picture) -> String {
    let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", picture.title);
    for (index, node) in picture.nodes.iter().enumerate() {
        let name = &node.name;
        let _ = match node.kind {
            NodeKind::Actor => writeln!(text, "    n{index}[\"{name}\"]"),
            NodeKind::Trait => writeln!(text, "    n{index}{{{{\"{name}\"}}}}"),
            NodeKind::Host => writeln!(text, "    n{index}([\"{name}\"])"),
        };
    }
    for edge in &picture.edges {
        let label = label(edge, "<br>");
        let arrow = if edge.is_broadcast { "-.->" } else { "-->" };
        let _ = writeln!(text, "    n{} {arrow}|\"{label}\"| n{}", edge.from, edge.to);
    }
    for (of_trait, actor) in &picture.implementors {
        let _ = writeln!(text, "    n{of_trait} --o n{actor}");
    }
    for unknown in &picture.unknown {
        let _ = writeln!(text, "    %% not known: {unknown}");
    }
    text
}

fn label(edge: &Edge, line_break: &str) -> String {
    let labels: Vec<String> = edge
        .messages
        .iter()
        .map(|message| message.label())
        .collect();
    let lines: Vec<String> = labels.chunks(IN_LINE).map(|line| line.join(", ")).collect();
    lines.join(line_break)
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
