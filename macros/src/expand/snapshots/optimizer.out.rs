#[diagnostic::do_not_recommend]
impl Optimizer for Momentum
where
    for<'module> Self: ::holotype::__private::Module,
{
    fn update(&self) {}
}
const _: () = {
    ::holotype::__private::submit! { { let _ = < Momentum as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: optimizer_entry :: < Momentum > (:: core :: file ! () , :: core :: line ! ()) } }
};
#[diagnostic::do_not_recommend]
impl Schedule for Constant
where
    for<'module> Self: ::holotype::__private::Module,
{
    fn rate(&self) {}
}
const _: () = {
    ::holotype::__private::submit! { { let _ = < Constant as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: schedule_entry :: < Constant > (:: core :: file ! () , :: core :: line ! ()) } }
};
#[diagnostic::do_not_recommend]
impl Loss for Huber
where
    for<'module> Self: ::holotype::__private::Module,
{
    fn compute(&self) {}
    fn module(&self) -> ::core::option::Option<&dyn ::holotype::__private::AnyModule> {
        ::core::option::Option::Some(self)
    }
}
const _: () = {
    ::holotype::__private::submit! { { let _ = < Huber as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: loss_module_entry :: < Huber > (:: core :: file ! () , :: core :: line ! ()) } }
};
#[diagnostic::do_not_recommend]
impl Metric for Recall
where
    for<'module> Self: ::holotype::__private::Module,
{
    fn update(&self) {}
}
const _: () = {
    ::holotype::__private::submit! { { let _ = < Recall as :: holotype :: __private :: Module > :: TYPE ; :: holotype :: __private :: metric_module_entry :: < Recall > (:: core :: file ! () , :: core :: line ! ()) } }
};
