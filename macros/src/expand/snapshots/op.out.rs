impl Op for Scale {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }
    const NAME: &'static str = "my::Scale";
    const VERSION: u32 = 2;
    fn onnx(&self) -> ::holotype::__private::Mapping {
        ::holotype::__private::Mapping::Unsupported("the op is defined outside of Holotype")
    }
    fn samples() -> ::std::vec::Vec<::holotype::__private::Sample> {
        ::std::vec::Vec::new()
    }
}
const _: () = {
    ::holotype::__private::submit! { :: holotype :: __private :: op_entry :: < Scale > (& ["old::Scale"] , :: core :: file ! () , :: core :: line ! ()) }
};
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
#[cfg(feature = "ops")]
const _: () = {
    ::holotype::__private::submit! { :: holotype :: __private :: op_entry :: < Whole > (& [] , :: core :: file ! () , :: core :: line ! ()) }
};
