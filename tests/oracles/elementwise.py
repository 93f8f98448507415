"""Expected values of element-wise ops: the exact result, rounded once to the nearest.

    pip install mpmath && python tests/oracles/elementwise.py > tests/oracles/elementwise.txt

Finite results come from mpmath at 2400 bits; what happens at infinities, NaN and signed zeros is written out below
from IEEE 754-2019, sections 5.3.1, 9.2.1 and 9.6. A line of the output: op, dtype, the operands and the result as the
hexadecimal digits of their bits.
"""

import math
import struct

import mpmath as mp

mp.mp.prec = 2400
INF, NAN = math.inf, math.nan

# dtype: struct format, struct format of the bits, digits of the significand, least and greatest exponent
FORMATS = {"f32": (">f", ">I", 24, -126, 127), "f64": (">d", ">Q", 53, -1022, 1023)}


def bits(value, dtype):
    code, integer, *_ = FORMATS[dtype]
    number = struct.unpack(integer, struct.pack(code, value))[0]
    return f"{number:0{struct.calcsize(code) * 2}x}"


def rounded(value, dtype):
    """The nearest number of the format, ties to even; `value` is an exact real number and not 0."""
    _, _, digits, low, high = FORMATS[dtype]
    exponent = max(mp.frexp(value)[1] - 1, low) - (digits - 1)
    nearest = mp.nint(mp.ldexp(value, -exponent))
    magnitude = abs(nearest) * mp.mpf(2) ** exponent
    result = INF if magnitude >= mp.mpf(2) ** (high + 1) else float(magnitude)
    return math.copysign(result, mp.sign(value))


def copysign(value):
    return lambda x: math.copysign(value, x)


def nan(x):
    return NAN


def same(x):
    return x


# op: the function of real numbers, then the results at a zero, at infinity and at -infinity as functions of the operand
REAL = {
    "exponential": (mp.exp, lambda x: 1.0, same, lambda x: 0.0),
    "log": (mp.log, lambda x: -INF, same, nan),
    "log_plus_one": (lambda x: mp.log(1 + x), same, same, nan),
    "exponential_minus_one": (lambda x: mp.exp(x) - 1, same, same, lambda x: -1.0),
    "sqrt": (mp.sqrt, same, same, nan),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), copysign(INF), lambda x: 0.0, nan),
    "tanh": (mp.tanh, same, copysign(1.0), copysign(1.0)),
    "sine": (mp.sin, same, nan, nan),
    "cosine": (mp.cos, lambda x: 1.0, nan, nan),
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), lambda x: 0.5, lambda x: 1.0, lambda x: 0.0),
    "erf": (mp.erf, same, copysign(1.0), copysign(1.0)),
    "floor": (mp.floor, same, same, same),
    "ceil": (mp.ceil, same, same, same),
    "round_nearest_even": (mp.nint, same, same, same),
    "abs": (abs, abs, abs, abs),
    "sign": (mp.sign, same, copysign(1.0), copysign(1.0)),
}


def unary(op, x, dtype):
    function, at_zero, at_infinity, at_minus_infinity = REAL[op]
    if math.isnan(x):
        return NAN
    if x == 0:
        return at_zero(x)
    if math.isinf(x):
        return at_infinity(x) if x > 0 else at_minus_infinity(x)
    if op in ("log", "sqrt", "rsqrt") and x < 0:
        return NAN
    if op == "log_plus_one" and x <= -1:
        return -INF if x == -1 else NAN
    # Far out, the result is the limit to more digits than mpmath has, and its exponential would overflow memory.
    limits = {"exponential": (0, INF), "exponential_minus_one": (-1, INF), "logistic": (0, 1), "tanh": (-1, 1)}
    if abs(x) > 1e4 and op in limits:
        return float(limits[op][x > 0])
    if op == "erf" and abs(x) > 30:
        return math.copysign(1.0, x)
    value = function(mp.mpf(x))
    return math.copysign(0.0, x) if value == 0 else rounded(value, dtype)


def power(x, y, dtype):
    integer = math.isfinite(y) and y == math.floor(y)
    odd = integer and math.fmod(y, 2) != 0
    if y == 0 or x == 1:
        return 1.0
    if math.isnan(x) or math.isnan(y):
        return NAN
    sign = math.copysign(1.0, x) if odd else 1.0
    if math.isinf(y):
        return 1.0 if x == -1 else INF if (abs(x) > 1) == (y > 0) else 0.0
    if x == 0 or math.isinf(x):
        return math.copysign(0.0 if (x == 0) == (y > 0) else INF, sign)
    if x < 0 and not integer:
        return NAN
    logarithm = mp.mpf(y) * mp.log(abs(mp.mpf(x)))
    if abs(logarithm) > 1e4:
        return math.copysign(INF if logarithm > 0 else 0.0, sign)
    return math.copysign(rounded(mp.exp(logarithm), dtype), sign)


def maximum(x, y, _):
    if math.isnan(x) or math.isnan(y):
        return NAN
    return x if (x, math.copysign(1.0, x)) > (y, math.copysign(1.0, y)) else y


def minimum(x, y, _):
    return -maximum(-x, -y, _)


def remainder(x, y, dtype):
    if math.isnan(x) or math.isnan(y) or math.isinf(x) or y == 0:
        return NAN
    if math.isinf(y) or x == 0:
        return x
    exact = abs(mp.mpf(x)) % abs(mp.mpf(y))
    return math.copysign(0.0 if exact == 0 else rounded(exact, dtype), x)


BINARY = {"power": power, "maximum": maximum, "minimum": minimum, "remainder": remainder}

EDGES = [0.0, -0.0, INF, -INF, NAN]
EXTREMES = {"f32": [2.0**-149, 3.4e38, -3.4e38], "f64": [5e-324, 1.7e308, -1.7e308]}
REALS = [1.0, -1.0, 0.5, -0.3, 1e-6, -1e-9, 0.11, -0.24, 0.39, 0.41, 0.75, -0.9, 2.5, -2.7, 6.4, -12.1, 30.2, -95.5, 1e5]
STEPS = [0.49999997, -0.5, 1.5, -1.5, 2.5, -2.5, 3.7, -3.7, 4194304.5, 8388609.0, 4503599627370495.5]
POSITIVE = [1.0, -1.0, 1e-30, 1e-7, 0.1, 0.5, 0.7, 0.99, 1.01, 1.3, 2.0, 3.0, 7.7, 1e3, 1e10, 6.02e23]
SPECIFIC = {
    "log": POSITIVE,
    "sqrt": POSITIVE,
    "rsqrt": POSITIVE,
    "log_plus_one": [x for x in REALS if x > -2] + [-0.99, 1e10, 6.02e23],
    "sine": REALS + [1e10, 3.1415927, 1.5707964],
    "cosine": REALS + [1e10, 3.1415927, 1.5707964],
    "exponential": REALS + [88.7, 709.7, -103.5, -744.5],
    "logistic": REALS + [-88.7, -709.7, -103.5, -744.5],
    "erf": REALS + [3.3, -5.1],
    "floor": STEPS,
    "ceil": STEPS,
    "round_nearest_even": STEPS,
}
PAIRS = {
    "power": [(x, y) for x in (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN) for y in (0.0, 3.0, -3.0, 2.0, -0.5, INF, NAN)]
    + [(2.0, 0.5), (0.3, 7.1), (-2.0, 3.0), (-2.0, -2.0), (-2.0, 0.5), (1.0001, 9e4), (10.0, 38.4), (10.0, 309.0)]
    + [(0.1, 44.2), (0.1, 323.1), (7.3, -2.2), (0.999, 800.0), (123.4, 5.6), (1e-3, -4.5), (0.5, INF), (2.0, -INF)],
    "maximum": [(x, y) for x in (0.0, -0.0, 1.5, -INF, NAN) for y in (0.0, -0.0, 2.5, INF, NAN)],
    "remainder": [(x, y) for x in (0.0, -0.0, 5.5, -7.25, INF, NAN) for y in (0.0, 3.0, -2.0, 0.1, INF, NAN)]
    + [(1e30, 7.0), (-1e5, 0.3), (0.3, 0.1), (1e-40, 3e-45), (6.0, -3.0)],
}
PAIRS["minimum"] = PAIRS["maximum"]


def main():
    for dtype, (code, *_) in FORMATS.items():

        def fit(value):
            return struct.unpack(code, struct.pack(code, value))[0]

        for op in REAL:
            for x in map(fit, EDGES + EXTREMES[dtype] + SPECIFIC.get(op, REALS)):
                print(op, dtype, bits(x, dtype), bits(unary(op, x, dtype), dtype))
        for op, function in BINARY.items():
            for x, y in PAIRS[op]:
                x, y = fit(x), fit(y)
                print(op, dtype, bits(x, dtype), bits(y, dtype), bits(function(x, y, dtype), dtype))


main()
