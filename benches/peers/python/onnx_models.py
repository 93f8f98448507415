"""Writes the ONNX files of the models, with the weights that `peers prepare` wrote.

    python onnx_models.py CACHE [MODEL ...]

Needs numpy and onnx. The graphs are those that exporters write: `Gemm` for dense layers of rows, `MatMul` and `Add` for those of
sequences, the normalisations as nodes, gelu by `Erf`. Images have channels first.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def read(path):
    """The tensors of a safetensors file of f32."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", (name, entry)
        start, end = entry["data_offsets"]
        part = data[8 + length + start : 8 + length + end]
        tensors[name] = np.frombuffer(part, "<f4").reshape(entry["shape"])
    return tensors


class Graph:
    """A graph that is being written."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.known = weights, [], [], {}

    def constant(self, value):
        value = np.ascontiguousarray(value)
        key = (str(value.dtype), value.shape, value.tobytes()) if value.size < 64 else None
        if key in self.known:
            return self.known[key]
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        if key:
            self.known[key] = name
        return name

    def node(self, op, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"n{len(self.nodes)}", **attributes))
        return name

    def gemm(self, x, path, weights=None):
        weights = self.weights[f"{path}weights"] if weights is None else weights
        return self.node("Gemm", x, self.constant(weights), self.constant(self.weights[f"{path}bias"]))

    def linear(self, x, path):
        product = self.node("MatMul", x, self.constant(self.weights[f"{path}weights"]))
        return self.node("Add", product, self.constant(self.weights[f"{path}bias"]))

    def conv(self, x, path, stride=1, padding=0):
        kernel = self.weights[f"{path}kernel"].transpose(3, 2, 0, 1)
        inputs = [x, self.constant(kernel)]
        if f"{path}bias" in self.weights:
            inputs.append(self.constant(self.weights[f"{path}bias"]))
        size = kernel.shape[2]
        return self.node(
            "Conv", *inputs, kernel_shape=[size, size], strides=[stride] * 2, pads=[padding] * 4
        )

    def normed(self, x, path, stride=1, padding=0):
        x = self.conv(x, f"{path}conv.", stride, padding)
        names = ["gamma", "beta", "moving_mean", "moving_variance"]
        parts = [self.constant(self.weights[f"{path}norm.{name}"]) for name in names]
        return self.node("BatchNormalization", x, *parts, epsilon=1e-5)

    def layer_norm(self, x, path):
        parts = [self.constant(self.weights[f"{path}{name}"]) for name in ["gamma", "beta"]]
        return self.node("LayerNormalization", x, *parts, axis=-1, epsilon=1e-5)


def dense(g, x):
    return g.gemm(x, "")


def mlp(g, x):
    hidden = g.node("Relu", g.gemm(x, "hidden."))
    return g.node("Softmax", g.gemm(hidden, "output."), axis=-1)


def mlp_big(g, x):
    for index in range(3):
        x = g.gemm(x, f"layers.{index}.")
        x = g.node("Relu", x) if index < 2 else x
    return x


def cnn(g, x):
    x = g.node("Relu", g.conv(x, "first."))
    x = g.node("Relu", g.conv(x, "second."))
    x = g.node("Flatten", g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), axis=1)
    # Rows of the weights are places and then channels; here they are channels and then places.
    weights = g.weights["hidden.weights"].reshape(144, 64, 128).transpose(1, 0, 2).reshape(-1, 128)
    return g.gemm(g.node("Relu", g.gemm(x, "hidden.", weights)), "output.")


def resnet18(g, x):
    x = g.node("Relu", g.normed(x, "stem.", 2, 3))
    x = g.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for index in range(8):
        path, stride = f"blocks.{index}.", 2 if index in (2, 4, 6) else 1
        inner = g.node("Relu", g.normed(x, f"{path}first.", stride, 1))
        inner = g.normed(inner, f"{path}second.", 1, 1)
        around = g.normed(x, f"{path}around.", stride, 0) if stride == 2 else x
        x = g.node("Relu", g.node("Add", inner, around))
    x = g.node("Flatten", g.node("GlobalAveragePool", x), axis=1)
    return g.gemm(x, "output.")


def transformer(g, x):
    ints = lambda *values: g.constant(np.array(values, np.int64))
    floats = lambda value: g.constant(np.array(value, np.float32))

    def heads(x, order):
        return g.node("Transpose", g.node("Reshape", x, ints(0, 128, 4, 64)), perm=order)

    for index in range(4):
        path = f"layers.{index}."
        normed = g.layer_norm(x, f"{path}first_norm.")
        query = heads(g.linear(normed, f"{path}attention.query."), [0, 2, 1, 3])
        key = heads(g.linear(normed, f"{path}attention.key."), [0, 2, 3, 1])
        value = heads(g.linear(normed, f"{path}attention.value."), [0, 2, 1, 3])
        scores = g.node("Div", g.node("MatMul", query, key), floats(8.0))
        mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), value)
        mixed = g.node("Reshape", g.node("Transpose", mixed, perm=[0, 2, 1, 3]), ints(0, 128, 256))
        x = g.node("Add", x, g.linear(mixed, f"{path}attention.output."))
        hidden = g.linear(g.layer_norm(x, f"{path}second_norm."), f"{path}hidden.")
        erf = g.node("Erf", g.node("Div", hidden, floats(2.0**0.5)))
        hidden = g.node("Mul", g.node("Mul", hidden, g.node("Add", erf, floats(1.0))), floats(0.5))
        x = g.node("Add", x, g.linear(hidden, f"{path}output."))
    return x


MODELS = {
    "dense": (dense, [5], [3]),
    "mlp": (mlp, [784], [10]),
    "mlp_big": (mlp_big, [1024], [1024]),
    "cnn": (cnn, [1, 28, 28], [10]),
    "resnet18": (resnet18, [3, 224, 224], [1000]),
    "transformer": (transformer, [128, 256], [128, 256]),
}


def main():
    cache = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or MODELS:
        write, sample, output = MODELS[name]
        graph = Graph(read(cache / f"{name}.safetensors"))
        graph.nodes.append(helper.make_node("Identity", [write(graph, "input")], ["output"]))
        info = lambda name, sizes: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *sizes])
        made = helper.make_graph(
            graph.nodes, name, [info("input", sample)], [info("output", output)], graph.constants
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, cache / f"{name}.onnx")
        print("wrote", cache / f"{name}.onnx")


if __name__ == "__main__":
    main()
