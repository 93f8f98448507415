//! Holotype: programs that have been traced.

use std::time::Instant;

use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::prelude::*;

use super::{Call, Setting};
use crate::Result;
use crate::models::{Cnn, Mlp, MlpBig, Model, Transformer, labels, numbers_of};

fn set_threads(threads: usize) {
    holotype::threads(threads);
}

fn call(program: Program, model: Model, batch: usize) -> Call {
    let (shape, values) = numbers_of(batch, model.input());
    let input = [Tensor::from_vec(shape, values)];
    Box::new(move || {
        let outputs = program.call(&input)?;
        Ok(outputs[0].data()?.elements::<f32>()?[0])
    })
}

pub fn infer(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    set_threads(setting.threads);
    Ok(call(Program::trace(model.build().as_ref())?, model, batch))
}

/// A call that was prepared for these sizes, from and into memory of the caller.
pub fn prepared(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    set_threads(setting.threads);
    // The call borrows from the program, which lives as long as the process.
    let program: &'static Program = Box::leak(Box::new(Program::trace(model.build().as_ref())?));
    let (shape, values) = numbers_of(batch, model.input());
    let mut call = program.function("call").prepare(&[Tensor::from_vec(shape, values.clone())])?;
    let mut output = vec![0.0_f32; numbers_of(batch, model.output()).1.len()];
    Ok(Box::new(move || {
        call.run(&[(&values[..]).into()], &mut [(&mut output[..]).into()])?;
        Ok(output[0])
    }))
}

/// How long it takes to make the plan of an inference, so many times; the model is traced before.
pub fn plan(model: Model, batch: usize, repeats: usize) -> Result<Vec<f64>> {
    let (shape, values) = numbers_of(batch, model.input());
    let input = [Tensor::from_vec(shape, values)];
    let once = |_| {
        let program = Program::trace(model.build().as_ref())?;
        let start = Instant::now();
        let _call = program.function("call").prepare(&input)?;
        Ok(start.elapsed().as_secs_f64() * 1e6)
    };
    (0..repeats).map(once).collect()
}

pub fn save(model: Model, setting: &Setting) -> Result<()> {
    let program = Program::trace(model.build().as_ref())?;
    Ok(holotype::store::save_program(&program, setting.file(model, "holotype"))?)
}

pub fn load(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    set_threads(setting.threads);
    Ok(call(holotype::load(setting.file(model, "holotype"))?, model, batch))
}

pub fn train(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
    set_threads(setting.threads);
    let adam = Adam::new(1e-4);
    let by_class = sparse_categorical_crossentropy_from_logits;
    let mut trainer = match model {
        Model::Mlp => Trainer::new(Mlp::new().with_logits(), adam, by_class),
        Model::Cnn => Trainer::new(Cnn::new(), adam, by_class),
        Model::MlpBig => Trainer::new(MlpBig::new(), adam, mean_squared_error),
        Model::Transformer => Trainer::new(Transformer::new(), adam, mean_squared_error),
        Model::Dense | Model::ResNet18 => return Err("is compared for inference only".into()),
    }
    .build()?;
    let (shape, values) = numbers_of(batch, model.input());
    let input = Tensor::from_vec(shape, values);
    let targets = match model.classes() {
        Some(classes) => Tensor::from(labels(batch, classes)),
        None => {
            let (shape, values) = numbers_of(batch, model.output());
            Tensor::from_vec(shape, values)
        }
    };
    let data = Dataset::new(input, targets)?;
    Ok(Box::new(move || Ok(trainer.train_on_batch(&data)?.get("loss").unwrap_or(f64::NAN) as f32)))
}
