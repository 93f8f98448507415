#[autograph]
fn newton(x: &Tensor, limit: usize) -> Tensor {
    let mut y = x.clone();
    let sign;
    if x >= 0.0 && !flag {
        sign = 1;
    } else {
        y = -y;
        sign = -1;
    }
    while y.sum() > 1.0 {
        y = step(y, x);
    }
    for row in x {
        self.rest.push(row);
    }
    for i in 0..limit {
        if i == 3 {
            break;
        }
    }
    if y > 0.0 { y } else { x.clone() }
}
