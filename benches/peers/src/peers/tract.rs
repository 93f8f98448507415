//! tract: the ONNX file made a plan for one batch size.

use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;

use super::{Call, Setting};
use crate::Result;
use crate::models::{Model, numbers_of};

pub fn infer(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    set_default_executor(if setting.threads > 1 {
        Executor::multithread(setting.threads)
    } else {
        Executor::SingleThread
    });
    let (shape, values) = numbers_of(batch, &model.input_channels_first());
    let input = Tensor::from_shape(&shape, &values).map_err(|error| error.to_string())?;
    let path = setting.onnx(model)?;
    let plan = (|| {
        let fact = InferenceFact::dt_shape(f32::datum_type(), &shape);
        tract_onnx::onnx().model_for_path(path)?.with_input_fact(0, fact)?.into_optimized()?.into_runnable()
    })()
    .map_err(|error: TractError| format!("{error:#}"))?;
    let input: TValue = input.into();
    Ok(Box::new(move || {
        let outputs = plan.run(tvec!(input.clone())).map_err(|error| format!("{error:#}"))?;
        let output = outputs[0].to_plain_array_view::<f32>().map_err(|error| format!("{error:#}"))?;
        Ok(output.iter().next().copied().unwrap_or(f32::NAN))
    }))
}
