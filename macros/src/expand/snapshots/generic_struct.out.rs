const _: () = {
    #[automatically_derived]
    #[allow(clippy::use_self)]
    impl<T: Layer, C, F, const N: usize> ::holotype::__private::Module for Net<T, C, F, N>
    where
        C: Clone,
        T: 'static,
        C: 'static,
        F: 'static,
        T: ::holotype::__private::Field,
        F::Block: ::holotype::__private::Field,
        C: ::holotype::__private::Config,
        Option<F>: ::core::default::Default,
    {
        const TYPE: ::holotype::__private::ModuleType =
            ::holotype::__private::ModuleType::new(::core::concat!(::core::module_path!(), "::", "Net"), &[]);
        fn visit(&self, visitor: &mut ::holotype::__private::Visitor<'_>) {
            let _ = <[T; N] as ::holotype::__private::Field>::rebuild;
            let _ = <F::Block as ::holotype::__private::Field>::rebuild;
            let _ = <PhantomData<C> as ::holotype::__private::Field>::rebuild;
            let _ = ::holotype::__private::configuration::<Vec<C>>;
            visitor.field::<[T; N]>("inner", ::holotype::__private::Role::Inherit, &self.inner);
            visitor.field::<F::Block>("block", ::holotype::__private::Role::Inherit, &self.block);
            visitor.field::<PhantomData<C>>("kind", ::holotype::__private::Role::Inherit, &self.kind);
            visitor.config::<Vec<C>>("settings", &self.settings);
        }
        fn rebuild(source: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
            let _ = <[T; N] as ::holotype::__private::Field>::rebuild;
            let _ = <F::Block as ::holotype::__private::Field>::rebuild;
            let _ = <PhantomData<C> as ::holotype::__private::Field>::rebuild;
            let _ = ::holotype::__private::configuration::<Vec<C>>;
            ::core::result::Result::Ok(Self {
                inner: source.field::<[T; N]>(::holotype::__private::FieldName::new("inner", &[]))?,
                block: source.field::<F::Block>(::holotype::__private::FieldName::new("block", &[]))?,
                kind: source.field::<PhantomData<C>>(::holotype::__private::FieldName::new("kind", &[]))?,
                settings: source.config::<Vec<C>>(::holotype::__private::FieldName::new("settings", &[]))?,
                cache: <Option<F> as ::core::default::Default>::default(),
            })
        }
    }
};
