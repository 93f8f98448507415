//! A program that knows nothing of the models it is given: it depends on `holotype` alone.
//!
//! `cargo run --release -p stranger -- DIR [EPOCHS] [OUT]` loads the saved model in DIR, shows what it is, and runs it. Where
//! the model was saved by a trainer it goes on training for EPOCHS epochs (2 if none are given) and saves the run to OUT, if
//! that is given.
//!
//! A model may carry tensors to be tried on: `assets/test.safetensors` with the inputs by name and the outputs by name, a lone
//! one as `output`, that its maker got for them, and `assets/train.safetensors` with the inputs and targets of the step by name. Without them random inputs serve.

mod tensors;

use std::path::Path;

use holotype::prelude::*;
use holotype::trace::Signature;

use crate::tensors::{Named, example};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: stranger DIR [EPOCHS] [OUT]")?;
    let epochs = arguments.next().map_or(Ok(2), |epochs| epochs.parse())?;
    let out = arguments.next();

    let program = holotype::load(&path)?;
    let mut shown: Vec<&str> = Vec::new();
    for signature in program.entries().iter().map(|entry| &entry.signature) {
        if !shown.contains(&signature.function.as_str()) {
            println!("{signature}");
            shown.push(&signature.function);
        }
    }
    println!("\n{}", program.summary());

    let assets = Path::new(&path).join("assets");
    run(&program, &assets)?;
    if program.note("training").is_some() {
        train(program, &assets, epochs, out.as_deref())?;
    }
    Ok(())
}

/// Runs `call`, and compares with what the model's maker got.
fn run(program: &Program, assets: &Path) -> Result<(), Failure> {
    let signature = program.signature("call")?;
    let Some(tensors) = Named::read(&assets.join("test.safetensors"))? else {
        let outputs = program.call(&inputs(signature, 2)?)?;
        for (index, output) in outputs.iter().enumerate() {
            println!("{}: {output:.4}", signature.output_name(index));
        }
        return Ok(());
    };
    let inputs = signature.inputs.iter().map(|(name, _)| tensors.get(name)).collect::<Result<Vec<_>, _>>()?;
    let mut count = 0;
    for (index, output) in program.call(&inputs)?.iter().enumerate() {
        let name = signature.output_name(index);
        let expected = tensors.get(&name).or_else(|_| tensors.get("output"))?;
        if !output.data()?.same_bits(expected.data()?) {
            return Err(format!("`{name}` differs from that of the model's maker").into());
        }
        count += output.data()?.len();
    }
    println!("{count} test outputs, the same bits as the model's maker got");
    Ok(())
}

/// Goes on training where the model's maker stopped.
fn train(program: Program, assets: &Path, epochs: u64, out: Option<&str>) -> Result<(), Failure> {
    let step = program
        .entries()
        .iter()
        .find(|entry| entry.signature.function == "train_step")
        .map(|entry| entry.signature.clone())
        .ok_or("the run has no training step")?;
    let tensors = match Named::read(&assets.join("train.safetensors"))? {
        Some(tensors) => step.inputs.iter().map(|(name, _)| tensors.get(name)).collect::<Result<_, _>>()?,
        None => inputs(&step, 32)?,
    };
    // The targets of the outputs come last, by name.
    let named = step.inputs.iter().map(|(name, _)| name).zip(tensors);
    let (targets, inputs): (Vec<_>, Vec<_>) = named.partition(|(name, _)| name.starts_with("target"));
    let tensors = |named: Vec<(_, Tensor)>| named.into_iter().map(|(_, tensor)| tensor).collect();
    let data = Dataset::with_targets(tensors(inputs), tensors(targets))?;
    println!("variables {}", program.fingerprint()?);
    let mut trainer = program.into_trainer()?;
    println!("going on after epoch {}", trainer.epochs()?);
    trainer.fit(&data, Fit::epochs(epochs).batch_size(32))?;
    println!("variables {}", trainer.program().fingerprint()?);
    if let Some(out) = out {
        trainer.save(out)?;
        println!("saved {out}");
    }
    Ok(())
}

/// A tensor for each input of a function, with `open` for every size that the signature leaves open.
fn inputs(signature: &Signature, open: usize) -> Result<Vec<Tensor>> {
    signature.inputs.iter().map(|(_, kind)| example(kind, open)).collect()
}
