//! Images in files of PNG and JPEG.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader, Limits};

use super::examples::{Examples, Pass};
use super::file::{bad, map};
use crate::error::{Error, Result};
use crate::tensor::{Data, Tensor};

/// The longest side of an image that is unpacked.
const SIDE: u32 = 1 << 15;
/// The most bytes that unpacking an image may take.
const MEMORY: u64 = 1 << 29;

/// Images with their labels, as examples `[height, width, channels; u8]` and `[; i64]`, which are unpacked when they are asked
/// for.
///
/// Three channels, red, green and blue, unless [`Images::grey`] is said; what shines through is left out. Images of one batch
/// need the same sizes: see [`Images::resized`].
///
/// ```no_run
/// use holotype::data::Images;
/// use holotype::prelude::*;
/// // pets/cat/1.jpg, pets/cat/2.jpg, pets/dog/1.png, …
/// let pets = Images::in_folders("pets")?.resized(64, 64);
/// println!("{:?}", pets.classes());
/// let data = Dataset::from_examples(pets, 1)?.map_batches(|mut batch| {
///     batch.inputs[0] = batch.inputs[0].cast(DType::F32) / 255.0;
///     Ok(batch)
/// });
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Images {
    files: Vec<(PathBuf, i64)>,
    classes: Vec<String>,
    grey: bool,
    size: Option<(u32, u32)>,
}

impl Images {
    /// Images of these files with their labels.
    pub fn new(files: Vec<(PathBuf, i64)>) -> Self {
        Self { files, classes: Vec::new(), grey: false, size: None }
    }

    /// The images of a folder that has a folder for each class: files that end in `.png`, `.jpg` or `.jpeg`. Classes and files
    /// are in the order of their names, so that the labels are the same everywhere.
    ///
    /// # Errors
    /// [`Error::Io`] if a folder cannot be read; [`Error::DataFile`] if there are no images.
    pub fn in_folders(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let (mut files, mut classes) = (Vec::new(), Vec::new());
        for class in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
            let label = classes.len() as i64;
            files.extend(sorted(&class)?.into_iter().filter(|path| is_image(path)).map(|path| (path, label)));
            classes.push(class.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        if files.is_empty() {
            let message = "there are no images: a folder for each class, with files that end in .png, .jpg or .jpeg, is needed";
            return Err(bad(folder, "", message));
        }
        Ok(Self { classes, ..Self::new(files) })
    }

    /// The names of the classes, whose places are the labels; none for [`Images::new`].
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The images with one channel of brightness.
    pub fn grey(mut self) -> Self {
        self.grey = true;
        self
    }

    /// The images in other sizes, interpolated linearly; what is made smaller is averaged.
    pub fn resized(mut self, height: u32, width: u32) -> Self {
        self.size = Some((height, width));
        self
    }

    fn image(&self, path: &Path) -> Result<Data> {
        let file = map(path)?;
        let said =
            |error: image::ImageError| bad(path, "", format!("it is no image that can be read: {error}"));
        let mut reader = ImageReader::new(Cursor::new(file.bytes()))
            .with_guessed_format()
            .map_err(|source| Error::io("read", path, source))?;
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
        limits.max_alloc = Some(MEMORY);
        reader.limits(limits);
        let image = reader.decode().map_err(said)?;
        let image = match self.size {
            Some((height, width)) if (image.height(), image.width()) != (height, width) => {
                if height == 0 || width == 0 || height > SIDE || width > SIDE {
                    let message =
                        format!("it cannot be resized to {height} x {width}: give sizes from 1 to {SIDE}");
                    return Err(bad(path, "", message));
                }
                image.resize_exact(width, height, FilterType::Triangle)
            }
            _ => image,
        };
        let (height, width) = (image.height() as usize, image.width() as usize);
        let (pixels, channels) = self.pixels(image);
        Data::new([height, width, channels], pixels)
    }

    fn pixels(&self, image: DynamicImage) -> (Vec<u8>, usize) {
        if self.grey { (image.into_luma8().into_raw(), 1) } else { (image.into_rgb8().into_raw(), 3) }
    }
}

impl Examples for Images {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn example(&self, index: usize, _: Pass) -> Result<Vec<Tensor>> {
        let (path, label) = self.files.get(index).ok_or_else(|| {
            Error::Data(format!("there are {} images: take an index below that", self.files.len()))
        })?;
        Ok(vec![Tensor::from_data(self.image(path)?), Tensor::scalar(*label)])
    }
}

/// What a folder holds, by name.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let said = |source| Error::io("read", folder, source);
    let entries = fs::read_dir(folder).map_err(said)?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(said)?;
    paths.sort();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| ["png", "jpg", "jpeg"].contains(&extension.as_str()))
}
