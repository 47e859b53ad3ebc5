//! The graph as a picture that a browser shows, and that needs nothing else.

use super::arrange::{Area, Line, Way, arrange};
use super::picture::{Edge, Message, Node, NodeKind, Picture};
use std::fmt::Write;

/// The colours of edges, by their senders: dark enough to be read on white.
const COLOURS: [&str; 8] = [
    "#1f5fa8", "#a8431f", "#2b7a3d", "#7a3d9a", "#8a6a00", "#0f7b7b", "#a3245f", "#4a5568",
];
/// How many messages an edge shows: the others are in its tooltip.
const MOST: usize = 7;
/// The widths of letters: of names, of modules, of messages, which have one width.
const NAME_LETTER: f64 = 8.6;
const SMALL_LETTER: f64 = 6.3;
const MESSAGE_LETTER: f64 = 6.7;
const MESSAGE_LINE: f64 = 14.0;
const MARGIN: f64 = 28.0;
const HEAD: f64 = 60.0;
const LEGEND: f64 = 34.0;

const STYLE: &str = "
    text { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1a202c; }
    .title { font-size: 20px; font-weight: 600; }
    .name { font-size: 14px; font-weight: 600; text-anchor: middle; }
    .small { font-size: 10.5px; fill: #5a6472; }
    .middle { text-anchor: middle; }
    .message { font: 11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; text-anchor: middle; }
    .edge path { fill: none; stroke-width: 1.5; }
    .edge:hover path { stroke-width: 3; }
    .edge, .node { transition: opacity 0.15s; }
    .broadcast path { stroke-dasharray: 6 4; }
    .implements path { stroke: #9aa3af; stroke-width: 1; stroke-dasharray: 1.5 3; }
";

/// Draws the picture.
pub(super) fn svg(picture: &Picture) -> String {
    let sizes: Vec<Area> = (0..picture.nodes.len())
        .map(|node| node_size(picture, node))
        .collect();
    let edges: Vec<&Edge> = picture
        .edges
        .iter()
        .filter(|edge| edge.from != edge.to)
        .collect();
    let sends = edges.iter().map(|edge| Line {
        from: edge.from,
        to: edge.to,
        label: Some(label_size(edge)),
    });
    let implementors = picture.implementors.iter().map(|(of_trait, actor)| Line {
        from: *of_trait,
        to: *actor,
        label: None,
    });
    let lines: Vec<Line> = sends.chain(implementors).collect();
    let found = arrange(&sizes, &lines);

    let notes = notes(picture);
    let note_letters = notes
        .iter()
        .map(|note| note.chars().count())
        .max()
        .unwrap_or(0);
    let title_width = picture.title.chars().count() as f64 * 11.5;
    let wanted = [
        found.width,
        title_width,
        note_letters as f64 * SMALL_LETTER,
        LEGEND_WIDTH,
    ];
    let width = wanted.into_iter().fold(0.0, f64::max) + 2.0 * MARGIN;
    let foot = HEAD + found.height + LEGEND;
    let height = foot + notes.len() as f64 * MESSAGE_LINE + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}{}</style>\n",
        escaped(&picture.title),
        highlights(picture.nodes.len())
    );
    text.push_str(&markers());
    let _ = write!(
        text,
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"36\">{}</text>\n\
         <g transform=\"translate({MARGIN} {HEAD})\">\n",
        escaped(&picture.title)
    );
    let (ways, of_traits) = found.ways.split_at(edges.len());
    for (way, ends) in of_traits.iter().zip(&picture.implementors) {
        let (of_trait, actor) = ends;
        let classes = format!("edge implements n{of_trait} n{actor}");
        let (of_trait, actor) = (&picture.nodes[*of_trait].name, &picture.nodes[*actor].name);
        let _ = writeln!(
            text,
            "<g class=\"{classes}\"><title>{of_trait} is answered by {actor}</title>\
             <path d=\"{}\" marker-end=\"url(#hollow)\"/></g>",
            path(way)
        );
    }
    for (way, edge) in ways.iter().zip(&edges) {
        draw_edge(&mut text, picture, edge, way);
    }
    // Labels lie over all edges.
    for (way, edge) in ways.iter().zip(&edges) {
        if let Some(area) = &way.label {
            draw_label(&mut text, picture, edge, area);
        }
    }
    for (node, area) in found.nodes.iter().enumerate() {
        draw_node(&mut text, picture, node, area);
    }
    text.push_str("</g>\n");
    draw_legend(&mut text, foot);
    for (line, note) in notes.iter().enumerate() {
        let y = foot + 8.0 + (line + 1) as f64 * MESSAGE_LINE;
        let _ = writeln!(
            text,
            "<text class=\"small\" x=\"{MARGIN}\" y=\"{y:.1}\">{}</text>",
            escaped(note)
        );
    }
    text + "</svg>\n"
}

/// What is said below the picture about what is not in it.
fn notes(picture: &Picture) -> Vec<String> {
    picture
        .unknown
        .iter()
        .map(|unknown| format!("Not known: {unknown}"))
        .collect()
}

/// Rules by which a node under the pointer shows its own edges only.
fn highlights(nodes: usize) -> String {
    let rule =
        |node| format!("    svg:has(#n{node}:hover) .edge:not(.n{node}) {{ opacity: 0.08; }}\n");
    (0..nodes).map(rule).collect()
}

fn colour(node: usize) -> usize {
    node % COLOURS.len()
}

fn markers() -> String {
    let mut text = String::from("<defs>\n");
    for (index, colour) in COLOURS.iter().enumerate() {
        let _ = writeln!(
            text,
            "<marker id=\"arrow{index}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" \
             markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
             <path d=\"M0 1 L10 5 L0 9 z\" fill=\"{colour}\"/></marker>"
        );
    }
    text + "<marker id=\"hollow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" \
            markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
            <path d=\"M0 1 L10 5 L0 9 z\" fill=\"#ffffff\" stroke=\"#9aa3af\"/></marker>\n</defs>\n"
}

/// The messages that a node sends to its own kind, which are drawn inside it.
fn to_itself(picture: &Picture, node: usize) -> Vec<String> {
    let own = picture
        .edges
        .iter()
        .filter(|edge| edge.from == node && edge.to == node);
    own.flat_map(|edge| {
        let sign = if edge.is_broadcast {
            "⟳ all "
        } else {
            "⟳ "
        };
        edge.messages
            .iter()
            .map(move |message| format!("{sign}{}", message.label()))
    })
    .collect()
}

fn node_size(picture: &Picture, node: usize) -> Area {
    let Node { name, module, .. } = &picture.nodes[node];
    let own = to_itself(picture, node);
    let own_letters = own
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    let width = (name.chars().count() as f64 * NAME_LETTER)
        .max(module.chars().count() as f64 * SMALL_LETTER)
        .max(own_letters as f64 * MESSAGE_LETTER);
    let module_line = if module.is_empty() { 0.0 } else { MESSAGE_LINE };
    Area::of_size(
        width + 30.0,
        32.0 + module_line + own.len() as f64 * MESSAGE_LINE,
    )
}

/// The lines of an edge's label.
fn label_lines(edge: &Edge) -> Vec<String> {
    let all: Vec<String> = edge.messages.iter().map(Message::label).collect();
    if all.len() <= MOST {
        return all;
    }
    let rest = format!("+ {} more", all.len() - MOST + 1);
    all.into_iter().take(MOST - 1).chain([rest]).collect()
}

fn label_size(edge: &Edge) -> Area {
    let lines = label_lines(edge);
    let letters = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    Area::of_size(
        letters as f64 * MESSAGE_LETTER + 12.0,
        lines.len() as f64 * MESSAGE_LINE + 4.0,
    )
}

/// A smooth line through all points, level at each of them.
fn path(way: &Way) -> String {
    let mut text = String::new();
    for (at, (x, y)) in way.points.iter().enumerate() {
        if at == 0 {
            let _ = write!(text, "M{x:.1} {y:.1}");
            continue;
        }
        let (before_x, before_y) = way.points[at - 1];
        let bend = (x - before_x) / 2.0;
        let _ = write!(
            text,
            " C{:.1} {before_y:.1} {:.1} {y:.1} {x:.1} {y:.1}",
            before_x + bend,
            x - bend
        );
    }
    text
}

/// The classes of an edge, by which it is styled and found.
fn classes(edge: &Edge) -> String {
    let broadcast = if edge.is_broadcast { " broadcast" } else { "" };
    format!("edge{broadcast} n{} n{}", edge.from, edge.to)
}

fn draw_edge(text: &mut String, picture: &Picture, edge: &Edge, way: &Way) {
    let sender = colour(edge.from);
    let _ = writeln!(
        text,
        "<g class=\"{}\"><title>{}</title>\
         <path d=\"{}\" stroke=\"{}\" marker-end=\"url(#arrow{sender})\"/></g>",
        classes(edge),
        escaped(&tooltip(picture, edge)),
        path(way),
        COLOURS[sender],
    );
}

/// All that there is to know about an edge.
fn tooltip(picture: &Picture, edge: &Edge) -> String {
    let (from, to) = (&picture.nodes[edge.from].name, &picture.nodes[edge.to].name);
    let all = if edge.is_broadcast { "all " } else { "" };
    let mut text = format!("{from} → {all}{to}");
    for message in &edge.messages {
        let sort = match (message.is_spawner, message.is_inferred) {
            (true, _) => " (makes one)",
            (_, true) => " (inferred from the name of the message)",
            _ => "",
        };
        let _ = write!(text, "\n{}{sort}", message.name);
        for place in &message.places {
            let _ = write!(text, "\n    in {place}");
        }
    }
    text
}

fn draw_label(text: &mut String, picture: &Picture, edge: &Edge, area: &Area) {
    let _ = write!(
        text,
        "<g class=\"{}\"><title>{}</title>\
         <rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\" fill=\"#ffffff\"/>",
        classes(edge),
        escaped(&tooltip(picture, edge)),
        area.left(),
        area.top(),
        area.width,
        area.height
    );
    for (line, label) in label_lines(edge).iter().enumerate() {
        let y = area.top() + 12.5 + line as f64 * MESSAGE_LINE;
        let _ = write!(
            text,
            "<text class=\"message\" x=\"{:.1}\" y=\"{y:.1}\" style=\"fill:{}\">{}</text>",
            area.x,
            COLOURS[colour(edge.from)],
            escaped(label)
        );
    }
    text.push_str("</g>\n");
}

/// The outline of a node, by its kind.
fn outline(kind: NodeKind, area: &Area) -> String {
    let (x, y, width, height) = (area.left(), area.top(), area.width, area.height);
    let (radius, paint) = match kind {
        NodeKind::Actor => (
            5.0,
            "fill=\"#e3edfa\" stroke=\"#1f5fa8\" stroke-width=\"1.5\"",
        ),
        NodeKind::Trait => (
            (height / 2.0).min(22.0),
            "fill=\"#e9f6e4\" stroke=\"#2b7a3d\" stroke-width=\"1.5\" stroke-dasharray=\"5 2\"",
        ),
        NodeKind::Host => (
            0.0,
            "fill=\"#f1f1f1\" stroke=\"#777777\" stroke-width=\"1.5\"",
        ),
    };
    format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius:.1}\" {paint}/>"
    )
}

fn draw_node(text: &mut String, picture: &Picture, index: usize, area: &Area) {
    let node = &picture.nodes[index];
    let own = to_itself(picture, index);
    let what = match node.kind {
        NodeKind::Actor => "an actor",
        NodeKind::Trait => "an actor trait",
        NodeKind::Host => "functions that no handler calls",
    };
    let lines = f64::from(u8::from(!node.module.is_empty())) + own.len() as f64;
    let mut y = area.y + 5.0 - lines * MESSAGE_LINE / 2.0;
    let _ = write!(
        text,
        "<g class=\"node\" id=\"n{index}\"><title>{}: {what}</title>{}<text class=\"name\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
        escaped(&node.name),
        outline(node.kind, area),
        area.x,
        escaped(&node.name)
    );
    let mut line = |class: &str, paint: &str, content: &str| {
        y += MESSAGE_LINE;
        let _ = write!(
            text,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\"{paint}>{}</text>",
            area.x,
            escaped(content)
        );
    };
    if !node.module.is_empty() {
        line("small middle", "", &node.module);
    }
    let paint = format!(" style=\"fill:{}\"", COLOURS[colour(index)]);
    for message in &own {
        line("message", &paint, message);
    }
    text.push_str("</g>\n");
}

const LEGEND_WIDTH: f64 = 830.0;

/// What the shapes and lines mean.
fn draw_legend(text: &mut String, foot: f64) {
    let y = foot - 8.0;
    let mut x = MARGIN;
    for (kind, what) in [
        (NodeKind::Actor, "actor"),
        (NodeKind::Trait, "actor trait"),
        (NodeKind::Host, "host"),
    ] {
        let mut area = Area::of_size(26.0, 14.0);
        (area.x, area.y) = (x + 13.0, y - 4.0);
        let _ = writeln!(
            text,
            "{}<text class=\"small\" x=\"{:.1}\" y=\"{y:.1}\">{what}</text>",
            outline(kind, &area),
            x + 32.0
        );
        x += 48.0 + what.len() as f64 * SMALL_LETTER;
    }
    for (class, marker, what) in [
        ("edge", "arrow7", "sends"),
        ("edge broadcast", "arrow7", "sends to all"),
        ("edge implements", "hollow", "is answered by"),
    ] {
        let stroke = if marker == "hollow" {
            ""
        } else {
            " stroke=\"#4a5568\""
        };
        let _ = writeln!(
            text,
            "<g class=\"{class}\"><path d=\"M{x:.1} {0:.1} h34\"{stroke} marker-end=\"url(#{marker})\"/></g>\
             <text class=\"small\" x=\"{1:.1}\" y=\"{y:.1}\">{what}</text>",
            y - 4.0,
            x + 40.0
        );
        x += 56.0 + what.len() as f64 * SMALL_LETTER;
    }
    let _ = writeln!(
        text,
        "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\">+name: makes one · name?: inferred · ⟳ to its own kind</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
