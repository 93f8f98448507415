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
