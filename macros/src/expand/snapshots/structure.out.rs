const _: () = {
    #[automatically_derived]
    #[allow(clippy::use_self)]
    impl<T> ::holotype::__private::Structure for Inputs<T>
    where
        Option<Vec<T>>: ::holotype::__private::Structure,
    {
        const PARTS: ::core::option::Option<&'static [&'static str]> =
            ::core::option::Option::Some(&["image", "labels"]);
        fn flatten(&self, path: &::holotype::__private::Path, leaves: &mut ::holotype::__private::Leaves) {
            <Tensor as ::holotype::__private::Structure>::flatten(&self.image, &path.join("image"), leaves);
            <Option<Vec<T>> as ::holotype::__private::Structure>::flatten(
                &self.r#type,
                &path.join("labels"),
                leaves,
            );
        }
        fn unflatten(
            path: &::holotype::__private::Path,
            leaves: &mut ::holotype::__private::Leaves,
        ) -> ::holotype::__private::Result<Self> {
            ::core::result::Result::Ok(Self {
                image: <Tensor as ::holotype::__private::Structure>::unflatten(&path.join("image"), leaves)?,
                r#type: <Option<Vec<T>> as ::holotype::__private::Structure>::unflatten(
                    &path.join("labels"),
                    leaves,
                )?,
                source: <String as ::core::default::Default>::default(),
            })
        }
        fn failed(error: &::holotype::__private::Error) -> Self {
            Self {
                image: <Tensor as ::holotype::__private::Structure>::failed(error),
                r#type: <Option<Vec<T>> as ::holotype::__private::Structure>::failed(error),
                source: <String as ::core::default::Default>::default(),
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Structure for Pair {
        const PARTS: ::core::option::Option<&'static [&'static str]> =
            ::core::option::Option::Some(&["0", "1"]);
        fn flatten(&self, path: &::holotype::__private::Path, leaves: &mut ::holotype::__private::Leaves) {
            <Tensor as ::holotype::__private::Structure>::flatten(&self.0, &path.join("0"), leaves);
            <Inputs<Tensor> as ::holotype::__private::Structure>::flatten(&self.1, &path.join("1"), leaves);
        }
        fn unflatten(
            path: &::holotype::__private::Path,
            leaves: &mut ::holotype::__private::Leaves,
        ) -> ::holotype::__private::Result<Self> {
            ::core::result::Result::Ok(Self {
                0: <Tensor as ::holotype::__private::Structure>::unflatten(&path.join("0"), leaves)?,
                1: <Inputs<Tensor> as ::holotype::__private::Structure>::unflatten(&path.join("1"), leaves)?,
            })
        }
        fn failed(error: &::holotype::__private::Error) -> Self {
            Self {
                0: <Tensor as ::holotype::__private::Structure>::failed(error),
                1: <Inputs<Tensor> as ::holotype::__private::Structure>::failed(error),
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Structure for Nothing {
        const PARTS: ::core::option::Option<&'static [&'static str]> = ::core::option::Option::Some(&[]);
        fn flatten(&self, _: &::holotype::__private::Path, _: &mut ::holotype::__private::Leaves) {}
        fn unflatten(
            _: &::holotype::__private::Path,
            _: &mut ::holotype::__private::Leaves,
        ) -> ::holotype::__private::Result<Self> {
            ::core::result::Result::Ok(Self {})
        }
        fn failed(_: &::holotype::__private::Error) -> Self {
            Self {}
        }
    }
};
