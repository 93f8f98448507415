"""Expected values of metrics with state of samples that have weights, as Keras computes them in float64; some also, or only, as
scikit-learn does.

    pip install keras torch scikit-learn
    KERAS_BACKEND=torch python tests/oracles/weighted_metrics.py > tests/oracles/weighted_metrics.txt

All inputs are exact in float32. Metrics are given the samples in two batches. A line of the output: the name; the shape of the
output of the model; the targets; that output; the weights; and the values.
"""

import keras
import numpy as np
import sklearn.metrics as sk

keras.config.set_floatx("float64")
M = keras.metrics

TRUTH = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0]
SAID = [0.875, 0.25, 0.375, 0.625, 0.75, 0.125, 0.9375, 0.5, 0.53125, 0.0625]
WEIGHTS = [0.5, 2.0, 1.25, 0.0, 0.75, 3.0, 0.25, 1.0, 1.5, 0.125]
# All together less than one.
LIGHT = [w / 64 for w in WEIGHTS]
CLASSES = [2, 0, 1, 1, 2, 0, 0, 1]
SCORES = [
    *[0.125, 0.25, 0.625], *[0.5, 0.25, 0.25], *[0.5, 0.375, 0.125], *[0.0, 0.875, 0.125],
    *[0.375, 0.5, 0.125], *[0.75, 0.125, 0.125], *[0.25, 0.625, 0.125], *[0.125, 0.625, 0.25],
]  # fmt: skip
REAL = [0.5, 1.0, -1.25, 2.0, 3.0, 0.125, -7.5, 4.0, 0.25, 1.5]
NEAR = [0.75, 1.25, -1.0, 1.5, 2.5, 0.5, -6.0, 4.5, 0.0, 1.75]


def shown(values):
    return ",".join(repr(float(x)) for x in np.ravel(values))


def metric(name, of, shape, targets, output, weights):
    p = np.array(output, dtype=np.float64).reshape(shape)
    t = np.array(targets)
    t = t if len(targets) != len(output) else t.astype(np.float64).reshape(shape)
    w = np.array(weights[: shape[0]], dtype=np.float64)
    if isinstance(of, M.Metric):
        half = shape[0] // 2
        of.update_state(t[:half], p[:half], sample_weight=w[:half])
        of.update_state(t[half:], p[half:], sample_weight=w[half:])
        value = keras.ops.convert_to_numpy(of.result())
    else:
        value = of(t, p, w)
    print(name, "x".join(map(str, shape)), shown(targets), shown(output), shown(w), shown(value))


def counts(t, p, w):
    matrix = sk.confusion_matrix(t.ravel() > 0.5, p.ravel() > 0.5, sample_weight=w)
    return [matrix[1, 1], matrix[0, 1], matrix[0, 0], matrix[1, 0]]


def perplexity(t, p, w):
    return np.exp(sk.log_loss(t, p, sample_weight=w, labels=[0, 1, 2]))


def jaccard(t, p, w):
    # Keras counts weights as whole numbers here.
    return sk.jaccard_score(t, p.argmax(-1), average="macro", sample_weight=w)


for weights in (WEIGHTS, LIGHT):
    metric("confusion_counts", counts, (10, 1), TRUTH, SAID, weights)
    metric("precision", M.Precision(), (10, 1), TRUTH, SAID, weights)
    metric("precision", lambda t, p, w: sk.precision_score(t > 0.5, p > 0.5, sample_weight=w), (10, 1), TRUTH, SAID, weights)
    metric("recall", M.Recall(), (10, 1), TRUTH, SAID, weights)
    metric("recall", lambda t, p, w: sk.recall_score(t > 0.5, p > 0.5, sample_weight=w), (10, 1), TRUTH, SAID, weights)
    metric("f1_score", lambda t, p, w: sk.f1_score(t > 0.5, p > 0.5, sample_weight=w), (10, 1), TRUTH, SAID, weights)
    metric("auc", M.AUC(), (10, 1), TRUTH, SAID, weights)
    metric("auc", lambda t, p, w: sk.roc_auc_score(t > 0.5, p, sample_weight=w), (10, 1), TRUTH, SAID, weights)
    metric("auc_precision_recall", M.AUC(curve="PR"), (10, 1), TRUTH, SAID, weights)
    metric("confusion_matrix", lambda t, p, w: sk.confusion_matrix(t, p.argmax(-1), sample_weight=w), (8, 3), CLASSES, SCORES, weights)
    metric("mean_iou", jaccard, (8, 3), CLASSES, SCORES, weights)
    metric("top_k_accuracy", M.SparseTopKCategoricalAccuracy(k=2), (8, 3), CLASSES, SCORES, weights)
    metric("top_k_accuracy", lambda t, p, w: sk.top_k_accuracy_score(t, p, k=2, sample_weight=w), (8, 3), CLASSES, SCORES, weights)
    metric("perplexity", perplexity, (8, 3), CLASSES, SCORES, weights)
    metric("root_mean_squared_error", M.RootMeanSquaredError(), (10, 1), REAL, NEAR, weights)
    metric("root_mean_squared_error", M.RootMeanSquaredError(), (5, 2), REAL, NEAR, weights)
    metric("r2_score", lambda t, p, w: sk.r2_score(t, p, sample_weight=w), (10, 1), REAL, NEAR, weights)
    metric("r2_score_2", lambda t, p, w: sk.r2_score(t, p, sample_weight=w), (5, 2), REAL, NEAR, weights)
