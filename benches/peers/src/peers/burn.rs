//! Burn on its back end `flex`.

mod models;

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};

use self::models::Net;
use super::{Call, Setting};
use crate::Result;
use crate::models::{Model, labels, numbers_of};

fn input<const D: usize>(batch: usize, sample: &[usize], device: &Device) -> Tensor<D> {
    let (shape, values) = numbers_of(batch, sample);
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn first<const D: usize>(output: Tensor<D>) -> Result<f32> {
    let data = output.into_data();
    let values = data.as_slice::<f32>().map_err(|error| format!("{error:?}"))?;
    Ok(values.first().copied().unwrap_or(f32::NAN))
}

fn call(net: Net, model: Model, batch: usize) -> Call {
    let device = Device::flex();
    let sample = model.input_channels_first();
    match sample.len() {
        1 => {
            let input = input::<2>(batch, &sample, &device);
            Box::new(move || first(net.rows(input.clone())))
        }
        2 => {
            let input = input::<3>(batch, &sample, &device);
            Box::new(move || first(net.sequences(input.clone())))
        }
        _ => {
            let input = input::<4>(batch, &sample, &device);
            Box::new(move || first(net.images(input.clone())))
        }
    }
}

pub fn infer(model: Model, batch: usize) -> Result<Call> {
    Ok(call(Net::new(model, &Device::flex()), model, batch))
}

pub fn save(model: Model, setting: &Setting) -> Result<()> {
    let net = Net::new(model, &Device::flex());
    Ok(net.save_file(setting.file(model, "bpk")).map_err(|error| error.to_string())?)
}

pub fn load(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    let net = Net::new(model, &Device::flex()).load_file(setting.file(model, "bpk"));
    Ok(call(net, model, batch))
}

/// The loss of a model on a batch that does not change.
fn loss(model: Model, batch: usize, device: &Device) -> Box<dyn Fn(&Net) -> Tensor<1>> {
    let sample = model.input_channels_first();
    let by_class = CrossEntropyLossConfig::new().init(device);
    let classes = model
        .classes()
        .map(|classes| Tensor::<1, Int>::from_data(TensorData::new(labels(batch, classes), [batch]), device));
    match (classes, sample.len()) {
        (Some(classes), 1) => {
            let x = input::<2>(batch, &sample, device);
            Box::new(move |net| by_class.forward(net.rows(x.clone()), classes.clone()))
        }
        (Some(classes), _) => {
            let x = input::<4>(batch, &sample, device);
            Box::new(move |net| by_class.forward(net.images(x.clone()), classes.clone()))
        }
        (None, 1) => {
            let (x, y) = (input::<2>(batch, &sample, device), input::<2>(batch, model.output(), device));
            Box::new(move |net| MseLoss::new().forward(net.rows(x.clone()), y.clone(), Reduction::Mean))
        }
        (None, _) => {
            let (x, y) = (input::<3>(batch, &sample, device), input::<3>(batch, model.output(), device));
            Box::new(move |net| MseLoss::new().forward(net.sequences(x.clone()), y.clone(), Reduction::Mean))
        }
    }
}

pub fn train(model: Model, batch: usize) -> Result<Call> {
    let device = Device::flex().autodiff();
    let mut net = Some(Net::new(model, &device).logits());
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let loss = loss(model, batch, &device);
    Ok(Box::new(move || {
        let model = net.take().ok_or("the step before failed")?;
        let loss = loss(&model);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        net = Some(optimizer.step(1e-4, model, gradients));
        first(loss)
    }))
}
