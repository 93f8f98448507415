//! The pointers of a run: where registers, inputs and outputs lie for the block at hand.
#![expect(unsafe_code)]

use std::cell::Cell;
use std::ops::Range;

use super::ahead::Ahead;
use super::extent::{Area, Layout};
use super::plan::Plan;
use super::step::{Slot, Step};
use crate::copy::plane::{Plane, copy};
use crate::element::{Places, STRIP};

/// The start of an input or output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base(pub(super) *mut u8);

// SAFETY: threads work on different blocks, and what they write of a base lies in their blocks.
unsafe impl Send for Base {}
// SAFETY: as above.
unsafe impl Sync for Base {}

/// Blocks of an area, which has whole rows or is part of one.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) area: Area,
    pub(super) blocks: Range<usize>,
    /// An input that starts elsewhere for this piece.
    pub(super) moved: Option<(usize, Base)>,
}

/// 64 aligned bytes.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; 64],
}

/// Memory that a thread keeps between runs.
#[derive(Default)]
struct Scratch {
    lines: Vec<Line>,
    table: Vec<*mut u8>,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    static BASES: Cell<Vec<Vec<Base>>> = const { Cell::new(Vec::new()) };
}

/// So many bases lie on the stack.
const FEW: usize = 16;

/// Lends a list of so many bases that lead nowhere. Many are a list of the thread, which keeps its memory; within, it lends another one.
#[inline]
pub(super) fn with_bases<R>(count: usize, run: impl FnOnce(&mut [Base]) -> R) -> R {
    let nowhere = Base(std::ptr::null_mut());
    let (mut few, mut many) = ([nowhere; FEW], Vec::new());
    let bases = if let Some(few) = few.get_mut(..count) {
        few
    } else {
        let mut kept = BASES.take();
        many = kept.pop().unwrap_or_default();
        BASES.set(kept);
        many.clear();
        many.resize(count, nowhere);
        &mut many[..]
    };
    let result = run(bases);
    if count > FEW {
        let mut kept = BASES.take();
        kept.push(many);
        BASES.set(kept);
    }
    result
}

/// Runs the blocks of pieces.
///
/// # Safety
///
/// `bases` are those of the plan's inputs and then of its outputs, each with as many bytes as the plan states; those that
/// the plan writes overlap no other and nobody else uses them, but for runs of other blocks.
pub(super) unsafe fn run(plan: &Plan, bases: &[Base], pieces: impl Iterator<Item = Piece>) {
    let mut pieces = pieces.filter(|piece| !piece.blocks.is_empty());
    let Some(first_piece) = pieces.next() else { return };
    let mut scratch = SCRATCH.take().unwrap_or_default();
    if scratch.lines.len() * 64 < plan.scratch {
        scratch.lines.resize(plan.scratch.div_ceil(64), Line { _bytes: [0; 64] });
    }
    let start = scratch.lines.as_mut_ptr().cast::<u8>();
    scratch.table.clear();
    scratch.table.extend(bases.iter().map(|base| base.0));
    scratch.table.extend(plan.registers.iter().map(|&place| start.wrapping_add(place)));
    let mut block = Block { plan, bases, table: &mut scratch.table, moved: None };
    let first = Area { row: 0, rows: plan.tile.0, column: 0, columns: plan.tile.1 };
    if !plan.steps[0].is_empty() {
        block.aim(first);
    }
    for step in &plan.steps[0] {
        // SAFETY: as the caller promises.
        unsafe { block.step(step, first) };
    }
    let mut next = Some(first_piece);
    while let Some(piece) = next {
        // SAFETY: as the caller promises.
        unsafe { block.piece(piece) };
        next = pieces.next();
    }
    SCRATCH.set(Some(scratch));
}

struct Block<'a> {
    plan: &'a Plan,
    bases: &'a [Base],
    table: &'a mut [*mut u8],
    moved: Option<(usize, Base)>,
}

impl Block<'_> {
    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn piece(&mut self, piece: Piece) {
        let plan = self.plan;
        self.moved = piece.moved;
        let mut column = None;
        for index in piece.blocks {
            let area = plan.area(piece.area, index);
            if !plan.steps[1].is_empty() && column != Some(area.column) {
                column = Some(area.column);
                let first = Area { row: 0, rows: plan.tile.0, ..area };
                self.aim(first);
                for step in &plan.steps[1] {
                    // SAFETY: as the caller promises.
                    unsafe { self.step(step, first) };
                }
            }
            self.aim(area);
            for (part, step) in plan.steps[2].iter().enumerate() {
                if !plan.streams.is_empty() {
                    let count = area.count(Layout::Block);
                    let (table, streams) = (&*self.table, &plan.streams[..]);
                    Ahead { table, streams, count, part, parts: plan.steps[2].len() }.fetch();
                }
                // SAFETY: as the caller promises.
                unsafe { self.step(step, area) };
            }
        }
    }

    /// Where an input starts.
    #[inline]
    fn base(&self, input: usize) -> Base {
        self.moved.filter(|(moved, _)| *moved == input).map_or(self.bases[input], |(_, base)| base)
    }

    /// Points the table at an area of inputs and outputs.
    #[inline]
    fn aim(&mut self, area: Area) {
        let plan = self.plan;
        let (inputs, outputs) = self.bases.split_at(plan.views.len());
        let table = self.table.iter_mut();
        for ((pointer, base), view) in table.zip(inputs).zip(&plan.views) {
            let index = plan.shape.index(view, area.row, area.column);
            *pointer = base.0.wrapping_offset(index * view.size.cast_signed());
        }
        let table = self.table.iter_mut().skip(plan.views.len());
        for ((pointer, base), output) in table.zip(outputs).zip(&plan.outputs) {
            let index = match output.layout {
                Layout::Block => area.row * plan.shape.columns + area.column,
                _ => area.row,
            };
            *pointer = base.0.wrapping_add(index * output.size);
        }
        if let Some((input, base)) = self.moved {
            let view = &plan.views[input];
            let index = plan.shape.index(view, area.row, area.column);
            self.table[input] = base.0.wrapping_offset(index * view.size.cast_signed());
        }
    }

    /// # Safety
    ///
    /// The slot holds `count` bytes that nobody writes during `'b`.
    #[inline]
    unsafe fn read<'b>(&self, slot: Slot, bytes: usize) -> &'b [u8] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(self.table[slot], bytes) }
    }

    /// # Safety
    ///
    /// The slot holds `count` bytes that nobody else uses during `'b`.
    #[inline]
    unsafe fn write<'b>(&self, slot: Slot, bytes: usize) -> &'b mut [u8] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.table[slot], bytes) }
    }

    /// Makes one step.
    ///
    /// # Safety
    ///
    /// As for [`run`]: the slots of the step hold the elements of the area. The plan gives no step a result that is also an
    /// operand, unless its kernel can be run directly, so each slice below is either read or written.
    #[inline]
    unsafe fn step(&mut self, step: &Step, area: Area) {
        // SAFETY: see above, for all slices made in this function.
        unsafe {
            match step {
                Step::Apply { kernel, operands, strips, result, layout } => {
                    let count = area.count(*layout);
                    if let Some(direct) = kernel.direct {
                        let operands = operands.map(|slot| self.table[slot].cast_const().cast());
                        let steps = strips.map(|strip| if strip { 0 } else { STRIP });
                        direct(&Places { result: self.table[*result].cast(), count, operands, steps });
                        return;
                    }
                    let mut slices: [&[u8]; 3] = [&[]; 3];
                    for (index, size) in kernel.operands().iter().enumerate() {
                        let count = if strips[index] { count.min(STRIP) } else { count };
                        slices[index] = self.read(operands[index], count * size);
                    }
                    kernel.run(self.write(*result, count * kernel.result()), slices);
                }
                Step::Fill { size, operand, result, layout } => {
                    let result = self.write(*result, area.count(*layout) * size);
                    repeat(result, self.read(*operand, *size));
                }
                Step::Repeat { size, operand, result } => {
                    let bytes = area.columns * size;
                    repeat(self.write(*result, area.rows * bytes), self.read(*operand, bytes));
                }
                Step::Spread { size, operand, result } => {
                    let bytes = area.columns * size;
                    let result = self.write(*result, area.rows * bytes);
                    let elements = self.read(*operand, area.rows * size).chunks_exact(*size);
                    for (row, element) in result.chunks_exact_mut(bytes.max(1)).zip(elements) {
                        repeat(row, element);
                    }
                }
                Step::Gather { input, result, layout } => self.gather(*input, *result, *layout, area),
                Step::Reduce { reducer, operand, result, layout } => {
                    let rows = area.count(*layout);
                    let size = reducer.size();
                    let operand = self.read(*operand, rows * area.columns * size);
                    reducer.run(self.write(*result, rows * size), operand, area.columns);
                }
                Step::Store { size, operand, output, layout } => {
                    self.store(*size, *operand, *output, *layout, area);
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`Self::step`].
    unsafe fn gather(&mut self, input: usize, result: Slot, layout: Layout, area: Area) {
        let (shape, view) = (&self.plan.shape, &self.plan.views[input]);
        let (rows, columns) = match layout {
            Layout::One => (1, 1),
            Layout::Rows => (area.rows, 1),
            Layout::Line => (1, area.columns),
            Layout::Block => (area.rows, area.columns),
            Layout::Strip => (1, STRIP),
        };
        let stride = view.strides.last().copied().unwrap_or(0);
        let last = shape.outer.last().copied().unwrap_or(1).max(1);
        let mut row = 0;
        // Rows along the last outer dimension are evenly spaced.
        while row < rows {
            let run = (last - (area.row + row) % last).min(rows - row);
            let index = shape.index(view, area.row + row, area.column);
            let plane = Plane {
                rows: run,
                columns,
                size: view.size,
                from: (stride, view.column_stride),
                to: (columns.cast_signed(), 1),
            };
            // SAFETY: the input holds the elements of these rows and columns, and the register those of the block.
            unsafe {
                copy(
                    plane,
                    self.base(input).0.wrapping_offset(index * view.size.cast_signed()),
                    self.table[result].add(row * columns * view.size),
                );
            }
            row += run;
        }
    }

    /// # Safety
    ///
    /// As for [`Self::step`].
    unsafe fn store(&mut self, size: usize, operand: Slot, output: usize, layout: Layout, area: Area) {
        let plan = self.plan;
        let to = self.table[plan.views.len() + output];
        let (rows, columns) = match layout {
            Layout::Block if plan.is_cut() => (area.rows, area.columns),
            _ => (1, area.count(layout)),
        };
        let plane = Plane {
            rows,
            columns,
            size,
            from: (columns.cast_signed(), 1),
            to: (plan.shape.columns.cast_signed(), 1),
        };
        // SAFETY: the register holds the elements of the area, and the output has place for them.
        unsafe { copy(plane, self.table[operand], to) };
    }
}

/// Fills a block with copies of a pattern.
#[inline]
fn repeat(result: &mut [u8], pattern: &[u8]) {
    match *pattern {
        [byte] => result.fill(byte),
        [a, b, c, d] => result.as_chunks_mut().0.fill([a, b, c, d]),
        _ if pattern.len() == 8 || pattern.len() == 2 => {
            for chunk in result.chunks_exact_mut(pattern.len()) {
                chunk.copy_from_slice(pattern);
            }
        }
        _ => {
            // What is there is copied behind itself: few long copies instead of many short ones.
            let mut done = pattern.len().min(result.len());
            result[..done].copy_from_slice(&pattern[..done]);
            while done > 0 && done < result.len() {
                let more = done.min(result.len() - done);
                result.copy_within(..more, done);
                done += more;
            }
        }
    }
}
