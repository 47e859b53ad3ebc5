//! Which column a node stands in, and in which order the nodes of a column follow each other.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981): edges that would go back are turned
//! around, every node comes after those that send to it, long edges get a joint in every column that
//! they cross, and columns are sorted by where their neighbours are until fewer edges cross.

use std::collections::BTreeSet;

/// An edge between two nodes, by their indices.
pub(super) type Pair = (usize, usize);

/// The most columns of nodes. With more, a picture gets so wide that nobody finds the ends of an edge.
const MOST: usize = 7;

/// The column of each node, and for each edge whether it goes from a later column to an earlier one.
///
/// Nodes stand in even columns: the odd ones are for labels. Where receivers cannot all come after
/// their senders in few columns, some stand in the same one.
pub(super) fn columns(count: usize, edges: &[Pair]) -> (Vec<usize>, Vec<bool>) {
    let is_back = back_edges(count, edges);
    let forward: Vec<Pair> = edges
        .iter()
        .zip(&is_back)
        .map(|(&(from, to), is_back)| if *is_back { (to, from) } else { (from, to) })
        .collect();
    let mut columns = vec![0; count];
    // Longest paths: as many rounds as there are nodes suffice, since nothing goes round.
    for _ in 0..count {
        let mut has_changed = false;
        for &(from, to) in &forward {
            if columns[to] < columns[from] + 2 {
                columns[to] = columns[from] + 2;
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    // A node with nothing before it goes next to what it sends to.
    for node in 0..count {
        if !forward.iter().any(|&(_, to)| to == node) {
            let next = forward.iter().filter(|&&(from, _)| from == node);
            if let Some(first) = next.map(|&(_, to)| columns[to]).min() {
                columns[node] = first - 2;
            }
        }
    }
    if columns.iter().any(|column| column / 2 >= MOST) {
        columns = squeezed(&columns, edges);
    }
    let is_back = edges.iter().map(|&(from, to)| columns[from] > columns[to]);
    let is_back = is_back.collect();
    (columns, is_back)
}

/// As many columns as there may be, with nodes near to their neighbours and roughly in the order of
/// the columns that they had.
fn squeezed(columns: &[usize], edges: &[Pair]) -> Vec<usize> {
    let count = columns.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|node| columns[*node]);
    let mut found = vec![0; count];
    for (rank, node) in order.iter().enumerate() {
        found[*node] = rank * MOST / count;
    }
    let mut sizes = [0; MOST];
    for column in &found {
        sizes[*column] += 1;
    }
    let full = count.div_ceil(MOST) * 3 / 2;
    let mut touching: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, &(from, to)) in edges.iter().enumerate() {
        touching[from].push(index);
        touching[to].push(index);
    }
    for _ in 0..ROUNDS {
        let mut has_moved = false;
        for node in 0..count {
            let cost = |column: usize| -> usize {
                let lengths = touching[node].iter().map(|edge| {
                    let (from, to) = edges[*edge];
                    let at = |end: usize| if end == node { column } else { found[end] };
                    // An edge that goes on to the right is read more easily.
                    let (from, to) = (at(from), at(to));
                    2 * from.abs_diff(to).max(1) + usize::from(from >= to)
                });
                lengths.sum()
            };
            let free = (0..MOST).filter(|column| sizes[*column] < full);
            let best = free.min_by_key(|column| cost(*column));
            if let Some(best) = best.filter(|best| cost(*best) < cost(found[node])) {
                sizes[found[node]] -= 1;
                sizes[best] += 1;
                found[node] = best;
                has_moved = true;
            }
        }
        if !has_moved {
            break;
        }
    }
    found.into_iter().map(|column| 2 * column).collect()
}

/// The edges that lead back to a node from which they were reached.
fn back_edges(count: usize, edges: &[Pair]) -> Vec<bool> {
    let mut is_back = vec![false; edges.len()];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, &(from, _)) in edges.iter().enumerate() {
        out[from].push(index);
    }
    let (mut is_open, mut is_done) = (vec![false; count], vec![false; count]);
    // Those that nobody sends to come first: all others are reached from them, if possible.
    let received: BTreeSet<usize> = edges.iter().map(|&(_, to)| to).collect();
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|node| received.contains(node));
    for start in starts {
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.pop() {
            if next == 0 {
                if is_done[node] {
                    continue;
                }
                is_open[node] = true;
            }
            if let Some(&edge) = out[node].get(next) {
                path.push((node, next + 1));
                let to = edges[edge].1;
                if is_open[to] {
                    is_back[edge] = true;
                } else if !is_done[to] {
                    path.push((to, 0));
                }
            } else {
                is_open[node] = false;
                is_done[node] = true;
            }
        }
    }
    is_back
}

/// How many times columns are sorted.
const ROUNDS: usize = 24;

/// Sorts the nodes of each column so that few edges cross. Edges connect neighbouring columns.
pub(super) fn sort(columns: &mut [Vec<usize>], count: usize, edges: &[Pair]) {
    let (mut before, mut after) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for &(from, to) in edges {
        after[from].push(to);
        before[to].push(from);
    }
    let mut best = columns.to_vec();
    let mut fewest = crossings(columns, &after);
    for round in 0..ROUNDS {
        let mut place = places(columns, count);
        let to_the_right = round % 2 == 0;
        let order: Vec<usize> = if to_the_right {
            (1..columns.len()).collect()
        } else {
            (0..columns.len().saturating_sub(1)).rev().collect()
        };
        for column in order {
            let neighbours = if to_the_right { &before } else { &after };
            let middle = |node: usize| -> f64 {
                let of = &neighbours[node];
                if of.is_empty() {
                    return place[node];
                }
                of.iter().map(|other| place[*other]).sum::<f64>() / of.len() as f64
            };
            columns[column].sort_by(|a, b| middle(*a).total_cmp(&middle(*b)));
            for (at, node) in columns[column].iter().enumerate() {
                place[*node] = relative(at, columns[column].len());
            }
        }
        let found = crossings(columns, &after);
        if found < fewest {
            fewest = found;
            best = columns.to_vec();
        }
    }
    columns.clone_from_slice(&best);
}

/// The place of each node in its column, from 0 to 1.
fn places(columns: &[Vec<usize>], count: usize) -> Vec<f64> {
    let mut places = vec![0.0; count];
    for column in columns {
        for (at, node) in column.iter().enumerate() {
            places[*node] = relative(at, column.len());
        }
    }
    places
}

fn relative(at: usize, of: usize) -> f64 {
    (at as f64 + 0.5) / of as f64
}

fn crossings(columns: &[Vec<usize>], after: &[Vec<usize>]) -> usize {
    let mut count = 0;
    for pair in columns.windows(2) {
        let place = |node: usize| pair[1].iter().position(|other| *other == node).unwrap_or(0);
        let ends: Vec<Vec<usize>> = pair[0]
            .iter()
            .map(|node| after[*node].iter().map(|to| place(*to)).collect())
            .collect();
        for (at, upper) in ends.iter().enumerate() {
            for lower in &ends[at + 1..] {
                let pairs = upper.iter().flat_map(|u| lower.iter().map(move |l| (u, l)));
                count += pairs.filter(|(upper, lower)| upper > lower).count();
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{columns, sort};

    #[test]
    fn receivers_come_after_senders_and_cycles_go_back() {
        let (found, is_back) = columns(4, &[(0, 1), (1, 2), (2, 0), (3, 2)]);
        assert_eq!(is_back, [false, true, false, false]);
        assert_eq!(found, [4, 6, 2, 0]);
    }

    #[test]
    fn there_are_not_too_many_columns() {
        let chain: Vec<_> = (0..29).map(|node| (node, node + 1)).collect();
        let (found, _) = columns(30, &chain);
        assert!(
            found
                .iter()
                .all(|column| column / 2 < super::MOST && column % 2 == 0)
        );
        assert!(
            chain
                .iter()
                .all(|(from, to)| found[*to].abs_diff(found[*from]) <= 2),
            "{found:?}"
        );
    }

    #[test]
    fn crossings_are_undone() {
        let mut order = [vec![0, 1], vec![2, 3]];
        sort(&mut order, 4, &[(0, 3), (1, 2)]);
        let turned = order == [vec![0, 1], vec![3, 2]] || order == [vec![1, 0], vec![2, 3]];
        assert!(turned, "{order:?}");
    }
}
