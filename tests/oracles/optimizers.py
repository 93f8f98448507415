"""Expected weights of optimizers over 50 steps, in float64.

    pip install numpy && python tests/oracles/optimizers.py > tests/oracles/optimizers.txt

The problem is least squares: the mean of (x w - y)^2 over all samples, whose gradient 2/n x'(x w - y) is written out here.
The rules are taken from the papers: Sutskever et al. 2013 (momentum and Nesterov's, as in its equations 1 to 4 with the
gradient taken at the shifted point, from which the weights at the point itself follow), and Algorithm 1 of Kingma and Ba
2014. Rates are the nearest float32 numbers, which is what an optimizer holds. A line of the output: the optimizer, the step
and the weights.
"""

import numpy as np

STEPS = 50
SAMPLES, WIDTH = 8, 3
X = np.sin(np.arange(SAMPLES * WIDTH, dtype=np.float64).reshape(SAMPLES, WIDTH) ** 2)
Y = np.cos(np.arange(SAMPLES, dtype=np.float64).reshape(SAMPLES, 1))


def f32(value):
    return float(np.float32(value))


def gradient(w):
    return 2 / SAMPLES * X.T @ (X @ w - Y)


def plain(rate):
    w = np.zeros((WIDTH, 1))
    for _ in range(STEPS):
        w = w - f32(rate) * gradient(w)
        yield w


def momentum(rate, mu):
    w, v = np.zeros((WIDTH, 1)), np.zeros((WIDTH, 1))
    for _ in range(STEPS):
        v = f32(mu) * v - f32(rate) * gradient(w)
        w = w + v
        yield w


def nesterov(rate, mu):
    theta, v = np.zeros((WIDTH, 1)), np.zeros((WIDTH, 1))
    for _ in range(STEPS):
        # Equations 3 and 4. What a framework holds is the shifted point, where the next gradient is taken.
        v_next = f32(mu) * v - f32(rate) * gradient(theta + f32(mu) * v)
        theta, v = theta + v_next, v_next
        yield theta + f32(mu) * v


def adam(rate, beta_1, beta_2, epsilon):
    w, m, v = (np.zeros((WIDTH, 1)) for _ in range(3))
    for t in range(1, STEPS + 1):
        g = gradient(w)
        m = f32(beta_1) * m + (1 - f32(beta_1)) * g
        v = f32(beta_2) * v + (1 - f32(beta_2)) * g * g
        m_hat = m / (1 - f32(beta_1) ** t)
        v_hat = v / (1 - f32(beta_2) ** t)
        w = w - f32(rate) * m_hat / (np.sqrt(v_hat) + f32(epsilon))
        yield w


RUNS = {
    "sgd": plain(0.1),
    "momentum": momentum(0.05, 0.9),
    "nesterov": nesterov(0.05, 0.9),
    "adam": adam(0.05, 0.9, 0.999, 1e-8),
    "adam_other": adam(0.01, 0.8, 0.95, 1e-3),
}
for name, run in RUNS.items():
    for step, w in enumerate(run, 1):
        print(name, step, *(repr(float(x)) for x in w.ravel()))
