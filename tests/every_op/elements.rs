//! Tensors made from those of samples: other sizes, other dtypes, random numbers.

use half::{bf16, f16};
use holotype::prelude::*;
use holotype::tensor::{Data, Element, element_count};

/// The elements repeated or cut to other sizes; zeros where there are none to repeat.
pub fn cycled(data: &Data, sizes: &[usize]) -> Data {
    fn of<T: Element>(data: &Data, sizes: &[usize]) -> Data {
        let (elements, count) = (data.elements::<T>().unwrap(), element_count(sizes).unwrap());
        let cycled = elements.iter().copied().cycle().take(count);
        let all =
            cycled.chain(std::iter::repeat_n(T::default(), if elements.is_empty() { count } else { 0 }));
        Data::new(sizes, all.collect()).unwrap()
    }
    match data.dtype() {
        DType::F32 => of::<f32>(data, sizes),
        DType::F64 => of::<f64>(data, sizes),
        DType::F16 => of::<f16>(data, sizes),
        DType::BF16 => of::<bf16>(data, sizes),
        DType::I8 => of::<i8>(data, sizes),
        DType::I16 => of::<i16>(data, sizes),
        DType::I32 => of::<i32>(data, sizes),
        DType::I64 => of::<i64>(data, sizes),
        DType::U8 => of::<u8>(data, sizes),
        DType::U16 => of::<u16>(data, sizes),
        DType::U32 => of::<u32>(data, sizes),
        DType::U64 => of::<u64>(data, sizes),
        DType::Bool => of::<bool>(data, sizes),
    }
}

pub fn cast(data: &Data, dtype: DType) -> Data {
    Tensor::from_data(data.clone()).cast(dtype).into_data().unwrap()
}

pub fn doubles(data: &Data) -> Vec<f64> {
    cast(data, DType::F64).into_elements().unwrap()
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
pub struct Random(u64);

impl Random {
    /// The seed is the same each time, or that of `HOLOTYPE_SEED`; it is printed.
    pub fn new() -> Self {
        let seed =
            std::env::var("HOLOTYPE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_801);
        println!("HOLOTYPE_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Numbers between -1 and 1 that are not near 0.
    pub fn weights(&mut self, sizes: &[usize]) -> Data {
        let count = element_count(sizes).unwrap();
        let weight = |bits: u64| {
            let magnitude = 0.25 + 0.75 * (bits >> 11) as f64 / (1_u64 << 53) as f64;
            if bits & 1 == 0 { magnitude } else { -magnitude }
        };
        Data::new(sizes, (0..count).map(|_| weight(self.next())).collect()).unwrap()
    }
}
