fn newton(x: &Tensor, limit: usize) -> Tensor {
    #[allow(unused_imports)]
    use ::holotype::__private::autograph::{
        NoBoth as _, NoCondition as _, NoEach as _, NoEnds as _, NoEquality as _, NoOrder as _,
        PlainBoth as _, PlainCondition as _, PlainEach as _, PlainEnds as _, PlainEquality as _,
        PlainHeld as _, PlainOrder as _, TensorBoth as _, TensorCondition as _, TensorEach as _,
        TensorEnds as _, TensorEquality as _, TensorHeld as _, TensorOrder as _,
    };
    let mut y = x.clone();
    #[allow(unused_mut)]
    let mut sign;
    {
        let choice = ::holotype::__private::autograph::Condition(
            &({
                let left = ::holotype::__private::autograph::Condition(
                    &(::holotype::__private::autograph::Compare(&x, &0.0).ge()),
                )
                .and();
                if left.open() {
                    ::holotype::__private::autograph::Both(
                        &left,
                        &(::holotype::__private::autograph::Condition(&flag).not()),
                    )
                    .join()
                } else {
                    left.closed()
                }
            }),
        )
        .choose();
        loop {
            {
                #[allow(unreachable_code)]
                if let ::core::option::Option::Some(tensors) = choice.tensors() {
                    tensors.enter();
                    if tensors.begin([tensors.slot("y", &mut y)]) {
                        sign = tensors.failure();
                        break;
                    }
                }
            }
            if choice.takes() {
                sign = 1;
            } else {
                y = -(match ::holotype::__private::autograph::Held(&y).hold() {
                    ::core::result::Result::Ok(tensor) => tensor,
                    #[allow(unreachable_code)]
                    ::core::result::Result::Err(others) => {
                        others.moves();
                        y
                    }
                });
                sign = -1;
            }
            {
                #[allow(unreachable_code)]
                if let ::core::option::Option::Some(tensors) = choice.tensors() {
                    tensors.enter();
                    if tensors.next([tensors.slot("sign", &mut sign), tensors.slot("y", &mut y)]) {
                        continue;
                    }
                }
            }
            break;
        }
    }
    {
        let rounds = ::holotype::__private::autograph::Rounds::new();
        loop {
            if rounds.evaluates() {
                let goes_on = ::holotype::__private::autograph::Condition(
                    &(::holotype::__private::autograph::Compare(&y.sum(), &1.0).gt()),
                )
                .repeat(&rounds);
                {
                    #[allow(unreachable_code)]
                    if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                        tensors.enter();
                        if tensors.decide([tensors.slot("y", &mut y)]) {
                            break;
                        }
                    }
                }
                if !goes_on {
                    break;
                }
                {
                    y = step(y, x);
                }
                {
                    #[allow(unreachable_code)]
                    if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                        tensors.enter();
                        if tensors.next([tensors.slot("y", &mut y)]) {
                            break;
                        }
                    }
                }
            } else {
                #[allow(unreachable_code)]
                if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                    tensors.enter();
                    if tensors.begin([tensors.slot("y", &mut y)]) {
                        break;
                    }
                }
            }
        }
    }
    {
        match ::holotype::__private::autograph::Each(x).rounds() {
            (items, rounds) => {
                {
                    #[allow(unreachable_code)]
                    if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                        tensors.enter();
                        tensors.begin([]);
                    }
                }
                for row in items {
                    {
                        self.rest.push(row);
                    }
                    {
                        #[allow(unreachable_code)]
                        if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                            tensors.enter();
                            tensors.next([]);
                        }
                    }
                }
                {
                    #[allow(unreachable_code)]
                    if let ::core::option::Option::Some(tensors) = rounds.tensors() {
                        tensors.enter();
                        tensors.finish([]);
                    }
                }
            }
        }
    }
    for i in 0..limit {
        if ::holotype::__private::autograph::leaving(::holotype::__private::autograph::Compare(&i, &3).eq()) {
            break;
        }
    }
    {
        let choice = ::holotype::__private::autograph::Condition(
            &(::holotype::__private::autograph::Compare(&y, &0.0).gt()),
        )
        .choose();
        loop {
            {
                #[allow(unreachable_code)]
                if let ::core::option::Option::Some(tensors) = choice.tensors() {
                    tensors.enter();
                    if tensors.begin([]) {
                        break tensors.failure();
                    }
                }
            }
            break choice.settle(
                choice.keep(if choice.takes() {
                    (match ::holotype::__private::autograph::Held(&y).hold() {
                        ::core::result::Result::Ok(tensor) => tensor,
                        #[allow(unreachable_code)]
                        ::core::result::Result::Err(others) => {
                            others.moves();
                            y
                        }
                    })
                } else {
                    x.clone()
                }),
                {
                    #[allow(unreachable_code)]
                    if let ::core::option::Option::Some(tensors) = choice.tensors() {
                        tensors.enter();
                        if tensors.next([]) {
                            continue;
                        }
                    }
                },
            );
        }
    }
}
