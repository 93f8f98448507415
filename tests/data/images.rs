//! Images, as `tests/oracles/files.py` has written them with Pillow.

use std::fs;

use holotype::data::{Images, read_npy};
use holotype::prelude::*;

use crate::{assert_says, file};

fn pixels(name: &str) -> Vec<u8> {
    read_npy(file(name)).unwrap().to_vec().unwrap()
}

/// The largest difference of two lists of bytes.
fn difference(left: &[u8], right: &[u8]) -> u8 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn images_of_folders_are_those_that_pillow_reads() {
    let images = Images::in_folders(file("images")).unwrap();
    assert_eq!(images.classes(), ["blue", "grey"]);
    let data = Dataset::from_examples(images.clone(), 1).unwrap();
    assert_eq!(data.targets().to_vec::<i64>().unwrap(), [0, 0, 1, 1]);
    let image = |index: usize| {
        let image = data.example(index).unwrap().inputs.remove(0);
        assert_eq!(image.describe(), "[6, 8, 3; u8]");
        image.to_vec::<u8>().unwrap()
    };
    assert_eq!(image(0), pixels("colours.npy"));
    assert_eq!(image(3), pixels("colours.npy"));
    // Decoders of JPEG may round their cosines differently (ITU-T T.83 allows 1; colours then add 1).
    assert!(difference(&image(1), &pixels("jpeg.npy")) <= 2);
    let brightness: Vec<u8> = pixels("brightness.npy").iter().flat_map(|&x| [x; 3]).collect();
    assert_eq!(image(2), brightness);

    let grey = Dataset::from_examples(images.clone().grey(), 1).unwrap().example(0).unwrap().inputs.remove(0);
    assert_eq!(grey.describe(), "[6, 8, 1; u8]");
    // Pillow weighs the colours by ITU-R 601, and the reader here by 709: they agree for grey.
    let found =
        Dataset::from_examples(images.clone().grey(), 1).unwrap().example(2).unwrap().inputs.remove(0);
    assert_eq!(found.to_vec::<u8>().unwrap(), pixels("brightness.npy"));
    let smaller = Dataset::from_examples(images.resized(3, 4), 1).unwrap().inputs().remove(0);
    assert_eq!(smaller.describe(), "[4, 3, 4, 3; u8]");
    let first = &smaller.to_vec::<u8>().unwrap()[..36];
    assert!(difference(first, &pixels("smaller.npy")) <= 1, "{first:?}");
}

#[test]
fn images_that_cannot_be_read_are_named() {
    let directory = tempfile::tempdir().unwrap();
    assert_says(&Images::in_folders(directory.path()).unwrap_err(), &["there are no images"]);
    let good = fs::read(file("images/blue/1.png")).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut huge = good.clone();
    // The width of the header: 2^31 - 1.
    huge[16..20].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
    let cases = [
        write("cut.png", &good[..good.len() / 2]),
        write("text.png", b"this is no image"),
        write("empty.jpg", b""),
        write("huge.png", &huge),
    ];
    for path in cases {
        let files = vec![(file("images/blue/1.png"), 0), (path.clone(), 1)];
        let data = Dataset::from_examples(Images::new(files), 1).unwrap();
        let error = data.in_memory().unwrap_err();
        assert!(matches!(error, Error::Example { index: 1, .. }), "{error}");
        assert_says(&error, &["example 1 of the data", "no image that can be read"]);
        assert_says(&error, &[path.file_name().unwrap().to_str().unwrap()]);
    }
    let missing = Images::new(vec![(directory.path().join("none.png"), 0)]);
    assert!(matches!(Dataset::from_examples(missing, 1).unwrap_err(), Error::Example { index: 0, .. }));
    let nothing = Images::new(vec![(file("images/blue/1.png"), 0)]).resized(0, 3);
    assert_says(&Dataset::from_examples(nothing, 1).unwrap_err(), &["cannot be resized to 0 x 3"]);
    let differing = write("small.png", &fs::read(file("images/grey/3.png")).unwrap());
    let files = vec![(file("images/blue/1.png"), 0), (differing, 0)];
    assert_eq!(Dataset::from_examples(Images::new(files), 1).unwrap().in_memory().unwrap().len(), 2);
}
