#[track_caller]
fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    ::holotype::__private::call_function(
        ::core::concat!(::core::module_path!(), "::", "custom_loss"),
        [("y_true", y_true), ("y_pred", y_pred)],
        |[y_true, y_pred]: [&::holotype::__private::Tensor; 2]| -> Tensor {
            (y_true - y_pred).square().mean()
        },
    )
}
const _: () = {
    ::holotype::__private::submit! { :: holotype :: __private :: loss_entry (:: core :: concat ! (:: core :: module_path ! () , "::" , "custom_loss") , & [] , & :: holotype :: __private :: LossFunction (custom_loss) , :: core :: file ! () , :: core :: line ! ()) }
};
#[cfg(feature = "metrics")]
#[track_caller]
pub(crate) fn accuracy(truth: &Tensor, guess: &Tensor) -> Tensor {
    ::holotype::__private::call_function(
        "my_crate::accuracy",
        [("truth", truth), ("guess", guess)],
        |[truth, guess]: [&::holotype::__private::Tensor; 2]| -> Tensor { truth.equal(guess).mean() },
    )
}
#[cfg(feature = "metrics")]
const _: () = {
    ::holotype::__private::submit! { :: holotype :: __private :: metric_entry ("my_crate::accuracy" , & ["my_crate::acc"] , & :: holotype :: __private :: LossFunction (accuracy) , :: core :: file ! () , :: core :: line ! ()) }
};
