const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Module for Norm {
        const TYPE: ::holotype::__private::ModuleType = ::holotype::__private::ModuleType::new(
            ::core::concat!(::core::module_path!(), "::", "Norm"),
            &[],
        );
        fn visit(&self, visitor: &mut ::holotype::__private::Visitor<'_>) {
            let _ = ::holotype::__private::configuration::<Momentum>;
            match self {
                Self::Nothing { .. } => {
                    visitor.variant("Nothing");
                }
                Self::Layer { 0: field0, .. } => {
                    visitor.variant("Layer");
                    visitor.field::<Variable>("0", ::holotype::__private::Role::Inherit, field0);
                }
                Self::Batch { mean: field0, momentum: field1, .. } => {
                    visitor.variant("batch");
                    visitor.field::<Variable>("mean", ::holotype::__private::Role::Inherit, field0);
                    visitor.config::<Momentum>("momentum", field1);
                }
            }
        }
        fn rebuild(source: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
            let _ = ::holotype::__private::configuration::<Momentum>;
            let variant = source.variant()?;
            match &*variant {
                "Nothing" => ::core::result::Result::Ok(Self::Nothing {}),
                "Layer" => ::core::result::Result::Ok(Self::Layer {
                    0: source.field::<Variable>(::holotype::__private::FieldName::new("0", &[]))?,
                    1: <Cache as ::core::default::Default>::default(),
                }),
                "batch" | "Batch" => ::core::result::Result::Ok(Self::Batch {
                    mean: source.field::<Variable>(::holotype::__private::FieldName::new("mean", &[]))?,
                    momentum: source
                        .config::<Momentum>(::holotype::__private::FieldName::new("momentum", &[]))?,
                }),
                found => {
                    ::core::result::Result::Err(source.unknown_variant(found, &["Nothing", "Layer", "batch"]))
                }
            }
        }
    }
};
