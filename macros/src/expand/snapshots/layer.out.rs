impl Dense {
    pub fn new(units: usize) -> Self {
        Self { units }
    }
    #[doc = " Documented."]
    #[cfg(feature = "mask")]
    #[track_caller]
    #[allow(clippy::needless_pass_by_value)]
    pub fn call(&self, input: &Tensor, mask: Tensor) -> (Tensor, Tensor) {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        ::holotype::__private::call(
            ::holotype::__private::Callee::method(self, "call"),
            || ::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([
                    (
                        "input",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: true,
                            dims: ::std::vec::Vec::from([
                                ::holotype::__private::DimSpec::Any,
                                ::holotype::__private::DimSpec::Size(5),
                                ::holotype::__private::DimSpec::Named("n"),
                                ::holotype::__private::DimSpec::field("units", &self.units),
                            ]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(::holotype::__private::DType::F32),
                        }),
                    ),
                    (
                        "mask",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                            dtype: ::holotype::__private::DTypeSpec::Exact(
                                ::holotype::__private::DType::Bool,
                            ),
                        }),
                    ),
                ]),
                arguments: ::std::vec::Vec::new(),
                sizes: ::std::vec::Vec::new(),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([
                    (
                        ::core::option::Option::Some("a"),
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::new(),
                            dtype: ::holotype::__private::DTypeSpec::Float,
                        }),
                    ),
                    (
                        ::core::option::Option::Some("b"),
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                            dtype: ::holotype::__private::DTypeSpec::Any,
                        }),
                    ),
                ])),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            ::holotype::__private::Arguments::new()
                .with::<Tensor>("input", input)
                .with::<Tensor>("mask", &mask),
            |arguments| {
                ::core::result::Result::Ok((
                    arguments.take::<Tensor>("input")?,
                    arguments.take::<Tensor>("mask")?,
                ))
            },
            |(input, mut mask): (Tensor, Tensor)| -> (Tensor, Tensor) {
                let input = &input;
                mask = mask.square();
                (input.clone(), mask)
            },
        )
    }
    #[track_caller]
    fn constant(&self) -> Alias {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        let _ = <Alias as ::holotype::__private::Structure>::flatten;
        ::holotype::__private::call::<_, Alias>(
            ::holotype::__private::Callee::method(self, "constant"),
            || ::holotype::__private::SignatureSpec {
                function: "constant",
                inputs: ::std::vec::Vec::new(),
                arguments: ::std::vec::Vec::new(),
                sizes: ::std::vec::Vec::new(),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                    ::core::option::Option::None,
                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                        leading: false,
                        dims: ::std::vec::Vec::new(),
                        dtype: ::holotype::__private::DTypeSpec::Int,
                    }),
                )])),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            ::holotype::__private::Arguments::new(),
            |_| ::core::result::Result::Ok(()),
            |(): ()| -> Alias { self.units.into() },
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
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
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
                            }),
                        ),
                        (
                            "mask",
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                                dtype: ::holotype::__private::DTypeSpec::Exact(
                                    ::holotype::__private::DType::Bool,
                                ),
                            }),
                        ),
                    ]),
                    arguments: ::std::vec::Vec::new(),
                    sizes: ::std::vec::Vec::new(),
                    outputs: ::core::option::Option::Some(::std::vec::Vec::from([
                        (
                            ::core::option::Option::Some("a"),
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::new(),
                                dtype: ::holotype::__private::DTypeSpec::Float,
                            }),
                        ),
                        (
                            ::core::option::Option::Some("b"),
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named("n")]),
                                dtype: ::holotype::__private::DTypeSpec::Any,
                            }),
                        ),
                    ])),
                    file: ::core::file!(),
                    line: ::core::line!(),
                },
                ::holotype::__private::SignatureSpec {
                    function: "constant",
                    inputs: ::std::vec::Vec::new(),
                    arguments: ::std::vec::Vec::new(),
                    sizes: ::std::vec::Vec::new(),
                    outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                        ::core::option::Option::None,
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::new(),
                            dtype: ::holotype::__private::DTypeSpec::Int,
                        }),
                    )])),
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
                #[cfg(feature = "mask")]
                "call" => {
                    let input0 = arguments.take::<Tensor>("input")?;
                    let input1 = arguments.take::<Tensor>("mask")?;
                    ::core::result::Result::Ok(::holotype::__private::Leaves::of::<(Tensor, Tensor)>(
                        &Self::call(self, &input0, input1),
                    ))
                }
                "constant" => {
                    let _ = <Alias as ::holotype::__private::Structure>::flatten;
                    ::core::result::Result::Ok(::holotype::__private::Leaves::of::<Alias>(&Self::constant(
                        self,
                    )))
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
