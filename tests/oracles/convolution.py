"""Writes convolution.txt: cases of convolutions, windows, cumulative ops, pooling and resizing, with results by JAX.

    python3 tests/oracles/convolution.py > tests/oracles/convolution.txt

Needs numpy and jax (0.10 was used). A case is a few lines of `key fields`, ended by an empty line; a list is
comma-separated, `-` if empty; a tensor is dtype, sizes and elements. Results are computed in f64 from the operands as they
are written, those of integers in their dtype. `gradient_n` is the gradient for operand n of the sum of the results with the
weights `((7 i) mod 11 - 5) / 4`, `i` from 0 on in row-major order.
"""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import config, lax
from jax._src.lax.windowed_reductions import _select_and_scatter_add

config.update("jax_enable_x64", True)

SEED = 20260214
RNG = np.random.default_rng(SEED)
INTEGERS = {"i32": np.int32, "u8": np.uint8, "i8": np.int8, "i64": np.int64}
FLOATS = ["f32", "f32", "f64", "f16", "bf16"]


def items(values):
    return ",".join(str(int(value)) for value in values) or "-"


def pairs(values):
    return items(width for pair in values for width in pair)


def tensor(key, dtype, array):
    array = np.asarray(array)
    elements = ",".join(f"{value:.13g}" for value in array.reshape(-1)) or "-"
    print(key, dtype, items(array.shape), elements)


def numbers(dtype, shape):
    """Small numbers that every dtype holds."""
    if dtype in INTEGERS:
        return RNG.integers(0 if dtype == "u8" else -9, 10, shape).astype(INTEGERS[dtype])
    return RNG.integers(-9, 10, shape) / 4


def distinct(shape):
    """Numbers in random order, all different, halves exact up to 256 of them."""
    count = math.prod(shape)
    return (RNG.permutation(count) - count // 2).reshape(shape) / 4


def weights(shape):
    return ((7 * np.arange(math.prod(shape)) % 11 - 5) / 4).reshape(shape)


def case(kind, dtype, operands, function, gradients=True, **fields):
    """Prints a case; `function` is one of the operands."""
    operands = [np.asarray(operand) for operand in operands]
    result = function(*operands)
    print("case", kind)
    for key, value in fields.items():
        print(key, value)
    for index, operand in enumerate(operands):
        tensor(f"operand_{index}", dtype, operand)
    tensor("result", dtype, result)
    if dtype not in INTEGERS and gradients:
        loss = lambda *operands: (function(*operands) * weights(result.shape)).sum()
        found = jax.grad(loss, argnums=tuple(range(len(operands))))(*operands)
        for index, gradient in enumerate(found):
            tensor(f"gradient_{index}", dtype, gradient)
    print()


def dtype(floats=0.75):
    return str(RNG.choice(FLOATS) if RNG.random() < floats else RNG.choice(list(INTEGERS)))


def one_of(*values):
    return int(RNG.choice(values))


def many(count, *values):
    return [one_of(*values) for _ in range(count)]


def count_windows(base, size, stride, padding, base_dilation, window_dilation):
    room = (base - 1) * base_dilation + 1 + sum(padding) - (size - 1) * window_dilation - 1
    return room // stride + 1


def convolution():
    done = 0
    while done < 90:
        spatial = one_of(0, 1, 1, 1, 2, 2, 2, 3)
        groups = one_of(1, 1, 2, 3) if spatial < 3 else 1
        by_batch = groups > 1 and RNG.random() < 0.5
        batch, inputs, outputs = one_of(1, 1, 2), one_of(1, 2), one_of(1, 2) * groups
        if RNG.random() < 0.06:
            batch, inputs, outputs = [(0, inputs, outputs), (batch, 0, outputs), (batch, inputs, 0)][one_of(0, 1, 2)]
        base = many(spatial, 1, 2, 4, 5) if spatial < 3 else many(spatial, 1, 2, 3)
        window = many(spatial, 1, 2, 3)
        strides, dilations, base_dilations = many(spatial, 1, 1, 2, 3), many(spatial, 1, 1, 2), many(spatial, 1, 1, 2, 3)
        padding = [(one_of(0, 1, 2, -1), one_of(0, 1, 2, -1)) for _ in range(spatial)]
        reversal = [bool(one_of(0, 0, 1)) for _ in range(spatial)]
        counts = [count_windows(*all) for all in zip(base, window, strides, padding, base_dilations, dilations)]
        if any(count < 0 or count > 8 for count in counts):
            continue
        if any((size - 1) * dilation + 1 + sum(widths) < 0 for size, dilation, widths in zip(base, base_dilations, padding)):
            continue
        order = [[int(place) for place in RNG.permutation(spatial + 2)] for _ in range(3)]
        shapes = [
            [batch * (groups if by_batch else 1), inputs * (1 if by_batch else groups)] + base,
            [outputs, inputs] + window,
        ]
        kind = dtype()
        operands = []
        for shape, places in zip(shapes, order):
            array = np.empty(len(shape), int)
            array[places] = shape
            operands.append(numbers(kind, tuple(array)))
        flipped = [axis for axis, reverse in zip(order[1][2:], reversal) if reverse]

        def function(x, kernel):
            return lax.conv_general_dilated(
                x,
                jnp.flip(kernel, flipped),
                strides,
                padding,
                base_dilations,
                dilations,
                lax.ConvDimensionNumbers(*map(tuple, order)),
                feature_group_count=1 if by_batch else groups,
                batch_group_count=groups if by_batch else 1,
            )

        case(
            "convolution",
            kind,
            operands,
            function,
            strides=items(strides),
            padding=pairs(padding),
            base_dilations=items(base_dilations),
            window_dilations=items(dilations),
            reversal=items(reversal),
            input=items(order[0]),
            kernel=items(order[1]),
            output=items(order[2]),
            groups=items([1 if by_batch else groups, groups if by_batch else 1]),
        )
        done += 1


LAST = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}
FIRST = {1: ("NCW", "OIW", "NCW"), 2: ("NCHW", "OIHW", "NCHW"), 3: ("NCDHW", "OIDHW", "NCDHW")}


def image(layout, batch, space, channels):
    return (batch, *space, channels) if layout == "last" else (batch, channels, *space)


def kernel_shape(layout, window, inputs, outputs):
    return (*window, inputs, outputs) if layout == "last" else (outputs, inputs, *window)


def padding_of(spatial):
    choice = one_of(0, 1, 2)
    if choice < 2:
        return [("VALID", "valid"), ("SAME", "same")][choice]
    widths = [(one_of(0, 1, 2), one_of(0, 1)) for _ in range(spatial)]
    return widths, pairs(widths)


def conv():
    done = 0
    while done < 60:
        spatial, layout = one_of(1, 2, 2, 3), str(RNG.choice(["last", "first"]))
        groups = one_of(1, 1, 2)
        space = many(spatial, 3, 4, 5, 6) if spatial < 3 else many(spatial, 2, 3)
        window, strides = many(spatial, 1, 2, 3), many(spatial, 1, 1, 2, 3)
        dilation = many(spatial, 1, 2) if RNG.random() < 0.3 else [1] * spatial
        padding, written = padding_of(spatial)
        if padding == "VALID" and any((k - 1) * d + 1 > h for k, d, h in zip(window, dilation, space)):
            continue
        inputs, outputs = one_of(1, 2), one_of(1, 2) * groups
        kind = dtype(0.9)
        x = numbers(kind, image(layout, one_of(1, 2), space, inputs * groups))
        kernel = numbers(kind, kernel_shape(layout, window, inputs, outputs))
        names = (LAST if layout == "last" else FIRST)[spatial]
        function = lambda x, kernel: lax.conv_general_dilated(
            x, kernel, strides, padding, None, dilation, names, feature_group_count=groups
        )
        fields = dict(layout=layout, strides=items(strides), padding=written, dilation=items(dilation), groups=groups)
        try:
            function(x, kernel)
        except ValueError:
            continue
        case("conv", kind, [x, kernel], function, **fields)
        done += 1


def conv_transpose():
    done = 0
    while done < 45:
        spatial, layout = one_of(1, 1, 2), str(RNG.choice(["last", "first"]))
        space, window, strides = many(spatial, 1, 2, 3, 4), many(spatial, 1, 2, 3, 4), many(spatial, 1, 2, 3)
        dilation = many(spatial, 1, 2) if RNG.random() < 0.3 else [1] * spatial
        padding, written = padding_of(spatial)
        explicit = isinstance(padding, list)
        groups = one_of(1, 2) if explicit else 1
        inputs, outputs = one_of(1, 2) * groups, one_of(1, 2)
        kind = str(RNG.choice(FLOATS))
        x = numbers(kind, image(layout, one_of(1, 2), space, inputs))
        # The kernel of a convolution from outputs to inputs.
        kernel = numbers(kind, kernel_shape(layout, window, outputs, inputs))
        names = (LAST if layout == "last" else FIRST)[spatial]
        output_padding = [one_of(0, stride - 1) for stride in strides] if explicit else [0] * spatial
        if explicit:
            # As PyTorch has it: what the convolution gives back to an image of this size.
            spans = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
            sizes = [
                (h - 1) * s + span - low - high + more
                for h, s, span, (low, high), more in zip(space, strides, spans, padding, output_padding)
            ]
            if any(size < 1 for size in sizes):
                continue
            shape = image(layout, x.shape[0], sizes, outputs * groups)
            forward = lambda image, kernel: lax.conv_general_dilated(
                image, kernel, strides, padding, None, dilation, names, feature_group_count=groups
            )
            if forward(np.zeros(shape), kernel).shape != x.shape:
                continue
            function = lambda x, kernel: jax.vjp(lambda image: forward(image, kernel), jnp.zeros(shape))[1](x)[0]
        else:
            function = lambda x, kernel: lax.conv_transpose(
                x, kernel, strides, padding, dilation, names, transpose_kernel=True
            )
        case(
            "conv_transpose", kind, [x, kernel], function, layout=layout, strides=items(strides), padding=written,
            dilation=items(dilation), groups=groups, output_padding=items(output_padding),
        )
        done += 1


def depthwise():
    for index in range(16):
        spatial, layout = one_of(1, 2), ["last", "first"][index % 2]
        space, window, strides = many(spatial, 3, 4, 5), many(spatial, 1, 2, 3), [one_of(1, 2)] * spatial
        padding = ["VALID", "SAME"][index // 2 % 2]
        inputs, multiplier, outputs = one_of(1, 2, 3), one_of(1, 2), one_of(1, 3)
        names = (LAST if layout == "last" else FIRST)[spatial]
        x = numbers("f32", image(layout, 2, space, inputs))
        last = layout == "last"
        kernel = numbers("f32", (*window, inputs, multiplier) if last else (inputs, multiplier, *window))
        single = (*window, 1, inputs * multiplier) if last else (inputs * multiplier, 1, *window)
        each = lambda x, kernel: lax.conv_general_dilated(
            x, kernel.reshape(single), strides, padding, None, None, names, feature_group_count=inputs
        )
        fields = dict(layout=layout, strides=items(strides), padding=padding.lower(), dilation=1, groups=1)
        if index < 8:
            case("depthwise_conv", "f32", [x, kernel], each, **fields)
            continue
        pointwise = numbers("f32", kernel_shape(layout, [1] * spatial, inputs * multiplier, outputs))
        both = lambda x, kernel, pointwise: lax.conv_general_dilated(
            each(x, kernel), pointwise, [1] * spatial, "VALID", None, None, names
        )
        case("separable_conv", "f32", [x, kernel, pointwise], both, **fields)


def lowest(array, sign):
    if array.dtype.kind == "f":
        return -sign * np.inf
    info = np.iinfo(array.dtype)
    return array.dtype.type(info.min if sign > 0 else info.max)


def windowed(reducer, x, sizes, strides, padding, base_dilations, window_dilations):
    if reducer == "product" and x.dtype.kind == "f":
        # By hand, since JAX has no gradient for it.
        widths = [(low, high, between - 1) for (low, high), between in zip(padding, base_dilations)]
        padded = lax.pad(jnp.asarray(x), np.float64(1), widths)
        all = zip(x.shape, sizes, strides, padding, base_dilations, window_dilations)
        counts = [count_windows(*each) for each in all]
        parts = []
        for offset in itertools.product(*map(range, sizes)):
            starts = [at * dilation for at, dilation in zip(offset, window_dilations)]
            ends = [start + (count - 1) * stride + 1 for start, count, stride in zip(starts, counts, strides)]
            parts.append(lax.slice(padded, starts, ends, strides))
        return jnp.prod(jnp.stack(parts), axis=0)
    function, start = {
        "sum": (lax.add, 0),
        "product": (lax.mul, 1),
        "max": (lax.max, lowest(x, 1)),
        "min": (lax.min, lowest(x, -1)),
    }[reducer]
    return lax.reduce_window(x, np.asarray(start, x.dtype)[()], function, sizes, strides, padding, base_dilations, window_dilations)


def windows(rank, dilated=True):
    while True:
        shape, sizes, strides = many(rank, 1, 2, 3, 5), many(rank, 1, 2, 3), many(rank, 1, 1, 2, 3)
        base, window = (many(rank, 1, 1, 2), many(rank, 1, 1, 2)) if dilated else ([1] * rank, [1] * rank)
        padding = [(one_of(0, 1, 2), one_of(0, 1, 2)) for _ in range(rank)]
        counts = [count_windows(*all) for all in zip(shape, sizes, strides, padding, base, window)]
        if all(count > 0 for count in counts) and math.prod(counts) < 60:
            return shape, sizes, strides, padding, base, window


def written_windows(sizes, strides, padding, base, window):
    return dict(
        sizes=items(sizes), strides=items(strides), padding=pairs(padding), base_dilations=items(base), window_dilations=items(window)
    )


def reduce_window():
    for index in range(72):
        reducer = ["sum", "product", "max", "min"][index % 4]
        shape, *rest = windows(one_of(0, 1, 2, 2, 3))
        kind = dtype(0.8)
        x = numbers(kind, shape)
        if reducer in ("max", "min") and kind not in INTEGERS:
            x = distinct(shape)
        function = lambda x: windowed(reducer, x, *rest)
        finite = np.isfinite(np.asarray(function(x), np.float64)).all()
        # JAX has no gradient for dilated windows of a maximum, and aborts for that of a single number.
        dilated = reducer in ("max", "min") and (not shape or any(dilation > 1 for dilation in rest[3] + rest[4]))
        case("reduce_window", kind, [x], function, finite and not dilated, reducer=reducer, **written_windows(*rest))


def select_and_scatter():
    for index in range(24):
        shape, sizes, strides, padding, *_ = windows(one_of(1, 2, 2), False)
        # A window of padding only selects nothing; in JAX it writes to the border.
        if any(low >= size or high >= size for (low, high), size in zip(padding, sizes)):
            padding = [(0, 0)] * len(shape)
            sizes = [min(size, all) for size, all in zip(sizes, shape)]
        ones = [1] * len(shape)
        counts = [count_windows(*all) for all in zip(shape, sizes, strides, padding, ones, ones)]
        # Not of integers, at which XLA for CPUs aborts.
        kind = str(RNG.choice(["f32", "f64"]))
        # Many are equal: the first counts.
        x = RNG.integers(0, 3, shape).astype(np.float64)
        source = numbers(kind, counts)
        select = ["greatest", "least"][index % 2]
        primitive = lax.ge_p if index % 2 == 0 else lax.le_p
        function = lambda x, source: _select_and_scatter_add(source, x, primitive, sizes, strides, padding)
        case("select_and_scatter", kind, [x, source], function, False, select=select, **written_windows(sizes, strides, padding, ones, ones))


def cumulative():
    for index in range(56):
        name = ["cumsum", "cumprod", "cummax", "cummin"][index % 4]
        reverse, exclusive = bool(one_of(0, 1)), bool(one_of(0, 1)) and index % 4 < 2
        shape = many(one_of(1, 2, 3), 1, 2, 4, 5)
        if index >= 48:
            shape[0] = 0
        axis = one_of(*range(len(shape)))
        kind = dtype(0.75)
        x = numbers(kind, shape)
        if kind not in INTEGERS:
            x = RNG.integers(-2, 3, shape) / 1.0 if name == "cumprod" else distinct(shape)

        def function(x):
            x = jnp.asarray(x)
            result = getattr(lax, name)(x, axis, reverse)
            if not exclusive or x.shape[axis] == 0:
                return result
            fill = jnp.full_like(lax.slice_in_dim(x, 0, 1, axis=axis), 0 if name == "cumsum" else 1)
            if reverse:
                return jnp.concatenate([lax.slice_in_dim(result, 1, None, axis=axis), fill], axis)
            return jnp.concatenate([fill, lax.slice_in_dim(result, 0, -1, axis=axis)], axis)

        case(name, kind, [x], function, index < 48, axis=axis, reverse=int(reverse), exclusive=int(exclusive))


def full(layout, values, other):
    return [other, *values, other] if layout == "last" else [other, other, *values]


def pool():
    done = 0
    while done < 48:
        name, layout = ["max_pool", "avg_pool"][done % 2], str(RNG.choice(["last", "first"]))
        spatial = one_of(1, 2, 2)
        space, sizes, strides = many(spatial, 3, 4, 5), many(spatial, 1, 2, 3), many(spatial, 1, 2, 3)
        dilation = many(spatial, 1, 2) if RNG.random() < 0.2 and done % 2 else [1] * spatial
        padding, written = padding_of(spatial)
        if padding == "SAME":
            both = [
                max((-(-h // s) - 1) * s + (k - 1) * d + 1 - h, 0) for h, s, k, d in zip(space, strides, sizes, dilation)
            ]
            widths = [(total // 2, total - total // 2) for total in both]
        else:
            widths = [(0, 0)] * spatial if padding == "VALID" else padding
        # PyTorch and TensorFlow have no windows of padding only.
        if any(low >= k or high >= k for (low, high), k in zip(widths, sizes)):
            continue
        counts = [count_windows(*all) for all in zip(space, sizes, strides, widths, [1] * spatial, dilation)]
        if any(count < 1 for count in counts):
            continue
        kind = str(RNG.choice(FLOATS))
        x = distinct(image(layout, one_of(1, 2), space, one_of(1, 2)))
        whole = bool(one_of(0, 1))
        ones = [1] * (spatial + 2)
        rest = full(layout, sizes, 1), full(layout, strides, 1), full(layout, widths, (0, 0)), ones, full(layout, dilation, 1)

        def function(x):
            if name == "max_pool":
                return windowed("max", x, *rest)
            count = math.prod(sizes) if whole else windowed("sum", np.ones(x.shape), *rest)
            return windowed("sum", x, *rest) / count

        case(
            name, kind, [x], function, layout=layout, sizes=items(sizes), strides=items(strides), padding=written,
            dilation=items(dilation), count_include_pad=int(whole),
        )
        done += 1


def adaptive():
    for index in range(24):
        name, layout = ["adaptive_avg_pool", "adaptive_max_pool"][index % 2], str(RNG.choice(["last", "first"]))
        spatial = one_of(1, 2)
        space, counts = many(spatial, 1, 3, 4, 6, 7), many(spatial, 1, 2, 3, 5)
        x = distinct(image(layout, one_of(1, 2), space, one_of(1, 2)))
        first = 1 if layout == "last" else 2

        def function(x):
            for axis, count in enumerate(counts, first):
                size = x.shape[axis]
                parts = []
                for at in range(count):
                    part = lax.slice_in_dim(x, at * size // count, -(-(at + 1) * size // count), axis=axis)
                    put = jnp.mean if name == "adaptive_avg_pool" else jnp.max
                    parts.append(put(part, axis=axis, keepdims=True))
                x = jnp.concatenate(parts, axis)
            return x

        case(name, str(RNG.choice(FLOATS)), [x], function, layout=layout, counts=items(counts))


def resize():
    for index in range(54):
        interpolation = ["nearest", "linear", "cubic"][index % 3]
        corners, layout = bool(index // 3 % 2), str(RNG.choice(["last", "first"]))
        spatial = one_of(1, 2, 2)
        space, new = many(spatial, 1, 2, 3, 5), many(spatial, 1, 2, 4, 7)
        x = numbers("f64", image(layout, one_of(1, 2), space, one_of(1, 2)))
        shape = image(layout, x.shape[0], new, x.shape[-1 if layout == "last" else 1])
        first = 1 if layout == "last" else 2
        axes = list(range(first, first + spatial))

        def function(x):
            if not corners:
                return jax.image.resize(x, shape, interpolation, antialias=False)
            if interpolation == "nearest":
                for axis in axes:
                    steps = max(shape[axis] - 1, 1)
                    at = np.floor(np.arange(shape[axis]) * (x.shape[axis] - 1) / steps + 0.5).astype(int)
                    x = jnp.take(x, at, axis=axis)
                return x
            for axis in axes:
                old, size = x.shape[axis], shape[axis]
                if size == 1 or old == 1:
                    # The first element, however many of them.
                    x = jnp.repeat(lax.slice_in_dim(x, 0, 1, axis=axis), size, axis)
                    continue
                scale = (size - 1) / (old - 1)
                one = list(x.shape)
                one[axis] = size
                x = jax.image.scale_and_translate(
                    x, one, (axis,), jnp.array([scale]), jnp.array([0.5 - 0.5 * scale]), interpolation, antialias=False
                )
            return x

        kind = "f64" if interpolation == "nearest" and index % 2 else str(RNG.choice(FLOATS))
        case("resize", kind, [x], function, layout=layout, interpolation=interpolation, align_corners=int(corners), sizes=items(new))


print(f"# Written by convolution.py; seed {SEED}.")
print()
for write in (
    convolution, conv, conv_transpose, depthwise, reduce_window, select_and_scatter, cumulative, pool, adaptive, resize,
):
    write()
