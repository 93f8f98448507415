"""Expected weights of optimizers over 100 steps, as PyTorch and Optax compute them, in float32 and float64.

    pip install torch optax && JAX_ENABLE_X64=1 python tests/oracles/trajectories.py > tests/oracles/trajectories.txt

The problem is least squares: the mean of (x w + b - y)^2 over all elements, for a matrix w and a vector b; all numbers that it
starts from are exact in float32. Rates, and the parameters of Adam and SGD, are the nearest float32 numbers, which is what these
optimizers hold. PyTorch's Muon computes its iteration in bfloat16, whose name stands for the dtype of the variable here. A line of the output: the optimizer, the dtype, the step, and the elements of w and b.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

STEPS = 100
SHOWN = {1, 2, 3, *range(10, STEPS + 1, 10)}
X = [((i * 5) % 13 - 6) / 8 for i in range(24)]
Y = [((i * 3) % 7 - 3) / 4 for i in range(16)]
W = [((i * 7) % 11 - 5) / 8 for i in range(6)]
B = [0.25, -0.5]


def f(value):
    return float(np.float32(value))


def by_torch(makes, dtype):
    dtype = {"f32": torch.float32, "f64": torch.float64}[dtype]
    # What optimizers keep of steps has this dtype.
    torch.set_default_dtype(dtype)
    torch.bfloat16 = dtype
    x, y = torch.tensor(X, dtype=dtype).reshape(8, 3), torch.tensor(Y, dtype=dtype).reshape(8, 2)
    w = torch.nn.Parameter(torch.tensor(W, dtype=dtype).reshape(3, 2))
    b = torch.nn.Parameter(torch.tensor(B, dtype=dtype))
    optimizers = makes(w, b)
    for step in range(1, STEPS + 1):
        for optimizer in optimizers:
            optimizer.zero_grad()
        (x @ w + b - y).square().mean().backward()
        for optimizer in optimizers:
            optimizer.step()
        yield step, [*w.detach().flatten().tolist(), *b.tolist()]


def by_optax(optimizer, dtype):
    dtype = {"f32": jnp.float32, "f64": jnp.float64}[dtype]
    x, y = jnp.array(X, dtype).reshape(8, 3), jnp.array(Y, dtype).reshape(8, 2)
    weights = jnp.array(W, dtype).reshape(3, 2), jnp.array(B, dtype)
    gradient = jax.grad(lambda weights: jnp.square(x @ weights[0] + weights[1] - y).mean())
    state = optimizer.init(weights)
    for step in range(1, STEPS + 1):
        updates, state = optimizer.update(gradient(weights), state, weights)
        weights = optax.apply_updates(weights, updates)
        yield step, [*map(float, weights[0].ravel()), *map(float, weights[1])]


O = torch.optim
TORCH = {
    "sgd": lambda w, b: [O.SGD([w, b], f(0.1))],
    "sgd_l2": lambda w, b: [O.SGD([w, b], f(0.1), weight_decay=0.02)],
    "momentum": lambda w, b: [O.SGD([w, b], f(0.05), momentum=f(0.9))],
    "nesterov": lambda w, b: [O.SGD([w, b], f(0.05), momentum=f(0.9), nesterov=True, weight_decay=0.02)],
    "adam": lambda w, b: [O.Adam([w, b], f(0.05), (f(0.9), f(0.999)), f(1e-8))],
    "adam_l2": lambda w, b: [O.Adam([w, b], f(0.05), (f(0.8), f(0.95)), f(1e-3), weight_decay=0.02)],
    "amsgrad": lambda w, b: [O.Adam([w, b], f(0.3), (f(0.9), f(0.95)), f(1e-8), amsgrad=True)],
    "adamw": lambda w, b: [O.AdamW([w, b], f(0.05), weight_decay=0.1)],
    "adamw_amsgrad": lambda w, b: [O.AdamW([w, b], f(0.3), (0.9, 0.95), weight_decay=0.1, amsgrad=True)],
    "nadam": lambda w, b: [O.NAdam([w, b], f(0.05))],
    # With less decay one weight hangs on the last bits of a gradient that is almost 0.
    "nadam_l2": lambda w, b: [O.NAdam([w, b], f(0.05), weight_decay=0.1)],
    "nadam_decoupled": lambda w, b: [O.NAdam([w, b], f(0.05), weight_decay=0.02, decoupled_weight_decay=True)],
    "adagrad": lambda w, b: [O.Adagrad([w, b], f(0.3))],
    "adagrad_other": lambda w, b: [
        O.Adagrad([w, b], f(0.3), weight_decay=0.02, initial_accumulator_value=0.1, eps=1e-3)
    ],
    "adadelta": lambda w, b: [O.Adadelta([w, b], f(1.0))],
    "adadelta_other": lambda w, b: [O.Adadelta([w, b], f(1.0), rho=0.8, eps=1e-3, weight_decay=0.02)],
    "adafactor": lambda w, b: [O.Adafactor([w, b], f(0.05))],
    "adafactor_other": lambda w, b: [
        O.Adafactor([w, b], f(0.5), beta2_decay=-0.5, eps=(None, 0.01), d=2.0, weight_decay=0.02)
    ],
    "rmsprop": lambda w, b: [O.RMSprop([w, b], f(0.02))],
    "rmsprop_other": lambda w, b: [
        O.RMSprop([w, b], f(0.01), alpha=0.9, eps=1e-3, weight_decay=0.02, momentum=0.5, centered=True)
    ],
    "muon": lambda w, b: [O.Muon([w], f(0.02), weight_decay=0.1), O.AdamW([b], f(0.05), weight_decay=0.1)],
    "muon_plain": lambda w, b: [
        O.Muon([w], f(0.002), weight_decay=0.0, momentum=0.8, nesterov=False),
        O.AdamW([b], f(0.001), weight_decay=0.0),
    ],
}
OPTAX = {
    "lion": optax.lion(f(0.01), weight_decay=0.0),
    "lion_decay": optax.lion(f(0.01), b1=0.8, b2=0.95, weight_decay=0.1),
    "lamb": optax.lamb(f(0.02)),
    "lamb_decay": optax.lamb(f(0.02), weight_decay=0.1),
    "sgdw": optax.chain(optax.trace(0.0), optax.add_decayed_weights(0.02), optax.scale(-f(0.1))),
}
for dtype in ["f64", "f32"]:
    runs = [(name, by_torch(makes, dtype)) for name, makes in TORCH.items()]
    runs += [(name, by_optax(optimizer, dtype)) for name, optimizer in OPTAX.items()]
    for name, run in runs:
        for step, weights in run:
            if step in SHOWN:
                print(name, dtype, step, ",".join(map(repr, weights)))
