"""Writes primitives.txt: cases of sort, top_k, dynamic slices, bits, clamp, precision and linear algebra by JAX and NumPy.

    python3 tests/oracles/primitives.py > tests/oracles/primitives.txt

Needs numpy and jax (0.10 was used). A case is a few lines of `key fields`, ended by an empty line; a list is
comma-separated, `-` if empty; a tensor is dtype, sizes and elements. `x0`, `x1`, … are the operands, `y0`, … the results;
`c0`, … are the cotangents of the results that are floats, and `g0`, … the gradients that they give the operands that are.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import config, lax

config.update("jax_enable_x64", True)

SEED = 20250301
RNG = np.random.default_rng(SEED)
NAMES = {"float32": "f32", "float64": "f64", "float16": "f16", "bfloat16": "bf16", "bool": "bool"}
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def items(values):
    return ",".join(map(str, values)) or "-"


def tensor(key, array):
    array = np.asarray(array)
    name = NAMES.get(str(array.dtype)) or str(array.dtype).replace("uint", "u").replace("int", "i")
    flat = array.reshape(-1)
    is_float = name in ("f32", "f64", "f16", "bf16")
    elements = [repr(float(x)) if is_float else str(int(x)) for x in flat]
    print(key, name, items(array.shape), items(elements))


def is_float(x):
    return jnp.issubdtype(np.asarray(x).dtype, jnp.floating)


def case(kind, operands, function, gradient=True, **fields):
    """`function` takes the operands and gives a tuple."""
    operands = [np.asarray(x) for x in operands]
    results = function(*operands)
    print("case", kind)
    for key, value in fields.items():
        print(key, items(value) if isinstance(value, (list, tuple)) else value)
    for key, arrays in (("x", operands), ("y", results)):
        for place, array in enumerate(arrays):
            tensor(f"{key}{place}", array)
    floats = [place for place, x in enumerate(operands) if is_float(x)]
    smooth = [place for place, y in enumerate(results) if is_float(y)]
    if gradient and floats and smooth:

        def of_floats(*values):
            everything = list(operands)
            for place, value in zip(floats, values):
                everything[place] = value
            every_result = function(*everything)
            return [every_result[place] for place in smooth]

        _, back = jax.vjp(of_floats, *(jnp.asarray(operands[place]) for place in floats))
        cotangents = [RNG.integers(-4, 5, results[place].shape).astype(results[place].dtype) for place in smooth]
        for place, cotangent in zip(smooth, cotangents):
            tensor(f"c{place}", cotangent)
        for place, found in zip(floats, back([jnp.asarray(c) for c in cotangents])):
            tensor(f"g{place}", found)
    print()


def numbers(dtype, shape, low=-4, high=5):
    """Small numbers with many ties; now and then a NaN, an infinity, a -0."""
    if dtype == "bool":
        return RNG.random(shape) < 0.5
    x = RNG.integers(0 if dtype.startswith("u") else low, high, shape)
    if not dtype.startswith(("float", "bfloat")):
        return x.astype(dtype)
    x = np.asarray(x / 2.0)
    for special in (np.nan, np.inf, -np.inf, -0.0):
        x = np.where(RNG.random(shape) < 0.05, special, x)
    return x.astype(jnp.bfloat16 if dtype == "bfloat16" else dtype)


def distinct(dtype, shape):
    x = RNG.permutation(int(np.prod(shape))).reshape(shape) / 2.0 - 3
    return x.astype(dtype)


def shape(low, high):
    return tuple(int(RNG.integers(1, 5)) for _ in range(int(RNG.integers(low, high))))


def sort():
    for number in range(60):
        sizes = shape(1, 4)
        if number % 12 == 0:
            sizes = sizes + (0,)
        axis, count = int(RNG.integers(0, len(sizes))), int(RNG.integers(1, 4))
        keys, descending = int(RNG.integers(1, count + 1)), number % 3 == 0
        dtypes = RNG.choice(["float32", "float64", "float16", "int32", "uint8", "int64", "bool"], count)
        operands = [numbers(str(dtype), sizes) for dtype in dtypes]

        def function(*operands):
            turned = [jnp.flip(x, axis) if descending else jnp.asarray(x) for x in operands]
            found = lax.sort(turned, dimension=axis, is_stable=True, num_keys=keys)
            return tuple(jnp.flip(y, axis) if descending else y for y in found)

        case("sort", operands, function, axis=axis, keys=keys, order="descending" if descending else "ascending")


def top_k():
    for number in range(30):
        sizes = shape(1, 4)
        dtype = str(RNG.choice(["float32", "float64", "int32", "uint8"]))
        x = numbers(dtype, sizes) if number % 2 else distinct(dtype, sizes)
        if dtype.startswith("float"):
            # JAX puts 0 before -0 here, though not when it sorts.
            x = np.where(x == 0, 0, x).astype(dtype)
        k = int(RNG.integers(0, sizes[-1] + 1))
        case("top_k", [x], lambda x: (lambda y: (y[0], y[1].astype(jnp.int64)))(lax.top_k(x, k)), k=k)


def extremes():
    for number in range(40):
        sizes, dtype = shape(1, 4), str(RNG.choice(["float32", "float64", "float16", "int8", "uint32", "bool"]))
        axis = int(RNG.integers(0, len(sizes)))
        x = numbers(dtype, sizes)
        print("case argmax" if number % 2 else "case argmin")
        print("axis", axis)
        tensor("x0", x)
        tensor("y0", (np.argmax if number % 2 else np.argmin)(x, axis).astype(np.int64))
        print()


# StableHLO clamps negative indices; JAX by itself would count them from the end.
FROM_ZERO = {"allow_negative_indices": False}


def dynamic_slices():
    for number in range(60):
        sizes = shape(0, 4)
        part = [int(RNG.integers(0, size + 1)) for size in sizes]
        dtype = str(RNG.choice(["float32", "float64", "int32", "bool"]))
        index = str(RNG.choice(["int32", "int64", "int8", "uint8"]))
        starts = [RNG.integers(0 if index == "uint8" else -3, 6, ()).astype(index) for _ in sizes]
        x = numbers(dtype, sizes)
        if number % 2:
            case("dynamic_slice", [x, *starts], lambda x, *i: (lax.dynamic_slice(x, i, part, **FROM_ZERO),), sizes=part)
        else:
            update = numbers(dtype, part)
            case("dynamic_update_slice", [x, update, *starts], lambda x, u, *i: (lax.dynamic_update_slice(x, u, i, **FROM_ZERO),))


def bits():
    binary = {
        "and": lax.bitwise_and,
        "or": lax.bitwise_or,
        "xor": lax.bitwise_xor,
        "shift_left": lax.shift_left,
        "shift_right_arithmetic": lax.shift_right_arithmetic,
        "shift_right_logical": lax.shift_right_logical,
    }
    unary = {"not": lax.bitwise_not, "popcnt": lax.population_count, "count_leading_zeros": lax.clz}
    for dtype in INTS + ["bool"]:
        if dtype == "bool":
            edges = np.array([True, False])
        else:
            info = np.iinfo(dtype)
            random = RNG.integers(info.min, info.max, 8, dtype=dtype, endpoint=True)
            edges = np.concatenate([np.array([0, 1, 5, info.max, info.min, info.max // 3], dtype), random])
        for name, function in unary.items():
            if dtype != "bool" or name == "not":
                case(name, [edges], lambda x: (function(x),), gradient=False)
        for name, function in binary.items():
            if dtype == "bool" and name.startswith("shift"):
                continue
            other = edges[::-1]
            if name.startswith("shift"):
                width = np.iinfo(dtype).bits
                other = RNG.choice([0, 1, 3, width - 1, width, width + 1], len(edges)).astype(dtype)
                other[-1] = np.iinfo(dtype).max
            case(name, [edges, other], lambda x, y: (function(x, y),), gradient=False)


def bitcasts():
    for number in range(40):
        to = str(RNG.choice(INTS + ["float32", "float64", "float16"]))
        dtype = str(RNG.choice(INTS))
        wide, sizes = jnp.dtype(to).itemsize // jnp.dtype(dtype).itemsize, shape(0, 3)
        if wide > 1:
            sizes = sizes + (wide,)
        info = np.iinfo(dtype)
        x = RNG.integers(info.min, info.max, sizes, dtype=dtype, endpoint=True)
        case("bitcast_convert", [x], lambda x: (lax.bitcast_convert_type(x, to),), gradient=False, dtype=np.asarray(jnp.zeros((), to)).dtype.name.replace("uint", "u").replace("int", "i").replace("float", "f"))


def clamp():
    for number in range(30):
        sizes, dtype = shape(1, 3), str(RNG.choice(["float32", "float64", "int32", "uint8"]))
        # No ties, at which JAX gives nobody a gradient.
        scale = 0.5 if dtype.startswith("float") else 1
        x = (RNG.integers(0, 9, sizes) * scale + (0.25 if scale < 1 else 0)).astype(dtype)
        low, high = ((RNG.integers(0, 9, sizes if number % 3 == 0 else ()) * scale).astype(dtype) for _ in "lh")
        low, high = (low, high) if number % 5 == 0 else (np.minimum(low, high), np.maximum(low, high))
        wrong = np.any(low > high)
        case("clamp", [low, x, high], lambda low, x, high: (jnp.minimum(jnp.maximum(x, low), high),), gradient=not wrong and np.all(low < high))


def precision():
    for dtype, integer in (("float32", "uint32"), ("float64", "uint64"), ("float16", "uint16"), ("bfloat16", "uint16")):
        own = {"float32": (8, 23), "float64": (11, 52), "float16": (5, 10), "bfloat16": (8, 7)}[dtype]
        for exponent, mantissa in ((5, 10), (8, 7), (11, 52), (3, 0), (1, 2), (4, 3), own):
            x = RNG.integers(0, np.iinfo(integer).max, 24, dtype=integer, endpoint=True)
            x = np.concatenate([np.asarray(lax.bitcast_convert_type(x, dtype)), numbers(dtype, (6,)), RNG.normal(0, 20, 18).astype(jnp.dtype(dtype))])
            case("reduce_precision", [x], lambda x: (lax.reduce_precision(x, exponent, mantissa),), gradient=False, exponent=exponent, mantissa=mantissa)


def decompositions():
    for number in range(24):
        batch, n = shape(0, 2), int(RNG.integers(0, 5))
        root = np.round(RNG.normal(0, 1, batch + (n, n)), 2)
        a = root @ np.swapaxes(root, -1, -2) + np.eye(n)
        a = (a if number % 4 else a - 2.5 * np.eye(n)).astype("float32" if number % 6 == 1 else "float64")
        failed = np.any(np.isnan(np.asarray(lax.linalg.cholesky(a))))
        case("cholesky", [a], lambda a: (lax.linalg.cholesky(a),), gradient=not failed)
        c = np.round(RNG.normal(0, 1, batch + (n, 2)), 2).astype(a.dtype)
        if not failed and n > 0:
            case("solve_positive_definite", [a, c], lambda a, c: (jax.scipy.linalg.cho_solve((lax.linalg.cholesky(a), True), c),), gradient=a.dtype == np.float64)
            case("logdet", [a], lambda a: (2 * jnp.sum(jnp.log(jnp.diagonal(lax.linalg.cholesky(a), axis1=-2, axis2=-1)), axis=-1),))
    for number in range(32):
        left, lower, unit, transposed = (bool(number >> place & 1) for place in range(4))
        batch, n, k = shape(0, 2), int(RNG.integers(1, 5)), int(RNG.integers(0, 4))
        a = np.round(RNG.normal(0, 1, batch + (n, n)), 2) + 2 * np.eye(n)
        b = np.round(RNG.normal(0, 1, batch + ((n, k) if left else (k, n))), 2)
        options = dict(left_side=left, lower=lower, unit_diagonal=unit, transpose_a=transposed)
        fields = {key: int(value) for key, value in options.items()}
        case("triangular_solve", [a, b], lambda a, b: (lax.linalg.triangular_solve(a, b, **options),), **fields)


print(f"# Written by primitives.py; seed {SEED}.")
print()
for write in (sort, top_k, extremes, dynamic_slices, bits, bitcasts, clamp, precision, decompositions):
    write()
