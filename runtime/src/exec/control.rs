//! Loops and branches as steps: which function runs next, and what comes out in the end.

use crate::error::{Error, Location, Result};
use crate::graph::{FunctionId, Operation};
use crate::tensor::{Data, Sizes, Stack, TensorType};

/// What comes next.
pub(super) enum Step {
    /// A function runs, and its outputs are asked for.
    Run(FunctionId, Vec<Data>),
    /// The results of the whole.
    Done(Vec<Data>),
}

/// A loop or a branch that is being run.
pub(super) enum Control {
    Branch,
    Repeat(Repeat),
    Scan(Scan),
    Unwind(Unwind),
}

impl Control {
    /// Starts a loop or branch, whose results have these types; other operations run nothing.
    pub fn start(
        operation: &Operation,
        mut operands: Vec<Data>,
        results: &[&TensorType],
        sizes: &Sizes,
        location: &Location,
    ) -> Result<(Self, Step)> {
        match operation {
            Operation::Call(callee) => Ok((Self::Branch, Step::Run(*callee, operands))),
            Operation::Case(branches) => {
                let rest = operands.split_off(operands.len().min(1));
                let index = operands.first().ok_or_else(broken)?.elements::<i32>()?.first();
                let index = index.and_then(|&index| usize::try_from(index).ok());
                let branch = index.and_then(|index| branches.get(index)).or(branches.last());
                Ok((Self::Branch, Step::Run(*branch.ok_or_else(broken)?, rest)))
            }
            Operation::While { condition, body, state } => {
                let repeat = Repeat::new(*condition, *body, *state, operands);
                let step = repeat.ask();
                Ok((Self::Repeat(repeat), step))
            }
            Operation::Scan { .. } => {
                let mut scan = Scan::new(operation, operands, results, sizes, location)?;
                let step = scan.next()?;
                Ok((Self::Scan(scan), step))
            }
            Operation::Unwind { condition, body, step, state, gradients } => {
                let kept = operands.len().saturating_sub(*gradients as usize);
                let gradients = operands.split_off(kept);
                let forward = Repeat::new(*condition, *body, *state, operands);
                let first = forward.ask();
                let (step, before) = (*step, Vec::new());
                let unwind = Unwind { forward, before, step, gradients, goes_back: false };
                Ok((Self::Unwind(unwind), first))
            }
            _ => Err(broken()),
        }
    }

    /// Takes the outputs of the function that was asked for.
    pub fn resume(&mut self, outputs: Vec<Data>) -> Result<Step> {
        match self {
            Self::Branch => Ok(Step::Done(outputs)),
            Self::Repeat(repeat) => match repeat.resume(outputs)? {
                Some(step) => Ok(step),
                None => Ok(Step::Done(std::mem::take(&mut repeat.state))),
            },
            Self::Scan(scan) => {
                scan.take(outputs)?;
                scan.next()
            }
            Self::Unwind(unwind) => unwind.resume(outputs),
        }
    }
}

fn broken() -> Error {
    Error::graph("", None, "a loop or branch is not well-formed")
}

/// A body that runs for as long as a condition holds.
pub(super) struct Repeat {
    condition: FunctionId,
    body: FunctionId,
    state: Vec<Data>,
    rest: Vec<Data>,
    in_body: bool,
}

impl Repeat {
    fn new(condition: FunctionId, body: FunctionId, state: u32, mut operands: Vec<Data>) -> Self {
        let rest = operands.split_off(operands.len().min(state as usize));
        Self { condition, body, state: operands, rest, in_body: false }
    }

    fn operands(&self) -> Vec<Data> {
        self.state.iter().chain(&self.rest).cloned().collect()
    }

    fn ask(&self) -> Step {
        Step::Run(self.condition, self.operands())
    }

    /// The next step; none when the condition no longer holds.
    fn resume(&mut self, outputs: Vec<Data>) -> Result<Option<Step>> {
        if self.in_body {
            self.in_body = false;
            self.state = outputs;
            return Ok(Some(self.ask()));
        }
        self.in_body = is_true(&outputs)?;
        Ok(self.in_body.then(|| Step::Run(self.body, self.operands())))
    }
}

fn is_true(outputs: &[Data]) -> Result<bool> {
    let [output] = outputs else { return Err(broken()) };
    output.elements::<bool>()?.first().copied().ok_or_else(broken)
}

/// A body that runs for each item.
pub(super) struct Scan {
    body: FunctionId,
    state: Vec<Data>,
    inputs: Vec<Data>,
    rest: Vec<Data>,
    outputs: Vec<Stack>,
    length: usize,
    /// Items taken so far.
    taken: usize,
    reverse: bool,
}

impl Scan {
    fn new(
        operation: &Operation,
        mut operands: Vec<Data>,
        results: &[&TensorType],
        sizes: &Sizes,
        location: &Location,
    ) -> Result<Self> {
        let Operation::Scan { body, state, inputs, length, reverse } = operation else {
            return Err(broken());
        };
        let (state, inputs) = (*state as usize, *inputs as usize);
        let refused = |message| Error::Check { message, location: location.clone() };
        let length = length
            .evaluate(sizes)
            .ok_or_else(|| refused(format!("scan: the length {length} is not known, or negative")))?;
        let mut outputs = Vec::new();
        for kind in results.get(state..).unwrap_or_default() {
            let stacked = kind.shape.evaluate(sizes);
            let stacked = stacked
                .ok_or_else(|| refused(format!("scan: a size of {kind} is not known, or negative")))?;
            let stack = Stack::new(kind.dtype, stacked);
            outputs.push(stack.map_err(|message| refused(format!("scan: {message}")))?);
        }
        let mut taken_apart = operands.split_off(operands.len().min(state));
        let rest = taken_apart.split_off(taken_apart.len().min(inputs));
        let (state, inputs) = (operands, taken_apart);
        Ok(Self { body: *body, state, inputs, rest, outputs, length, taken: 0, reverse: *reverse })
    }

    /// The index of the item with this number.
    fn index(&self, number: usize) -> usize {
        if self.reverse { self.length - 1 - number } else { number }
    }

    fn next(&mut self) -> Result<Step> {
        if self.taken == self.length {
            let mut results = std::mem::take(&mut self.state);
            for stack in std::mem::take(&mut self.outputs) {
                results.push(stack.finish()?);
            }
            return Ok(Step::Done(results));
        }
        let index = self.index(self.taken);
        let mut operands = self.state.clone();
        for input in &self.inputs {
            operands.push(input.item(index)?);
        }
        operands.extend(self.rest.iter().cloned());
        Ok(Step::Run(self.body, operands))
    }

    fn take(&mut self, mut outputs: Vec<Data>) -> Result<()> {
        let index = self.index(self.taken);
        let items = outputs.split_off(outputs.len().min(self.state.len()));
        for (stack, item) in self.outputs.iter_mut().zip(&items) {
            stack.put(index, item)?;
        }
        self.state = outputs;
        self.taken += 1;
        Ok(())
    }
}

/// A loop that goes forward to its end, and then back over the states it went through.
pub(super) struct Unwind {
    forward: Repeat,
    /// The state before each iteration that has not been gone back over.
    before: Vec<Vec<Data>>,
    step: FunctionId,
    gradients: Vec<Data>,
    goes_back: bool,
}

impl Unwind {
    fn resume(&mut self, outputs: Vec<Data>) -> Result<Step> {
        if self.goes_back {
            self.gradients = outputs;
            return Ok(self.next());
        }
        let Some(step) = self.forward.resume(outputs)? else {
            self.goes_back = true;
            return Ok(self.next());
        };
        if self.forward.in_body {
            self.before.push(self.forward.state.clone());
        }
        Ok(step)
    }

    fn next(&mut self) -> Step {
        let Some(state) = self.before.pop() else { return Step::Done(std::mem::take(&mut self.gradients)) };
        let operands = state.iter().chain(&self.forward.rest).chain(&self.gradients);
        Step::Run(self.step, operands.cloned().collect())
    }
}
