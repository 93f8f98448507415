//! The files that peers load, and whether they compute the same.

use holotype::prelude::*;
use holotype::store::save_tensors;

use crate::Result;
use crate::models::{Model, numbers, numbers_of};
use crate::peers::{Peer, Setting, run_onnx};

/// Writes a model of Holotype, its variables by name for `python/onnx_models.py`, and the files of the other peers.
pub fn prepare(model: Model, setting: &Setting) -> Result<()> {
    std::fs::create_dir_all(&setting.cache)?;
    holotype::random::seed(1);
    let layer = model.build();
    let program = Program::trace(layer.as_ref())?;
    // What starts as zeros and ones would hide mistakes.
    for (definition, variable) in program.graph().variables.iter().zip(program.variables()) {
        let name = definition.path.rsplit('.').next().unwrap_or_default();
        let around = match name {
            "bias" | "beta" | "moving_mean" => 0.0,
            "gamma" | "moving_variance" => 1.0,
            _ => continue,
        };
        let sizes = variable.data()?.sizes().to_vec();
        let values =
            numbers(sizes.iter().product()).into_iter().map(|x| around + 0.2 * x).collect::<Vec<f32>>();
        variable.set(Tensor::from_vec(sizes, values).into_data()?)?;
    }
    let definitions = program.graph().variables.iter().zip(program.variables());
    let values: Vec<(String, Tensor)> =
        definitions.map(|(definition, variable)| (definition.path.clone(), variable.value())).collect();
    let values: Vec<(&str, &Tensor)> = values.iter().map(|(path, value)| (path.as_str(), value)).collect();
    save_tensors(setting.file(model, "safetensors"), &values)?;
    holotype::store::save_program(&program, setting.file(model, "holotype"))?;
    Peer::Candle.save(model, setting)?;
    Peer::Burn.save(model, setting)
}

/// The greatest difference between what Holotype and ONNX Runtime say of two samples, relative to the greatest output.
pub fn check(model: Model, setting: &Setting) -> Result<f32> {
    let program = holotype::load(setting.file(model, "holotype"))?;
    let (shape, values) = numbers_of(2, model.input());
    let input = Tensor::from_vec(shape, values);
    let ours = program.call(std::slice::from_ref(&input))?.remove(0).to_vec::<f32>()?;
    let first = if model.input().len() == 3 { input.transpose([0, 3, 1, 2]) } else { input };
    let shape = first.data()?.sizes().to_vec();
    let theirs = run_onnx(model, &shape, first.to_vec::<f32>()?, setting)?;
    if ours.len() != theirs.len() {
        return Err(format!("{} numbers, and ONNX Runtime gives {}", ours.len(), theirs.len()).into());
    }
    let greatest = theirs.iter().fold(f32::MIN_POSITIVE, |greatest, x| greatest.max(x.abs()));
    let difference = ours.iter().zip(&theirs).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    Ok(difference / greatest)
}
