//! Event files of `TensorBoard`: records of `TFRecord` that hold `Event` messages of protocol buffers.
//!
//! The messages are those of `tensorflow/core/util/event.proto` and `tensorflow/core/framework/summary.proto`, written by hand: a field
//! is its number and wire type, then the value (<https://protobuf.dev/programming-guides/encoding>).

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Adds events to a file of its own in a directory of logs.
pub(super) struct EventWriter {
    file: BufWriter<File>,
}

impl EventWriter {
    /// A new file in the directory, which is made if it is not there.
    pub fn create(directory: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(directory)?;
        let (seconds, process) = (now() as u64, std::process::id());
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("events.out.tfevents.{seconds:010}.holotype.{process}.{number}");
        Self::at(&directory.join(name), now())
    }

    fn at(path: &Path, time: f64) -> io::Result<Self> {
        let mut writer = Self { file: BufWriter::new(File::create_new(path)?) };
        let mut event = Message::default();
        event.double(1, time);
        event.bytes(3, b"brain.Event:2");
        writer.record(&event.0)?;
        Ok(writer)
    }

    /// Adds the values of a step, and sees to it that a reader finds them.
    pub fn add(&mut self, step: u64, values: &[(String, Value)]) -> io::Result<()> {
        self.add_at(now(), step, values)
    }

    fn add_at(&mut self, time: f64, step: u64, values: &[(String, Value)]) -> io::Result<()> {
        let mut summary = Message::default();
        for (tag, value) in values {
            summary.bytes(1, &value.message(tag).0);
        }
        let mut event = Message::default();
        event.double(1, time);
        event.integer(2, step);
        event.bytes(5, &summary.0);
        self.record(&event.0)?;
        self.file.flush()
    }

    /// A record: its length, the checksum of that, the bytes, their checksum.
    fn record(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = (bytes.len() as u64).to_le_bytes();
        self.file.write_all(&length)?;
        self.file.write_all(&masked_crc(&length).to_le_bytes())?;
        self.file.write_all(bytes)?;
        self.file.write_all(&masked_crc(bytes).to_le_bytes())
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// What can be logged under a tag.
pub(super) enum Value {
    Scalar(f64),
    Histogram(Histogram),
    Text(String),
}

impl Value {
    /// A `Summary.Value`.
    fn message(&self, tag: &str) -> Message {
        let mut value = Message::default();
        value.bytes(1, tag.as_bytes());
        match self {
            Self::Scalar(number) => value.float(2, *number as f32),
            Self::Histogram(histogram) => value.bytes(5, &histogram.message().0),
            Self::Text(text) => {
                // DT_STRING, of one element.
                let (mut dim, mut shape, mut tensor) =
                    (Message::default(), Message::default(), Message::default());
                dim.integer(1, 1);
                shape.bytes(2, &dim.0);
                tensor.integer(1, 7);
                tensor.bytes(2, &shape.0);
                tensor.bytes(8, text.as_bytes());
                let (mut plugin, mut metadata) = (Message::default(), Message::default());
                plugin.bytes(1, b"text");
                metadata.bytes(1, &plugin.0);
                value.bytes(8, &tensor.0);
                value.bytes(9, &metadata.0);
            }
        }
        value
    }
}

/// How often numbers lie in each of some ranges.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Histogram {
    min: f64,
    max: f64,
    count: f64,
    sum: f64,
    sum_of_squares: f64,
    /// The upper end of each range, and how many numbers lie in it.
    buckets: Vec<(f64, f64)>,
}

/// The number of ranges.
const BUCKETS: usize = 30;

impl Histogram {
    /// The histogram of the numbers that are finite, in ranges of one width; none if there are none.
    pub fn of(numbers: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let numbers = numbers.filter(|number| number.is_finite());
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut count, mut sum, mut sum_of_squares) = (0.0, 0.0, 0.0);
        for number in numbers.clone() {
            (min, max) = (min.min(number), max.max(number));
            count += 1.0;
            sum += number;
            sum_of_squares += number * number;
        }
        if count == 0.0 {
            return None;
        }
        let width = (max - min) / BUCKETS as f64;
        if width <= 0.0 || !width.is_finite() {
            let buckets = vec![(max, count)];
            return Some(Self { min, max, count, sum, sum_of_squares, buckets });
        }
        let mut counts = [0.0; BUCKETS];
        for number in numbers {
            counts[(((number - min) / width) as usize).min(BUCKETS - 1)] += 1.0;
        }
        let end = |index: usize| if index + 1 == BUCKETS { max } else { min + width * (index + 1) as f64 };
        let buckets = counts.into_iter().enumerate().map(|(index, count)| (end(index), count)).collect();
        Some(Self { min, max, count, sum, sum_of_squares, buckets })
    }

    /// A `HistogramProto`.
    fn message(&self) -> Message {
        let mut message = Message::default();
        let numbers = [self.min, self.max, self.count, self.sum, self.sum_of_squares];
        for (field, number) in (1..).zip(numbers) {
            message.double(field, number);
        }
        let packed = |part: fn(&(f64, f64)) -> f64| -> Vec<u8> {
            self.buckets.iter().flat_map(|bucket| part(bucket).to_le_bytes()).collect()
        };
        message.bytes(6, &packed(|bucket| bucket.0));
        message.bytes(7, &packed(|bucket| bucket.1));
        message
    }
}

/// A message of protocol buffers that is being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn key(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    fn integer(&mut self, field: u64, number: u64) {
        self.key(field, 0);
        self.varint(number);
    }

    fn double(&mut self, field: u64, number: f64) {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn float(&mut self, field: u64, number: f32) {
        self.key(field, 5);
        self.0.extend(number.to_le_bytes());
    }
}

/// The checksum of a record: CRC32C, turned and moved, so that a checksum of bytes that hold one is no special case.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), bit by bit reflected.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let (mut entry, mut bit) = (index as u32, 0);
            while bit < 8 {
                entry = if entry & 1 == 1 { entry >> 1 ^ 0x82f6_3b78 } else { entry >> 1 };
                bit += 1;
            }
            table[index] = entry;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // RFC 3720, appendix B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let counted: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&counted), 0x46dd_794e);
    }

    #[test]
    fn a_histogram_counts_every_number_once() {
        let numbers = [-1.0, 0.0, 0.5, 2.0, f64::NAN, f64::INFINITY];
        let histogram = Histogram::of(numbers.into_iter()).unwrap();
        assert_eq!((histogram.min, histogram.max, histogram.count), (-1.0, 2.0, 4.0));
        assert_eq!((histogram.sum, histogram.sum_of_squares), (1.5, 5.25));
        assert_eq!(histogram.buckets.iter().map(|(_, count)| count).sum::<f64>(), 4.0);
        assert_eq!(histogram.buckets.last(), Some(&(2.0, 1.0)));
        assert_eq!(Histogram::of([3.0, 3.0].into_iter()).unwrap().buckets, [(3.0, 2.0)]);
        assert_eq!(Histogram::of([f64::NAN].into_iter()), None);
    }

    /// The file that `tests/oracles/event_file.py` has written with the package `tensorboard`.
    #[test]
    fn the_file_is_the_one_that_tensorboard_writes() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"));
        let golden = golden.join("../tests/oracles/event_file.tfevents");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut writer = EventWriter::at(&path, 1000.5).unwrap();
        let numbers = (1..=100).map(|number| f64::from(number) / 10.0);
        for step in [1, 300] {
            let values = [
                ("loss".to_owned(), Value::Scalar(0.5 / step as f64)),
                ("weights".to_owned(), Value::Histogram(Histogram::of(numbers.clone()).unwrap())),
                ("summary".to_owned(), Value::Text("a | b\n--- | ---\nä | ü".to_owned())),
            ];
            writer.add_at(1000.5 + step as f64, step, &values).unwrap();
        }
        assert!(
            fs::read(&path).unwrap() == fs::read(&golden).unwrap(),
            "it differs from {}",
            golden.display()
        );
    }
}
