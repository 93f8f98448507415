//! What the machine can do at best: multiply-adds, and reading memory.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// Prints a Markdown table.
pub fn print() {
    println!("| what | unit | 1 thread | 2 threads |\n| --- | --- | --- | --- |");
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            row("f32 multiply-adds, AVX-512", "GFLOP/s", &|| x86::multiply_add_512(40_000_000));
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            row("f32 multiply-adds, AVX2", "GFLOP/s", &|| x86::multiply_add_256(40_000_000));
        }
    }
    for (name, kib) in
        [("L1, 16 KiB", 16), ("L2, 512 KiB", 512), ("L3, 8 MiB", 8 << 10), ("DRAM, 256 MiB", 256 << 10)]
    {
        let bytes = kib << 10;
        row(&format!("read {name} a thread"), "GB/s", &|| {
            let data = vec![1.0_f32; bytes / 4];
            let passes = ((2_usize << 30) / bytes).max(2);
            let start = Instant::now();
            for _ in 0..passes {
                black_box(sum(black_box(&data)));
            }
            (passes * bytes) as f64 / start.elapsed().as_secs_f64() / 1e9
        });
    }
    row("copy 128 MiB a thread, read and written", "GB/s", &|| {
        let (from, mut to) = (vec![1.0_f32; 32 << 20], vec![0.0_f32; 32 << 20]);
        let start = Instant::now();
        for _ in 0..4 {
            black_box(&mut to).copy_from_slice(black_box(&from));
        }
        (4 * 2 * (128_usize << 20)) as f64 / start.elapsed().as_secs_f64() / 1e9
    });
    row("first touch of fresh memory", "GB/s", &|| {
        let start = Instant::now();
        let mut data: Vec<u8> = Vec::with_capacity(256 << 20);
        for page in data.spare_capacity_mut().chunks_mut(4096) {
            page[0].write(1);
        }
        black_box(&data);
        f64::from(256 << 20) / start.elapsed().as_secs_f64() / 1e9
    });
}

/// The best and the median of some runs, on one thread and on two at once.
fn row(name: &str, unit: &str, measure: &(dyn Fn() -> f64 + Sync)) {
    let cells = [1, 2].map(|threads| {
        let mut runs: Vec<f64> = (0..7).map(|_| together(threads, measure)).collect();
        runs.sort_by(f64::total_cmp);
        format!("{:.1} (best {:.1})", runs[3], runs[6])
    });
    println!("| {name} | {unit} | {} |", cells.join(" | "));
}

/// The sum of what threads reach at the same time.
fn together(threads: usize, measure: &(dyn Fn() -> f64 + Sync)) -> f64 {
    let barrier = Barrier::new(threads);
    std::thread::scope(|scope| {
        let run = || {
            barrier.wait();
            measure()
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or(f64::NAN)).sum()
    })
}

fn sum(data: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the feature is there.
        return unsafe { x86::sum_512(data) };
    }
    let mut sums = [0.0_f32; 64];
    for part in data.chunks_exact(64) {
        sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
    sums.iter().sum()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::hint::black_box;
    use std::time::Instant;

    /// Chains that do not wait for each other: more than latency times pipes.
    const CHAINS: usize = 12;

    macro_rules! multiply_add {
        ($name:ident, $inner:ident, $features:literal, $vector:ty, $set:ident, $fma:ident) => {
            /// GFLOP/s of rounds of independent multiply-adds. To be called where the feature was found only.
            pub fn $name(rounds: usize) -> f64 {
                let start = Instant::now();
                // SAFETY: `print` has looked for the feature.
                unsafe { $inner(rounds) };
                let operations = rounds * CHAINS * 2 * (size_of::<$vector>() / 4);
                operations as f64 / start.elapsed().as_secs_f64() / 1e9
            }

            #[target_feature(enable = $features)]
            fn $inner(rounds: usize) {
                let (a, b) = ($set(black_box(0.999)), $set(black_box(0.001)));
                let mut sums = [$set(1.0); CHAINS];
                for _ in 0..rounds {
                    for sum in &mut sums {
                        *sum = $fma(*sum, a, b);
                    }
                }
                black_box(sums);
            }
        };
    }

    multiply_add!(multiply_add_512, chains_512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps);
    multiply_add!(multiply_add_256, chains_256, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps);

    #[target_feature(enable = "avx512f")]
    pub fn sum_512(data: &[f32]) -> f32 {
        let mut sums = [_mm512_setzero_ps(); 8];
        for part in data.chunks_exact(128) {
            for (sum, values) in sums.iter_mut().zip(part.chunks_exact(16)) {
                // SAFETY: there are 16 numbers.
                *sum = _mm512_add_ps(*sum, unsafe { _mm512_loadu_ps(values.as_ptr()) });
            }
        }
        sums.into_iter().map(|sum| _mm512_reduce_add_ps(sum)).sum()
    }
}
