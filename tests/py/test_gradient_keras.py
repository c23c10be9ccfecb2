"""Gradients of real Keras models of every family against TensorFlow's GradientTape, 1e-4 relative.

dlguider's weights are those of its graph, some turned or with gates in another order; each is matched with the Keras
weight that it came from by its values, and the gradient is turned the same way.
"""
import itertools, os, pathlib, subprocess, tempfile, unittest
import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import onnx
import onnxruntime
import tensorflow as tf
from keras import layers
from onnx import numpy_helper

TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests" / "gradient_dump"
CATEGORICAL, BINARY, SQUARED = 0, 2, 4


def sequential(shape, *stack, out=3, activation="softmax"):
    return keras.Sequential([keras.Input(shape), *stack, layers.Dense(out, activation=activation)])


def attention():
    x = i = keras.Input((6, 8))
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    x = layers.GlobalAveragePooling1D()(layers.Dense(8, activation="gelu")(x))
    return keras.Model(i, layers.Dense(3, activation="softmax")(x))


def residual():
    x = i = keras.Input((8, 8, 2))
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    y = layers.BatchNormalization()(layers.Conv2D(6, 3, padding="same")(x))
    x = layers.Activation("relu")(layers.Add()([x, y]))
    x = layers.Concatenate()([layers.MaxPooling2D(2)(x), layers.AveragePooling2D(2)(x)])
    return keras.Model(i, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


CASES = {
    "mlp": (CATEGORICAL, lambda: sequential((6,), *[layers.Dense(7, activation=a) for a in ("relu", "tanh", "elu", "selu", "softplus", "silu", "leaky_relu", "hard_sigmoid", "softsign", "mish")])),
    "norm": (CATEGORICAL, lambda: sequential((6,), layers.Dense(8), layers.BatchNormalization(), layers.Activation("relu"), layers.LayerNormalization(), layers.Dropout(.3))),
    "cnn": (CATEGORICAL, lambda: sequential((9, 8, 2), layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"), layers.Conv2D(5, (3, 2), padding="valid", dilation_rate=(1, 2)), layers.MaxPooling2D(2, padding="same"), layers.Flatten())),
    "separable": (CATEGORICAL, lambda: sequential((8, 8, 3), layers.SeparableConv2D(6, 3, padding="same", activation="relu"), layers.DepthwiseConv2D(3, depth_multiplier=2), layers.GlobalMaxPooling2D())),
    "transposed": (SQUARED, lambda: sequential((4, 4, 2), layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu"), layers.UpSampling2D(2), layers.ZeroPadding2D(1), layers.Cropping2D(1), layers.Flatten(), activation="linear")),
    "conv1d": (CATEGORICAL, lambda: sequential((12, 3), layers.Conv1D(5, 3, padding="causal", activation="relu"), layers.AveragePooling1D(2), layers.Flatten())),
    "lstm": (CATEGORICAL, lambda: sequential((7, 3), layers.LSTM(5, return_sequences=True), layers.LSTM(4))),
    "gru": (CATEGORICAL, lambda: sequential((7, 3), layers.GRU(5, return_sequences=True), layers.GRU(4, reset_after=False))),
    "rnn": (BINARY, lambda: sequential((7, 3), layers.SimpleRNN(5, return_sequences=True, go_backwards=True), layers.SimpleRNN(4, activation="relu"), out=1, activation="sigmoid")),
    "bidirectional": (CATEGORICAL, lambda: sequential((7, 3), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.Bidirectional(layers.GRU(3)))),
    "embedding": (CATEGORICAL, lambda: sequential((9,), layers.Embedding(20, 6), layers.Conv1D(4, 3, activation="relu"), layers.GlobalMaxPooling1D())),
    "distributed": (SQUARED, lambda: sequential((5, 4), layers.TimeDistributed(layers.Dense(6, activation="tanh")), layers.Flatten(), activation="linear")),
    "attention": (CATEGORICAL, attention), "residual": (CATEGORICAL, residual),
}


def turns(weight):
    """Ways in which a reader may store a weight: axes in another order, gates in another order."""
    for perm in itertools.permutations(range(weight.ndim)):
        yield lambda a, perm=perm: a.transpose(perm)
    for gates in (4, 3):
        if weight.shape[-1] % gates:
            continue
        for order in itertools.permutations(range(gates)):
            def turn(a, order=order, gates=gates):
                return np.concatenate([np.split(a, gates, -1)[k] for k in order], -1).T
            yield turn


def find(value, weights):
    """(index, way) of the Keras weight that this initializer holds; None when it holds several."""
    for k, w in enumerate(weights):
        if w.size == value.size:
            for way in turns(w):
                if np.array_equal(way(w).ravel(), value.ravel()):
                    return k, way
    return None


class Families(unittest.TestCase):
    def test_gradients_against_tensorflow(self):
        for name, (loss, build) in CASES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.compare(name, loss, build, folder)

    def compare(self, name, loss, build, folder):
        rng = np.random.default_rng(5)
        keras.utils.set_random_seed(3)
        model = build()
        for w in model.weights:  # no zeros, no ones: every weight must be told by its values
            w.assign(rng.uniform(.2, .9, w.shape) * (1 if "variance" in w.path else rng.choice([-1, 1], w.shape)))
        model.save(f"{folder}/m.keras")
        done = subprocess.run([TOOL, f"{folder}/m.keras", str(loss), f"{folder}/g.onnx", f"{folder}/plain.onnx"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        (_, scalar), *pairs = [line.split() for line in done.stdout.splitlines()]
        shape = (11, *model.input_shape[1:])
        x = rng.integers(0, 20, shape).astype("float32") if name == "embedding" else rng.standard_normal(shape).astype("float32")
        k = model.output_shape[-1]
        t = np.eye(k, dtype="float32")[rng.integers(0, k, 11)] if loss == CATEGORICAL else rng.integers(0, 2, (11, k)).astype("float32")
        start = {i.name: numpy_helper.to_array(i) for i in onnx.load(f"{folder}/plain.onnx").graph.initializer}
        session = onnxruntime.InferenceSession(f"{folder}/g.onnx", providers=["CPUExecutionProvider"])
        tests = next(i for i in session.get_inputs() if i.name != "target" and i.name not in start)
        feed = {tests.name: x.astype("int32" if "int32" in tests.type else "int64" if "int64" in tests.type else "float32"), "target": t, **{w: start[w] for w, _ in pairs}}
        names = [scalar] + [g for _, g in pairs]
        seen = dict(zip(names, session.run(names, feed)))
        variables = [w for w in model.trainable_weights]
        with tf.GradientTape() as tape:
            y = model(x, training=False)
            each = {CATEGORICAL: lambda: -tf.reduce_sum(t * tf.math.log(y), 1), BINARY: lambda: tf.reduce_mean(-t * tf.math.log(y) - (1 - t) * tf.math.log(1 - y), 1),
                    SQUARED: lambda: tf.reduce_mean((y - t) ** 2, 1)}[loss]()
            value = tf.reduce_mean(each)
        wanted = [np.asarray(tf.convert_to_tensor(g)) for g in tape.gradient(value, [v.value for v in variables])]
        self.assertLess(abs(float(seen[scalar]) - float(value)), 1e-4 * max(1, abs(float(value))))
        arrays, matched = [v.numpy() for v in variables], 0
        floor = 1e-3 * max(np.abs(g).max() for g in wanted)  # the gradient of a key's bias is 0 but for rounding
        for weight, gradient in pairs:
            found = find(start[weight], arrays)
            if not found:
                continue  # several Keras weights in one (biases of gates)
            index, way = found
            want = way(wanted[index]).ravel()
            error = np.abs(seen[gradient].ravel() - want).max() / max(np.abs(want).max(), floor)
            self.assertLess(error, 1e-4, f"{name}: {variables[index].path} as {weight}")
            matched += 1
        kernels = sum(a.ndim > 1 for a in arrays)
        self.assertGreaterEqual(matched, kernels, f"{name}: only {matched} of {len(arrays)} weights were found in the graph")


if __name__ == "__main__":
    unittest.main(verbosity=1)
