#[optimizer]
impl Optimizer for Momentum {
    fn update(&self) {}
}

#[schedule]
impl Schedule for Constant {
    fn rate(&self) {}
}

#[loss]
impl Loss for Huber {
    fn compute(&self) {}
}

#[metric]
impl Metric for Recall {
    fn update(&self) {}
}
