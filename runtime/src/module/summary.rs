//! A table of the modules of a program.

use std::fmt::Write;

use super::objects::{ObjectId, ObjectKind};
use super::program::Program;
use crate::graph::{Function, Mode, Origin, Role};

/// One row of the table.
struct Row {
    path: String,
    type_name: String,
    outputs: String,
    variables: usize,
    trainable: usize,
}

impl Program {
    /// The modules with their types, the shapes of what they give, and their numbers of variable elements, as a table.
    pub fn summary(&self) -> String {
        let mut rows = Vec::new();
        if let Some((root, _)) = self.objects().root() {
            self.rows(root, &mut Vec::new(), &mut rows);
        }
        let total: usize = self.elements(|_| true);
        let trainable = self.elements(|role| role == Role::Trainable);
        let mut text = table(&rows);
        let _ =
            writeln!(text, "{total} elements in {} variables, {trainable} trainable", self.variables().len());
        text
    }

    fn elements(&self, of: impl Fn(Role) -> bool) -> usize {
        let variables = self.graph().variables.iter().filter(|variable| of(variable.role));
        variables.filter_map(|variable| variable.kind.shape.elements()?.as_usize()).sum()
    }

    fn rows(&self, id: ObjectId, path: &mut Vec<String>, rows: &mut Vec<Row>) {
        let Some(object) = self.objects().get(id) else { return };
        if let ObjectKind::Module { type_name, variant } = &object.kind {
            let path = path.join(".");
            let below = |own: &str| {
                path.is_empty()
                    || own == path
                    || own.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'))
            };
            let count = |of: &dyn Fn(Role) -> bool| -> usize {
                let variables = self
                    .graph()
                    .variables
                    .iter()
                    .filter(|variable| below(&variable.path) && of(variable.role));
                variables.filter_map(|variable| variable.kind.shape.elements()?.as_usize()).sum()
            };
            let short = type_name.rsplit("::").next().unwrap_or(type_name);
            let variant = variant.as_ref().map(|variant| format!("::{variant}")).unwrap_or_default();
            rows.push(Row {
                outputs: self.outputs_of(&path),
                variables: count(&|_| true),
                trainable: count(&|role| role == Role::Trainable),
                type_name: format!("{short}{variant}"),
                path: if path.is_empty() { "(root)".into() } else { path },
            });
        }
        // Trees nest no deeper than the limit that loading enforces.
        for (name, child) in &object.children {
            path.push(name.clone());
            self.rows(*child, path, rows);
            path.pop();
        }
    }

    /// The types of what the layer at a path gives when it is called for inference.
    fn outputs_of(&self, path: &str) -> String {
        let is_call = |function: &&Function| matches!(&function.origin, Origin::Layer { path: own, method, .. } if own == path && method == "call");
        let inference = self.entries().iter().filter(|entry| entry.mode == Mode::Inference);
        for entry in inference {
            let mut next = vec![entry.function];
            while let Some(id) = next.pop() {
                let Some(function) = self.graph().function(id) else { continue };
                if is_call(&function) {
                    let types: Vec<_> = function.output_types().map(ToString::to_string).collect();
                    return types.join(", ");
                }
                next.extend(function.callees());
            }
        }
        String::new()
    }
}

fn table(rows: &[Row]) -> String {
    let header = ["module", "type", "output", "elements", "trainable"].map(str::to_owned);
    let mut lines = vec![header];
    for row in rows {
        lines.push([
            row.path.clone(),
            row.type_name.clone(),
            row.outputs.clone(),
            row.variables.to_string(),
            row.trainable.to_string(),
        ]);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column < 3 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
        if index == 0 {
            text.push_str(&"-".repeat(widths.iter().sum::<usize>() + 8));
            text.push('\n');
        }
    }
    text
}
