"""What Keras reports of several losses, and of samples and classes that have weights, in float64, with batches of 4 of 10 samples in
their order, and stochastic gradient descent at a rate of 0.5.

    pip install keras jax
    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/oracles/weights.py > tests/oracles/weights.txt

A line of the output: the case; what it is; and its values, one for each epoch or element.
"""

import keras
import numpy as np

keras.config.set_floatx("float64")
N = 10
X = np.array([((7 * i + 3 * j) % 11) / 8 - 0.625 for i in range(N) for j in range(3)]).reshape(N, 3)
LABELS = np.array([i % 3 for i in range(N)])
BITS = np.array([[float(i % 2)] for i in range(N)])
WEIGHTS = np.array([((3 * i) % 7) / 4 for i in range(N)])


def kernel(inputs, outputs):
    return np.array([((5 * k) % 9) / 8 - 0.5 for k in range(inputs * outputs)]).reshape(inputs, outputs)


def dense(outputs, name):
    return keras.layers.Dense(outputs, name=name)


def build(outputs):
    given = keras.Input((3,))
    layers = {name: dense(size, name) for name, size in outputs.items()}
    model = keras.Model(given, {name: layer(given) for name, layer in layers.items()})
    for name, layer in layers.items():
        layer.set_weights([kernel(3, outputs[name]), np.zeros(outputs[name])])
    return model


def report(case, model, history):
    for name, values in sorted(history.history.items()):
        print(case, name, ",".join(repr(float(value)) for value in values))
    for layer in model.layers:
        for what, value in zip(("weights", "bias"), layer.get_weights()):
            print(case, f"{layer.name}.{what}", ",".join(repr(float(x)) for x in np.ravel(value)))


def fit(case, outputs, losses, targets, loss_weights=None, metrics=None, weighted=None, **how):
    model = build(outputs)
    model.compile(
        optimizer=keras.optimizers.SGD(0.5),
        loss=losses,
        loss_weights=loss_weights,
        metrics=metrics,
        weighted_metrics=weighted,
    )
    if len(outputs) == 1:
        (name,) = outputs
        single = keras.Model(model.inputs, model.get_layer(name).output)
        single.compile(
            optimizer=keras.optimizers.SGD(0.5), loss=losses, metrics=metrics, weighted_metrics=weighted
        )
        model = single
    report(case, model, model.fit(X, targets, batch_size=4, epochs=3, shuffle=False, verbose=0, **how))


CROSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
BINARY = keras.losses.BinaryCrossentropy(from_logits=True)
fit(
    "several",
    {"digit": 3, "parity": 1},
    {"digit": CROSS, "parity": BINARY},
    {"digit": LABELS, "parity": BITS},
    loss_weights={"digit": 1.0, "parity": 0.25},
    metrics={"digit": ["sparse_categorical_accuracy"], "parity": ["mean_absolute_error"]},
)
fit(
    "samples",
    {"only": 1},
    keras.losses.MeanSquaredError(),
    BITS,
    metrics=["mean_absolute_error"],
    weighted=["mean_squared_logarithmic_error"],
    sample_weight=WEIGHTS,
)
fit("classes", {"only": 3}, CROSS, LABELS, class_weight={0: 0.5, 1: 2.0, 2: 1.25})
