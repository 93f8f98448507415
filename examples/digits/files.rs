//! The digits that lie beside the examples.

#[path = "idx.rs"]
mod idx;

use std::path::Path;

use holotype::prelude::*;
use holotype::store::save_tensors;

pub type Failure = Box<dyn std::error::Error>;

/// One of the two sets, `train` and `t10k`: images `[28, 28; u8]` and labels.
pub fn read(name: &str) -> Result<Dataset, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k");
    let idx = |kind: &str| idx::read(&folder.join(format!("{name}-{kind}-ubyte.gz")));
    Ok(Dataset::new(idx("images-idx3")?, idx("labels-idx1")?)?)
}

/// Images as numbers from 0 to 1, in this shape.
pub fn scaled(data: &Dataset, sizes: &'static [i64]) -> Dataset {
    data.map_batches(|mut batch| {
        let shape: Vec<i64> = std::iter::once(-1).chain(sizes.iter().copied()).collect();
        batch.inputs[0] = batch.inputs[0].reshape(shape).cast(DType::F32) / 255.0;
        Ok(batch)
    })
}

/// Moves each image by up to so many pixels, in another direction in each epoch.
pub fn shifted(data: &Dataset, by: i64) -> Dataset {
    data.map_random(move |mut example, draws| {
        let (down, right) = (draws.between(-by, by), draws.between(-by, by));
        let image = example.inputs[0].to_array::<u8>()?;
        let pixel = |row: usize, column: usize| {
            let from = |place: usize, shift: i64| usize::try_from(place as i64 - shift).ok();
            image.get([from(row, down)?, from(column, right)?]).copied()
        };
        let moved = (0..28 * 28).map(|place| pixel(place / 28, place % 28).unwrap_or_default());
        example.inputs[0] = Tensor::from_vec([28, 28], moved.collect());
        Ok(example)
    })
}

/// Saves a run to a directory with what it says of the test images, so that any program can check that it says the same, and
/// with the images it learnt from, so that any program can go on.
pub fn save(trainer: &Trainer, path: &str, train: &Dataset, test: &Dataset) -> Result<(), Failure> {
    trainer.save(path)?;
    let assets = Path::new(path).join("assets");
    let (pixels, output) = (&test.inputs()[0], &trainer.predict(&test.inputs())?[0]);
    save_tensors(assets.join("test.safetensors"), &[("input", pixels), ("output", output)])?;
    save_tensors(
        assets.join("train.safetensors"),
        &[("input", &train.inputs()[0]), ("target", &train.targets())],
    )?;
    println!("saved {path}");
    Ok(())
}
