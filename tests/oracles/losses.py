"""Expected values of losses and metrics: their formulas at 60 digits, on numbers that the dtype holds exactly.

    pip install mpmath && python tests/oracles/losses.py > tests/oracles/losses.txt

The formulas are those of the documentation, written down the plain way (a softmax is e^x over a sum), which only works at
such a precision. Probabilities are kept within 1e-7 and 1 - 1e-7, both rounded to the dtype, as a loss can do no better.
A line of the output: name, dtype, the shape of the output of the model, the targets, that output, and the value.
"""

import struct

import mpmath as mp

mp.mp.dps = 60
DTYPES = {"f32": "f", "f64": "d"}


def rounded(value, dtype):
    return struct.unpack(DTYPES[dtype], struct.pack(DTYPES[dtype], float(value)))[0]


def clipped(p, dtype):
    return min(max(p, mp.mpf(rounded(1e-7, dtype))), mp.mpf(rounded(1 - 1e-7, dtype)))


def rows(values, classes):
    return [values[i : i + classes] for i in range(0, len(values), classes)]


def mean(values):
    return mp.fsum(values) / len(values)


def shares(row):
    return [x / mp.fsum(row) for x in row]


def softmax(row):
    with mp.workdps(30000 if max(row) - min(row) > 1000 else 60):
        return shares([mp.exp(x) for x in row])


def log_at(p):
    with mp.workdps(30000 if p < mp.mpf(10) ** -50 else 60):
        return mp.log(p)


def sigmoid(x):
    with mp.workdps(30000):
        return 1 / (1 + mp.exp(-x)), 1 / (1 + mp.exp(x))


def greatest(row):
    return row.index(max(row))


def binary(t, p, q):
    return -((t * log_at(p) if t else 0) + ((1 - t) * log_at(q) if t != 1 else 0))


LOSSES = {
    "mean_squared_error": lambda t, p, c, d: mean([(a - b) ** 2 for a, b in zip(t, p)]),
    "mean_absolute_error": lambda t, p, c, d: mean([abs(a - b) for a, b in zip(t, p)]),
    "binary_crossentropy": lambda t, p, c, d: mean(
        [binary(a, clipped(b, d), 1 - clipped(b, d)) for a, b in zip(t, p)]
    ),
    "binary_crossentropy_from_logits": lambda t, p, c, d: mean(
        [binary(a, *sigmoid(b)) for a, b in zip(t, p)]
    ),
    "categorical_crossentropy": lambda t, p, c, d: mean(
        [-mp.fsum(a * mp.log(clipped(b, d)) for a, b in zip(u, shares(v))) for u, v in zip(rows(t, c), rows(p, c))]
    ),
    "categorical_crossentropy_from_logits": lambda t, p, c, d: mean(
        [
            -mp.fsum(a * log_at(b) for a, b in zip(u, softmax(v)) if a)
            for u, v in zip(rows(t, c), rows(p, c))
        ]
    ),
    "sparse_categorical_crossentropy": lambda t, p, c, d: mean(
        [-mp.log(clipped(shares(v)[int(u)], d)) for u, v in zip(t, rows(p, c))]
    ),
    "sparse_categorical_crossentropy_from_logits": lambda t, p, c, d: mean(
        [-log_at(softmax(v)[int(u)]) for u, v in zip(t, rows(p, c))]
    ),
    "accuracy": lambda t, p, c, d: mean(
        [int(greatest(v) == int(u)) for u, v in zip(t, rows(p, c))]
        if len(t) != len(p)
        else [int((a > 0.5) == (b > 0.5)) for a, b in zip(t, p)]
        if c == 1
        else [int(greatest(u) == greatest(v)) for u, v in zip(rows(t, c), rows(p, c))]
    ),
}

PLAIN = [0.5, -1.25, 3.0, 0.1, -7.5, 1e-3]
TARGETS = [0.25, 2.0, 3.0, -0.1, 7.5, 1.0]
BITS = [0, 1, 1, 0, 1, 0]
PROBABILITIES = [0.1, 0.9, 0.5, 1e-9, 0.0, 1.0]
LOGITS = [-3.0, 0.0, 2.5, 100.0, -100.0, 0.125]
HUGE = [-1000.0, 1000.0, -88.0, 88.0, -5000.0, 700.0]
ONE_HOT = [1, 0, 0, 0, 0, 1]
SOFT = [0.2, 0.3, 0.5, 0.0, 0.9, 0.1]
ROWS = [0.2, 0.3, 0.5, 0.0, 1.0, 0.0]
UNSCALED = [1.0, 2.0, 5.0, 0.25, 0.25, 0.5]
LABELS = [2, 0]

CASES = [
    *(("mean_squared_error", 3, t, p) for t, p in [(TARGETS, PLAIN), (PLAIN, PLAIN), (HUGE, LOGITS)]),
    *(("mean_absolute_error", 3, t, p) for t, p in [(TARGETS, PLAIN), (PLAIN, PLAIN), (HUGE, LOGITS)]),
    *(
        ("binary_crossentropy", c, t, p)
        for c, t, p in [(1, BITS, PROBABILITIES), (3, SOFT, PROBABILITIES), (1, BITS, BITS), (1, BITS, BITS[::-1])]
    ),
    *(
        ("binary_crossentropy_from_logits", c, t, p)
        for c, t, p in [(1, BITS, LOGITS), (3, SOFT, LOGITS), (1, BITS, HUGE)]
    ),
    *(
        ("categorical_crossentropy", 3, t, p)
        for t, p in [(ONE_HOT, ROWS), (SOFT, ROWS), (SOFT, UNSCALED), (ONE_HOT, ONE_HOT)]
    ),
    *(
        ("categorical_crossentropy_from_logits", 3, t, p)
        for t, p in [(ONE_HOT, LOGITS), (SOFT, LOGITS), (ONE_HOT, HUGE), (SOFT, HUGE)]
    ),
    *(("sparse_categorical_crossentropy", 3, LABELS, p) for p in [ROWS, UNSCALED, ONE_HOT]),
    *(("sparse_categorical_crossentropy_from_logits", 3, LABELS, p) for p in [PLAIN, LOGITS, HUGE]),
    ("accuracy", 3, LABELS, ROWS),
    ("accuracy", 3, [2, 1], ROWS),
    ("accuracy", 3, [0, 0], [1.0, 1.0, 0.0, 0.0, 2.0, 2.0]),
    ("accuracy", 3, ONE_HOT, ROWS),
    ("accuracy", 3, SOFT, ROWS),
    ("accuracy", 1, BITS, PROBABILITIES),
]


def text(numbers):
    return ",".join(repr(float(x)) for x in numbers)


for name, classes, targets, output in CASES:
    for dtype in DTYPES:
        t, p = ([mp.mpf(rounded(x, dtype)) for x in xs] for xs in (targets, output))
        value = LOSSES[name](t, p, classes, dtype)
        print(name, dtype, f"{len(p) // classes}x{classes}", text(t), text(p), mp.nstr(value, 20))
