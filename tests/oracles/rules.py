"""Expected values of losses, metrics, regularizers and constraints, as Keras computes them in float64; R2 and F1 also as
scikit-learn does.

    pip install keras jax scikit-learn
    KERAS_BACKEND=jax JAX_ENABLE_X64=1 python tests/oracles/rules.py > tests/oracles/rules.txt

All inputs are exact in float32. Metrics are given the samples in two batches. Keras' `tversky` names what is missed false positives,
and the other way round, so its `alpha` and `beta` are swapped here against the paper and its documentation. A line of the output:
loss, metric or weights; the name; the shape; the targets (or `-`); the output of the model; and the values.
"""

import keras
import numpy as np
import sklearn.metrics as sk

keras.config.set_floatx("float64")
L, M, R, C = keras.losses, keras.metrics, keras.regularizers, keras.constraints


def array(numbers, shape):
    return np.array(numbers, dtype=np.float64).reshape(shape)


PLAIN = [0.5, -1.25, 3.0, 0.125, -7.5, 0.25]
TARGETS = [0.25, 2.0, 3.0, -0.125, 7.5, 1.0]
COUNTS = [0.0, 2.0, 3.0, 1.0, 7.0, 4.0]
POSITIVE = [0.5, 1.25, 3.0, 0.125, 7.5, 0.25]
BITS = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
SIGNS = [-1.0, 1.0, 1.0, -1.0, 1.0, -1.0]
PROBABILITIES = [0.125, 0.875, 0.5, 0.25, 0.0, 1.0]
LOGITS = [-3.0, 0.0, 2.5, 1.5, -4.0, 0.125]
ONE_HOT = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
SOFT = [0.25, 0.25, 0.5, 0.0, 0.875, 0.125]
ROWS = [0.25, 0.25, 0.5, 0.125, 0.75, 0.125]
LABELS = [2, 0]
EMBEDDED = [0.5, 0.25, -1.0, 0.5, 0.75, 0.125, -0.5, 0.25, 1.0, 0.125]
OF_EMBEDDED = [0, 0, 1, 1, 0]


def shown(values):
    return ",".join(repr(float(x)) for x in np.ravel(values))


def loss(name, function, shape, targets, output):
    p = array(output, shape)
    t = np.array(targets, dtype=np.int64) if len(targets) != len(output) else array(targets, shape)
    value = float(function(t, p))
    print("loss", name, "x".join(map(str, shape)), shown(targets), shown(output), repr(value))


S = (2, 3)
loss("mean_absolute_percentage_error", L.MeanAbsolutePercentageError(), S, TARGETS, PLAIN)
loss("mean_absolute_percentage_error", L.MeanAbsolutePercentageError(), S, COUNTS, PLAIN)
loss("mean_squared_logarithmic_error", L.MeanSquaredLogarithmicError(), S, COUNTS, PLAIN)
loss("poisson", L.Poisson(), S, COUNTS, POSITIVE)
loss("kl_divergence", L.KLDivergence(), S, SOFT, ROWS)
loss("log_cosh", L.LogCosh(), S, TARGETS, PLAIN)
loss("hinge", L.Hinge(), S, SIGNS, PLAIN)
loss("hinge", L.Hinge(), S, BITS, PLAIN)
loss("squared_hinge", L.SquaredHinge(), S, BITS, PLAIN)
loss("categorical_hinge", L.CategoricalHinge(), S, ONE_HOT, PLAIN)
loss("dice", L.Dice(), S, BITS, PROBABILITIES)
loss("huber", L.Huber(1.0), S, TARGETS, PLAIN)
loss("huber_3", L.Huber(3.0), S, TARGETS, PLAIN)
loss("cosine_similarity", L.CosineSimilarity(), S, TARGETS, PLAIN)
loss("cosine_similarity_0", L.CosineSimilarity(axis=0), S, TARGETS, PLAIN)
loss("tversky", L.Tversky(alpha=0.75, beta=0.25), S, BITS, PROBABILITIES)
loss("binary_crossentropy", L.BinaryCrossentropy(), S, BITS, PROBABILITIES)
loss("binary_crossentropy_smooth", L.BinaryCrossentropy(label_smoothing=0.25), S, BITS, PROBABILITIES)
loss("binary_crossentropy_logits", L.BinaryCrossentropy(from_logits=True, label_smoothing=0.25), S, BITS, LOGITS)
loss("categorical_crossentropy", L.CategoricalCrossentropy(), S, SOFT, ROWS)
loss("categorical_crossentropy_smooth", L.CategoricalCrossentropy(label_smoothing=0.25), S, ONE_HOT, ROWS)
loss("categorical_crossentropy_logits", L.CategoricalCrossentropy(from_logits=True, label_smoothing=0.25), S, ONE_HOT, LOGITS)
loss("categorical_crossentropy_0", L.CategoricalCrossentropy(from_logits=True, axis=0), S, ONE_HOT, LOGITS)
loss("sparse_categorical_crossentropy", L.SparseCategoricalCrossentropy(), S, LABELS, ROWS)
loss("sparse_categorical_crossentropy_logits", L.SparseCategoricalCrossentropy(from_logits=True), S, LABELS, LOGITS)
loss("binary_focal_crossentropy", L.BinaryFocalCrossentropy(), S, BITS, PROBABILITIES)
loss(
    "binary_focal_crossentropy_other",
    L.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=0.25, gamma=1.5, from_logits=True, label_smoothing=0.25
    ),
    S,
    BITS,
    LOGITS,
)
loss("categorical_focal_crossentropy", L.CategoricalFocalCrossentropy(), S, SOFT, ROWS)
loss(
    "categorical_focal_crossentropy_other",
    L.CategoricalFocalCrossentropy(alpha=0.5, gamma=1.5, from_logits=True, label_smoothing=0.25),
    S,
    ONE_HOT,
    LOGITS,
)
loss("generalized_crossentropy", L.CategoricalGeneralizedCrossEntropy(q=0.75), S, LABELS, ROWS)
loss("circle", lambda t, p: L.Circle()(t, p / np.linalg.norm(p, axis=1, keepdims=True)), (5, 2), OF_EMBEDDED, EMBEDDED)
loss(
    "circle_other",
    lambda t, p: L.Circle(gamma=8.0, margin=0.25)(t, p / np.linalg.norm(p, axis=1, keepdims=True)),
    (5, 2),
    OF_EMBEDDED,
    EMBEDDED,
)
loss(
    "ctc", lambda t, p: L.CTC()(t.reshape(2, 3), p), (2, 7, 4), [1, 2, 2, 3, 0, 0], [(i * 5 % 17 - 8) / 4 for i in range(56)]
)

TRUTH = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]
SAID = [0.875, 0.25, 0.375, 0.625, 0.75, 0.125, 0.9375, 0.5, 0.53125, 0.0625]
CLASSES = [2, 0, 1, 1, 2, 0, 0, 1]
SCORES = [
    [0.125, 0.25, 0.625], [0.5, 0.25, 0.25], [0.5, 0.375, 0.125], [0.0, 0.875, 0.125],
    [0.375, 0.5, 0.125], [0.75, 0.125, 0.125], [0.25, 0.625, 0.125], [0.125, 0.625, 0.25],
]  # fmt: skip
REAL = [0.5, 1.0, -1.25, 2.0, 3.0, 0.125, -7.5, 4.0, 0.25, 1.5]
NEAR = [0.75, 1.25, -1.0, 1.5, 2.5, 0.5, -6.0, 4.5, 0.0, 1.75]


def metric(name, value, shape, targets, output):
    p = array(output, shape)
    t = np.array(targets) if len(targets) != p.size else array(targets, shape)
    half = shape[0] // 2
    if isinstance(value, keras.Metric):
        value.update_state(t[:half], p[:half])
        value.update_state(t[half:], p[half:])
        value = np.array(value.result())
    else:
        value = value(t, p)
    print("metric", name, "x".join(map(str, shape)), shown(targets), shown(output), shown(value))


def counts(t, p):
    said, true = p > 0.5, t > 0.5
    return [np.sum(true & said), np.sum(~true & said), np.sum(~true & ~said), np.sum(true & ~said)]


metric("binary_accuracy", M.BinaryAccuracy(), (10, 1), TRUTH, SAID)
metric("sparse_categorical_accuracy", M.SparseCategoricalAccuracy(), (8, 3), CLASSES, SCORES)
metric("categorical_accuracy", M.CategoricalAccuracy(), (8, 3), np.eye(3)[CLASSES].ravel(), SCORES)
metric("top_k_accuracy", M.SparseTopKCategoricalAccuracy(k=2), (8, 3), CLASSES, SCORES)
metric("precision", M.Precision(), (10, 1), TRUTH, SAID)
metric("precision_0.3", M.Precision(thresholds=0.3), (10, 1), TRUTH, SAID)
metric("recall", M.Recall(), (10, 1), TRUTH, SAID)
metric("f1_score", M.F1Score(threshold=0.5), (10, 1), TRUTH, SAID)
metric("confusion_counts", counts, (10, 1), TRUTH, SAID)
metric("mean_iou", lambda t, p: np.array(M.MeanIoU(3)(t, p.argmax(-1))), (8, 3), CLASSES, SCORES)
metric("auc", M.AUC(), (10, 1), TRUTH, SAID)
metric("auc_precision_recall", M.AUC(curve="PR"), (10, 1), TRUTH, SAID)
metric("auc_20", M.AUC(num_thresholds=20), (10, 1), TRUTH, SAID)
metric("root_mean_squared_error", M.RootMeanSquaredError(), (10, 1), REAL, NEAR)
metric("mean_squared_error", M.MeanSquaredError(), (10, 1), REAL, NEAR)
metric("mean_absolute_error", M.MeanAbsoluteError(), (10, 1), REAL, NEAR)
metric("r2_score", M.R2Score(), (10, 1), REAL, NEAR)
metric("r2_score_2", M.R2Score(), (5, 2), REAL, NEAR)
metric("cosine_similarity", M.CosineSimilarity(), (5, 2), REAL, NEAR)
metric("perplexity", lambda t, p: np.exp(float(L.SparseCategoricalCrossentropy()(t, p))), (8, 3), CLASSES, SCORES)
metric("perplexity_logits", lambda t, p: np.exp(float(L.SparseCategoricalCrossentropy(from_logits=True)(t, p))), (8, 3), CLASSES, SCORES)  # fmt: skip

metric("f1_score", lambda t, p: sk.f1_score(t > 0.5, p > 0.5), (10, 1), TRUTH, SAID)
metric("r2_score_2", sk.r2_score, (5, 2), REAL, NEAR)
metric("confusion_matrix", lambda t, p: sk.confusion_matrix(t, p.argmax(-1)), (8, 3), CLASSES, SCORES)

W = [0.5, -1.25, 3.0, 0.125, -7.5, 0.25]


def weights(name, function, shape=(3, 2)):
    print("weights", name, "x".join(map(str, shape)), "-", shown(W), shown(function(array(W, shape))))


weights("l1", R.L1(0.25))
weights("l2", R.L2(0.25))
weights("l1_l2", R.L1L2(0.25, 0.5))
weights("orthogonal", R.OrthogonalRegularizer(0.25))
weights("max_norm", C.MaxNorm(2.0, axis=0))
weights("max_norm_1", C.MaxNorm(2.0, axis=1))
weights("unit_norm", C.UnitNorm(axis=0))
weights("non_negative", C.NonNeg())
