//! candle: models over a `VarBuilder`.

mod models;

use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, VarMap, loss};

use self::models::Net;
use super::{Call, Setting};
use crate::Result;
use crate::models::{Model, labels, numbers_of};

fn random(model: Model, training: bool) -> Result<(Net, VarMap)> {
    let variables = VarMap::new();
    let builder = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    Ok((models::build(model, training, builder)?, variables))
}

fn input(batch: usize, sample: &[usize]) -> Result<Tensor> {
    let (shape, values) = numbers_of(batch, sample);
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
}

fn call(net: Net, model: Model, batch: usize) -> Result<Call> {
    let input = input(batch, &model.input_channels_first())?;
    Ok(Box::new(move || Ok(net(&input)?.flatten_all()?.get(0)?.to_scalar()?)))
}

pub fn infer(model: Model, batch: usize) -> Result<Call> {
    let (net, variables) = random(model, false)?;
    // A `Var` makes candle record every operation for a gradient; tensors that are none do not.
    let plain = variables.data().lock().map_err(|error| error.to_string())?;
    let plain = plain.iter().map(|(name, variable)| (name.clone(), variable.as_detached_tensor())).collect();
    drop(net);
    let net = models::build(model, false, VarBuilder::from_tensors(plain, DType::F32, &Device::Cpu))?;
    call(net, model, batch)
}

pub fn save(model: Model, setting: &Setting) -> Result<()> {
    Ok(random(model, false)?.1.save(setting.file(model, "candle.safetensors"))?)
}

pub fn load(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    let tensors = candle_core::safetensors::load(setting.file(model, "candle.safetensors"), &Device::Cpu)?;
    let net = models::build(model, false, VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu))?;
    call(net, model, batch)
}

pub fn train(model: Model, batch: usize) -> Result<Call> {
    let (net, variables) = random(model, true)?;
    let input = input(batch, &model.input_channels_first())?;
    let targets = match model.classes() {
        Some(classes) => Tensor::from_vec(labels(batch, classes), batch, &Device::Cpu)?,
        None => self::input(batch, model.output())?,
    };
    // Without weight decay, AdamW is Adam.
    let adam = ParamsAdamW { lr: 1e-4, weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(variables.all_vars(), adam)?;
    Ok(Box::new(move || {
        let output = net(&input)?;
        let loss = match model.classes() {
            Some(_) => loss::cross_entropy(&output, &targets)?,
            None => loss::mse(&output, &targets)?,
        };
        optimizer.backward_step(&loss)?;
        Ok(loss.to_scalar()?)
    }))
}
