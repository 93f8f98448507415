#[op(name = "my::Scale", alias = "old::Scale", version = 2)]
impl Op for Scale {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }
}

#[op]
#[cfg(feature = "ops")]
impl Op for Whole {
    const NAME: &'static str = "my::Whole";

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Whole")
    }

    fn samples() -> Vec<Sample> {
        Vec::new()
    }
}
