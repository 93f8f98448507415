impl Dense {
    pub fn new(units: usize) -> Self {
        Self { units }
    }
    #[doc = " Documented."]
    #[cfg(feature = "mask")]
    #[track_caller]
    pub fn call(&self, input: &Tensor, mask: Tensor) -> (Tensor, Tensor) {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        ::holotype::__private::call(
            ::holotype::__private::Callee::method(self, "call"),
            || ::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([
                    (
                        "input",
                        ::holotype::__private::TensorSpec {
                            leading: true,
                            dims: ::std::vec::Vec::from([
                                ::holotype::__private::DimSpec::Any,
                                ::holotype::__private::DimSpec::Size(5),
                                ::holotype::__private::DimSpec::Named("n"),
                                ::holotype::__private::DimSpec::field("units", &self.units),
                            ]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                        },
                    ),
                    (
                        "mask",
                        ::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(
                                ::holotype::__private::DType::Bool,
                            ),
                        },
                    ),
                ]),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([
                    (
                        ::core::option::Option::Some("a"),
                        ::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::new(),
                            dtype: ::holotype::__private::DTypeSpec::Float,
                        },
                    ),
                    (
                        ::core::option::Option::Some("b"),
                        ::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                            dtype: ::holotype::__private::DTypeSpec::Any,
                        },
                    ),
                ])),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            [input, &{ mask }],
            |[input, mask]: [&::holotype::__private::Tensor; 2]| -> (Tensor, Tensor) {
                let mut mask = ::core::clone::Clone::clone(mask);
                mask = mask.square();
                (input.clone(), mask)
            },
        )
    }
    #[track_caller]
    fn constant(&self) -> Alias {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        let _ = <Alias as ::holotype::__private::Outputs>::into_tensors;
        ::holotype::__private::call::<0, Alias>(
            ::holotype::__private::Callee::method(self, "constant"),
            || ::holotype::__private::SignatureSpec {
                function: "constant",
                inputs: ::std::vec::Vec::new(),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                    ::core::option::Option::None,
                    ::holotype::__private::TensorSpec {
                        leading: false,
                        dims: ::std::vec::Vec::new(),
                        dtype: ::holotype::__private::DTypeSpec::Int,
                    },
                )])),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            [],
            |[]: [&::holotype::__private::Tensor; 0]| -> Alias { self.units.into() },
        )
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
                #[cfg(feature = "mask")]
                ::holotype::__private::SignatureSpec {
                    function: "call",
                    inputs: ::std::vec::Vec::from([
                        (
                            "input",
                            ::holotype::__private::TensorSpec {
                                leading: true,
                                dims: ::std::vec::Vec::from([
                                    ::holotype::__private::DimSpec::Any,
                                    ::holotype::__private::DimSpec::Size(5),
                                    ::holotype::__private::DimSpec::Named("n"),
                                    ::holotype::__private::DimSpec::field("units", &self.units),
                                ]),
                                dtype: ::holotype::__private::DTypeSpec::Exact(
                                    ::holotype::__private::DType::F32,
                                ),
                            },
                        ),
                        (
                            "mask",
                            ::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                                dtype: ::holotype::__private::DTypeSpec::Exact(
                                    ::holotype::__private::DType::Bool,
                                ),
                            },
                        ),
                    ]),
                    outputs: ::core::option::Option::Some(::std::vec::Vec::from([
                        (
                            ::core::option::Option::Some("a"),
                            ::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::new(),
                                dtype: ::holotype::__private::DTypeSpec::Float,
                            },
                        ),
                        (
                            ::core::option::Option::Some("b"),
                            ::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                                dtype: ::holotype::__private::DTypeSpec::Any,
                            },
                        ),
                    ])),
                    file: ::core::file!(),
                    line: ::core::line!(),
                },
                ::holotype::__private::SignatureSpec {
                    function: "constant",
                    inputs: ::std::vec::Vec::new(),
                    outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                        ::core::option::Option::None,
                        ::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::new(),
                            dtype: ::holotype::__private::DTypeSpec::Int,
                        },
                    )])),
                    file: ::core::file!(),
                    line: ::core::line!(),
                },
            ])
        }
        fn invoke(
            &self,
            function: &str,
            inputs: &[::holotype::__private::Tensor],
        ) -> ::holotype::__private::Result<::std::vec::Vec<::holotype::__private::Tensor>> {
            match function {
                #[cfg(feature = "mask")]
                "call" => {
                    let [input0, input1] = ::holotype::__private::inputs::<2>("call", inputs)?;
                    ::core::result::Result::Ok(
                        <(Tensor, Tensor) as ::holotype::__private::Outputs>::into_tensors(Self::call(
                            self,
                            input0,
                            ::core::clone::Clone::clone(input1),
                        )),
                    )
                }
                "constant" => {
                    let _ = <Alias as ::holotype::__private::Outputs>::into_tensors;
                    let [] = ::holotype::__private::inputs::<0>("constant", inputs)?;
                    ::core::result::Result::Ok(<Alias as ::holotype::__private::Outputs>::into_tensors(
                        Self::constant(self),
                    ))
                }
                _ => ::core::result::Result::Err(::holotype::__private::unknown_function(
                    <Self as ::holotype::__private::Module>::TYPE.name,
                    function,
                    &[
                        #[cfg(feature = "mask")]
                        "call",
                        "constant",
                    ],
                )),
            }
        }
        fn made_by_the_layer_attribute(&self) -> ::holotype::__private::Sealed {
            ::holotype::__private::Sealed::NEW
        }
    }
    ::holotype::__private::submit! { { let _ = < Dense as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: layer_entry :: < Dense > ("" , :: core :: file ! () , :: core :: line ! ()) } }
};
