//! Tracing the steps of training: learning from a batch, judging one, and reading and resetting the metrics.

use super::measure::Measure;
use super::run::Run;
use super::update::update;
use crate::autodiff::gradients;
use crate::error::{Error, Result};
use crate::graph::{Mode, Variable, is_assigned};
use crate::module::Layer;
use crate::tensor::{DType, Tensor, TensorType};
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
pub(super) fn trace_steps(run: &Run, tracer: &mut Tracer, inputs: &[(String, TensorType)]) -> Result<()> {
    let trainable: Vec<&Variable> = run.trained.iter().map(|trained| &trained.variable).collect();
    tracer.function(TRAIN, Mode::Training, inputs.to_vec(), |tensors| {
        let loss = forward(run, tensors)?;
        if let Some(assigned) = run.trained.iter().find(|trained| is_assigned(&trained.variable)) {
            return Err(Error::Training(format!(
                "the model assigns its trainable variable `{}` in `call`, and an optimizer is to change it: what is read after \
                 that has no gradient. Make it with `Variable::state`, or compute with a value instead of assigning it",
                assigned.path
            )));
        }
        let scaled = run.rules.scale.as_ref().map_or_else(|| loss.clone(), |scale| scale.scaled(&loss));
        update(run, gradients(&scaled, &[], &trainable)?.variables);
        Ok(vec![(Some("loss".into()), loss)])
    })?;
    let judge = |tensors: &[Tensor]| Ok(vec![(Some("loss".into()), forward(run, tensors)?)]);
    if let Err(error) = tracer.function(EVALUATE, Mode::Inference, inputs.to_vec(), judge) {
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
fn forward(run: &Run, tensors: &[Tensor]) -> Result<Tensor> {
    let Some((y_true, inputs)) = tensors.split_last() else {
        return Err(Error::Training("a training step takes inputs and targets".into()));
    };
    let y_pred = predict(run.model.as_ref(), inputs)?;
    if y_true.rank() == 0 {
        return Err(Error::Training(format!(
            "`call` of `{}` gives a tensor without dimensions, and targets of that shape would not count samples: let it give \
             a row for each sample, or state the type of the targets with `.target(...)`",
            run.model.module_type().name
        )));
    }
    let samples = Tensor::ones([y_true.dim(0)]).cast(DType::F64).sum();
    let mut loss = None;
    for measure in &run.measures {
        let is_loss = loss.is_none();
        let change = |value: Tensor| {
            if is_loss { run.rules.penalised(value, &run.trained).check_finite(THE_LOSS) } else { value }
        };
        let value = measure.update(y_true, &y_pred, &samples, change)?;
        loss = loss.or(value);
    }
    loss.ok_or_else(|| Error::Training("there is no loss".into()))?.ok()
}

/// What the model says of a batch.
fn predict(model: &dyn Layer, inputs: &[Tensor]) -> Result<Tensor> {
    let outputs = model.invoke("call", inputs)?;
    match <[Tensor; 1]>::try_from(outputs) {
        Ok([output]) => output.ok(),
        Err(outputs) => Err(Error::Training(format!(
            "`call` of `{}` gives {} outputs, and a loss compares one with the targets: let `call` give one tensor, and the others by methods \
             of their own",
            model.module_type().name,
            outputs.len()
        ))),
    }
}
