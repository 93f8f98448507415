"""Writes compositions.txt: compositions with values and gradients by JAX, Keras on JAX, and NumPy.

    pip install jax keras && KERAS_BACKEND=jax python tests/oracles/compositions.py > tests/oracles/compositions.txt

JAX 0.10, Keras 3.15 and NumPy 2.4 were used. A case is a few lines, ended by an empty line: its name,
`attribute key value`, the operands `x0`, `x1`, ... and the result `y0`, `y1`, ...; where there is a gradient, what the first
result is multiplied by before it is summed, `cotangent`, and the derivatives of that sum by the float operands in order, `g0`, `g1`,
... A tensor is dtype, sizes and elements. Everything is computed in f64; the operands are numbers that f32 holds exactly.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax.scipy import special

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

SEED = 20240301
RNG = np.random.default_rng(SEED)


def normal(*shape, scale=1.0):
    return (RNG.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)


def positive(*shape):
    return RNG.uniform(0.25, 2.0, shape).astype(np.float32).astype(np.float64)


def ints(*shape, low=-5, high=6):
    return RNG.integers(low, high, shape)


def number(value):
    if np.issubdtype(type(value), np.floating):
        text = repr(float(value))
        return text[:-2] if text.endswith(".0") else text
    return str(int(value))


def tensor(key, array):
    array = np.asarray(array)
    dtype = {"f": "f64", "i": "i64", "b": "bool"}[array.dtype.kind]
    sizes = ",".join(map(str, array.shape)) or "-"
    print(key, dtype, sizes, ",".join(number(value) for value in array.reshape(-1)) or "-")


def agree(one, other):
    """Two results of which at least one is as accurate as f32 only."""
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def listed(values):
    return ",".join(str(value) for value in values) or "-"


def case(name, function, *operands, gradient=True, **attributes):
    print("case", name)
    for key, value in attributes.items():
        print("attribute", key, listed(value) if isinstance(value, (list, tuple)) else value)
    for place, operand in enumerate(operands):
        tensor(f"x{place}", operand)
    floats = [place for place, operand in enumerate(operands) if np.asarray(operand).dtype.kind == "f"]
    results = function(*operands)
    results = results if isinstance(results, (list, tuple)) else [results]
    for place, result in enumerate(results):
        tensor(f"y{place}", result)
    if gradient and floats:
        cotangent = normal(*np.shape(results[0]))
        tensor("cotangent", cotangent)

        def total(*moved):
            every = list(operands)
            for place, operand in zip(floats, moved):
                every[place] = operand
            found = function(*every)
            found = found[0] if isinstance(found, (list, tuple)) else found
            return jnp.sum(found * cotangent)

        found = jax.grad(total, tuple(range(len(floats))))(*(jnp.asarray(operands[place]) for place in floats))
        for place, one in enumerate(found):
            tensor(f"g{place}", one)
    print()


def sparsemax(x):
    """Algorithm 1 of Martins and Astudillo; Keras 3.15 adds up too much where several shares are not 0."""
    down = -jnp.sort(-x, -1)
    total = jnp.cumsum(down, -1)
    place = jnp.arange(1, x.shape[-1] + 1)
    k = jnp.sum(1 + place * down > total, -1, keepdims=True)
    return jnp.maximum(x - (jnp.take_along_axis(total, k - 1, -1) - 1) / k, 0)


def activations():
    nn, act = jax.nn, keras.activations
    plain = {
        "relu": nn.relu, "relu6": nn.relu6, "selu": nn.selu, "silu": nn.silu, "mish": nn.mish, "softplus": nn.softplus,
        "softsign": nn.soft_sign, "sigmoid": nn.sigmoid, "log_sigmoid": nn.log_sigmoid, "tanh": jnp.tanh, "exp": jnp.exp,
        "hard_sigmoid": act.hard_sigmoid, "hard_silu": act.hard_silu, "hard_tanh": act.hard_tanh,
        "tanh_shrink": act.tanh_shrink, "sparse_plus": act.sparse_plus, "sparse_sigmoid": act.sparse_sigmoid,
        "gelu": lambda x: nn.gelu(x, False), "gelu_tanh": lambda x: nn.gelu(x, True),
    }
    for name, function in plain.items():
        case(name, function, normal(16, scale=3.0))
        case(name, function, normal(2, 0))
    case("elu", lambda x: nn.elu(x, 0.7), normal(12, scale=2.0), alpha=0.7)
    case("celu", lambda x: nn.celu(x, 0.7), normal(12, scale=2.0), alpha=0.7)
    case("leaky_relu", lambda x: nn.leaky_relu(x, 0.2), normal(12), alpha=0.2)
    case("squareplus", lambda x: nn.squareplus(x, 4), normal(16, scale=6.0), alpha=4)
    case("hard_shrink", lambda x: act.hard_shrink(x, 0.5), normal(12), alpha=0.5)
    case("soft_shrink", lambda x: act.soft_shrink(x, 0.5), normal(12), alpha=0.5)
    case("threshold", lambda x: act.threshold(x, 0.25, -2.0), normal(12), alpha=0.25, value=-2.0)
    case("prelu", lambda x, a: jnp.where(x < 0, a * x, x), normal(3, 4), normal(4))
    for axis, shape in ((-1, (3, 4)), (0, (4, 3)), (1, (2, 6, 2))):
        case("glu", lambda x: nn.glu(x, axis), normal(*shape), axis=axis)
        case("softmax", lambda x: nn.softmax(x, axis), normal(*shape, scale=3.0), axis=axis)
        case("log_softmax", lambda x: nn.log_softmax(x, axis), normal(*shape, scale=3.0), axis=axis)
        case("sparsemax", lambda x: jnp.moveaxis(sparsemax(jnp.moveaxis(x, axis, -1)), -1, axis), normal(*shape), axis=axis)
        case("logsumexp", lambda x: special.logsumexp(x, axis), normal(*shape, scale=3.0), axis=axis)


def normalisations():
    standard = jax.nn.standardize
    for shape, axes in (((3, 6), (-1,)), ((2, 3, 4), (1, 2)), ((3, 2, 4), (0,)), ((2, 5, 1), (1,))):
        sizes = [shape[axis] for axis in axes]
        kept = [size if axis in [a % len(shape) for a in axes] else 1 for axis, size in enumerate(shape)]
        case("layer_norm", lambda x: standard(x, axes, epsilon=1e-3), normal(*shape), axes=axes, epsilon=1e-3)

        def affine(x, gamma, beta):
            return standard(x, axes, epsilon=1e-5) * gamma.reshape(kept) + beta.reshape(kept)

        case("layer_norm", affine, normal(*shape), normal(*sizes), normal(*sizes), axes=axes, epsilon=1e-5)

        def rms(x, gamma):
            return x / jnp.sqrt(jnp.mean(x * x, axes, keepdims=True) + 1e-6) * gamma.reshape(kept)

        operands = normal(*shape), normal(*sizes)
        if axes == (-1,):
            agree(rms(*operands), keras.ops.rms_normalization(*operands, axis=-1, epsilon=1e-6))
        case("rms_norm", rms, *operands, axes=axes, epsilon=1e-6)
    for shape, axis, groups in (((2, 3, 4), -1, 2), ((2, 6, 5), 1, 3), ((2, 6), -1, 2), ((3, 2, 2, 6), 3, 6)):
        layer = keras.layers.GroupNormalization(groups, axis=axis, epsilon=1e-3)
        layer.build(shape)
        axis = axis % len(shape)
        split = shape[:axis] + (groups, shape[axis] // groups) + shape[axis + 1 :]
        along = tuple(place for place in range(1, len(split)) if place != axis)
        channels = [shape[axis] if place == axis else 1 for place in range(len(shape))]

        def group(x, gamma, beta):
            return standard(x.reshape(split), along, epsilon=1e-3).reshape(shape) * gamma.reshape(channels) + beta.reshape(channels)

        operands = normal(*shape), normal(shape[axis]), normal(shape[axis])
        # Keras computes in f32.
        agree(group(*map(jnp.asarray, operands)), layer.stateless_call(list(operands[1:]), [], operands[0])[0])
        case("group_norm", group, *operands, groups=groups, axis=axis, epsilon=1e-3)
        if groups == shape[axis]:
            case("instance_norm", group, *operands, axis=axis, epsilon=1e-3)

    def batch(axis):
        return lambda x, m, v, g, b: keras.ops.batch_normalization(x, m, v, axis, b, g, 1e-3)

    for shape, axis in (((4, 3), -1), ((2, 3, 4), 1)):
        size = shape[axis]
        case("batch_norm", batch(axis), normal(*shape), normal(size), positive(size), normal(size), normal(size), axis=axis, epsilon=1e-3)


def reductions():
    norms = {"l1": 1, "l2": 2, "infinity": np.inf, "3": 3, "1.5": 1.5}
    for name, order in norms.items():
        for shape, axes in (((3, 4), (0,)), ((2, 3, 2), (-1, 0)), ((5,), (0,))):

            def norm(x):
                size = jnp.abs(x)
                if order == np.inf:
                    return jnp.max(size, axes)
                return jnp.sum(size**order, axes) ** (1 / order)

            case("norm", norm, normal(*shape), norm=name, axes=axes)
    case("norm", lambda x: jnp.linalg.norm(x, "fro"), normal(3, 4), norm="l2", axes=(0, 1))
    case("normalize", lambda x: x / jnp.linalg.norm(x, axis=1, keepdims=True), normal(3, 4), norm="l2", axes=(1,))
    for axes in ((0,), (1, 2), (0, 1, 2)):
        x = ints(2, 3, 4, low=-1, high=2)
        for name, function in (("any", jnp.any), ("all", jnp.all), ("count_nonzero", jnp.count_nonzero)):
            case(name, lambda x: function(x, axes), x, axes=axes)
        for name, function in (("mean", jnp.mean), ("variance", jnp.var), ("std", jnp.std)):
            case(name, lambda x: function(x, axes), normal(2, 3, 4), axes=axes)
    for axis in (0, -1):
        x = ints(3, 4, low=-2, high=3)
        case("argmax", lambda x: jnp.argmax(x, axis), x, axis=axis)
        case("argmin", lambda x: jnp.argmin(x, axis), x, axis=axis)


def einsums():
    fixed = [
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ba", (2, 3)), ("ii", (3, 3)), ("ii->i", (3, 3)), ("ij->", (2, 3)),
        ("...ij,...jk->...ik", (2, 1, 2, 3), (2, 3, 2)), ("i,j,k->kij", (2,), (3,), (2,)), ("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 2, 2, 4)),
        ("iij,jk->ik", (2, 2, 3), (3, 2)), ("...i->...", (2, 3, 2)), ("i...->...i", (2, 3)), ("ij,j,jk->i", (2, 3), (3,), (3, 2)),
        ("ab,bc,cd,da->", (2, 3), (3, 2), (2, 2), (2, 2)), (",ij->ji", (), (2, 3)), ("a...b,b...->a...", (2, 3, 2), (2, 1)), ("iii->i", (2, 2, 2)),
        ("ijij->ji", (2, 3, 2, 3)), ("ik,jk->ijk", (2, 3), (2, 3)), (" i j , j -> i ", (2, 3), (3,)), ("ij,ij->", (2, 3), (2, 3)), ("", ()),
    ]
    for equation, *shapes in fixed:
        operands = [normal(*shape) for shape in shapes]
        written = equation.replace(" ", "_") or "_"
        case("einsum", lambda *x: jnp.einsum(equation.replace(" ", ""), *x), *operands, equation=written)
    for _ in range(120):
        letters = "abcdeF"
        size = {letter: int(RNG.integers(1, 4)) if RNG.random() < 0.95 else 0 for letter in letters}
        dots = [int(RNG.integers(1, 4)) for _ in range(int(RNG.integers(0, 3)))]
        terms, shapes = [], []
        for _ in range(int(RNG.integers(1, 4))):
            names = "".join(RNG.choice(list(letters), int(RNG.integers(0, 4))))
            shape = [size[name] for name in names]
            if RNG.random() < 0.4:
                place = int(RNG.integers(0, len(names) + 1))
                kept = dots[int(RNG.integers(0, len(dots) + 1)) :]
                shape[place:place] = [1 if RNG.random() < 0.2 else one for one in kept]
                names = names[:place] + "..." + names[place:]
            # A size of 1 stretches, where it does not stand twice.
            terms.append(names)
            shapes.append(shape)
        equation = ",".join(terms)
        if RNG.random() < 0.7:
            known = sorted(set("".join(terms)) - {"."})
            result = [str(name) for name in RNG.permutation(known)[: int(RNG.integers(0, len(known) + 1))]]
            if "..." in equation:
                result.insert(int(RNG.integers(0, len(result) + 1)), "...")
            equation += "->" + "".join(result)
        operands = [ints(*shape, low=-3, high=4) for shape in shapes]
        result = np.einsum(equation, *operands)
        if result.size <= 60:
            case("einsum", lambda *x: result, *operands, equation=equation or "_")


def products():
    case("tensordot", lambda x, y: jnp.tensordot(x, y, 2), normal(2, 3, 2), normal(3, 2, 2), count=2)
    case("tensordot", lambda x, y: jnp.tensordot(x, y, 0), normal(2), normal(3), count=0)
    case("tensordot_axes", lambda x, y: jnp.tensordot(x, y, ((0, -1), (2, 0))), normal(2, 3, 4), normal(4, 2, 2), left=(0, -1), right=(2, 0))
    case("outer", jnp.outer, normal(2, 2), normal(3))
    case("inner", jnp.inner, normal(2, 3), normal(2, 2, 3))
    case("cross", lambda x, y: jnp.cross(x, y), normal(2, 3), normal(3), axis=-1)
    case("cross", lambda x, y: jnp.cross(x, y, axis=0), normal(3, 2), normal(3, 2), axis=0)
    case("kron", jnp.kron, normal(2, 2), normal(3))
    case("kron", jnp.kron, normal(2, 1, 2), normal(2, 2))
    case("vander", lambda x: jnp.vander(x, 4), normal(3), count=4, increasing=0)
    case("vander", lambda x: jnp.vander(x, 3, increasing=True), normal(3), count=3, increasing=1)
    for shapes in (((2, 3), (3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 1, 2, 3), (2, 3, 2))):
        case("matmul", jnp.matmul, normal(*shapes[0]), normal(*shapes[1]))
    for offset in (-2, 0, 1):
        case("diag", lambda x: jnp.diag(x, offset), normal(3), offset=offset)
        case("diag", lambda x: jnp.diag(x, offset), normal(3, 4), offset=offset)
        case("diagonal", lambda x: jnp.diagonal(x, offset, 2, 0), normal(3, 2, 4), offset=offset, first=2, second=0)
        case("tril", lambda x: jnp.tril(x, offset), normal(2, 3, 4), offset=offset)
        case("triu", lambda x: jnp.triu(x, offset), normal(4, 3), offset=offset)
        case("eye", lambda: np.eye(3, 4, offset), rows=3, columns=4, offset=offset)
    case("trace", lambda x: jnp.trace(x, axis1=-2, axis2=-1), normal(2, 3, 3))


def layout():
    for shift, axis in ((2, 0), (-1, 1), (7, -1)):
        case("roll", lambda x: jnp.roll(x, shift, axis), normal(3, 4), shift=shift, axis=axis)
    for turns in (-1, 1, 2, 3):
        case("rot90", lambda x: jnp.rot90(x, turns, (1, 0)), normal(2, 3), turns=turns, plane=(1, 0))
    case("swap_axes", lambda x: jnp.swapaxes(x, 0, -1), normal(2, 1, 3), first=0, second=-1)
    case("move_axis", lambda x: jnp.moveaxis(x, (0, 2), (-1, 0)), normal(2, 1, 3), left=(0, 2), right=(-1, 0))
    case("flip", lambda x: jnp.flip(x, (0, 2)), normal(2, 1, 3), axes=(0, 2))
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        for shape, widths in (((3, 2), ((1, 2), (0, 1))), ((1, 4), ((2, 0), (3, 3))), ((3,), ((5, 8),))):
            low, high = zip(*widths)
            case("pad_mode", lambda x: jnp.pad(x, widths, mode), normal(*shape), mode=mode, low=low, high=high)
    case("clip", lambda x, low, high: jnp.clip(x, low, high), normal(3, 4), -positive(4), positive(3, 1))
    case("where", lambda c, x, y: jnp.where(c, x, y), ints(3, low=0, high=2), normal(2, 3), normal(2, 1))
    case("stack", lambda x, y: jnp.stack([x, y], 1), normal(2, 2), normal(2, 2), axis=1)
    case("tile", lambda x: jnp.tile(x, (2, 3)), normal(2, 2), times=(2, 3))
    case("repeat", lambda x: jnp.repeat(x, 3, 1), normal(2, 2), times=3, axis=1)
    case("split", lambda x: jnp.split(x, [1, 1, 3], 1), normal(2, 4), sizes=(1, 0, 2, -1), axis=1)
    case("unstack", lambda x: list(jnp.unstack(x, axis=1)), normal(2, 3), axis=1)
    for indexing in ("xy", "ij"):
        case("meshgrid", lambda x, y, z: jnp.meshgrid(x, y, z, indexing=indexing), normal(2), normal(3), normal(1), indexing=indexing)
    for start, stop, count in ((0, 1, 7), (-2.5, 10, 5), (3, 1, 1), (1, 1, 3), (0.1, 0.7, 11)):
        case("linspace", lambda: np.linspace(start, stop, count), start=start, stop=stop, count=count)
        case("logspace", lambda: np.logspace(start, stop, count, base=2.5), start=start, stop=stop, count=count, base=2.5)
    case("range", lambda: np.arange(5, -4, -2), start=5, stop=-4, step=-2)


def indices():
    case("take", lambda x, i: jnp.take(x, i, 1), normal(2, 4), ints(2, 3, low=0, high=4), axis=1)
    case("take_along_axis", lambda x, i: jnp.take_along_axis(x, i, 1), normal(2, 4), ints(2, 3, low=0, high=4), axis=1)
    case("one_hot", lambda x: jax.nn.one_hot(x, 4, dtype=jnp.float64), ints(2, 3, low=-1, high=6), classes=4)
    case("gather_nd", lambda x, i: x[i[..., 0], i[..., 1]], normal(3, 4, 2), ints(2, 2, 2, low=0, high=3), batch=0)
    case("gather_nd", lambda x, i: jax.vmap(lambda x, i: x[i[..., 0]])(x, i), normal(2, 4, 2), ints(2, 3, 1, low=0, high=4), batch=1)
    for side in ("left", "right"):
        numbers = np.sort(ints(7, low=0, high=6))
        case("searchsorted", lambda a, v: np.searchsorted(a, v, side), numbers, ints(3, 3, low=-1, high=8), side=side)
    x = np.sort(np.array([0.5, 1.5, np.nan, np.inf, -1.0]))
    case("searchsorted", lambda a, v: np.searchsorted(a, v), x, np.array([np.nan, np.inf, 0.5, 9.0]), gradient=False, side="left")
    case("bincount", lambda x: np.bincount(x, minlength=7), ints(20, low=0, high=7), length=7)
    case("bincount_weighted", lambda x, w: jnp.bincount(x, w, length=5), ints(12, low=0, high=5), normal(12), length=5)
    for bins, low, high in ((4, -1, 1), (3, 0, 0.7), (10, -2.5, 2.5)):
        x = np.concatenate([normal(30), [low, high, 0.5]])
        case("histogram", lambda x: np.histogram(x, bins, (low, high))[0], x, gradient=False, bins=bins, low=low, high=high)


def attentions():
    """JAX has lengths before heads, and computes the softmax in f32; the library has heads first."""
    heads_first = lambda x: jnp.swapaxes(x, 1, 2)

    def attend(mask=None, bias=None, causal=False, scale=None):
        def attention(q, k, v):
            groups = q.shape[1] // k.shape[1]
            keys, values = jnp.repeat(k, groups, 1), jnp.repeat(v, groups, 1)
            scores = jnp.einsum("bhqd,bhkd->bhqk", q, keys) * (q.shape[-1] ** -0.5 if scale is None else scale)
            scores = scores if bias is None else scores + bias
            seen = jnp.ones(scores.shape, bool) if mask is None else mask
            seen = jnp.tril(jnp.broadcast_to(seen, scores.shape)) if causal else seen
            found = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf), -1) @ values
            if isinstance(found, jax.Array) and not isinstance(found, jax.core.Tracer):
                q, k, v = map(heads_first, (q, k, v))
                agree(found, heads_first(jax.nn.dot_product_attention(q, k, v, bias=bias, mask=mask, is_causal=causal, scale=scale)))
            return found

        return attention

    shapes = (2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4)
    qkv = lambda: [normal(*shape) for shape in shapes]
    case("attention", attend(), *qkv())
    case("attention", attend(scale=0.3), *qkv(), scale=0.3)
    case("attention", attend(causal=True), *qkv(), causal=1)
    mask = RNG.random((2, 1, 3, 5)) < 0.6
    mask[..., 0] = True
    case("attention", lambda q, k, v, m: attend(mask=m)(q, k, v), *qkv(), mask)
    case("attention", lambda q, k, v, m: attend(bias=m)(q, k, v), *qkv(), normal(1, 2, 3, 5))
    grouped = normal(1, 4, 2, 3), normal(1, 2, 3, 3), normal(1, 2, 3, 3)
    case("attention", attend(), *grouped)
    multi_query = normal(1, 4, 2, 3), normal(1, 1, 3, 3), normal(1, 1, 3, 3)
    case("attention", attend(causal=True), *multi_query, causal=1)


print(f"# Written by compositions.py; seed {SEED}.")
print()
for write in (activations, normalisations, reductions, einsums, products, layout, indices, attentions):
    write()
