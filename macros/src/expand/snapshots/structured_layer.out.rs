impl Model {
    #[track_caller]
    #[allow(clippy::needless_pass_by_value)]
    pub fn call(
        &self,
        mut causal: bool,
        input: &Inputs,
        pair: (Tensor, Vec<Tensor>),
        mode: &str,
    ) -> Predictions {
        let _ = <Self as ::holotype::__private::Module>::TYPE;
        let _ = <Predictions as ::holotype::__private::Structure>::flatten;
        let _ = <Inputs as ::holotype::__private::Structure>::flatten;
        let _ = <(Tensor, Vec<Tensor>) as ::holotype::__private::Structure>::flatten;
        const _: () = ::holotype::__private::has_part(
            <Inputs as ::holotype::__private::Structure>::PARTS,
            "image",
            "`Inputs` has no part called `image`: name its fields, as they are saved",
        );
        const _: () = ::holotype::__private::has_part(
            <Inputs as ::holotype::__private::Structure>::PARTS,
            "mask",
            "`Inputs` has no part called `mask`: name its fields, as they are saved",
        );
        const _: () = ::holotype::__private::has_parts(
            <Inputs as ::holotype::__private::Structure>::PARTS,
            &["image", "mask"],
            "the signature of `input` does not name all parts of `Inputs`: it lacks ",
        );
        ::holotype::__private::call::<_, Predictions>(
            ::holotype::__private::Callee::method(self, "call"),
            || ::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([
                    (
                        "input",
                        ::holotype::__private::Layout::Fields(::std::vec::Vec::from([
                            (
                                "image",
                                ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                    leading: false,
                                    dims: ::std::vec::Vec::from([
                                        ::holotype::__private::DimSpec::Named("batch"),
                                        ::holotype::__private::DimSpec::Size(28),
                                    ]),
                                    dtype: ::holotype::__private::DTypeSpec::Among(
                                        ::holotype::__private::Class::Float,
                                        &[
                                            ::holotype::__private::DType::F32,
                                            ::holotype::__private::DType::BF16,
                                        ],
                                    ),
                                }),
                            ),
                            (
                                "mask",
                                ::holotype::__private::Layout::Optional(::std::boxed::Box::new(
                                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                        leading: false,
                                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named(
                                            "batch",
                                        )]),
                                        dtype: ::holotype::__private::DTypeSpec::Exact(
                                            ::holotype::__private::DType::Bool,
                                        ),
                                    }),
                                )),
                            ),
                        ])),
                    ),
                    (
                        "pair",
                        ::holotype::__private::Layout::Tuple(::std::vec::Vec::from([
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::new(),
                                dtype: ::holotype::__private::DTypeSpec::Exact(
                                    ::holotype::__private::DType::F32,
                                ),
                            }),
                            ::holotype::__private::Layout::List(
                                ::std::boxed::Box::new(::holotype::__private::Layout::Leaf(
                                    ::holotype::__private::TensorSpec {
                                        leading: false,
                                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named(
                                            "n",
                                        )]),
                                        dtype: ::holotype::__private::DTypeSpec::Exact(
                                            ::holotype::__private::DType::F32,
                                        ),
                                    },
                                )),
                                3,
                            ),
                        ])),
                    ),
                ]),
                arguments: ::std::vec::Vec::from([
                    ::holotype::__private::ArgumentSpec::new::<bool>("causal", &[true, false]),
                    ::holotype::__private::ArgumentSpec::new::<&'static str>("mode", &["fast", "exact"]),
                ]),
                sizes: ::std::vec::Vec::from([
                    ::holotype::__private::SizeRule::within("batch", 1, ::core::option::Option::Some(64)),
                    ::holotype::__private::SizeRule::multiple("n", 8),
                ]),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                    ::core::option::Option::None,
                    ::holotype::__private::Layout::Fields(::std::vec::Vec::from([(
                        "logits",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([
                                ::holotype::__private::DimSpec::Named("batch"),
                                ::holotype::__private::DimSpec::Size(10),
                            ]),
                            dtype: ::holotype::__private::DTypeSpec::Float,
                        }),
                    )])),
                )])),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            ::holotype::__private::Arguments::new()
                .with::<Inputs>("input", input)
                .with::<(Tensor, Vec<Tensor>)>("pair", &pair),
            |arguments| {
                ::core::result::Result::Ok((
                    arguments.take::<Inputs>("input")?,
                    arguments.take::<(Tensor, Vec<Tensor>)>("pair")?,
                ))
            },
            |(input, pair): (Inputs, (Tensor, Vec<Tensor>))| -> Predictions {
                let input = &input;
                causal = !causal;
                Predictions { logits: self.run(&input.image, causal, mode) }
            },
        )
    }
}
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl ::holotype::__private::Layer for Model
    where
        for<'module> Self: ::holotype::__private::Module,
    {
        fn signatures(&self) -> ::std::vec::Vec<::holotype::__private::SignatureSpec> {
            ::std::vec::Vec::from([::holotype::__private::SignatureSpec {
                function: "call",
                inputs: ::std::vec::Vec::from([
                    (
                        "input",
                        ::holotype::__private::Layout::Fields(::std::vec::Vec::from([
                            (
                                "image",
                                ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                    leading: false,
                                    dims: ::std::vec::Vec::from([
                                        ::holotype::__private::DimSpec::Named("batch"),
                                        ::holotype::__private::DimSpec::Size(28),
                                    ]),
                                    dtype: ::holotype::__private::DTypeSpec::Among(
                                        ::holotype::__private::Class::Float,
                                        &[
                                            ::holotype::__private::DType::F32,
                                            ::holotype::__private::DType::BF16,
                                        ],
                                    ),
                                }),
                            ),
                            (
                                "mask",
                                ::holotype::__private::Layout::Optional(::std::boxed::Box::new(
                                    ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                        leading: false,
                                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named(
                                            "batch",
                                        )]),
                                        dtype: ::holotype::__private::DTypeSpec::Exact(
                                            ::holotype::__private::DType::Bool,
                                        ),
                                    }),
                                )),
                            ),
                        ])),
                    ),
                    (
                        "pair",
                        ::holotype::__private::Layout::Tuple(::std::vec::Vec::from([
                            ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                                leading: false,
                                dims: ::std::vec::Vec::new(),
                                dtype: ::holotype::__private::DTypeSpec::Exact(
                                    ::holotype::__private::DType::F32,
                                ),
                            }),
                            ::holotype::__private::Layout::List(
                                ::std::boxed::Box::new(::holotype::__private::Layout::Leaf(
                                    ::holotype::__private::TensorSpec {
                                        leading: false,
                                        dims: ::std::vec::Vec::from([::holotype::__private::DimSpec::Named(
                                            "n",
                                        )]),
                                        dtype: ::holotype::__private::DTypeSpec::Exact(
                                            ::holotype::__private::DType::F32,
                                        ),
                                    },
                                )),
                                3,
                            ),
                        ])),
                    ),
                ]),
                arguments: ::std::vec::Vec::from([
                    ::holotype::__private::ArgumentSpec::new::<bool>("causal", &[true, false]),
                    ::holotype::__private::ArgumentSpec::new::<&'static str>("mode", &["fast", "exact"]),
                ]),
                sizes: ::std::vec::Vec::from([
                    ::holotype::__private::SizeRule::within("batch", 1, ::core::option::Option::Some(64)),
                    ::holotype::__private::SizeRule::multiple("n", 8),
                ]),
                outputs: ::core::option::Option::Some(::std::vec::Vec::from([(
                    ::core::option::Option::None,
                    ::holotype::__private::Layout::Fields(::std::vec::Vec::from([(
                        "logits",
                        ::holotype::__private::Layout::Leaf(::holotype::__private::TensorSpec {
                            leading: false,
                            dims: ::std::vec::Vec::from([
                                ::holotype::__private::DimSpec::Named("batch"),
                                ::holotype::__private::DimSpec::Size(10),
                            ]),
                            dtype: ::holotype::__private::DTypeSpec::Float,
                        }),
                    )])),
                )])),
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
                    let _ = <Predictions as ::holotype::__private::Structure>::flatten;
                    let _ = <Inputs as ::holotype::__private::Structure>::flatten;
                    let _ = <(Tensor, Vec<Tensor>) as ::holotype::__private::Structure>::flatten;
                    let input0 = arguments.choose::<bool>("causal", &[true, false])?;
                    let input1 = arguments.take::<Inputs>("input")?;
                    let input2 = arguments.take::<(Tensor, Vec<Tensor>)>("pair")?;
                    let input3 = arguments.choose::<&'static str>("mode", &["fast", "exact"])?;
                    ::core::result::Result::Ok(::holotype::__private::Leaves::of::<Predictions>(&Self::call(
                        self, input0, &input1, input2, input3,
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
    ::holotype::__private::submit! { { let _ = < Model as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: layer_entry :: < Model > ("" , :: core :: file ! () , :: core :: line ! ()) } }
};
