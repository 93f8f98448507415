//! ONNX Runtime, with the defaults of its sessions.

use std::sync::OnceLock;

use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;

use super::{Call, Setting};
use crate::Result;
use crate::models::{Model, numbers_of};

/// The environment of the process; the library is the file that `ORT_DYLIB_PATH` names.
fn environment() -> Result<&'static Environment> {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let library = std::env::var("ORT_DYLIB_PATH")
        .map_err(|_| "set ORT_DYLIB_PATH to libonnxruntime.so of the Python package `onnxruntime`")?;
    let environment = ort::init_from(library)?.with_telemetry(false).build()?;
    Ok(ENVIRONMENT.get_or_init(|| environment))
}

fn session(model: Model, setting: &Setting) -> Result<Session> {
    let mut builder = Session::builder(environment()?)?;
    builder = builder.with_intra_threads(setting.threads).map_err(|error| error.to_string())?;
    Ok(builder.commit_from_file(setting.onnx(model)?)?)
}

pub fn infer(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    let mut session = session(model, setting)?;
    let (shape, values) = numbers_of(batch, &model.input_channels_first());
    Ok(Box::new(move || {
        let input = TensorRef::from_array_view((shape.as_slice(), values.as_slice()))?;
        let outputs = session.run(ort::inputs![input])?;
        Ok(outputs[0].try_extract_tensor::<f32>()?.1[0])
    }))
}

pub fn outputs(model: Model, shape: &[usize], input: Vec<f32>, setting: &Setting) -> Result<Vec<f32>> {
    let mut session = session(model, setting)?;
    let outputs = session.run(ort::inputs![TensorRef::from_array_view((shape, input.as_slice()))?])?;
    Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
}
