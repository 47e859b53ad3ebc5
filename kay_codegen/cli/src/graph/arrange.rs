//! Where everything of a picture is drawn.

use super::layers::{self, Pair};
use std::cmp::Ordering;

/// Something that takes room: a node, a label, or the joint of a long edge.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Area {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Its middle.
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Area {
    pub(super) fn of_size(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            ..Self::default()
        }
    }

    pub(super) fn left(&self) -> f64 {
        self.x - self.width / 2.0
    }

    pub(super) fn right(&self) -> f64 {
        self.x + self.width / 2.0
    }

    /// The room above it and below it: lines may come nearer to each other than anything else.
    fn padding(&self) -> f64 {
        if self.width > 0.0 {
            ROW_GAP / 2.0
        } else {
            JOINT / 2.0
        }
    }

    pub(super) fn top(&self) -> f64 {
        self.y - self.height / 2.0
    }
}

/// An edge to be drawn.
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The size of its label, if it has one.
    pub(super) label: Option<Area>,
}

/// The way of an edge.
#[derive(Default)]
pub(super) struct Way {
    /// From its beginning to its end.
    pub(super) points: Vec<(f64, f64)>,
    pub(super) label: Option<Area>,
}

/// All places.
pub(super) struct Arrangement {
    pub(super) nodes: Vec<Area>,
    /// In the order of the lines.
    pub(super) ways: Vec<Way>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The room between columns, and between what stands below each other.
const COLUMN_GAP: f64 = 40.0;
const ROW_GAP: f64 = 16.0;
/// The room that an edge takes where it only passes.
const JOINT: f64 = 6.0;
/// The least room between two edges that end at one side of a node.
const PORT: f64 = 13.0;

/// Finds a place for nodes of these sizes and for the lines between them.
pub(super) fn arrange(sizes: &[Area], lines: &[Line]) -> Arrangement {
    let pairs: Vec<Pair> = lines.iter().map(|line| (line.from, line.to)).collect();
    let (columns, is_back) = layers::columns(sizes.len(), &pairs);
    let mut areas = sizes.to_vec();
    let mut ends = vec![[0.0_f64; 2]; sizes.len()];
    for line in lines {
        let [first, last] = sides(line, &columns);
        ends[first.0][first.1] += 1.0;
        ends[last.0][last.1] += 1.0;
    }
    for (area, [right, left]) in areas.iter_mut().zip(ends) {
        area.height = area.height.max(PORT * (right.max(left) + 1.0));
    }
    let last = columns.iter().max().map_or(0, |last| last + 2);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); last];
    for (node, column) in columns.iter().enumerate() {
        order[*column].push(node);
    }
    // Each line is a chain of areas, one in each column; the middle one of the labels' columns is that
    // of its label.
    let mut links: Vec<Pair> = Vec::new();
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for line in lines {
        let [(first, _), (last, _)] = sides(line, &columns);
        let of_label = columns[first] + 1 + (columns[last] - columns[first]) / 4 * 2;
        // Between two nodes of one column, a line goes by the column beside it.
        let is_beside = columns[first] == columns[last];
        let end = if is_beside {
            of_label + 1
        } else {
            columns[last]
        };
        let mut chain = vec![first];
        let between = order.iter_mut().enumerate().take(end);
        for (at, column) in between.skip(columns[first] + 1) {
            let area = match line.label {
                Some(label) if at == of_label => label,
                _ => Area::of_size(0.0, JOINT),
            };
            areas.push(area);
            column.push(areas.len() - 1);
            chain.push(areas.len() - 1);
        }
        chain.push(last);
        if is_beside {
            links.extend([(first, chain[1]), (last, chain[1])]);
        } else {
            links.extend(chain.windows(2).map(|pair| (pair[0], pair[1])));
        }
        chains.push(chain);
    }
    layers::sort(&mut order, areas.len(), &links);
    let (widths, width) = place_columns(&order, &mut areas);
    let height = place_rows(&order, &links, &mut areas);
    let ways = ways(lines, &is_back, &chains, &areas, &widths, &columns);
    Arrangement {
        nodes: areas[..sizes.len()].to_vec(),
        ways,
        width,
        height,
    }
}

/// Places the columns beside each other. Gives the width of the column of each area, and of all.
fn place_columns(order: &[Vec<usize>], areas: &mut [Area]) -> (Vec<f64>, f64) {
    let mut widths = vec![0.0; areas.len()];
    let mut x = 0.0;
    for column in order {
        let widest = column
            .iter()
            .map(|area| areas[*area].width)
            .fold(0.0, f64::max);
        for area in column {
            areas[*area].x = x + widest / 2.0;
            widths[*area] = widest;
        }
        x += widest + COLUMN_GAP;
    }
    (widths, f64::max(x - COLUMN_GAP, 0.0))
}

/// How often rows are moved towards their neighbours.
const ROUNDS: usize = 16;

/// Places what is in each column below each other, near to what it is linked with, and says how high
/// that is.
fn place_rows(order: &[Vec<usize>], links: &[Pair], areas: &mut [Area]) -> f64 {
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); areas.len()];
    for &(from, to) in links {
        neighbours[from].push(to);
        neighbours[to].push(from);
    }
    for column in order {
        let mut y = 0.0;
        for area in column {
            let height = areas[*area].height;
            areas[*area].y = y + height / 2.0;
            y += height + ROW_GAP;
        }
    }
    for round in 0..ROUNDS {
        let columns: Box<dyn Iterator<Item = &Vec<usize>>> = if round % 2 == 0 {
            Box::new(order.iter())
        } else {
            Box::new(order.iter().rev())
        };
        for column in columns {
            let wanted: Vec<f64> = column
                .iter()
                .map(|area| {
                    let near = &neighbours[*area];
                    if near.is_empty() {
                        return areas[*area].y;
                    }
                    near.iter().map(|other| areas[*other].y).sum::<f64>() / near.len() as f64
                })
                .collect();
            let heights = column
                .iter()
                .map(|area| areas[*area].height + 2.0 * areas[*area].padding());
            let heights: Vec<f64> = heights.collect();
            for (area, y) in column.iter().zip(apart(&wanted, &heights)) {
                areas[*area].y = y;
            }
        }
    }
    let top = areas.iter().map(Area::top).fold(f64::INFINITY, f64::min);
    for area in areas.iter_mut() {
        area.y -= top;
    }
    areas
        .iter()
        .map(|area| area.y + area.height / 2.0)
        .fold(0.0, f64::max)
}

/// The places nearest to the wanted ones that keep the order and leave room: neighbours that want to
/// be too near each other form a block, which stands where its members want to be on average.
fn apart(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    // Without the room for what is above, the places only have to be in order.
    let mut above = 0.0;
    let mut offsets = Vec::new();
    for (at, height) in heights.iter().enumerate() {
        if at > 0 {
            above += (heights[at - 1] + height) / 2.0;
        }
        offsets.push(above);
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut block = (wanted - offset, 1);
        while let Some(&(mean, count)) = blocks.last()
            && mean > block.0
        {
            blocks.pop();
            let all = count + block.1;
            block = (
                (mean * count as f64 + block.0 * block.1 as f64) / all as f64,
                all,
            );
        }
        blocks.push(block);
    }
    let means = blocks
        .iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(*mean, *count));
    means
        .zip(&offsets)
        .map(|(mean, offset)| mean + offset)
        .collect()
}

/// The nodes at the ends of a line, the one in the earlier column first, with their sides: 0 is the
/// right one, 1 the left one.
fn sides(line: &Line, columns: &[usize]) -> [(usize, usize); 2] {
    match columns[line.from].cmp(&columns[line.to]) {
        Ordering::Less => [(line.from, 0), (line.to, 1)],
        Ordering::Equal => [(line.from, 0), (line.to, 0)],
        Ordering::Greater => [(line.to, 0), (line.from, 1)],
    }
}

/// The ways of the lines, whose ends are spread over the sides of their nodes.
fn ways(
    lines: &[Line],
    is_back: &[bool],
    chains: &[Vec<usize>],
    areas: &[Area],
    widths: &[f64],
    columns: &[usize],
) -> Vec<Way> {
    // The lines at each side of each node, by where they come from.
    let mut ends: Vec<[Vec<(f64, usize)>; 2]> = vec![[Vec::new(), Vec::new()]; columns.len()];
    for (index, (line, chain)) in lines.iter().zip(chains).enumerate() {
        let [(first, first_side), (last, last_side)] = sides(line, columns);
        ends[first][first_side].push((areas[chain[1]].y, 2 * index));
        ends[last][last_side].push((areas[chain[chain.len() - 2]].y, 2 * index + 1));
    }
    for side in ends.iter_mut().flatten() {
        side.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    let port = |(node, side): (usize, usize), end: usize| {
        let all: &[(f64, usize)] = &ends[node][side];
        let at = all.iter().position(|(_, other)| *other == end).unwrap_or(0);
        let area = &areas[node];
        let x = if side == 0 { area.right() } else { area.left() };
        let y = area.top() + area.height * (at as f64 + 1.0) / (all.len() as f64 + 1.0);
        (x, y)
    };
    let mut ways = Vec::new();
    for (index, (line, chain)) in lines.iter().zip(chains).enumerate() {
        let [first, last] = sides(line, columns);
        let mut points = vec![port(first, 2 * index)];
        let mut label: Option<Area> = None;
        for joint in &chain[1..chain.len() - 1] {
            let area = areas[*joint];
            label = label.or((area.width > 0.0).then_some(area));
            // Through a column a line is level, so that it touches nothing above and below.
            let half = widths[*joint] / 2.0;
            if last.1 == 1 {
                points.extend([(area.x - half, area.y), (area.x + half, area.y)]);
            } else {
                points.push((area.left(), area.y));
            }
        }
        points.push(port(last, 2 * index + 1));
        if is_back[index] {
            points.reverse();
        }
        ways.push(Way { points, label });
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::{Area, Line, arrange};

    #[test]
    fn nothing_lies_over_anything_else() {
        let sizes: Vec<Area> = (0..40)
            .map(|i| Area::of_size(60.0 + f64::from(i), 40.0))
            .collect();
        let mut lines = Vec::new();
        for from in 0..40 {
            for to in [(from * 5 + 1) % 40, (from * 7 + 2) % 12, (from + 1) % 40] {
                if from != to {
                    let label = Some(Area::of_size(50.0, 24.0));
                    lines.push(Line { from, to, label });
                }
            }
        }
        let found = arrange(&sizes, &lines);
        let labels = found.ways.iter().filter_map(|way| way.label);
        let all: Vec<Area> = found.nodes.iter().copied().chain(labels).collect();
        assert_eq!(all.len(), sizes.len() + lines.len());
        for (at, one) in all.iter().enumerate() {
            assert!(one.top() > -0.01 && one.y + one.height / 2.0 < found.height + 0.01);
            assert!(one.left() > -0.01 && one.right() < found.width + 0.01);
            for other in &all[at + 1..] {
                let apart = (one.x - other.x).abs() * 2.0 >= one.width + other.width - 0.01
                    || (one.y - other.y).abs() * 2.0 >= one.height + other.height - 0.01;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn nothing_is_arranged_too() {
        assert!(arrange(&[], &[]).nodes.is_empty());
    }
}
