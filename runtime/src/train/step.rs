//! Tracing the steps of training: learning from a batch, judging one, and reading and resetting the metrics.

use super::measure::{Measure, Role, Seen};
use super::run::Run;
use super::targets::{Compared, Inputs};
use crate::autodiff::gradients;
use crate::error::{Error, Result};
use crate::graph::{Mode, Variable, is_assigned};
use crate::tensor::{DType, Tensor};
use crate::trace::Tracer;

/// Learns from a batch: inputs and targets in, the loss out.
pub(super) const TRAIN: &str = "train_step";
/// Judges a batch: inputs and targets in, the loss out; adds to the metrics.
pub(super) const EVALUATE: &str = "evaluate_step";
/// Reads the metrics: nothing in, one number for each out.
pub(super) const METRICS: &str = "metrics";
/// Sets the metrics back.
pub(super) const RESET: &str = "reset_metrics";

/// The names that the model's own methods must not have.
pub(super) const STEPS: [&str; 4] = [TRAIN, EVALUATE, METRICS, RESET];
/// What an error calls the loss.
pub(super) const THE_LOSS: &str = "the loss";

/// Traces the step that learns and the step that judges, both or none, for inputs and targets of these types.
pub(super) fn trace_steps(run: &Run, tracer: &mut Tracer, inputs: &Inputs, places: &[usize]) -> Result<()> {
    let forward = |tensors: &[Tensor]| forward(run, tensors, inputs.weighted, places);
    let trainable: Vec<&Variable> = run.trained.iter().map(|trained| &trained.variable).collect();
    tracer.function(TRAIN, Mode::Training, inputs.types.clone(), |tensors| {
        let loss = forward(tensors)?;
        if let Some(assigned) = run.trained.iter().find(|trained| is_assigned(&trained.variable)) {
            return Err(Error::Training(format!(
                "the model assigns its trainable variable `{}` in `call`, and an optimizer is to change it: what is read after \
                 that has no gradient. Make it with `Variable::state`, or compute with a value instead of assigning it",
                assigned.path
            )));
        }
        let scaled = run.rules.scale.as_ref().map_or_else(|| loss.clone(), |scale| scale.scaled(&loss));
        run.update().run(gradients(&scaled, &[], &trainable)?.variables);
        Ok(vec![(Some("loss".into()), loss)])
    })?;
    let judge = |tensors: &[Tensor]| Ok(vec![(Some("loss".into()), forward(tensors)?)]);
    if let Err(error) = tracer.function(EVALUATE, Mode::Inference, inputs.types.clone(), judge) {
        tracer.keep(tracer.recorded() - 1);
        return Err(error);
    }
    Ok(())
}

/// Traces reading and resetting the metrics; gives the names of what is read.
pub(super) fn trace_metrics(measures: &[Measure], tracer: &mut Tracer) -> Result<Vec<String>> {
    let mut names = Vec::new();
    tracer.function(METRICS, Mode::Inference, Vec::new(), |_| {
        let results = measures.iter().map(Measure::result).collect::<Result<Vec<_>>>()?.concat();
        names = results.iter().map(|(name, _)| name.clone()).collect();
        Ok(results.into_iter().map(|(name, value)| (Some(name), value)).collect())
    })?;
    tracer.function(RESET, Mode::Inference, Vec::new(), |_| {
        measures.iter().for_each(Measure::reset);
        Ok(Vec::new())
    })?;
    Ok(names)
}

/// The loss of a batch; adds it and the metrics to the means.
fn forward(run: &Run, tensors: &[Tensor], weighted: bool, places: &[usize]) -> Result<Tensor> {
    let (weights, tensors) = match tensors.split_last() {
        Some((weights, tensors)) if weighted => (Some(weights), tensors),
        _ => (None, tensors),
    };
    let lacking = || Error::Training("a training step takes inputs and targets".into());
    let count = tensors.len().checked_sub(run.compared.len()).ok_or_else(lacking)?;
    let (inputs, targets) = tensors.split_at(count);
    let model = run.model.module_type().name;
    let outputs = run.model.invoke("call", inputs)?;
    let samples = Tensor::ones([targets.first().ok_or_else(lacking)?.dim(0)]).cast(DType::F64).sum();
    let mut seen = Vec::new();
    for (y_true, &place) in targets.iter().zip(places) {
        let y_pred = outputs.get(place).ok_or_else(lacking)?.clone().ok()?;
        if y_true.rank() == 0 {
            return Err(Error::Training(format!(
                "`call` of `{model}` gives a tensor without dimensions, and targets of that shape would not count samples: let it \
                 give a row for each sample, or state the type of the targets with `.target(...)`"
            )));
        }
        seen.push((y_true, y_pred));
    }
    let several = run.measures.iter().any(|measure| measure.role == Role::Sum);
    let finished = |loss: Tensor| run.rules.penalised(loss, &run.trained).check_finite(THE_LOSS);
    let mut loss: Option<Tensor> = None;
    for measure in &run.measures {
        let of_measure = |one: &Compared| one.output == measure.output;
        let Some(place) = run.compared.iter().position(of_measure) else { continue };
        let Some((y_true, y_pred)) = seen.get(place) else { continue };
        let seen = Seen { y_true, y_pred, samples: &samples, weights };
        let alone = matches!(measure.role, Role::Loss(_)) && !several;
        let value = measure.update(&seen, |value| if alone { finished(value) } else { value })?;
        if let (Role::Loss(weight), Some(value)) = (measure.role, value) {
            let value = if weight == 1.0 { value } else { value * weight };
            loss = Some(match loss {
                Some(loss) => &loss + value.cast(loss.dtype()),
                None => value,
            });
        }
    }
    let loss = loss.ok_or_else(|| Error::Training("there is no loss".into()))?;
    if !several {
        return loss.ok();
    }
    let loss = finished(loss).ok()?;
    for measure in run.measures.iter().filter(|measure| measure.role == Role::Sum) {
        measure.add_mean(&loss, &samples);
    }
    Ok(loss)
}
