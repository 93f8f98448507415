//! Which nodes run together: element-wise nodes and reductions along the last dimensions share one loop over rows.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::lowered::{Id, Lowered, Node};
use super::views::{View, row_major};

/// A row of more elements than this is not reduced in a shared loop.
const LONGEST_ROW: usize = 1 << 16;
/// So many nodes at most share a loop, so that what they compute stays near the processor.
const MOST_MEMBERS: usize = 96;
/// So many units are looked at before two nodes are taken to depend on each other.
const MOST_VISITS: usize = 4096;

/// How a node may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It only reads another value in another order.
    View,
    /// Element by element, operands and result of the same sizes.
    Element,
    /// Along these dimensions of its operand.
    Reduce(Vec<usize>),
    /// By itself.
    Alone,
}

/// Nodes that run together, in order, or one that runs alone.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The nodes, by index.
    pub members: Vec<usize>,
    /// The loop that they share; none for a node that runs alone.
    pub space: Option<Space>,
}

/// What a loop goes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Space {
    /// The sizes other than 1.
    pub sizes: Vec<usize>,
    /// How many of them count the rows, if reductions say what a row is.
    pub split: Option<usize>,
}

impl Space {
    /// The number of elements of a value for each row.
    fn rows(&self) -> Option<usize> {
        Some(self.sizes[..self.split?].iter().product())
    }

    fn is_full(&self, sizes: &[usize]) -> bool {
        squeezed(sizes).eq(self.sizes.iter().copied())
    }

    fn is_row(&self, sizes: &[usize]) -> bool {
        self.split.is_some_and(|split| squeezed(sizes).eq(self.sizes[..split].iter().copied()))
    }

    /// The same space where rows are so; none if they are not.
    fn with_split(&self, split: Option<usize>) -> Option<Self> {
        match (self.split, split) {
            (Some(own), Some(other)) if own != other => None,
            (own, other) => Some(Self { sizes: self.sizes.clone(), split: own.or(other) }),
        }
    }
}

/// The sizes other than 1.
pub(super) fn squeezed(sizes: &[usize]) -> impl Iterator<Item = usize> {
    sizes.iter().copied().filter(|size| *size != 1)
}

pub(super) struct Grouping<'a> {
    lowered: &'a Lowered,
    views: &'a [View],
    ways: &'a [Way],
    producers: Vec<Option<usize>>,
    /// The unit of each node; joined units point to what they became.
    unit_of: Vec<Option<usize>>,
    became: Vec<usize>,
    units: Vec<Unit>,
    /// The units that each unit needs before it, by their numbers when they were made.
    needs: Vec<Vec<usize>>,
    visited: Vec<u32>,
    visit: u32,
}

/// The units of a function in an order in which each comes after what it needs.
pub(super) fn units(lowered: &Lowered, views: &[View], ways: &[Way]) -> Vec<Unit> {
    let count = lowered.nodes.len();
    let mut grouping = Grouping {
        lowered,
        views,
        ways,
        producers: lowered.producers(),
        unit_of: vec![None; count],
        became: Vec::new(),
        units: Vec::new(),
        needs: Vec::new(),
        visited: Vec::new(),
        visit: 0,
    };
    let mut last_ordered = None;
    for (index, node) in lowered.nodes.iter().enumerate() {
        if ways[index] == Way::View {
            continue;
        }
        let mut needs = grouping.needed(node);
        if node.work.is_ordered() {
            needs.extend(last_ordered.map(|last: usize| grouping.find(last)));
        }
        let unit = grouping.place(index, needs);
        grouping.unit_of[index] = Some(unit);
        if node.work.is_ordered() {
            last_ordered = Some(unit);
        }
    }
    grouping.sorted()
}

impl Grouping<'_> {
    fn find(&self, mut unit: usize) -> usize {
        while self.became[unit] != unit {
            unit = self.became[unit];
        }
        unit
    }

    /// The unit that gives a value; none for an input.
    fn unit_of_value(&self, id: Id) -> Option<usize> {
        let node = self.producers[self.views[id.index()].root.index()]?;
        self.unit_of[node].map(|unit| self.find(unit))
    }

    fn needed(&self, node: &Node) -> Vec<usize> {
        let mut needs: Vec<_> =
            node.operands.iter().filter_map(|operand| self.unit_of_value(*operand)).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    fn add(&mut self, unit: Unit, needs: Vec<usize>) -> usize {
        self.units.push(unit);
        self.became.push(self.became.len());
        self.needs.push(needs);
        self.visited.push(0);
        self.units.len() - 1
    }

    /// Puts a node into the unit of something it uses, or into one of its own.
    fn place(&mut self, index: usize, needs: Vec<usize>) -> usize {
        let node = &self.lowered.nodes[index];
        let Some(own) = self.space(index) else {
            return self.add(Unit { members: vec![index], space: None }, needs);
        };
        let mut joined: Option<usize> = None;
        for &candidate in needs.iter().rev() {
            let candidate = self.find(candidate);
            if node.again && !self.computes_again(candidate) {
                continue;
            }
            let Some(unit) = joined else {
                if let Some(space) = self.joins(index, node, candidate)
                    && !needs
                        .iter()
                        .any(|&other| self.find(other) != candidate && self.reaches(other, candidate))
                {
                    self.units[candidate].members.push(index);
                    self.units[candidate].space = Some(space);
                    let more =
                        needs.iter().map(|&other| self.find(other)).filter(|&other| other != candidate);
                    let more: Vec<_> = more.collect();
                    self.needs[candidate].extend(more);
                    self.unit_of[index] = Some(candidate);
                    joined = Some(candidate);
                }
                continue;
            };
            if candidate != unit {
                joined = Some(self.merge(unit, candidate));
            }
        }
        joined.unwrap_or_else(|| self.add(Unit { members: vec![index], space: Some(own) }, needs))
    }

    /// Whether a unit computes again what others compute.
    fn computes_again(&self, unit: usize) -> bool {
        self.units[unit].members.iter().any(|&member| self.lowered.nodes[member].again)
    }

    /// The space of a loop for a node alone; none if it is not for a loop.
    fn space(&self, index: usize) -> Option<Space> {
        let node = &self.lowered.nodes[index];
        let sizes = |id: Id| self.lowered.kind(id).sizes.as_slice();
        match &self.ways[index] {
            Way::Element => {
                Some(Space { sizes: squeezed(sizes(*node.results.first()?)).collect(), split: None })
            }
            Way::Reduce(axes) => {
                let operand = sizes(*node.operands.first()?);
                let split = row_split(operand, axes)?;
                Some(Space { sizes: squeezed(operand).collect(), split: Some(split) })
            }
            Way::View | Way::Alone => None,
        }
    }

    /// The space of a unit that a node joins; none if it cannot.
    fn joins(&self, index: usize, node: &Node, unit: usize) -> Option<Space> {
        let space = self.units[unit].space.as_ref()?;
        if self.units[unit].members.len() >= MOST_MEMBERS {
            return None;
        }
        let result = &self.lowered.kind(*node.results.first()?).sizes;
        let space = match &self.ways[index] {
            Way::Element if space.is_full(result) || space.is_row(result) => space.clone(),
            Way::Reduce(_) => {
                let own = self.space(index)?;
                if own.sizes != space.sizes {
                    return None;
                }
                space.with_split(own.split)?
            }
            _ => return None,
        };
        self.reads_in_order(index, &space, |other| other == unit).then_some(space)
    }

    /// Whether a node reads what the units give that are in question at the place of the loop where they give it.
    fn reads_in_order(&self, index: usize, space: &Space, in_question: impl Fn(usize) -> bool) -> bool {
        let node = &self.lowered.nodes[index];
        node.operands.iter().all(|operand| {
            let inside = self.unit_of_value(*operand).is_some_and(&in_question);
            !inside || self.reads_at_place(*operand, space)
        })
    }

    fn reads_at_place(&self, operand: Id, space: &Space) -> bool {
        let view = &self.views[operand.index()];
        let (sizes, root) = (&self.lowered.kind(operand).sizes, self.lowered.kind(view.root));
        if view.offset != 0 {
            return false;
        }
        if view.is_contiguous(sizes) && root.len() == self.lowered.kind(operand).len() {
            return true;
        }
        let Some((split, rows)) = space.split.zip(space.rows()) else { return false };
        if !space.is_full(sizes) || root.len() != rows {
            return false;
        }
        let strides =
            sizes.iter().zip(&view.strides).filter(|(size, _)| **size != 1).map(|(_, stride)| *stride);
        let rows = row_major(&space.sizes[..split]);
        let columns = std::iter::repeat_n(0, space.sizes.len() - split);
        strides.eq(rows.into_iter().chain(columns))
    }

    /// Puts two units together if they may run as one; gives the unit that the first is in then.
    fn merge(&mut self, first: usize, second: usize) -> usize {
        let (Some(own), Some(other)) = (&self.units[first].space, &self.units[second].space) else {
            return first;
        };
        let members = self.units[first].members.len() + self.units[second].members.len();
        let space = (own.sizes == other.sizes).then(|| own.with_split(other.split)).flatten();
        let Some(space) = space.filter(|_| members <= MOST_MEMBERS) else { return first };
        let mut members: Vec<_> = self.units[first].members.clone();
        members.extend(&self.units[second].members);
        members.sort_unstable();
        let in_order = members
            .iter()
            .all(|&member| self.reads_in_order(member, &space, |unit| unit == first || unit == second));
        if !in_order || self.reaches_around(first, second) || self.reaches_around(second, first) {
            return first;
        }
        self.units[first] = Unit { members, space: Some(space) };
        let needs = std::mem::take(&mut self.needs[second]);
        self.needs[first].extend(needs);
        self.became[second] = first;
        first
    }

    /// Whether a unit needs another one through a third.
    fn reaches_around(&mut self, unit: usize, target: usize) -> bool {
        let needs: Vec<_> = self.needs[unit].iter().map(|&need| self.find(need)).collect();
        needs.into_iter().any(|need| need != target && need != unit && self.reaches(need, target))
    }

    /// Whether a unit is, or needs, another one.
    fn reaches(&mut self, from: usize, target: usize) -> bool {
        self.visit += 1;
        let mut next = vec![self.find(from)];
        let mut visits = 0;
        while let Some(unit) = next.pop() {
            if unit == target {
                return true;
            }
            if std::mem::replace(&mut self.visited[unit], self.visit) == self.visit {
                continue;
            }
            visits += 1;
            if visits > MOST_VISITS {
                return true;
            }
            for need in &self.needs[unit] {
                next.push(self.find(*need));
            }
        }
        false
    }

    /// The units, each after what it needs, otherwise as they stood.
    fn sorted(self) -> Vec<Unit> {
        let count = self.units.len();
        let needs: Vec<BTreeSet<usize>> = (0..count)
            .map(|unit| {
                let needs = self.needs[unit].iter().map(|&need| self.find(need));
                needs.filter(|&need| need != unit).collect()
            })
            .collect();
        let mut left: Vec<_> = needs.iter().map(BTreeSet::len).collect();
        let mut users = vec![Vec::new(); count];
        for (unit, needs) in needs.iter().enumerate() {
            for &need in needs {
                users[need].push(unit);
            }
        }
        let first = |unit: usize| self.units[unit].members.first().copied().unwrap_or_default();
        let mut ready: BinaryHeap<_> = (0..count)
            .filter(|&unit| self.became[unit] == unit && left[unit] == 0)
            .map(|unit| Reverse((first(unit), unit)))
            .collect();
        let mut order = Vec::with_capacity(count);
        while let Some(Reverse((_, unit))) = ready.pop() {
            order.push(self.units[unit].clone());
            for &user in &users[unit] {
                left[user] -= 1;
                if left[user] == 0 && self.became[user] == user {
                    ready.push(Reverse((first(user), user)));
                }
            }
        }
        order
    }
}

/// How many of the sizes other than 1 are kept, if those that are not come last and make rows of a fitting length.
pub(super) fn row_split(sizes: &[usize], axes: &[usize]) -> Option<usize> {
    let kept = |axis: &usize| !axes.contains(axis);
    let large: Vec<usize> = (0..sizes.len()).filter(|&axis| sizes[axis] != 1).collect();
    let split = large.iter().take_while(|axis| kept(axis)).count();
    let columns: usize = large[split..].iter().map(|&axis| sizes[axis]).product();
    let fits = !large[split..].iter().any(kept) && columns > 1 && columns <= LONGEST_ROW;
    fits.then_some(split)
}
