"""Writes shapes.txt: cases of matmul, dot_general, pad, gather and scatter with results by NumPy and JAX.

    python3 tests/oracles/shapes.py > tests/oracles/shapes.txt

Needs numpy and jax (0.10 was used). A case is a few lines of `key fields`, ended by an empty line; a list is
comma-separated, `-` if empty; a tensor is dtype, sizes and elements. All numbers are small integers, so that every dtype
holds them exactly.
"""

import numpy as np
from jax import config, lax

config.update("jax_enable_x64", True)

SEED = 20240229
RNG = np.random.default_rng(SEED)
DTYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "i32": np.int32, "u8": np.uint8, "i64": np.int64}


def items(values):
    return ",".join(str(int(value)) for value in values) or "-"


def tensor(key, dtype, array):
    print(key, dtype, items(array.shape), items(array.reshape(-1)))


def numbers(dtype, shape, low=-5, high=6):
    return RNG.integers(0 if dtype == "u8" else low, high, shape).astype(DTYPES[dtype])


def some(values, probability):
    return [value for value in values if RNG.random() < probability]


def sizes(rank, zero=0.05):
    return [0 if RNG.random() < zero else int(RNG.integers(1, 5)) for _ in range(rank)]


def matmul():
    batches = [((), ()), ((3,), ()), ((), (2,)), ((2,), (2,)), ((2, 1), (3,)), ((1,), (4,)), ((0,), (1,)), ((2, 3), (2, 3))]
    for left, right in batches:
        for dtype in ("f32", "i32", "f16"):
            m, k, n = (int(RNG.integers(0 if dtype == "i32" else 1, 4)) for _ in range(3))
            pairs = [(left + (m, k), right + (k, n)), ((k,), right + (k, n)), (left + (m, k), (k,)), ((k,), (k,))]
            for a, b in pairs:
                a, b = numbers(dtype, a), numbers(dtype, b)
                print("case matmul")
                tensor("left", dtype, a)
                tensor("right", dtype, b)
                tensor("result", dtype, np.matmul(a, b))
                print()


def dot_general():
    for _ in range(60):
        dtype = str(RNG.choice(list(DTYPES)))
        counts = [int(RNG.integers(0, 3)) for _ in range(4)]
        batch, contracting, left_free, right_free = (sizes(count) for count in counts)
        letters = iter("abcdefghijkl")
        b, c, f, g = ("".join(next(letters) for _ in range(count)) for count in counts)
        size = dict(zip(b + c + f + g, batch + contracting + left_free + right_free))
        left, right = ("".join(RNG.permutation(list(names))) for names in (b + c + f, b + c + g))
        x, y = (numbers(dtype, [size[name] for name in names], -3, 4) for names in (left, right))
        free = [name for name in left if name in f], [name for name in right if name in g]
        result = np.einsum(f"{left},{right}->{b}{''.join(free[0])}{''.join(free[1])}", x.astype(np.int64), y.astype(np.int64))
        print("case dot_general")
        for key, names, of in (("left_batching", b, left), ("right_batching", b, right), ("left_contracting", c, left), ("right_contracting", c, right)):
            print(key, items(of.index(name) for name in names))
        tensor("left", dtype, x)
        tensor("right", dtype, y)
        tensor("result", dtype, result.astype(DTYPES[dtype]))
        print()


def pad():
    done = 0
    while done < 50:
        dtype = str(RNG.choice(list(DTYPES)))
        x = numbers(dtype, sizes(int(RNG.integers(0, 4))))
        widths = [(int(RNG.integers(-3, 4)), int(RNG.integers(-3, 4)), int(RNG.integers(0, 3))) for _ in x.shape]
        if any(low + high + size + max(size - 1, 0) * between < 0 for size, (low, high, between) in zip(x.shape, widths)):
            continue
        result = lax.pad(x, DTYPES[dtype](7), widths)
        print("case pad")
        for key, place in (("low", 0), ("high", 1), ("interior", 2)):
            print(key, items(width[place] for width in widths))
        tensor("operand", dtype, x)
        tensor("result", dtype, np.asarray(result))
        print()
        done += 1


def windows(zero):
    """A random choice of dimensions for gather and scatter, and sizes to go with it."""
    rank = int(RNG.integers(1, 5))
    shape = sizes(rank, zero)
    batching = some(range(rank), 0.25)
    rest = [axis for axis in range(rank) if axis not in batching]
    mapped = list(RNG.permutation(some(rest, 0.6)))
    collapsed = some(mapped, 0.5)
    collapsed = sorted(axis for axis in collapsed if shape[axis] > 0)
    window = [1 if axis in batching or axis in collapsed else int(RNG.integers(0, shape[axis] + 1)) for axis in range(rank)]
    for axis in rest:
        if axis not in mapped and RNG.random() < 0.7:
            window[axis] = shape[axis]
    extra = sizes(int(RNG.integers(0, 3)), 0.03)
    along = [("batch", shape[axis], axis) for axis in batching] + [("extra", size, None) for size in extra]
    along = [along[place] for place in RNG.permutation(len(along))]
    batch_shape = [size for _, size, _ in along]
    indices_batching = [next(place for place, (_, _, axis) in enumerate(along) if axis == wanted) for wanted in batching]
    inner = [axis for axis in range(rank) if axis not in batching and axis not in collapsed]
    values_rank = len(batch_shape) + len(inner)
    offset = sorted(int(place) for place in RNG.permutation(values_rank)[: len(inner)])
    return shape, window, batch_shape, offset, collapsed, batching, indices_batching, [int(axis) for axis in mapped]


def component_of_index(size, last, clamp):
    """JAX drops a window that is partly outside as a whole, so without clamping each is within or far out."""
    if clamp:
        return RNG.integers(-3, size + 4)
    return RNG.integers(0, last + 1) if RNG.random() < 0.75 else RNG.choice([-9, 9])


def print_dimensions(offset, collapsed, batching, indices_batching, mapped, vector, indices):
    """JAX has the components of an index last; here they go to another place."""
    moved = np.moveaxis(indices, -1, vector)
    print("offset_dims", items(offset))
    print("collapsed_slice_dims", items(collapsed))
    print("operand_batching_dims", items(batching))
    print("start_indices_batching_dims", items(place + (place >= vector) for place in indices_batching))
    print("start_index_map", items(mapped))
    print("index_vector_dim", vector)
    tensor("indices", str(RNG.choice(["i32", "i64"])), moved)


def gather():
    for case in range(120):
        clamp = case % 2 == 0
        shape, window, batch_shape, offset, collapsed, batching, along, mapped = windows(0.05)
        dtype = str(RNG.choice(list(DTYPES)))
        x = numbers(dtype, shape)
        indices = np.empty(batch_shape + [len(mapped)], np.int64)
        for component, axis in enumerate(mapped):
            last = shape[axis] - window[axis]
            for at in np.ndindex(*batch_shape):
                indices[at + (component,)] = component_of_index(shape[axis], last, clamp)
        dims = lax.GatherDimensionNumbers(tuple(offset), tuple(collapsed), tuple(mapped), tuple(batching), tuple(along))
        mode = "clip" if clamp else "fill"
        result = lax.gather(x, indices, dims, tuple(window), mode=mode, fill_value=0)
        print("case gather")
        print("out_of_bounds", "clamp" if clamp else "drop")
        print("slice_sizes", items(window))
        print_dimensions(offset, collapsed, batching, along, mapped, int(RNG.integers(0, len(batch_shape) + 1)), indices)
        tensor("operand", dtype, x)
        tensor("result", dtype, np.asarray(result))
        print()


def scatter():
    functions = {"set": lax.scatter, "add": lax.scatter_add, "multiply": lax.scatter_mul, "min": lax.scatter_min, "max": lax.scatter_max}
    for case in range(200):
        combine = list(functions)[case % 5]
        shape, window, batch_shape, offset, collapsed, batching, along, mapped = windows(0.03)
        while not mapped:
            # XLA leaves updates out whose index has no components; by the specification all go to the same place.
            shape, window, batch_shape, offset, collapsed, batching, along, mapped = windows(0.03)
        if combine == "set":
            # Of several updates of one element StableHLO leaves open which stays: one window only.
            batch_shape = [1 if place not in along else size for place, size in enumerate(batch_shape)]
        clamp = combine != "set" and case % 3 == 0
        dtype = str(RNG.choice(["f32", "f64", "i32", "i64"]))
        x = numbers(dtype, shape, -2, 3)
        indices = np.empty(batch_shape + [len(mapped)], np.int64)
        for component, axis in enumerate(mapped):
            last = shape[axis] - window[axis]
            for at in np.ndindex(*batch_shape):
                indices[at + (component,)] = component_of_index(shape[axis], last, clamp)
        inner = [size for axis, size in enumerate(window) if axis not in batching and axis not in collapsed]
        sizes_left, inner_left = iter(batch_shape), iter(inner)
        values = [next(inner_left) if place in offset else next(sizes_left) for place in range(len(batch_shape) + len(inner))]
        updates = numbers(dtype, values, -2, 3)
        dims = lax.ScatterDimensionNumbers(tuple(offset), tuple(collapsed), tuple(mapped), operand_batching_dims=tuple(batching), scatter_indices_batching_dims=tuple(along))
        result = functions[combine](x, indices, updates, dims, mode="clip" if clamp else "drop")
        print("case scatter")
        print("combine", combine)
        print("out_of_bounds", "clamp" if clamp else "drop")
        print_dimensions(offset, collapsed, batching, along, mapped, int(RNG.integers(0, len(batch_shape) + 1)), indices)
        tensor("operand", dtype, x)
        tensor("updates", dtype, updates)
        tensor("result", dtype, np.asarray(result))
        print()


print(f"# Written by shapes.py; seed {SEED}.")
print()
for write in (matmul, dot_general, pad, gather, scatter):
    write()
