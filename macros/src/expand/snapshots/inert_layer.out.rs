::core::compile_error! { "a generic layer cannot be registered without naming its instances: write `#[layer(instances(Generic<…>, Generic<…>))]`, or `#[layer(instances())]` if it is never loaded behind `Box<dyn Layer>`" }
::core::compile_error! { "`call` needs a signature: write `#[signature(input = [None, None; f32])]` above it" }
impl<T> Generic<T> {
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}
#[automatically_derived]
impl<T> ::holotype::__private::Layer for Generic<T>
where
    T: 'static,
    Self: ::holotype::__private::Module + ::core::marker::Send + ::core::marker::Sync,
{
    fn signatures(&self) -> ::std::vec::Vec<::holotype::__private::SignatureSpec> {
        ::std::vec::Vec::new()
    }
    fn enter(
        &self,
        _: &str,
        _: &mut ::holotype::__private::Arguments,
    ) -> ::holotype::__private::Result<::holotype::__private::Leaves> {
        ::core::unreachable!()
    }
    fn made_by_the_layer_attribute(&self) -> ::holotype::__private::Sealed {
        ::holotype::__private::Sealed::NEW
    }
}
