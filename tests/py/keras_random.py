"""Random valid Keras models: every family, random shapes and options, functional graphs with branches, nested models and layers
called twice. dlguider's value of every layer against Keras's.

    DLGUIDER=build/release/dlguider python tests/py/keras_random.py [COUNT [FIRST_SEED]]

The same seed gives the same model. One line for each that differs, then count, layers, worst error and where it was.
"""
import os
import random
import sys
import tempfile
import time
import warnings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")
import keras
import numpy as np
from keras import layers as L

import keras_compare
from keras_models import ACTIVATIONS, randomise

BOUNDED = [a for a in ACTIVATIONS if a not in ("exponential", "glu")]


class Choice(random.Random):
    def some(self, low, high):
        return self.randint(low, high)

    def pair(self, low, high):
        return (self.randint(low, high), self.randint(low, high)) if self.random() < 0.4 else self.randint(low, high)

    def triple(self, low, high):
        return tuple(self.randint(low, high) for _ in range(3)) if self.random() < 0.4 else self.randint(low, high)

    def flag(self, share=0.5):
        return self.random() < share

    def activation(self):
        return self.choice(BOUNDED) if self.flag(0.6) else None

    def padding(self):
        return self.choice(["valid", "same"])

    def strided(self, size):
        """Strides or dilation, not both: Keras wants it so."""
        kind = self.random()
        return {"strides": size(1, 3)} if kind < 0.4 else {"dilation_rate": self.some(1, 3)} if kind < 0.6 else {}


def any_rank(r, shape):
    axes = list(range(1, len(shape)))
    return r.choice([
        lambda: L.Dense(r.some(1, 6), activation=r.activation(), use_bias=r.flag(0.8)),
        lambda: L.Activation(r.choice(BOUNDED)),
        lambda: L.ReLU(max_value=r.choice([None, 1.5, 6.0]), negative_slope=r.choice([0.0, 0.2]), threshold=r.choice([0.0, 0.3])),
        lambda: L.LeakyReLU(negative_slope=r.choice([0.05, 0.3])), lambda: L.ELU(alpha=r.choice([1.0, 0.5])), lambda: L.PReLU(),
        lambda: L.Softmax(axis=r.choice(axes)), lambda: L.Dropout(0.3), lambda: L.GaussianNoise(0.2),
        lambda: L.BatchNormalization(axis=r.choice(axes + [-1, -1]), scale=r.flag(0.8), center=r.flag(0.8)),
        lambda: L.LayerNormalization(axis=r.choice(axes + [-1, -1]), scale=r.flag(0.8), center=r.flag(0.8)), lambda: L.UnitNormalization(axis=r.choice(axes)),
        lambda: L.RMSNormalization(), lambda: L.GroupNormalization(r.choice([1, -1]) if r.flag() else r.choice([g for g in range(1, 7) if shape[-1] % g == 0])),
        lambda: L.Rescaling(r.choice([0.5, 2.0]), offset=0.1), lambda: L.Identity(),
    ])()


def on_features(r, shape):
    return r.choice([
        lambda: L.RepeatVector(r.some(1, 5)), lambda: L.EinsumDense("ab,bc->ac", output_shape=r.some(1, 6), bias_axes="c", activation=r.activation()),
        lambda: L.Reshape((shape[1], 1)), lambda: L.Reshape((1, -1)), lambda: L.SpectralNormalization(L.Dense(r.some(1, 5))),
        lambda: L.Reshape((2, -1)), lambda: L.AlphaDropout(0.1),
    ])()


def recurrent(r):
    kind = r.choice([L.SimpleRNN, L.LSTM, L.GRU])
    options = {"return_sequences": r.flag(), "go_backwards": r.flag(0.2), "use_bias": r.flag(0.8), "activation": r.choice(["tanh", "tanh", "relu", "softsign", "gelu"])}
    if kind is L.GRU:
        options["reset_after"] = r.flag(0.7)
    return kind(r.some(1, 5), **options)


def cell(r):
    return r.choice([lambda: L.LSTMCell(r.some(1, 4)), lambda: L.GRUCell(r.some(1, 4), reset_after=r.flag()), lambda: L.SimpleRNNCell(r.some(1, 4))])()


def on_steps(r, shape):
    return r.choice([
        lambda: L.Conv1D(r.some(1, 6), r.some(1, 3), padding=r.choice(["valid", "same", "causal"]), activation=r.activation(), use_bias=r.flag(0.8), **r.strided(r.some)),
        lambda: L.SeparableConv1D(r.some(1, 5), r.some(1, 3), padding=r.padding(), depth_multiplier=r.some(1, 2)),
        lambda: L.DepthwiseConv1D(r.some(1, 3), padding=r.padding(), depth_multiplier=r.some(1, 2), strides=r.some(1, 2)),
        lambda: L.Conv1DTranspose(r.some(1, 5), r.some(1, 3), strides=r.some(1, 3), padding=r.padding()),
        lambda: L.MaxPooling1D(r.some(1, 3), strides=r.choice([None, 1, 2]), padding=r.padding()), lambda: L.AveragePooling1D(r.some(1, 3), strides=r.choice([None, 1, 2]), padding=r.padding()),
        L.GlobalMaxPooling1D, L.GlobalAveragePooling1D, lambda: L.GlobalMaxPooling1D(keepdims=True), lambda: L.ZeroPadding1D((r.some(0, 2), r.some(0, 2))), lambda: L.Cropping1D((r.some(0, 1), r.some(0, 1))),
        lambda: L.UpSampling1D(r.some(1, 3)), lambda: L.Permute((2, 1)), L.Flatten, lambda: recurrent(r), lambda: recurrent(r), lambda: L.Bidirectional(recurrent(r), merge_mode=r.choice(["concat", "sum", "ave", "mul"])),
        lambda: L.RNN([cell(r) for _ in range(r.some(1, 3))], return_sequences=r.flag()), lambda: L.TimeDistributed(L.Dense(r.some(1, 5), activation=r.activation())),
        lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, r.some(1, 3), r.some(1, 3)), bias_axes=r.choice(["e", "de", None])), lambda: L.SpatialDropout1D(0.2),
    ])()


def on_image(r, shape):
    return r.choice([
        lambda: L.Conv2D(r.some(1, 6), r.pair(1, 3), padding=r.padding(), activation=r.activation(), use_bias=r.flag(0.8), **r.strided(r.pair)),
        lambda: L.Conv2D(4 * r.some(1, 2), r.pair(1, 3), padding=r.padding(), groups=shape[-1] if shape[-1] in (2, 4) else 1),
        lambda: L.SeparableConv2D(r.some(1, 5), r.pair(1, 3), padding=r.padding(), depth_multiplier=r.some(1, 2), activation=r.activation()),
        lambda: L.DepthwiseConv2D(r.pair(1, 3), padding=r.padding(), depth_multiplier=r.some(1, 2), strides=r.some(1, 2)),
        lambda: L.Conv2DTranspose(r.some(1, 5), r.pair(1, 4), strides=r.pair(1, 3), padding=r.padding(), activation=r.activation()),
        lambda: L.MaxPooling2D(r.pair(1, 3), strides=r.choice([None, 1, 2]), padding=r.padding()), lambda: L.AveragePooling2D(r.pair(1, 3), strides=r.choice([None, 1, 2]), padding=r.padding()),
        L.GlobalMaxPooling2D, L.GlobalAveragePooling2D, lambda: L.GlobalAveragePooling2D(keepdims=True), lambda: L.ZeroPadding2D(r.pair(0, 2)), lambda: L.Cropping2D(r.pair(0, 1)),
        lambda: L.UpSampling2D(r.pair(1, 3), interpolation=r.choice(["nearest", "bilinear", "bicubic"])), lambda: L.Resizing(r.some(2, 8), r.some(2, 8), interpolation=r.choice(["nearest", "bilinear", "bicubic"])),
        lambda: L.CenterCrop(r.some(2, 5), r.some(2, 5)), lambda: L.Permute(tuple(r.sample([1, 2, 3], 3))), lambda: L.Reshape((shape[1] * shape[2], shape[3])), L.Flatten,
        lambda: L.TimeDistributed(L.Conv1D(r.some(1, 4), r.some(1, 2))), lambda: L.TimeDistributed(recurrent(r)), lambda: L.AdaptiveAveragePooling2D(2), lambda: L.SpatialDropout2D(0.2),
        lambda: L.SpectralNormalization(L.Conv2D(r.some(1, 4), 2)), lambda: L.ConvLSTM1D(r.some(1, 3), r.some(1, 2), padding=r.padding(), return_sequences=r.flag()),
    ])()


def on_volume(r, shape):
    return r.choice([
        lambda: L.Conv3D(r.some(1, 4), r.triple(1, 3), padding=r.padding(), activation=r.activation(), strides=r.triple(1, 2)), lambda: L.Conv3DTranspose(r.some(1, 3), r.triple(1, 2), strides=r.some(1, 2), padding=r.padding()),
        lambda: L.MaxPooling3D(r.triple(1, 2), padding=r.padding()), lambda: L.AveragePooling3D(r.triple(1, 2), padding=r.padding()), L.GlobalAveragePooling3D, L.GlobalMaxPooling3D,
        lambda: L.UpSampling3D(r.triple(1, 2)), lambda: L.ZeroPadding3D(r.triple(0, 1)), lambda: L.Cropping3D(r.triple(0, 1)), lambda: L.Permute(tuple(r.sample([1, 2, 3, 4], 4))), L.Flatten,
        lambda: L.ConvLSTM2D(r.some(1, 3), r.some(1, 2), padding=r.padding(), return_sequences=r.flag(), activation=r.choice(["tanh", "relu"])), lambda: L.TimeDistributed(L.Conv2D(r.some(1, 4), r.pair(1, 2), padding=r.padding())),
        lambda: L.TimeDistributed(L.MaxPooling2D(2, padding="same")),
    ])()


BY_RANK = {2: on_features, 3: on_steps, 4: on_image, 5: on_volume}


def size_of(tensor):
    return int(np.prod([d or 1 for d in tensor.shape]))


def merged(r, tensors, tensor):
    alike = [t for t in tensors if t.shape == tensor.shape and t is not tensor]
    joined = [t for t in tensors if len(t.shape) == len(tensor.shape) and t.shape[:-1] == tensor.shape[:-1] and t is not tensor]
    steps = [t for t in tensors if len(t.shape) == 3 and len(tensor.shape) == 3 and t.shape[2] == tensor.shape[2]]
    kind = r.random()
    if steps and kind < 0.3:
        other = r.choice(steps)
        return r.choice([lambda: L.MultiHeadAttention(r.some(1, 3), r.some(1, 4), use_bias=r.flag(0.8))(tensor, other, use_causal_mask=r.flag(0.3)), lambda: L.Attention(use_scale=r.flag())([tensor, other]),
                         lambda: L.AdditiveAttention()([tensor, other]), lambda: L.GroupQueryAttention(r.some(1, 3), 4, r.choice([1, 2, 4]))(tensor, other), lambda: L.Dot(axes=2)([tensor, other])])()
    if alike and kind < 0.8:
        return r.choice([L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Subtract])()([tensor, r.choice(alike)])
    if joined:
        return L.Concatenate()([tensor, r.choice(joined)])
    return None


def nested(r, tensor):
    """A model of its own, or a layer, called twice where its output can be its input."""
    x = keras.Input(tensor.shape[1:])
    y = any_rank(r, x.shape)(x)
    if r.flag():
        y = L.Dense(tensor.shape[-1])(y)
    inner = keras.Model(x, y)
    out = inner(tensor)
    return inner(out) if out.shape == tensor.shape and r.flag() else out


def grow(r, tensors):
    tensor = r.choice(tensors[-4:])
    kind = r.random()
    if kind < 0.2:
        return merged(r, tensors, tensor)
    if kind < 0.27:
        return nested(r, tensor)
    if kind < 0.32:
        layer = L.Dense(tensor.shape[-1], activation=r.activation())
        return layer(layer(tensor))
    if kind < 0.36 and len(tensor.shape) == 3:
        return r.choice([lambda: tensor * 0.5 + 1.0, lambda: tensor[:, -1], lambda: keras.ops.mean(tensor, axis=1), lambda: keras.ops.maximum(tensor, 0.1)])()
    make = any_rank if kind < 0.55 or len(tensor.shape) not in BY_RANK else BY_RANK[len(tensor.shape)]
    return make(r, tensor.shape)(tensor)


def first_values(r):
    """Input and what goes on from it: an image, a sequence, a vector, a volume, or tokens with or without a mask."""
    kind = r.choice(["image", "image", "steps", "steps", "vector", "volume", "tokens", "masked"])
    shape = {"image": (r.some(4, 9), r.some(4, 9), r.some(1, 4)), "steps": (r.some(3, 8), r.some(1, 5)), "vector": (r.some(2, 8),),
             "volume": (r.some(2, 5), r.some(3, 5), r.some(3, 5), r.some(1, 3))}.get(kind, (r.some(3, 8),))
    x = keras.Input(shape)
    if kind == "tokens":
        return x, [L.Embedding(9, r.some(2, 5))(x)], True
    if kind == "masked":
        return x, [L.Embedding(9, r.some(2, 5), mask_zero=True)(x)] if r.flag() else [L.Masking(0.0)(L.Embedding(9, 3)(x))], True
    return x, [x], False


def model_of(seed):
    r = Choice(seed)
    keras.utils.set_random_seed(seed)
    x, tensors, tokens = first_values(r)
    wanted, tries = r.some(3, 12), 0
    while len(tensors) < wanted and tries < 80:
        tries += 1
        try:
            fresh = grow(r, tensors)
        except (ValueError, TypeError, ZeroDivisionError, AttributeError, IndexError):
            continue  # not every choice fits the shape; Keras says so
        if fresh is None or isinstance(fresh, (list, tuple)) or size_of(fresh) > 20000 or min(d or 1 for d in fresh.shape) < 1:
            continue
        if len(fresh.shape) < 2 or fresh.dtype != "float32":
            continue
        tensors.append(fresh)
    used = {id(t) for tensor in tensors for t in keras.tree.flatten(tensor._keras_history.operation._inbound_nodes[tensor._keras_history.node_index].input_tensors)}
    ends = [t for t in tensors if id(t) not in used and t is not x] or [tensors[-1]]
    model = keras.Model(x, ends if len(ends) > 1 else ends[0])
    rng = np.random.default_rng(seed)
    randomise(model, rng)
    shape = (3,) + tuple(x.shape[1:])
    return model, rng.integers(0, 9, shape).astype("float32") if tokens else rng.normal(size=shape).astype("float32")


def outputs_of(model, x):
    layers = [layer for layer in model.layers if not isinstance(layer, L.InputLayer)]
    values = keras.Model(model.inputs, [layer._inbound_nodes[-1].output_tensors[0] for layer in layers])(x, training=False)
    values = values if isinstance(values, (list, tuple)) else [values]
    return {layer.name: np.asarray(value) for layer, value in zip(layers, values)}


def check(seed, folder):
    """Worst error, its layer's class, layers, lines about what differs."""
    try:
        model, x = model_of(seed)
        theirs = outputs_of(model, x)
    except Exception as error:  # Keras itself cannot run some: that is said, and no verdict
        return 0.0, "", 0, [], f"{type(error).__name__}"
    path = os.path.join(folder, f"m{seed}" + (".h5" if seed % 4 == 0 else ".keras"))
    model.save(path)
    try:
        worst, bad = keras_compare.compare(path, x, model, theirs=theirs, skip_missing=True)
        lines = [f"{seed}: {name} ({type(model.get_layer(name)).__name__}): error {error:.3g}, {about}" for name, error, about in bad[:3]]
    except keras_compare.Refused as refusal:
        worst, lines = 0.0, [f"{seed}: refused: {refusal}"]
    os.remove(path)
    return worst, " ".join(sorted({type(layer).__name__ for layer in model.layers})), len(theirs), lines, ""


def main(count=60, first=0):
    worst, layers, failed, unrun, where = 0.0, 0, 0, 0, ""
    seen, start = {}, time.time()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            error, classes, found, lines, unable = check(seed, folder)
            for name in classes.split():
                seen[name] = seen.get(name, 0) + 1
            for line in lines:
                print(line, flush=True)
            unrun += bool(unable)
            layers, failed = layers + found, failed + bool(lines)
            if error > worst:
                worst, where = error, f"seed {seed}"
            keras.backend.clear_session()
            if (seed - first) % 100 == 99 and sys.stderr.isatty():
                print(f"{seed - first + 1} models, {failed} differ, worst error {worst:.2g}", file=sys.stderr, flush=True)
    print(f"{count - unrun} models ({unrun} more that Keras cannot run), {layers} layers of {len(seen)} classes, {failed} models differ, "
          f"worst error {worst:.2g} ({where}), {time.time() - start:.0f} s")
    return 1 if failed or unrun * 4 > count else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
