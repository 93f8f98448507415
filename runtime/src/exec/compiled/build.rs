//! From the units of a function to the steps of a plan.

use std::collections::{BTreeSet, HashMap};

use super::behind;
use super::groups::{Unit, Way, units};
use super::in_place;
use super::jobs::{self, Pack, Packs};
use super::lowered::{Id, Kind, Lowered, Node, Work};
use super::memory::Memory;
use super::order;
use super::plan::{Job, Place, Plan, Step, Task};
use super::views::{View, views};

/// A variable of no more bytes stays at hand from call to call. (One that is held cannot be changed where it lies, and copying a
/// large one takes time.)
const SMALL: usize = 1 << 16;

/// Puts the steps of a function together.
pub(super) struct Builder {
    pub lowered: Lowered,
    pub views: Vec<View>,
    steps: Vec<Step>,
    /// Values read in another order that have been put in order, by the order.
    ordered: HashMap<(Id, usize, Vec<isize>, Vec<usize>), Id>,
    /// For each value the nodes that read it, or another one that it is the memory of; views do not count.
    readers: Vec<Vec<usize>>,
    /// Whether each value, or another one that it is the memory of, is an output.
    comes_out: Vec<bool>,
    /// The values that are the same in every call until somebody changes a variable.
    held: HashMap<Id, Pack>,
    constants: Vec<(Id, crate::tensor::Data)>,
}

/// What constants and variables that the function does not assign hold.
fn held(lowered: &Lowered, packs: &Packs) -> HashMap<Id, Pack> {
    let assigned = |variable| {
        lowered.nodes.iter().any(|node| match &node.work {
            Work::Assign(other) => *other == variable,
            Work::Control(_) => true,
            _ => false,
        })
    };
    let mut held = HashMap::new();
    for node in &lowered.nodes {
        let pack = match node.work {
            Work::Constant(_) => Pack::default(),
            Work::Read(variable) if !assigned(variable) => packs.of(variable),
            _ => continue,
        };
        held.extend(node.results.iter().map(|result| (*result, pack.clone())));
    }
    held
}

/// The plan of a function over variables whose packed weights are kept; it may change variables where they lie if `owns`
/// says that nothing else does so.
pub(super) fn build(lowered: Lowered, packs: &Packs, owns: bool) -> Plan {
    let views = views(&lowered);
    let is_view =
        |node: &Node| node.results.first().is_some_and(|result| views[result.index()].root != *result);
    let ways: Vec<Way> = lowered
        .nodes
        .iter()
        .map(|node| if is_view(node) { Way::View } else { jobs::way(&lowered, node) })
        .collect();
    let units = units(&lowered, &views, &ways);
    let mut readers = vec![Vec::new(); lowered.values.len()];
    for (index, node) in lowered.nodes.iter().enumerate().filter(|(index, _)| ways[*index] != Way::View) {
        for operand in &node.operands {
            readers[views[operand.index()].root.index()].push(index);
        }
    }
    let mut comes_out = vec![false; lowered.values.len()];
    for output in &lowered.outputs {
        comes_out[views[output.index()].root.index()] = true;
    }
    let held = held(&lowered, packs);
    let (steps, ordered, constants) = (Vec::new(), HashMap::new(), Vec::new());
    let mut builder = Builder { lowered, views, steps, ordered, readers, comes_out, held, constants };
    for unit in &units {
        builder.unit(unit);
    }
    builder.finish(owns)
}

impl Builder {
    fn unit(&mut self, unit: &Unit) {
        let group = unit.space.as_ref().and_then(|space| jobs::fused(self, &unit.members, space));
        if let Some((job, reads, writes)) = group {
            let first = unit.members.first().copied().unwrap_or_default();
            self.job(job, reads, writes, first);
            return;
        }
        for &member in &unit.members {
            self.node(member);
        }
    }

    /// The step of a node that runs alone.
    fn node(&mut self, index: usize) {
        let node = self.lowered.nodes[index].clone();
        if let Some((job, reads)) = jobs::alone(self, &node) {
            self.job(job, reads, node.results, index);
            return;
        }
        if let Some((job, reads, kind, order)) = jobs::convolution(self, &node) {
            self.convolution(job, reads, kind, &order, &node);
            return;
        }
        let task = match node.work {
            Work::Constant(data) => {
                self.constants.extend(node.results.iter().map(|result| (*result, data.clone())));
                return;
            }
            Work::Op(op) => Task::Kernel(op),
            Work::Read(variable) => Task::Read(variable),
            Work::Assign(variable) => Task::Assign(variable),
            Work::Control(operation) => Task::Control(operation),
            Work::Fail(error) => Task::Fail(error),
        };
        let kinds = node.operands.iter().map(|operand| self.lowered.kind(*operand).clone()).collect();
        let reads = node.operands.iter().map(|operand| self.in_order(*operand)).collect();
        let (writes, drops) = (node.results, Vec::new());
        self.steps.push(Step {
            task,
            reads,
            kinds,
            writes,
            in_place: Vec::new(),
            outputs: Vec::new(),
            drops,
            location: node.location,
            scope: node.scope,
        });
    }

    /// The step of a convolution, and one that puts its result in order, if its dimensions are in another one.
    fn convolution(&mut self, job: Box<dyn Job>, reads: Vec<Id>, kind: Kind, order: &[usize], node: &Node) {
        let Some(&result) = node.results.first() else { return };
        let location = (node.location.clone(), node.scope.clone());
        let target = if order.iter().copied().eq(0..order.len()) { result } else { self.value(kind.clone()) };
        self.steps.push(Step::of(job, reads, target, location.clone()));
        if target != result {
            let own = &self.views[target.index()];
            let mut strides = vec![0; order.len()];
            for (place, &axis) in order.iter().enumerate() {
                strides[axis] = own.strides[place];
            }
            let view = View { root: target, offset: 0, strides };
            if let Some(copy) = jobs::copy(&self.lowered.kind(result).clone(), &view) {
                self.steps.push(Step::of(copy, vec![target], result, location));
            }
        }
    }

    fn job(&mut self, job: Box<dyn Job>, reads: Vec<Id>, writes: Vec<Id>, node: usize) {
        let node = &self.lowered.nodes[node];
        self.steps.push(Step {
            task: Task::Job(job),
            reads,
            kinds: Vec::new(),
            writes,
            drops: Vec::new(),
            in_place: Vec::new(),
            outputs: Vec::new(),
            location: node.location.clone(),
            scope: node.scope.clone(),
        });
    }

    /// A value with memory of its own whose elements are those of another one, row by row.
    pub fn in_order(&mut self, id: Id) -> Id {
        let (view, kind) = (self.views[id.index()].clone(), self.lowered.kind(id).clone());
        let root = self.lowered.kind(view.root);
        if view.root == id
            || (view.is_contiguous(&kind.sizes) && view.offset == 0 && root.len() == kind.len())
        {
            return view.root;
        }
        self.copied(&kind, &view)
    }

    /// A value with memory of its own that holds the elements that a view leads to.
    pub fn copied(&mut self, kind: &Kind, view: &View) -> Id {
        let key = (view.root, view.offset, view.strides.clone(), kind.sizes.clone());
        if let Some(known) = self.ordered.get(&key) {
            return *known;
        }
        let ordered = self.value(kind.clone());
        self.ordered.insert(key, ordered);
        self.steps.push(Step {
            task: jobs::copy(kind, view)
                .map_or_else(|| Task::Fail(Box::new(super::state::broken())), Task::Job),
            reads: vec![view.root],
            kinds: Vec::new(),
            writes: vec![ordered],
            drops: Vec::new(),
            in_place: Vec::new(),
            outputs: Vec::new(),
            location: None,
            scope: "".into(),
        });
        ordered
    }

    /// Whether anything but these nodes reads a value.
    pub fn is_used_outside(&self, id: Id, members: &[usize]) -> bool {
        let inside = |reader: &usize| members.binary_search(reader).is_ok();
        let read = self.readers.get(id.index()).is_some_and(|readers| !readers.iter().all(inside));
        read || self.comes_out.get(id.index()).copied().unwrap_or(false)
    }

    /// The place for a value in the order in which products read it, if it is the same in every call.
    pub fn pack(&self, id: Id) -> Option<Pack> {
        self.held.get(&id).cloned()
    }

    fn value(&mut self, kind: Kind) -> Id {
        let strides = super::views::row_major(&kind.sizes);
        let id = self.lowered.value(kind);
        self.views.push(View { root: id, offset: 0, strides });
        id
    }

    /// Moves what reads variables to the front, as far as no loop or branch before it may assign them; small ones, which stay at
    /// hand, first.
    fn read_first(&mut self) {
        let is_control = |step: &Step| matches!(step.task, Task::Control(_));
        let end = self.steps.iter().position(is_control).unwrap_or(self.steps.len());
        let rest = self.steps.split_off(end);
        let first = std::mem::take(&mut self.steps);
        let (mut reads, others): (Vec<_>, Vec<_>) =
            first.into_iter().partition(|step| matches!(step.task, Task::Read(_)));
        crate::sorted::sort_by_key(&mut reads, |step: &Step| {
            step.writes.iter().any(|id| self.lowered.kind(*id).bytes() > SMALL)
        });
        self.steps = reads.into_iter().chain(others).chain(rest).collect();
    }

    fn finish(mut self, owns: bool) -> Plan {
        let outputs: Vec<_> = self.lowered.outputs.clone();
        let outputs: Vec<(Id, Kind)> =
            outputs.into_iter().map(|id| (self.in_order(id), self.lowered.kind(id).clone())).collect();
        let count = self.lowered.values.len();
        self.read_first();
        behind::merge(&mut self.steps, &self.lowered, &outputs);
        let exclusive = if owns {
            order::update_early(&mut self.steps);
            in_place::update(&mut self.steps, &self.lowered, &outputs)
        } else {
            Vec::new()
        };
        let places = Places::of(&self, &outputs, count);
        let Self { lowered, mut steps, constants, .. } = self;
        for (step, drops) in steps.iter_mut().zip(places.drops) {
            step.drops = drops;
            let touched =
                step.reads.iter().chain(&step.writes).filter_map(|id| places.of_values.get(id.index()));
            step.outputs = touched
                .filter_map(|place| if let Place::Output(index) = place { Some(*index) } else { None })
                .collect();
            step.outputs.sort_unstable();
            step.outputs.dedup();
        }
        let slot = |id: Id| match places.of_values[id.index()] {
            Place::Slot(slot) => Some(slot),
            _ => None,
        };
        let constants: Vec<_> =
            constants.into_iter().filter_map(|(id, data)| Some((slot(id)?, data))).collect();
        let stays = |slot: &usize| {
            places.kept.contains(slot) || constants.iter().any(|(constant, _)| constant == slot)
        };
        let is_held = |step: &&Step| {
            matches!(step.task, Task::Read(_))
                && step.writes.iter().all(|id| slot(*id).is_some_and(|slot| places.kept.contains(&slot)))
        };
        let held = steps.iter().take_while(is_held).count();
        let sizes = outputs.iter().map(|(_, kind)| kind.sizes.as_slice().into()).collect();
        let dropped = (0..places.slots).filter(|slot| !stays(slot)).collect();
        Plan {
            steps,
            kinds: lowered.values,
            places: places.of_values,
            slots: places.slots,
            dropped,
            constants,
            arena: places.arena,
            exclusive,
            outputs,
            sizes,
            held,
        }
    }
}

/// Where the values of a plan lie.
struct Places {
    of_values: Vec<Place>,
    slots: usize,
    arena: usize,
    /// For each step the slots that nothing needs after it.
    drops: Vec<Vec<usize>>,
    /// The slots of variables that stay from call to call.
    kept: BTreeSet<usize>,
}

impl Places {
    fn of(builder: &Builder, outputs: &[(Id, Kind)], count: usize) -> Self {
        let steps = &builder.steps;
        let is_job = |step: &Step| matches!(step.task, Task::Job(_));
        // What is a tensor of its own: what comes from elsewhere, and what goes elsewhere.
        let mut is_slot = vec![false; count];
        let mut last = vec![None; count];
        for (index, step) in steps.iter().enumerate() {
            for id in step.reads.iter().chain(&step.writes) {
                last[id.index()] = Some(index);
                is_slot[id.index()] |= !is_job(step);
            }
        }
        // What a fast kernel writes and comes out goes to the caller at once.
        let mut goes_out: Vec<Option<usize>> = vec![None; count];
        for step in steps.iter().filter(|step| is_job(step)) {
            for id in &step.writes {
                goes_out[id.index()] = outputs.iter().position(|(output, _)| output == id);
            }
        }
        let given = builder.constants.iter().map(|(id, _)| id);
        for id in given.clone().chain(outputs.iter().map(|(id, _)| id)) {
            is_slot[id.index()] |= goes_out[id.index()].is_none();
        }
        for (id, _) in outputs {
            last[id.index()] = None;
        }
        let mut this = Self {
            of_values: vec![Place::None; count],
            slots: 0,
            arena: 0,
            drops: vec![Vec::new(); steps.len()],
            kept: BTreeSet::new(),
        };
        for id in given {
            this.slot(*id);
        }
        for (index, id) in builder.lowered.inputs.iter().enumerate() {
            this.of_values[id.index()] = Place::Input(index);
        }
        let constant: Vec<Id> = builder.constants.iter().map(|(id, _)| *id).collect();
        let mut memory = Memory::default();
        for (index, step) in steps.iter().enumerate() {
            let new = step.writes.iter().enumerate();
            let new = new.filter(|(at, _)| step.in_place.iter().all(|(replaced, ..)| replaced != at));
            for (_, id) in new {
                if let Some(output) = goes_out[id.index()] {
                    this.of_values[id.index()] = Place::Output(output);
                } else if is_slot[id.index()] {
                    this.slot(*id);
                    let bytes = builder.lowered.kind(*id).bytes();
                    if let (Task::Read(_), Place::Slot(slot)) = (&step.task, &this.of_values[id.index()])
                        && bytes <= SMALL
                    {
                        this.kept.insert(*slot);
                    }
                } else {
                    this.of_values[id.index()] = Place::Arena(memory.take(builder.lowered.kind(*id).bytes()));
                }
            }
            let mut done: Vec<Id> = step.reads.iter().chain(&step.writes).copied().collect();
            crate::sorted::sort_distinct(&mut done);
            for id in done {
                if last[id.index()] != Some(index) {
                    continue;
                }
                match &this.of_values[id.index()] {
                    Place::Slot(slot) if !constant.contains(&id) && !this.kept.contains(slot) => {
                        this.drops[index].push(*slot);
                    }
                    Place::Arena(part) => memory.give(part),
                    _ => {}
                }
            }
        }
        this.arena = memory.end;
        this
    }

    fn slot(&mut self, id: Id) {
        if self.of_values[id.index()] == Place::None {
            self.of_values[id.index()] = Place::Slot(self.slots);
            self.slots += 1;
        }
    }
}
