"""Expected learning rates, as PyTorch and Optax compute them, at the first 60 steps.

    pip install torch optax && JAX_ENABLE_X64=1 python tests/oracles/schedules.py > tests/oracles/schedules.txt

PyTorch's are read from an optimizer whose scheduler is moved on; those that PyTorch lacks, or lacks in this form, are Optax'. A
line of the output: the schedule, the step and the rate.
"""

import warnings

import optax
import torch

warnings.filterwarnings("ignore")
STEPS = 60


def by_torch(rate, make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler = make(optimizer)
    for step in range(STEPS):
        yield optimizer.param_groups[0]["lr"]
        scheduler.step()


def by_optax(schedule):
    for step in range(STEPS):
        yield float(schedule(step))


S = torch.optim.lr_scheduler
RATES = {
    "constant": by_torch(0.5, lambda o: S.ConstantLR(o, factor=1.0)),
    "step": by_torch(0.5, lambda o: S.StepLR(o, 7, 0.3)),
    "exponential": by_optax(optax.exponential_decay(0.5, 20, 0.25)),
    "inverse_time": by_torch(0.5, lambda o: S.LambdaLR(o, lambda step: 1 / (1 + 0.75 * step / 20))),
    "cosine": by_optax(optax.cosine_decay_schedule(0.5, 40, 0.2)),
    "cosine_restarts": by_torch(0.5, lambda o: S.CosineAnnealingWarmRestarts(o, 9, 1, 0.01)),
    "cosine_restarts_growing": by_torch(0.5, lambda o: S.CosineAnnealingWarmRestarts(o, 7, 2, 0.0)),
    "polynomial": by_optax(optax.polynomial_schedule(0.5, 0.05, 3, 40)),
    "linear_warmup": by_optax(optax.warmup_cosine_decay_schedule(0.1, 0.5, 10, 50)),
    "one_cycle": by_torch(0.1, lambda o: S.OneCycleLR(o, 0.5, 61)),
    "one_cycle_other": by_torch(
        0.1, lambda o: S.OneCycleLR(o, 0.5, 61, pct_start=0.25, div_factor=10, final_div_factor=100)
    ),
    "piecewise_constant": by_optax(optax.piecewise_constant_schedule(0.5, {9: 0.5, 29: 0.1})),
}
for name, rates in RATES.items():
    for step, rate in enumerate(rates):
        print(name, step, repr(float(rate)))
