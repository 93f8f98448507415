//! rten, with weights packed at load, as its documentation advises for models that run more than once.

use std::sync::Arc;

use rten::{ModelOptions, RunOptions, ThreadPool};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use super::{Call, Setting};
use crate::Result;
use crate::models::{Model, numbers_of};

pub fn infer(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    let loaded = ModelOptions::with_all_ops().prepack_weights(true).load_file(setting.onnx(model)?)?;
    let (shape, values) = numbers_of(batch, &model.input_channels_first());
    let input = Tensor::from_data(shape.as_slice(), values);
    let mut options = RunOptions::default();
    options.thread_pool = Some(Arc::new(ThreadPool::with_num_threads(setting.threads)));
    Ok(Box::new(move || {
        let output = loaded.run_one(input.view().into(), Some(options.clone()))?;
        let output: Tensor<f32> = output.try_into()?;
        Ok(output.iter().next().copied().unwrap_or(f32::NAN))
    }))
}
