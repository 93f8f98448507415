//! Results written over inputs as they are computed.

use super::build::Builder;
use super::plan::Target;
use super::step::Step;

impl Builder {
    /// Makes the steps whose results are stored over an input write there themselves, if nothing reads the input afterwards.
    pub(super) fn write_over_inputs(&mut self) {
        let first = self.views.len() + self.outputs.len();
        if self.tile.0 > 1 && self.tile.1 < self.shape.columns {
            return;
        }
        for (index, output) in self.outputs.iter().enumerate() {
            let Target::Input(input) = output.target else { continue };
            let body = &mut self.steps[2];
            let stores = |step: &Step| match *step {
                Step::Store { operand, output, .. } if output == index => Some(operand),
                _ => None,
            };
            let Some((at, register)) =
                body.iter().enumerate().find_map(|(at, step)| Some((at, stores(step)?)))
            else {
                continue;
            };
            if register < first || self.kept[register - first] {
                continue;
            }
            let makes = |step: &mut Step| {
                matches!(step, Step::Apply { .. })
                    && step.result().is_some_and(|&mut result| result == register)
            };
            let Some(made) = body.iter_mut().position(makes) else { continue };
            let reads = |step: &mut Step| {
                matches!(step, Step::Gather { input: read, .. } if *read == input)
                    || step.operands().contains(&input)
            };
            let over = body[made].is_direct() || !reads(&mut body[made]);
            if !over || body[made + 1..].iter_mut().any(reads) {
                continue;
            }
            let slot = self.views.len() + index;
            body.remove(at);
            for step in &mut body[made..] {
                if let Some(result) = step.result().filter(|result| **result == register) {
                    *result = slot;
                }
                for operand in step.operands() {
                    if *operand == register {
                        *operand = slot;
                    }
                }
            }
        }
    }
}
