"""Writes distributions.txt: what a generator draws, by an independent Philox4x32-10.

    pip install numpy && python tests/oracles/distributions.py > tests/oracles/distributions.txt

A line: the distribution, the seed, its attributes as `key=value` where it has any, the dtype, and what is drawn. Numbers that
are made of bits alone are exact; those that go through logarithms or cosines are written as f64 gives them.
"""

import math

import numpy as np

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85
MASK = 0xFFFFFFFF


def philox(counter, key):
    """Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011."""
    x, key = list(counter), list(key)
    for _ in range(10):
        high, low = zip(*(divmod(a * b, 1 << 32) for a, b in zip(MULTIPLIERS, (x[0], x[2]))))
        x = [high[1] ^ x[1] ^ key[0], low[1], high[0] ^ x[3] ^ key[1], low[0]]
        key = [(a + b) & MASK for a, b in zip(key, WEYL)]
    return x


# The known answers of Random123.
assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
assert philox([MASK] * 4, [MASK] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
PI = [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0]
assert philox(PI[:4], PI[4:]) == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


def words(seed, count):
    result = []
    for block in range(-(-count // 4)):
        result += philox([block & MASK, block >> 32, 0, 0], [seed & MASK, seed >> 32])
    return result[:count]


def doubles(seed, count):
    low_high = words(seed, 2 * count)
    return [low_high[2 * i] | low_high[2 * i + 1] << 32 for i in range(count)]


def line(name, seed, dtype, drawn, **attributes):
    written = [f"{key}={value}" for key, value in attributes.items()]
    numbers = ",".join(repr(float(x)) if dtype in ("f16", "bf16", "f32", "f64") else str(int(x)) for x in drawn)
    print(name, seed, *written, dtype, numbers)


def inside(seed, count):
    return [((word >> 9) + 0.5) / 2**23 for word in words(seed, count)]


def erf_inv(y):
    """By Newton's method on the error function."""
    x = 0.0
    for _ in range(60):
        x -= (math.erf(x) - y) / (2 / math.sqrt(math.pi) * math.exp(-x * x))
    return x


SEEDS = 0, 7, 0x0123456789ABCDEF
for seed in SEEDS:
    line("uniform", seed, "f32", [(word >> 8) / 2**24 for word in words(seed, 9)])
    line("uniform", seed, "f64", [(word >> 11) / 2**53 for word in doubles(seed, 9)])
    line("uniform", seed, "f16", [(word >> 21) / 2**11 for word in words(seed, 9)])
    line("uniform", seed, "bf16", [(word >> 24) / 2**8 for word in words(seed, 9)])
    for dtype, low, high in (("i32", 0, 10), ("u8", 5, 256), ("i64", -(2**63), 2**63 - 1), ("i8", -128, 128), ("u64", 0, 2**40 + 1)):
        line("integers", seed, dtype, [low + (word * (high - low) >> 64) for word in doubles(seed, 9)], low=low, high=high)
    line("bernoulli", seed, "bool", [np.float32((word >> 8) / 2**24) < np.float32(0.3) for word in words(seed, 20)], p=0.3)
    order = sorted(range(12), key=lambda i: (doubles(seed, 12)[i], i))
    line("permutation", seed, "i64", order)
    logits = [0.0, 1.0, -1.0, 0.5]
    gumbel = [-math.log(-math.log(u)) for u in inside(seed, 40)]
    line("gumbel", seed, "f32", gumbel[:9])
    drawn = [max(range(4), key=lambda k: logits[k] + gumbel[4 * row + k]) for row in range(10)]
    line("categorical", seed, "i64", drawn)
    line("exponential", seed, "f32", [-math.log1p(-(word >> 8) / 2**24) for word in words(seed, 9)])
    within = math.erf(math.sqrt(2))
    line("truncated_normal", seed, "f32", [math.sqrt(2) * erf_inv((2 * u - 1) * within) for u in inside(seed, 9)])
    pair = words(seed, 18)
    radius = [math.sqrt(-2 * math.log((float(np.float32(word)) + 0.5) / 2**32)) for word in pair[:9]]
    line("normal", seed, "f32", [r * math.cos(math.tau * word / 2**32) for r, word in zip(radius, pair[9:])])
    pair = doubles(seed, 18)
    radius = [math.sqrt(-2 * math.log(((word >> 11) + 0.5) / 2**53)) for word in pair[:9]]
    line("normal", seed, "f64", [r * math.cos(math.tau * ((word >> 11) / 2**53)) for r, word in zip(radius, pair[9:])])
