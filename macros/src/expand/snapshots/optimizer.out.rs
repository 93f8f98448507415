impl Optimizer for Momentum {
    fn update(&self) {}
}
const _: () = {
    ::holotype::__private::submit! { :: holotype :: __private :: optimizer_entry :: < Momentum > (:: core :: file ! () , :: core :: line ! ()) }
};
