//! Reads event files of `TensorBoard`, by the published formats and nothing of the library's.

use std::fs;
use std::path::Path;

/// What an event says: its step, and its values with their tags.
pub struct Event {
    pub step: u64,
    pub values: Vec<(String, Value)>,
}

#[derive(Debug)]
pub enum Value {
    Scalar(f32),
    Histogram(Histogram),
    Other,
}

/// `HistogramProto`.
#[derive(Debug)]
pub struct Histogram {
    pub min: f64,
    pub max: f64,
    pub num: f64,
    pub sum: f64,
    pub sum_squares: f64,
    pub limits: Vec<f64>,
    pub counts: Vec<f64>,
}

/// The events of the only file in a directory.
pub fn read(directory: &Path) -> Vec<Event> {
    let files: Vec<_> = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    records(&fs::read(&files[0]).unwrap()).into_iter().map(event).collect()
}

/// The records of a file of `TFRecord`, whose checksums are right.
fn records(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_at(8);
        let count = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        assert_eq!(rest[..4], masked(length));
        let record = &rest[4..4 + count];
        assert_eq!(rest[4 + count..8 + count], masked(record));
        records.push(record);
        bytes = &rest[8 + count..];
    }
    records
}

/// CRC-32C bit by bit, and masked.
fn masked(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

enum Field<'a> {
    Integer(u64),
    Double(f64),
    Float(f32),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(&self) -> &'a [u8] {
        let Self::Bytes(bytes) = self else { return &[] };
        bytes
    }
}

/// The fields of a message of protocol buffers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Integer(varint(&mut bytes)),
            1 => Field::Double(f64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(take(&mut bytes, length))
            }
            5 => Field::Float(f32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap())),
            other => unreachable!("the wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0..10 {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn event(record: &[u8]) -> Event {
    let mut event = Event { step: 0, values: Vec::new() };
    for (number, field) in fields(record) {
        match (number, field) {
            (2, Field::Integer(step)) => event.step = step,
            (5, summary) => {
                event.values.extend(fields(summary.bytes()).iter().map(|(_, one)| value(one.bytes())));
            }
            _ => {}
        }
    }
    event
}

fn value(message: &[u8]) -> (String, Value) {
    let (mut tag, mut value) = (String::new(), Value::Other);
    for (number, field) in fields(message) {
        match (number, field) {
            (1, name) => tag = String::from_utf8(name.bytes().to_vec()).unwrap(),
            (2, Field::Float(scalar)) => value = Value::Scalar(scalar),
            (5, histogram) => value = Value::Histogram(self::histogram(histogram.bytes())),
            _ => {}
        }
    }
    (tag, value)
}

fn histogram(message: &[u8]) -> Histogram {
    let (mut numbers, mut limits, mut counts) = ([0.0; 5], Vec::new(), Vec::new());
    let doubles = |bytes: &[u8]| -> Vec<f64> {
        bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    };
    for (number, field) in fields(message) {
        match (number, field) {
            (1..=5, Field::Double(one)) => numbers[number as usize - 1] = one,
            (6, packed) => limits = doubles(packed.bytes()),
            (7, packed) => counts = doubles(packed.bytes()),
            _ => unreachable!("the field {number}"),
        }
    }
    let [min, max, num, sum, sum_squares] = numbers;
    Histogram { min, max, num, sum, sum_squares, limits, counts }
}
