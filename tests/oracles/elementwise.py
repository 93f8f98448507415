"""Expected values of element-wise ops: the exact result, rounded once to the nearest.

    pip install mpmath && python tests/oracles/elementwise.py > tests/oracles/elementwise.txt

Finite results come from mpmath at 2400 bits; what happens at infinities, NaN and signed zeros is written out below
from IEEE 754-2019, sections 5.3.1, 9.2.1 and 9.6, or as the limit. A line of the output: op, dtype, the operands and the result as the
hexadecimal digits of their bits.
"""

import math
import struct

import mpmath as mp

mp.mp.prec = 2400
INF, NAN = math.inf, math.nan

# dtype: struct format, number of bytes, digits of the significand, least and greatest exponent
FORMATS = {
    "f32": (">f", 4, 24, -126, 127),
    "f64": (">d", 8, 53, -1022, 1023),
    "f16": (">e", 2, 11, -14, 15),
    "bf16": (">f", 2, 8, -126, 127),
}


def bits(value, dtype):
    code, size, *_ = FORMATS[dtype]
    return struct.pack(code, value)[:size].hex()


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


def infinite(x):
    return INF


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
    "tan": (mp.tan, same, nan, nan),
    "sinh": (mp.sinh, same, same, same),
    "cosh": (mp.cosh, lambda x: 1.0, abs, abs),
    "asin": (mp.asin, same, nan, nan),
    "acos": (mp.acos, lambda x: mp.pi / 2, nan, nan),
    "atan": (mp.atan, same, lambda x: mp.pi / 2, lambda x: -mp.pi / 2),
    "asinh": (mp.asinh, same, same, same),
    "acosh": (mp.acosh, nan, same, nan),
    "atanh": (mp.atanh, same, nan, nan),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), same, same, same),
    "erfc": (mp.erfc, lambda x: 1.0, lambda x: 0.0, lambda x: 2.0),
    "erf_inv": (lambda x: inverse_erf(x), same, nan, nan),
    "lgamma": (lambda x: mp.re(mp.loggamma(x)), infinite, infinite, infinite),
    "digamma": (lambda x: gamma_function(0, x), nan, same, nan),
    "trigamma": (lambda x: gamma_function(1, x), lambda x: INF, lambda x: 0.0, nan),
    "tetragamma": (lambda x: gamma_function(2, x), nan, lambda x: -0.0, nan),
    "round_nearest_afz": (lambda x: mp.sign(x) * mp.floor(abs(x) + 0.5), same, same, same),
    "trunc": (lambda x: mp.sign(x) * mp.floor(abs(x)), same, same, same),
    "exp2": (lambda x: mp.mpf(2) ** x, lambda x: 1.0, same, lambda x: 0.0),
    "log2": (lambda x: mp.log(x, 2), lambda x: -INF, same, nan),
    "log10": (mp.log10, lambda x: -INF, same, nan),
}


def inverse_erf(x):
    """By Newton's method from a result of 53 bits or so."""
    with mp.workprec(60):
        y = mp.erfinv(x)
    with mp.workprec(400):
        for _ in range(5):
            y -= (mp.erf(y) - x) * mp.exp(y * y) * mp.sqrt(mp.pi) / 2
        return y


def gamma_function(order, x):
    """At 300 bits: that is enough for 53, and 2400 take minutes."""
    with mp.workprec(300 + max(0, -2 * mp.frexp(x)[1]) + max(0, mp.frexp(x)[1])):
        return mp.psi(order, x)


def at_special(op, x):
    """The result where a function has no value or an infinite one; none elsewhere."""
    if op in ("log", "log2", "log10", "sqrt", "rsqrt") and x < 0:
        return NAN
    if op == "log_plus_one" and x <= -1:
        return -INF if x == -1 else NAN
    if op in ("asin", "acos", "atanh", "erf_inv") and abs(x) > 1:
        return NAN
    if op in ("atanh", "erf_inv") and abs(x) == 1:
        return math.copysign(INF, x)
    if op == "acosh" and x < 1:
        return NAN
    if op in ("lgamma", "digamma", "trigamma", "tetragamma") and x < 0 and x == math.floor(x):
        return INF if op in ("lgamma", "trigamma") else NAN
    # Far out, the result is the limit to more digits than mpmath has, and its exponential would overflow memory.
    limits = {"exponential": (0, INF), "exponential_minus_one": (-1, INF), "logistic": (0, 1), "tanh": (-1, 1)}
    limits |= {"sinh": (-INF, INF), "cosh": (INF, INF), "exp2": (0, INF)}
    if abs(x) > 1e4 and op in limits:
        return float(limits[op][x > 0])
    if op in ("erf", "erfc") and abs(x) > 30:
        return math.copysign(1.0, x) if op == "erf" else 0.0 if x > 0 else 2.0
    return None


def unary(op, x, dtype):
    function, at_zero, at_infinity, at_minus_infinity = REAL[op]
    if math.isnan(x):
        return NAN
    special = None
    if x == 0:
        special = at_zero(x)
    elif math.isinf(x):
        special = at_infinity(x) if x > 0 else at_minus_infinity(x)
    else:
        special = at_special(op, x)
    value = function(mp.mpf(x)) if special is None else special
    if isinstance(value, float):
        return value
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


def atan2(y, x, dtype):
    if math.isnan(x) or math.isnan(y):
        return NAN
    if math.isinf(x) or math.isinf(y):
        quarter = 0 if not math.isinf(y) else 1 if math.isinf(x) else 2
        angle = mp.pi * quarter / 4 if x > 0 or quarter == 2 else mp.pi * (4 - quarter) / 4
    elif y == 0:
        angle = mp.mpf(0) if math.copysign(1.0, x) > 0 else mp.pi
    else:
        angle = mp.atan2(abs(mp.mpf(y)), mp.mpf(x))
    return math.copysign(0.0 if angle == 0 else rounded(angle, dtype), y)


def next_after(x, y, dtype):
    if math.isnan(x) or math.isnan(y):
        return NAN
    if x == y:
        return y
    _, _, digits, low, high = FORMATS[dtype]
    greatest = (2 - 2.0 ** (1 - digits)) * 2.0**high
    if x == 0:
        return math.copysign(2.0 ** (low - digits + 1), y)
    if math.isinf(x):
        return math.copysign(greatest, x)
    exponent = max(math.frexp(x)[1] - 1, low) - (digits - 1)
    if abs(x) == 2.0 ** (math.frexp(x)[1] - 1) and math.frexp(x)[1] - 1 > low and (x > y) == (x > 0):
        exponent -= 1
    result = mp.mpf(x) + mp.sign(mp.mpf(y) - mp.mpf(x)) * mp.mpf(2) ** exponent
    return math.copysign(0.0, x) if result == 0 else math.copysign(INF, x) if abs(result) > greatest else float(result)


BINARY = {
    "power": power,
    "maximum": maximum,
    "minimum": minimum,
    "remainder": remainder,
    "atan2": atan2,
    "next_after": next_after,
}

EDGES = [0.0, -0.0, INF, -INF, NAN]
EXTREMES = {
    "f32": [2.0**-149, 3.4e38, -3.4e38],
    "f64": [5e-324, 1.7e308, -1.7e308],
    "f16": [2.0**-24, 65504.0, -65504.0],
    "bf16": [2.0**-133, 3.38e38, -3.38e38],
}
REALS = [1.0, -1.0, 0.5, -0.3, 1e-6, -1e-9, 0.11, -0.24, 0.39, 0.41, 0.75, -0.9, 2.5, -2.7, 6.4, -12.1, 30.2, -95.5, 1e5]
STEPS = [0.49999997, -0.5, 1.5, -1.5, 2.5, -2.5, 3.7, -3.7, 4194304.5, 8388609.0, 4503599627370495.5]
POSITIVE = [1.0, -1.0, 1e-30, 1e-7, 0.1, 0.5, 0.7, 0.99, 1.01, 1.3, 2.0, 3.0, 7.7, 1e3, 1e10, 6.02e23]
WITHIN = [1.0, -1.0, 0.5, -0.3, 1e-6, -1e-9, 0.11, -0.24, 0.39, 0.41, 0.75, -0.9, 0.99, -0.999, 0.7071, 1.5, -2.0]
GAMMA = [1.0, 2.0, 0.5, 1e-6, -1e-9, 0.11, 0.99, 1.01, 1.75, 2.01, 3.3, 7.5, 13.9, 40.2, 1e5, -1.0, -0.5, -1.3, -5.75]
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
    "round_nearest_afz": STEPS,
    "trunc": STEPS,
    "tan": REALS + [1e10, 3.1415927, 1.5707964],
    "log2": POSITIVE + [8.0, 1024.0],
    "log10": POSITIVE + [1000.0],
    "exp2": REALS + [127.5, 1023.9, -149.0, -1074.0],
    "acosh": POSITIVE,
    "erfc": REALS + [3.3, -5.1, 9.1, 26.5],
    "asin": WITHIN,
    "acos": WITHIN,
    "atanh": WITHIN,
    "erf_inv": WITHIN + [0.8515625, 0.9999, 1 - 1e-7, 1 - 1e-12, -(1 - 2.0**-53)],
    "lgamma": GAMMA,
    "digamma": GAMMA + [1.4616321449683623, 1.46, 1.5, 1.9, 1.05],
    "trigamma": GAMMA,
    "tetragamma": GAMMA,
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
PAIRS["atan2"] = [(y, x) for y in (0.0, -0.0, 1.5, -INF, INF, NAN) for x in (0.0, -0.0, 2.5, -2.5, INF, -INF)]
PAIRS["atan2"] += [(1e-3, 7.0), (-1e-30, 1e5), (0.3, -0.1), (6.0, -3.0), (1e-30, -1e30), (-4.5, -1e4)]
PAIRS["next_after"] = [(x, y) for x in (0.0, -0.0, 1.0, -1.5, INF, NAN) for y in (0.0, -0.0, 2.0, -INF)]
PAIRS["next_after"] += [(0.1, 0.1), (0.3, -0.1), (-6.0, 3.0), (1e30, INF)]


def main():
    for dtype in FORMATS:

        def fit(value):
            return rounded(mp.mpf(value), dtype) if math.isfinite(value) and value != 0 else value

        for op in REAL:
            for x in map(fit, EDGES + EXTREMES[dtype] + SPECIFIC.get(op, REALS)):
                print(op, dtype, bits(x, dtype), bits(unary(op, x, dtype), dtype))
        for op, function in BINARY.items():
            for x, y in PAIRS[op]:
                x, y = fit(x), fit(y)
                print(op, dtype, bits(x, dtype), bits(y, dtype), bits(function(x, y, dtype), dtype))


main()
