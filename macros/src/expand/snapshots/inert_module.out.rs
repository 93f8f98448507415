::core::compile_error! { "`ignore` is not known here: write `skip`; a field takes `config`, `skip`, `rename`, `alias`, `frozen`, `state`, `default`" }
::core::compile_error! { "a module owns what it holds, so it has no `'a`: hold the value itself, or share it in an `Arc`" }
#[automatically_derived]
impl<'a, T> ::holotype::__private::Module for Borrowed<'a, T>
where
    'a: 'static,
    T: 'static,
{
    const TYPE: ::holotype::__private::ModuleType = ::holotype::__private::ModuleType::new("", &[]);
    fn visit(&self, _: &mut ::holotype::__private::Visitor<'_>) {}
    fn rebuild(_: &mut ::holotype::__private::Source<'_>) -> ::holotype::__private::Result<Self> {
        ::core::unreachable!()
    }
}
