impl Dense {
    #[track_caller]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        ::holotype::__private::call(
            ::holotype::__private::Callee::method(self, "call"),
            || ::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([(
                    "input",
                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                        leading: false,
                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Any]),
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
                #[allow(unused_imports)]
                use ::holotype::__private::autograph::{
                    NoBoth as _, NoCondition as _, NoEach as _, NoEnds as _, NoEquality as _, NoOrder as _,
                    PlainBoth as _, PlainCondition as _, PlainEach as _, PlainEnds as _, PlainEquality as _,
                    PlainHeld as _, PlainOrder as _, TensorBoth as _, TensorCondition as _, TensorEach as _,
                    TensorEnds as _, TensorEquality as _, TensorHeld as _, TensorOrder as _,
                };
                if ::holotype::__private::autograph::forgotten(
                    ::holotype::__private::autograph::Compare(&input.sum(), &0.0).gt(),
                ) && ::holotype::__private::autograph::forgotten(self.strict)
                {
                    return input.clone();
                }
                input * 2.0
            },
        )
    }
    #[track_caller]
    fn chosen(&self, input: &Tensor) -> Tensor {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        ::holotype::__private::call(
            ::holotype::__private::Callee::method(self, "chosen"),
            || ::holotype::__private::SignatureSpec {
                function: "chosen",
                inputs: ::std::vec::Vec::from([(
                    "input",
                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                        leading: false,
                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Any]),
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
                #[allow(unused_imports)]
                use ::holotype::__private::autograph::{
                    NoBoth as _, NoCondition as _, NoEach as _, NoEnds as _, NoEquality as _, NoOrder as _,
                    PlainBoth as _, PlainCondition as _, PlainEach as _, PlainEnds as _, PlainEquality as _,
                    PlainHeld as _, PlainOrder as _, TensorBoth as _, TensorCondition as _, TensorEach as _,
                    TensorEnds as _, TensorEquality as _, TensorHeld as _, TensorOrder as _,
                };
                {
                    let choice = ::holotype::__private::autograph::Condition(&self.flag).choose();
                    loop {
                        {
                            #[allow(unreachable_code)]
                            if let ::core::option::Option::Some(tensors) = choice.tensors() {
                                tensors.enter();
                                if tensors.begin([]) {
                                    break tensors.failure();
                                }
                            }
                        }
                        break choice.settle(
                            choice.keep(if choice.takes() { input.clone() } else { -input }),
                            {
                                #[allow(unreachable_code)]
                                if let ::core::option::Option::Some(tensors) = choice.tensors() {
                                    tensors.enter();
                                    if tensors.next([]) {
                                        continue;
                                    }
                                }
                            },
                        );
                    }
                }
            },
        )
    }
    fn other(&self) -> bool {
        self.units > 3
    }
}
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl ::holotype::__private::Layer for Dense
    where
        for<'module> Self: ::holotype::__private::Module,
    {
        fn signatures(&self) -> ::std::vec::Vec<::holotype::__private::SignatureSpec> {
            ::std::vec::Vec::from([
                ::holotype::__private::SignatureSpec {
                    function: "call",
                    inputs: ::std::vec::Vec::from([(
                        "input",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Any]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                        }),
                    )]),
                    arguments: ::std::vec::Vec::new(),
                    sizes: ::std::vec::Vec::new(),
                    outputs: ::core::option::Option::None,
                    file: ::core::file!(),
                    line: ::core::line!(),
                },
                ::holotype::__private::SignatureSpec {
                    function: "chosen",
                    inputs: ::std::vec::Vec::from([(
                        "input",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Any]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                        }),
                    )]),
                    arguments: ::std::vec::Vec::new(),
                    sizes: ::std::vec::Vec::new(),
                    outputs: ::core::option::Option::None,
                    file: ::core::file!(),
                    line: ::core::line!(),
                },
            ])
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
                "chosen" => {
                    let input0 = arguments.take::<Tensor>("input")?;
                    ::core::result::Result::Ok(::holotype::__private::Leaves::of::<Tensor>(&Self::chosen(
                        self, &input0,
                    )))
                }
                _ => ::core::result::Result::Err(::holotype::__private::unknown_function(
                    <Self as ::holotype::__private::Module>::TYPE.name,
                    function,
                    &["call", "chosen"],
                )),
            }
        }
        fn made_by_the_layer_attribute(&self) -> ::holotype::__private::Sealed {
            ::holotype::__private::Sealed::NEW
        }
    }
    ::holotype::__private::submit! { { let _ = < Dense as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: layer_entry :: < Dense > ("" , :: core :: file ! () , :: core :: line ! ()) } }
};
