const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Module for Block {
        const TYPE: ::holotype::__private::ModuleType =
            ::holotype::__private::ModuleType::new("my_crate::Block", &["my_crate::OldBlock"]);
        fn visit(&self, visitor: &mut ::holotype::__private::Visitor<'_>) {
            let _ = <Vec<Dense> as ::holotype::__private::Field>::rebuild;
            let _ = ::holotype::__private::configuration::<Activation>;
            let _ = ::holotype::__private::configuration::<Padding>;
            visitor.field::<Variable>("weights", ::holotype::__private::Role::Inherit, &self.weights);
            visitor.field::<Variable>("table", ::holotype::__private::Role::Frozen, &self.r#type);
            visitor.field::<Vec<Dense>>("inner", ::holotype::__private::Role::State, &self.inner);
            visitor.field::<usize>("units", ::holotype::__private::Role::Inherit, &self.units);
            visitor.field::<usize>("heads", ::holotype::__private::Role::Inherit, &self.heads);
            visitor.config::<Activation>("activation", &self.activation);
            visitor.config::<Padding>("padding", &self.padding);
        }
        fn rebuild(source: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
            let _ = <Vec<Dense> as ::holotype::__private::Field>::rebuild;
            let _ = ::holotype::__private::configuration::<Activation>;
            let _ = ::holotype::__private::configuration::<Padding>;
            ::core::result::Result::Ok(Self {
                weights: source.field::<Variable>(::holotype::__private::FieldName::new("weights", &[]))?,
                r#type: source
                    .field::<Variable>(::holotype::__private::FieldName::new("table", &["embedding"]))?,
                inner: source.field::<Vec<Dense>>(::holotype::__private::FieldName::new("inner", &[]))?,
                units: source.field::<usize>(::holotype::__private::FieldName::new("units", &[]))?,
                heads: source.field_or::<usize>(
                    ::holotype::__private::FieldName::new("heads", &[]),
                    ::core::default::Default::default,
                )?,
                activation: source.config_or::<Activation>(
                    ::holotype::__private::FieldName::new("activation", &[]),
                    || Activation::Relu,
                )?,
                padding: source.config_or::<Padding>(
                    ::holotype::__private::FieldName::new("padding", &[]),
                    default_padding,
                )?,
                cache: <Cache as ::core::default::Default>::default(),
            })
        }
    }
};
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Module for Pair {
        const TYPE: ::holotype::__private::ModuleType = ::holotype::__private::ModuleType::new(
            ::core::concat!(::core::module_path!(), "::", "Pair"),
            &[],
        );
        fn visit(&self, visitor: &mut ::holotype::__private::Visitor<'_>) {
            visitor.field::<Variable>("0", ::holotype::__private::Role::Inherit, &self.0);
            visitor.field::<usize>("1", ::holotype::__private::Role::Inherit, &self.1);
        }
        fn rebuild(source: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
            ::core::result::Result::Ok(Self {
                0: source.field::<Variable>(::holotype::__private::FieldName::new("0", &[]))?,
                1: source.field::<usize>(::holotype::__private::FieldName::new("1", &[]))?,
            })
        }
    }
};
const _: () = {
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    #[allow(clippy::use_self)]
    impl ::holotype::__private::Module for Unit {
        const TYPE: ::holotype::__private::ModuleType = ::holotype::__private::ModuleType::new(
            ::core::concat!(::core::module_path!(), "::", "Unit"),
            &[],
        );
        fn visit(&self, _: &mut ::holotype::__private::Visitor<'_>) {}
        fn rebuild(_: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
            ::core::result::Result::Ok(Self {})
        }
    }
};
