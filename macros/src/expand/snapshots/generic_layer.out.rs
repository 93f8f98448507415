impl<L: Layer, const N: usize> Residual<L, N>
where
    L: Clone,
{
    #[track_caller]
    fn call(&self, input: &Tensor) -> Tensor
    where
        Self: ::holotype::__private::Module,
    {
        ::holotype::__private::call(
            ::holotype::__private::Callee::method(self, "call"),
            || ::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([(
                    "input",
                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                        leading: true,
                        dims: ::std::vec::Vec::new(),
                        dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                    }),
                )]),
                arguments: ::std::vec::Vec::new(),
                sizes: ::std::vec::Vec::new(),
                outputs: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            },
            ::holotype::__private::Arguments::new().with::<Tensor>("input", input),
            |arguments| ::core::result::Result::Ok((arguments.take::<Tensor>("input")?,)),
            |(input,): (Tensor,)| -> Tensor {
                let input = &input;
                input + self.inner.call(input)
            },
        )
    }
}
const _: () = {
    #[automatically_derived]
    impl<L: Layer, const N: usize> ::holotype::__private::Layer for Residual<L, N>
    where
        L: Clone,
        Self: ::holotype::__private::Module + ::core::marker::Send + ::core::marker::Sync,
    {
        fn signatures(&self) -> ::std::vec::Vec<::holotype::__private::SignatureSpec> {
            ::std::vec::Vec::from([::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([(
                    "input",
                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                        leading: true,
                        dims: ::std::vec::Vec::new(),
                        dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                    }),
                )]),
                arguments: ::std::vec::Vec::new(),
                sizes: ::std::vec::Vec::new(),
                outputs: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            }])
        }
        fn enter(
            &self,
            function: &str,
            arguments: &mut ::holotype::__private::Arguments,
        ) -> ::holotype::__private::Result<::holotype::__private::Leaves> {
            match function {
                "call" => {
                    let input0 = arguments.take::<Tensor>("input")?;
                    ::core::result::Result::Ok(::holotype::__private::Leaves::of::<Tensor>(&Self::call(
                        self, &input0,
                    )))
                }
                _ => ::core::result::Result::Err(::holotype::__private::unknown_function(
                    <Self as ::holotype::__private::Module>::TYPE.name,
                    function,
                    &["call"],
                )),
            }
        }
        fn made_by_the_layer_attribute(&self) -> ::holotype::__private::Sealed {
            ::holotype::__private::Sealed::NEW
        }
    }
    ::holotype::__private::submit! { { let _ = < Residual < Dense , 3 > as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: layer_entry :: < Residual < Dense , 3 > > ("<Dense, 3>" , :: core :: file ! () , :: core :: line ! ()) } }
    ::holotype::__private::submit! { { let _ = < Residual < crate :: Conv > as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: layer_entry :: < Residual < crate :: Conv > > ("<crate::Conv>" , :: core :: file ! () , :: core :: line ! ()) } }
};
