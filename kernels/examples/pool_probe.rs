//! Probe.
use holotype_kernels::threads;
use std::sync::atomic::*;
use std::time::Instant;
fn main() {
    threads::set_threads(2);
    let main_id = std::thread::current().id();
    for ms in [0.02, 0.1, 0.5, 1.0, 3.0, 10.0] {
        let helped = AtomicUsize::new(0);
        let mut best = f64::MAX;
        let mut tot = 0.0;
        for _ in 0..30 {
            let s = Instant::now();
            threads::parallel(2, &|_| {
                if std::thread::current().id() != main_id {
                    helped.fetch_add(1, Ordering::Relaxed);
                }
                let t = Instant::now();
                while t.elapsed().as_secs_f64() * 1e3 < ms {}
            });
            let e = s.elapsed().as_secs_f64() * 1e3;
            tot += e;
            best = best.min(e);
        }
        println!("{ms} ms: best {best:.3} mean {:.3} helped {}", tot / 30.0, helped.into_inner());
    }
    let s = Instant::now();
    for _ in 0..10000 {
        threads::parallel(2, &|i| {
            std::hint::black_box(i);
        });
    }
    println!("empty {:.3} us", s.elapsed().as_secs_f64() * 100.0);
}
