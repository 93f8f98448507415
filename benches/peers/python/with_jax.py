"""The models in JAX, with images whose channels are last, and Adam by optax."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import export, lax

from peers import INPUTS, OUTPUTS

RANDOM = np.random.default_rng(0)


def dense(inputs, outputs):
    scale = (6 / (inputs + outputs)) ** 0.5
    return {"w": RANDOM.uniform(-scale, scale, (inputs, outputs)).astype("float32"), "b": np.zeros(outputs, "float32")}


def conv(inputs, filters, size):
    scale = (1 / (inputs * size * size)) ** 0.5
    return RANDOM.uniform(-scale, scale, (size, size, inputs, filters)).astype("float32")


def affine(width):
    return {"scale": np.ones(width, "float32"), "shift": np.zeros(width, "float32")}


def normed(inputs, filters, size):
    return {"kernel": conv(inputs, filters, size), "mean": np.zeros(filters, "float32"),
            "variance": np.ones(filters, "float32"), **affine(filters)}


STAGES = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]


def parameters(model):
    if model == "dense":
        return [dense(5, 3)]
    if model == "mlp":
        return [dense(784, 128), dense(128, 10)]
    if model == "mlp_big":
        return [dense(1024, 4096), dense(4096, 4096), dense(4096, 1024)]
    if model == "cnn":
        return [conv(1, 32, 3), np.zeros(32, "float32"), conv(32, 64, 3), np.zeros(64, "float32"), dense(9216, 128), dense(128, 10)]
    if model == "resnet18":
        blocks = [[normed(i, f, 3), normed(f, f, 3), normed(i, f, 1) if s == 2 else None] for i, f, s in STAGES]
        return [normed(3, 64, 7), blocks, dense(512, 1000)]
    layer = lambda: {"norms": [affine(256), affine(256)], "parts": [dense(256, 256) for _ in range(4)],
                     "hidden": dense(256, 1024), "output": dense(1024, 256)}
    return [layer() for _ in range(4)]


def linear(p, x):
    return x @ p["w"] + p["b"]


def convolve(kernel, x, stride=1, padding=0):
    return lax.conv_general_dilated(x, kernel, (stride,) * 2, [(padding,) * 2] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pool(x, size, stride, padding=0):
    edges = [(0, 0), (padding,) * 2, (padding,) * 2, (0, 0)]
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, size, size, 1), (1, stride, stride, 1), edges)


def batch_norm(p, x, stride, padding):
    y = convolve(p["kernel"], x, stride, padding)
    return (y - p["mean"]) * (p["scale"] * lax.rsqrt(p["variance"] + 1e-5)) + p["shift"]


def layer_norm(p, x):
    x = x - x.mean(-1, keepdims=True)
    return x * lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * p["scale"] + p["shift"]


def encode(p, x):
    normed = layer_norm(p["norms"][0], x)
    split = lambda part: linear(part, normed).reshape(x.shape[0], 128, 4, 64).transpose(0, 2, 1, 3)
    query, key, value = map(split, p["parts"][:3])
    weights = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / 8.0, axis=-1)
    x = x + linear(p["parts"][3], (weights @ value).transpose(0, 2, 1, 3).reshape(x.shape))
    return x + linear(p["output"], jax.nn.gelu(linear(p["hidden"], layer_norm(p["norms"][1], x)), approximate=False))


def forward(model, training, p, x):
    if model in ("dense", "mlp", "mlp_big"):
        for layer in p[:-1]:
            x = jax.nn.relu(linear(layer, x))
        x = linear(p[-1], x)
        return jax.nn.softmax(x) if model == "mlp" and not training else x
    if model == "cnn":
        x = jax.nn.relu(convolve(p[0], x) + p[1])
        x = pool(jax.nn.relu(convolve(p[2], x) + p[3]), 2, 2).reshape(x.shape[0], -1)
        return linear(p[5], jax.nn.relu(linear(p[4], x)))
    if model == "resnet18":
        x = pool(jax.nn.relu(batch_norm(p[0], x, 2, 3)), 3, 2, 1)
        for (first, second, around), (_, _, stride) in zip(p[1], STAGES):
            inner = batch_norm(second, jax.nn.relu(batch_norm(first, x, stride, 1)), 1, 1)
            x = jax.nn.relu(inner + (batch_norm(around, x, stride, 0) if around else x))
        return linear(p[2], x.mean((1, 2)))
    for layer in p:
        x = encode(layer, x)
    return x


def array(batch, sample):
    return jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (batch, *sample)).astype("float32"))


class Calls:
    def __init__(self, threads, compiled):
        pass

    def infer(self, model, batch):
        p, x = jax.device_put(parameters(model)), array(batch, INPUTS[model])
        function = jax.jit(lambda p, x: forward(model, False, p, x))
        return lambda: function(p, x).block_until_ready()

    def train(self, model, batch):
        x = array(batch, INPUTS[model])
        y = array(batch, OUTPUTS[model]) if model in OUTPUTS else jnp.arange(batch) * 7 % 10
        adam = optax.adam(1e-4)
        p = jax.device_put(parameters(model))
        state = [p, adam.init(p)]

        def loss(p, x, y):
            output = forward(model, True, p, x)
            if model in OUTPUTS:
                return jnp.mean((output - y) ** 2)
            return optax.softmax_cross_entropy_with_integer_labels(output, y).mean()

        def update(p, slots, x, y):
            value, gradients = jax.value_and_grad(loss)(p, x, y)
            changes, slots = adam.update(gradients, slots, p)
            return optax.apply_updates(p, changes), slots, value

        update = jax.jit(update, donate_argnums=(0, 1))

        def step():
            state[0], state[1], value = update(*state, x, y)
            return value.block_until_ready()

        return step

    def save(self, model, path):
        p = parameters(model)
        function = jax.jit(lambda p, x: forward(model, False, p, x))
        exported = export.export(function)(p, jax.ShapeDtypeStruct((1, *INPUTS[model]), jnp.float32))
        with open(path, "wb") as file:
            pickle.dump((bytes(exported.serialize()), p), file)

    def load(self, model, path):
        with open(path, "rb") as file:
            exported, p = pickle.load(file)
        export.deserialize(bytearray(exported)).call(p, array(1, INPUTS[model])).block_until_ready()
