"""Writes basics.txt: element-wise arithmetic, conversions, shapes, reductions and derivatives, in every dtype.

    python3 tests/oracles/basics.py > tests/oracles/basics.txt

Needs jax (0.10 was used), ml_dtypes, numpy and mpmath.

- Integers are computed with Python's unbounded ones and wrapped; quotients, remainders and conversions between integers are
  compared with JAX. Floats are computed as fractions and rounded once, to the nearest, ties to even; f32 and f64 arithmetic
  is compared with NumPy. Sums and products are those of the fractions too.
- Gradients are JAX's, in f64; those of f32 operands are rounded to f32 afterwards.
- Derivatives are differences of mpmath at 200 bits, rounded once. Where JAX has the function and a derivative of it, its
  distance is measured; the log goes to the standard error.

A line is one or several ops, comma-separated, their attributes as `key=value`, and tensors: `x` the operands, `y` the
results, one for each op; `c` the cotangent of the result and `g` the gradients of the float operands; `d` the first partial
derivatives and `dd` the second, `dd/dxdx, dd/dxdy, …`. A tensor is dtype, sizes and the hexadecimal digits of the bits of
its elements.
"""

import sys
from fractions import Fraction

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import ml_dtypes
import mpmath as mp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
np.seterr(all="ignore")
mp.mp.prec = 200

SEED = 20250704
RNG = np.random.default_rng(SEED)
INF, NAN = np.inf, np.nan
SIGNED = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64}
UNSIGNED = {"u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64}
INTS = SIGNED | UNSIGNED
FLOATS = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64}
DTYPES = INTS | FLOATS | {"bool": np.bool_}
NAMES = {np.dtype(kind): name for name, kind in DTYPES.items()}
# Digits of the significand, least and greatest exponent.
FORMATS = {"f16": (11, -14, 15), "bf16": (8, -126, 127), "f32": (24, -126, 127), "f64": (53, -1022, 1023)}


def show(array):
    array = np.asarray(array)
    width = array.dtype.itemsize
    bits = np.ascontiguousarray(array).reshape(-1).view(f"u{width}")
    sizes = ",".join(map(str, array.shape)) or "-"
    return f"{NAMES[array.dtype]}:{sizes}:" + "".join(f"{int(x):0{2 * width}x}" for x in bits)


def write(ops, x, fields=None, **tensors):
    words = [f"{key}={','.join(map(str, value)) or '-'}" for key, value in (fields or {}).items()]
    for key, arrays in ({"x": x} | tensors).items():
        words += [f"{key}={show(array)}" for array in arrays]
    print(ops, *words)


def log(*words):
    print(*words, file=sys.stderr)


# --- numbers ---


def wrap(value, name):
    bits = 8 * np.dtype(INTS[name]).itemsize
    value &= (1 << bits) - 1
    return value - (1 << bits) if name in SIGNED and value >> (bits - 1) else value


def nearest(value, name):
    """The nearest number of a format to a fraction that is not 0, ties to even, as a Python float."""
    digits, low, high = FORMATS[name]
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if Fraction(2) ** exponent > magnitude:
        exponent -= 1
    unit = Fraction(2) ** (max(exponent, low) - digits + 1)
    result = round(magnitude / unit) * unit
    result = INF if result >= 2 ** (high + 1) else float(result)
    return -result if value < 0 else result


def array(values, name, shape=None):
    """Numbers that have the dtype, exactly."""
    result = np.array(values, np.float64 if name in FLOATS else object).astype(DTYPES[name])
    return result if shape is None else result.reshape(shape)


def exact(x):
    return Fraction(int(x)) if np.asarray(x).dtype.kind in "iub" else Fraction(float(x))


def random_bits(name, shape):
    """Any bits; NaN has always the same."""
    if name == "bool":
        return RNG.random(shape) < 0.5
    kind = np.dtype(DTYPES[name])
    info = np.iinfo(f"u{kind.itemsize}")
    bits = RNG.integers(0, info.max, shape, dtype=info.dtype, endpoint=True)
    result = np.asarray(bits).view(kind)
    return np.where(np.isnan(result), np.array(1, kind), result) if name in FLOATS else result


def extremes(name):
    if name == "bool":
        return np.array([False, True])
    if name in FLOATS:
        digits, low, high = FORMATS[name]
        greatest, least = (2 - 2.0 ** (1 - digits)) * 2.0**high, 2.0 ** (low - digits + 1)
        return array([0.0, -0.0, 1.0, -2.5, INF, -INF, NAN, greatest, -greatest, least], name)
    info = np.iinfo(DTYPES[name])
    edges = {info.min, info.min + 1, info.max, info.max - 1, 0, 1, 2, 3} | ({-1, -2} if info.min else {info.max // 2})
    return array(sorted(edges), name)


def pairs(name, limit, extra):
    edges = extremes(name)
    x, y = np.repeat(edges, len(edges)), np.tile(edges, len(edges))
    if name == "bool":
        return x, y
    keep = RNG.permutation(len(x))[:limit]
    x, y = x[keep], y[keep]
    return np.concatenate([x, random_bits(name, extra)]), np.concatenate([y, random_bits(name, extra)])


def truncated(x, y):
    return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


INT_OPS = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: truncated(x, y) if y else -1,
    "remainder": lambda x, y: x - y * truncated(x, y) if y else x,
    "maximum": max,
    "minimum": min,
    "power": lambda x, y: x**y if y >= 0 else 1 if x == 1 or (x == -1 and y % 2 == 0) else -1 if x == -1 else 0,
}
FLOAT_OPS = {
    "add": (np.add, lambda x, y: x + y),
    "subtract": (np.subtract, lambda x, y: x - y),
    "multiply": (np.multiply, lambda x, y: x * y),
    "divide": (np.divide, lambda x, y: x / y),
}
COMPARISONS = {
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
}


def power_mod(x, y, name):
    return wrap(pow(x, y, 1 << 64), name) if y >= 0 else INT_OPS["power"](x, y)


def integer_arithmetic():
    for name in INTS:
        x, y = pairs(name, 26, 6)
        lists = list(zip(x.tolist(), y.tolist()))
        results = [
            array([power_mod(a, b, name) if op == "power" else wrap(of(a, b), name) for a, b in lists], name)
            for op, of in INT_OPS.items()
        ]
        for op, of in (("divide", lax.div), ("remainder", lax.rem), ("multiply", lax.mul)):
            assert np.array_equal(results[list(INT_OPS).index(op)], of(x, y)), (op, name)
        write(",".join(INT_OPS), [x, y], y=results)
        x = extremes(name)
        values = x.tolist()
        unary = [[wrap(-a, name) for a in values], [wrap(abs(a), name) for a in values], [(a > 0) - (a < 0) for a in values]]
        write("negate,abs,sign", [x], y=[array(y, name) for y in unary])
    x, y = pairs("bool", 4, 0)
    write("maximum,minimum", [x, y], y=[x | y, x & y])


def float_arithmetic():
    for name in FLOATS:
        x, y = pairs(name, 64, 12)
        results = []
        for op, (of, real) in FLOAT_OPS.items():
            # What is infinite, NaN or a zero is the same in every format; the rest is rounded once.
            special_value = of(x.astype(np.float64), y.astype(np.float64))
            found = []
            for a, b, z in zip(x, y, special_value):
                finite = np.isfinite(a) and np.isfinite(b) and not (op == "divide" and b == 0)
                value = real(exact(a), exact(b)) if finite else 0
                sign = np.signbit(a) ^ np.signbit(b) if op in ("multiply", "divide") else value < 0
                result = nearest(value, name) if value else float(z)
                found.append(result if result != 0 or value == 0 else -0.0 if sign else 0.0)
            results.append(array(found, name))
            if name in ("f32", "f64"):
                assert np.array_equal(results[-1].view(f"u{x.itemsize}")[~np.isnan(results[-1])], of(x, y).view(f"u{x.itemsize}")[~np.isnan(results[-1])]), op
        write(",".join(FLOAT_OPS), [x, y], y=results)
        x = np.concatenate([extremes(name), random_bits(name, 8)])
        sign = np.where(np.isnan(x) | (x == 0), x, np.where(x > 0, 1, -1).astype(x.dtype))
        write("negate,abs,sign,is_finite", [x], y=[-x, np.abs(x), sign, np.isfinite(x)])


def comparisons():
    for name in DTYPES:
        x, y = pairs(name, 24, 2)
        y = np.where(RNG.random(len(x)) < 0.1, x, y)
        write(",".join(COMPARISONS), [x, y], y=[of(x, y) for of in COMPARISONS.values()])
        x, y = random_bits(name, (3, 2)), random_bits(name, (2,))
        p = RNG.random((3, 1)) < 0.5
        write("select", [p, x, y], y=[np.where(p, x, y)])
        if name in FLOATS:
            x, y, p = extremes(name), extremes(name)[::-1], RNG.random(len(extremes(name))) < 0.5
            write("select", [p, x, y], y=[np.where(p, x, y)])


def converted(x, name):
    """Of a float the fraction goes, and what is out of range becomes the nearest bound and NaN 0; an integer wraps."""
    kind = np.asarray(x).dtype.kind
    integer = kind in "iub"
    if name == "bool":
        return bool(x != 0)
    if name in FLOATS:
        if not integer and (not np.isfinite(x) or x == 0):
            return float(x)
        value = exact(x)
        result = nearest(value, name) if value else 0.0
        return -0.0 if result == 0 and value < 0 else result
    if integer:
        return wrap(int(x), name)
    info = np.iinfo(INTS[name])
    if np.isnan(x):
        return 0
    return info.max if x == INF else info.min if x == -INF else min(max(int(float(x)), info.min), info.max)


def of_interest(name):
    """Edges, halfway cases of all formats, and bounds of all integers."""
    if name == "bool":
        return extremes(name)
    values = {2**k + d for k in (7, 8, 11, 15, 16, 24, 31, 32, 53, 63) for d in (-1, 0, 1)}
    # Halfway between two numbers of f16, bf16, f32 and f64, to the even one below and above, and just above.
    values |= {(1 << p) + 1 for p in (8, 11, 24, 53)} | {(1 << p) + 3 for p in (8, 11, 24, 53)}
    values |= {(1 << 62) + (1 << 54) + 1, (1 << 62) + (1 << 38) + 1, (1 << 62) + (1 << 51) + 1, 65504, 65519, 65520}
    values |= {-v for v in values} | {300, -300}
    if name in INTS:
        info = np.iinfo(INTS[name])
        values = RNG.permutation(sorted(v for v in values if info.min <= v <= info.max))[:14]
        return np.concatenate([extremes(name), array(list(values), name), random_bits(name, 4)])
    fractions = [0.5, -0.5, 0.999, -0.999, 1.5, 127.5, -128.5, 255.5, 2.0**-24, 2.0**-25, 3 * 2.0**-25, 2.0**-134, 6.1e-5]
    fractions += [2.0**-14 - 2.0**-26, 1 + 2.0**-8, 1 + 3 * 2.0**-8, 1 + 2.0**-11, 1 + 2.0**-24, 1 + 2.0**-24 + 2.0**-52]
    fractions += [3.3961775e38, 3.4028235677973366e38, 1 + 2.0**-8 + 2.0**-40, 1 + 2.0**-11 + 2.0**-40, 2.0**-150]
    values = [float(v) for v in RNG.permutation(sorted(map(float, values)))[:18]]
    fitting = [nearest(Fraction(v), name) for v in fractions + values]
    return np.concatenate([extremes(name), array(fitting, name), random_bits(name, 6)])


def conversions():
    for name in DTYPES:
        x = of_interest(name)
        others = [to for to in DTYPES if to != name]
        results = [array([converted(v, to) for v in x], to) for to in others]
        for to, y in zip(others, results):
            if name in INTS and (to in INTS or to in ("f32", "f64")):
                assert np.array_equal(y, x.astype(DTYPES[to])), (name, to)
        write(",".join(f"convert_{to}" for to in others), [x], y=results)


# --- shapes ---


def gradient(ops, function, operands, fields=None, native=False, positive=False):
    """The vector-Jacobian product by JAX. In f64, unless the function has a dtype of its own."""
    wide = [np.asarray(x) if native or x.dtype == bool else np.asarray(x, np.float64) for x in operands]
    floats = [place for place, x in enumerate(operands) if NAMES[x.dtype] in FLOATS]

    def of_floats(*values):
        everything = list(wide)
        for place, value in zip(floats, values):
            everything[place] = value
        return function(*everything)

    y, back = jax.vjp(of_floats, *(jnp.asarray(wide[place]) for place in floats))
    c = RNG.uniform(0.5, 2, y.shape) if positive else RNG.normal(0, 1, y.shape)
    own = y.dtype if native else operands[floats[0]].dtype
    c = np.asarray(c).astype(own)
    found = back(jnp.asarray(c.astype(y.dtype)))
    results = [np.asarray(g).astype(operands[place].dtype) for place, g in zip(floats, found)]
    write(ops, operands, fields, c=[c], g=results)


def numbers(name, shape, positive=False):
    x = RNG.uniform(0.5, 2, shape) if positive else RNG.normal(0, 1, shape)
    return np.asarray(x).astype(FLOATS[name])


def structural(op, function, shapes, fields=None, with_gradient=True):
    for name in DTYPES:
        operands = [random_bits(name, shape) for shape in shapes]
        write(op, operands, fields, y=[function(np, *operands)])
    for name in ("f32", "f64"):
        if with_gradient:
            operands = [numbers(name, shape) for shape in shapes]
            # What is repeated is summed; of numbers of one sign, so that few units are lost.
            gradient(op, lambda *x: function(jnp, *x), operands, fields, positive=True)


def strided(x, start, limit, stride):
    return x[tuple(slice(*part) for part in zip(start, limit, stride))]


def in_dim(numpy, x, shape, dimensions):
    sizes = [1] * len(shape)
    for own, to in zip(x.shape, dimensions):
        sizes[to] = own
    return numpy.broadcast_to(x.reshape(sizes), shape)


def shapes():
    for sizes, axis in (([(2, 1), (2, 3)], 1), ([(2,), (0,), (1,)], 0), ([(1, 2, 1), (2, 2, 1)], 0)):
        structural("concatenate", lambda n, *x: n.concatenate(x, axis), sizes, {"axis": [axis]})
    for size, shape, dimensions in (((), (2, 2), ()), ((2,), (2, 3), (0,)), ((2, 1), (2, 2, 3), (0, 2)), ((1, 0), (2, 0), (0, 1))):
        structural("broadcast_in_dim", lambda n, x: in_dim(n, x, shape, dimensions), [size], {"shape": shape, "dimensions": dimensions})
    for size, shape in (((2, 3), (3, 2)), ((4,), (1, 2, 2)), ((0, 3), (2, 0)), ((1, 1), ())):
        structural("reshape", lambda n, x: n.reshape(x, shape), [size], {"shape": shape})
    for size, axes in (((2, 3), (1, 0)), ((2, 2, 2), (2, 0, 1)), ((1, 0, 2), (2, 1, 0))):
        structural("transpose", lambda n, x: n.transpose(x, axes), [size], {"axes": axes})
    for size, axes in (((2, 3), (1,)), ((3, 1, 2), (0, 2)), ((0, 2), (0, 1))):
        structural("reverse", lambda n, x: n.flip(x, axes), [size], {"axes": axes})
    for size, start, limit, stride in (((5,), (0,), (5,), (2,)), ((4, 2), (1, 0), (4, 2), (2, 2)), ((3, 2), (1, 1), (1, 2), (1, 3))):
        fields = {"start": start, "limit": limit, "stride": stride}
        structural("slice", lambda n, x: strided(x, start, limit, stride), [size], fields)
    for name in INTS | FLOATS:
        for size, axis in (((2, 3), 1), ((3, 1, 2), 0), ((0, 2), 1), ((300,), 0)):
            if size == (300,) and name not in ("i8", "u8", "bf16"):
                continue
            along = [axis if i == axis else None for i in range(len(size))]
            index = np.arange(size[axis]).reshape([-1 if a is not None else 1 for a in along])
            index = np.broadcast_to(index, size)
            values = [converted(np.int64(v), name) for v in index.reshape(-1)]
            write("iota", [], {"dtype": [name], "axis": [axis]}, y=[array(values, name, size)])


# --- reductions ---

REDUCTIONS = [((2, 3, 2), (0, 2)), ((2, 0, 2), (1,)), ((1, 4), (0,)), ((0, 3), (1,)), ((), ()), ((3, 3), (0, 1)), ((2, 4), (1,)), ((7,), (0,))]


def size_of(shape):
    return int(np.prod(shape, dtype=int))


def lanes(x, axes):
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    length = int(np.prod([x.shape[axis] for axis in axes], dtype=int))
    shape = tuple(x.shape[axis] for axis in kept)
    return shape, np.transpose(x, kept + list(axes)).reshape(int(np.prod(shape, dtype=int)), length)


def folded(lane, op, name):
    """The sum or product of a lane: exactly, then rounded."""
    if name in INTS:
        total = 0 if op == "sum" else 1
        for v in lane.tolist():
            total = total + v if op == "sum" else total * v
        return wrap(total, name)
    whole = np.add.reduce(lane.astype(np.float64)) if op == "sum" else np.multiply.reduce(lane.astype(np.float64))
    if not np.all(np.isfinite(lane)):
        return float(whole)
    total = Fraction(0 if op == "sum" else 1)
    for v in lane:
        total = total + exact(v) if op == "sum" else total * exact(v)
    if total == 0:
        return 0.0 if op == "sum" else float(whole)
    return nearest(total, name)


def extreme(lane, op, name):
    values = lane.tolist() if name in INTS or name == "bool" else [float(v) for v in lane]
    if name in FLOATS and any(np.isnan(values)):
        return NAN
    low, high = (-INF, INF) if name in FLOATS else (False, True) if name == "bool" else (np.iinfo(INTS[name]).min, np.iinfo(INTS[name]).max)
    # A zero without a sign is above one with it.
    key = lambda v: (v, np.copysign(1.0, v)) if name in FLOATS else v
    return max(values + [low], key=key) if op == "max" else min(values + [high], key=key)


def sprinkled(name, shape):
    """Multiples of 1/2, of which sums and products are exact, with infinities, NaN and signed zeros among them."""
    x = np.asarray(RNG.integers(-6, 7, shape) / 2.0)
    for value in (NAN, INF, -INF, -0.0, -0.0):
        x = np.where(RNG.random(shape) < 0.06, value, x)
    return x.astype(FLOATS[name])


def reductions():
    for name in DTYPES:
        for shape, axes in REDUCTIONS:
            cases = [sprinkled(name, shape), numbers(name, shape, positive=True)][: 2 if size_of(shape) else 1] if name in FLOATS else [random_bits(name, shape)]
            if name in FLOATS and shape == (7,):
                high = extremes(name)[7]
                few = array([float(high), float(high), -float(high), 1, 1, 1, 1], name)
                cases += [array([-0.0] * 7, name), np.full(7, high), array([1, -0.0, INF, 1, 1, 1, 1], name)]
                cases += [few] if name != "f64" else []
            for x in cases:
                ops = ("max", "min") if name == "bool" else ("sum", "prod", "max", "min")
                results = []
                for op in ops:
                    size, rows = lanes(x, axes)
                    fold = folded if op in ("sum", "prod") else extreme
                    results.append(array([fold(row, op, name) for row in rows], name, size))
                # NaN is not 0, so it is true.
                truth = [of(np.asarray(x != 0), axis=axes) for of in (np.any, np.all)]
                write(",".join([*ops, "any", "all"]), [x], {"axes": axes}, y=results + truth)
        for shape, axis in (((2, 3), 1), ((3, 1, 2), 0), ((6,), 0)):
            x = sprinkled(name, shape) if name in FLOATS else random_bits(name, shape)
            wide = x.astype(np.float64) if name in FLOATS else x
            write("argmax,argmin", [x], {"axis": [axis]}, y=[np.argmax(wide, axis).astype(np.int64), np.argmin(wide, axis).astype(np.int64)])
    for name in ("f32", "f64"):
        for shape, axes in REDUCTIONS:
            for op, function in (("sum", jnp.sum), ("prod", jnp.prod), ("max", jnp.max), ("min", jnp.min)):
                if 0 in shape and op in ("max", "min") and shape != (0, 3):
                    continue
                gradient(op, lambda x: function(x, axis=axes), [numbers(name, shape)], {"axes": axes})
        ties = array([1, 2, 2, -1, 2, -1, 0], name)
        gradient("max", lambda x: jnp.max(x, axis=0), [ties], {"axes": [0]})
        gradient("min", lambda x: jnp.min(x, axis=0), [ties], {"axes": [0]})
        for zeros in ([2, 0, 3, -1.5], [2, 0, 3, 0], [0, 0, 0, 1]):
            gradient("prod", lambda x: jnp.prod(x, axis=0), [array(zeros, name)], {"axes": [0]})


BROADCASTS = [((2, 2), (2,)), ((2, 1), (1, 3)), ((), (3,)), ((3, 1), (0,))]


def broadcast_gradients():
    binary = {
        "add": jnp.add,
        "subtract": jnp.subtract,
        "multiply": jnp.multiply,
        "divide": jnp.divide,
        "remainder": lax_broadcast(lax.rem),
        "maximum": jnp.maximum,
        "minimum": jnp.minimum,
        "power": lax_broadcast(lax.pow),
        "atan2": jnp.arctan2,
    }
    for name in ("f32", "f64"):
        for op, function in binary.items():
            for left, right in BROADCASTS:
                # Of one sign, so that sums of gradients lose few units; of remainders, where the gradient is constant.
                x, y = numbers(name, left, positive=True), numbers(name, right, positive=True)
                x = x + np.array(1.125, x.dtype) if op == "power" else x
                gradient(op, function, [x, y], positive=True)
            if op not in ("power",):
                gradient(op, function, [numbers(name, (4,)), numbers(name, (4,))])
        tied = array([1, 2, -0.5, 3], name), array([1, -2, -0.5, 4], name)
        gradient("maximum", jnp.maximum, list(tied))
        gradient("minimum", jnp.minimum, list(tied))
        for left, right in BROADCASTS:
            p = RNG.random(left) < 0.5
            gradient("select", jnp.where, [p, numbers(name, left), numbers(name, right)], positive=True)
        gradient("negate", jnp.negative, [numbers(name, (5,))])
        gradient("abs", jnp.abs, [numbers(name, (5,))])
        for to in FLOATS:
            if to != name:
                gradient(f"convert_{to}", lambda x: x.astype(FLOATS[to]), [numbers(name, (5,))], native=True)


def lax_broadcast(function):
    return lambda x, y: function(*jnp.broadcast_arrays(x, y))


# --- derivatives ---


def inverse_erf(x):
    with mp.workprec(53):
        y = mp.erfinv(x)
    correct = 40
    while True:
        y -= (mp.erf(y) - x) * mp.exp(y * y) * mp.sqrt(mp.pi) / 2
        correct *= 2
        if correct > 2 * mp.mp.prec:
            return y


def sign(x):
    return mp.mpf(x > 0) - mp.mpf(x < 0)


def polygamma(order):
    return lambda x: mp.psi(order, x), lambda x: special.polygamma(order, x)


# op: the function of real numbers, that of JAX, and the range of each operand
DERIVATIVES = {
    "abs": (abs, jnp.abs, [(-3, 3)]),
    "acos": (mp.acos, lax.acos, [(-0.98, 0.98)]),
    "acosh": (mp.acosh, lax.acosh, [(1.05, 30)]),
    "asin": (mp.asin, lax.asin, [(-0.98, 0.98)]),
    "asinh": (mp.asinh, lax.asinh, [(-20, 20)]),
    "atan": (mp.atan, lax.atan, [(-5, 5)]),
    "atan2": (lambda y, x: mp.atan2(y, x), lax.atan2, [(-3, 3), (-3, 3)]),
    "atanh": (mp.atanh, lax.atanh, [(-0.98, 0.98)]),
    "cbrt": (lambda x: sign(x) * mp.cbrt(abs(x)), lax.cbrt, [(-30, 30)]),
    "ceil": (mp.ceil, lax.ceil, [(-9, 9)]),
    "cosh": (mp.cosh, lax.cosh, [(-9, 9)]),
    "cosine": (mp.cos, lax.cos, [(-9, 9)]),
    "digamma": (mp.digamma, lax.digamma, [(0.1, 30)]),
    "erf": (mp.erf, lax.erf, [(-3, 3)]),
    "erf_inv": (inverse_erf, lax.erf_inv, [(-0.99, 0.99)]),
    "erfc": (mp.erfc, lax.erfc, [(-3, 3)]),
    "exp2": (lambda x: mp.mpf(2) ** x, lax.exp2, [(-20, 20)]),
    "exponential": (mp.exp, lax.exp, [(-20, 20)]),
    "exponential_minus_one": (mp.expm1, lax.expm1, [(-20, 20)]),
    "floor": (mp.floor, lax.floor, [(-9, 9)]),
    "lgamma": (lambda x: mp.re(mp.loggamma(x)), lax.lgamma, [(0.1, 30)]),
    "log": (mp.log, lax.log, [(0.01, 40)]),
    "log10": (mp.log10, jnp.log10, [(0.01, 40)]),
    "log2": (lambda x: mp.log(x) / mp.log(2), jnp.log2, [(0.01, 40)]),
    "log_plus_one": (lambda x: mp.log(1 + x), lax.log1p, [(-0.9, 20)]),
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), lax.logistic, [(-15, 15)]),
    "maximum": (lambda x, y: max(x, y), jnp.maximum, [(-3, 3), (-3, 3)]),
    "minimum": (lambda x, y: min(x, y), jnp.minimum, [(-3, 3), (-3, 3)]),
    "negate": (lambda x: -x, lax.neg, [(-3, 3)]),
    "next_after": (lambda x, y: x, None, [(-3, 3), (-3, 3)]),
    "power": (lambda x, y: x**y, lax.pow, [(0.05, 4), (-3, 4)]),
    "remainder": (lambda x, y: x - y * sign(x / y) * mp.floor(abs(x / y)), lax.rem, [(-9, 9), (-3, 3)]),
    "round_nearest_afz": (lambda x: sign(x) * mp.floor(abs(x) + 0.5), lax.round, [(-9, 9)]),
    "round_nearest_even": (mp.nint, jnp.round, [(-9, 9)]),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), lax.rsqrt, [(0.01, 40)]),
    "sign": (sign, lax.sign, [(-3, 3)]),
    "sine": (mp.sin, lax.sin, [(-9, 9)]),
    "sinh": (mp.sinh, lax.sinh, [(-9, 9)]),
    "sqrt": (mp.sqrt, lax.sqrt, [(0.01, 40)]),
    "tan": (mp.tan, lax.tan, [(-4, 4)]),
    "tanh": (mp.tanh, lax.tanh, [(-6, 6)]),
    "tetragamma": (*polygamma(2), [(0.2, 20)]),
    "trigamma": (*polygamma(1), [(0.2, 20)]),
    "trunc": (lambda x: sign(x) * mp.floor(abs(x)), jnp.trunc, [(-9, 9)]),
    "multiply": (lambda x, y: x * y, jnp.multiply, [(-3, 3), (-3, 3)]),
    "divide": (lambda x, y: x / y, jnp.divide, [(-3, 3), (-3, 3)]),
}


def partial(function, point, counts):
    if not any(counts):
        return function(*point)
    if len(point) == 1:
        return mp.diff(function, point[0], counts[0])
    return mp.diff(function, tuple(point), tuple(counts))


def fraction(value):
    mantissa, exponent = abs(value).man_exp
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * (-1 if value < 0 else 1)


def rounded(value, name):
    # A difference that is below the accuracy of the differences is none.
    if abs(value) < mp.mpf(2) ** -120:
        return 0.0
    return nearest(fraction(value), name)


def units(a, b):
    return np.max(np.abs(a - b) / np.spacing(np.maximum(np.abs(b), 1e-300)))


def derivatives():
    for name in ("f32", "f64"):
        for op, (function, jax_function, ranges) in DERIVATIVES.items():
            points = [RNG.uniform(low, high, 10 if len(ranges) == 1 else 6).astype(FLOATS[name]) for low, high in ranges]
            arity = len(ranges)
            unit = [[int(i == k) for i in range(arity)] for k in range(arity)]
            orders = unit + [[a + b for a, b in zip(u, v)] for u in unit for v in unit]
            wholes = [[mp.mpf(float(x)) for x in point] for point in zip(*points)]
            found = [[partial(function, point, order) for point in wholes] for order in orders]
            found = [array([rounded(v, name) for v in values], name) for values in found]
            if name == "f64" and jax_function is not None:
                axes = range(arity)
                one = [jax.grad(jax_function, i) for i in axes]
                two = [jax.grad(jax.grad(jax_function, i), j) for i in axes for j in axes]
                far = [units(np.asarray(jax.vmap(of)(*points)), y) for of, y in zip(one + two, found)]
                log(f"{op}: JAX is off by", [f"{x:.3g}" for x in far], "units")
                assert max(far) < 1e10, op
            write(op, points, d=found[:arity], dd=found[arity:])
    # Of small numbers the square has few digits or is 0, but not the quotient of it.
    for name, low in (("f16", 2.0**-11), ("bf16", 2.0**-70), ("f32", 2.0**-70), ("f64", 2.0**-530)):
        points = [RNG.uniform(low, 8 * low, 6).astype(FLOATS[name]) for _ in range(2)]
        quotients = [(1 / exact(y), -exact(x) / exact(y) ** 2) for x, y in zip(*points)]
        write("divide", points, d=[array([nearest(pair[place], name) for pair in quotients], name) for place in range(2)])


print(f"# Written by basics.py; seed {SEED}; jax {jax.__version__}, numpy {np.__version__}, mpmath {mp.__version__}.")
integer_arithmetic()
float_arithmetic()
comparisons()
conversions()
shapes()
reductions()
broadcast_gradients()
derivatives()
