"""The models in TensorFlow, built with Keras."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, Sequential, layers

from peers import INPUTS, OUTPUTS


def normed(x, filters, size, strides):
    x = layers.ZeroPadding2D(size // 2)(x) if size > 1 else x
    x = layers.Conv2D(filters, size, strides, use_bias=False)(x)
    return layers.BatchNormalization(epsilon=1e-5)(x)


def resnet18(x):
    x = layers.ReLU()(normed(x, 64, 7, 2))
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
    stages = [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]
    for filters, strides in stages:
        inner = normed(layers.ReLU()(normed(x, filters, 3, strides)), filters, 3, 1)
        x = layers.ReLU()(layers.Add()([inner, normed(x, filters, 1, strides) if strides == 2 else x]))
    return layers.Dense(1000)(layers.GlobalAveragePooling2D()(x))


def transformer(x):
    for _ in range(4):
        first = layers.LayerNormalization(epsilon=1e-5)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, 64)(first, first)])
        hidden = layers.Dense(1024, "gelu")(layers.LayerNormalization(epsilon=1e-5)(x))
        x = layers.Add()([x, layers.Dense(256)(hidden)])
    return x


def build(model, training):
    start = Input(INPUTS[model])
    if model == "dense":
        return Sequential([start, layers.Dense(3)])
    if model == "mlp":
        return Sequential([start, layers.Dense(128, "relu"), layers.Dense(10, None if training else "softmax")])
    if model == "mlp_big":
        return Sequential([start, layers.Dense(4096, "relu"), layers.Dense(4096, "relu"), layers.Dense(1024)])
    if model == "cnn":
        return Sequential([
            start, layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
            layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(10),
        ])
    return Model(start, {"resnet18": resnet18, "transformer": transformer}[model](start))


def tensor(batch, sample):
    return tf.constant(np.random.default_rng(0).uniform(-1, 1, (batch, *sample)).astype("float32"))


class Calls:
    def __init__(self, threads, compiled):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        self.compiled = compiled or None

    def infer(self, model, batch):
        net, x = build(model, False), tensor(batch, INPUTS[model])
        function = tf.function(lambda x: net(x, training=False), jit_compile=self.compiled)
        return lambda: function(x).numpy()

    def train(self, model, batch):
        net, x = build(model, True), tensor(batch, INPUTS[model])
        y = tensor(batch, OUTPUTS[model]) if model in OUTPUTS else tf.range(batch) * 7 % 10
        by_class = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        loss = tf.keras.losses.MeanSquaredError() if model in OUTPUTS else by_class
        adam = tf.keras.optimizers.Adam(1e-4)
        adam.build(net.trainable_variables)

        @tf.function(jit_compile=self.compiled)
        def step(x, y):
            with tf.GradientTape() as tape:
                value = loss(y, net(x, training=True))
            adam.apply_gradients(zip(tape.gradient(value, net.trainable_variables), net.trainable_variables))
            return value

        return lambda: step(x, y).numpy()

    def save(self, model, path):
        build(model, False).export(path, verbose=False)

    def load(self, model, path):
        # `serve` alone does not keep the variables.
        loaded = tf.saved_model.load(path)
        loaded.serve(tensor(1, INPUTS[model])).numpy()
