"""Wrote the files beside it: models of TF-Keras 2.21, whose configurations are those of Keras 2, with random weights, their
inputs and the values of all layers.

    pip install tensorflow-cpu tf_keras; python write.py FOLDER
"""
import os
import sys
import warnings

os.environ["TF_USE_LEGACY_KERAS"] = "1"
warnings.filterwarnings("ignore")
import numpy as np
import tensorflow as tf
import tf_keras as K

L = K.layers
rng = np.random.default_rng(3)


def nested(x, inner, seq):
    shared = L.Dense(6, name="shared")
    return L.Dense(2)(L.Add()([inner(inner(x)), seq(x), shared(shared(x))]))


def models():
    yield "cnn", K.Sequential([L.InputLayer((8, 8, 3)), L.Conv2D(4, 3, activation="relu", padding="same"), L.BatchNormalization(), L.MaxPooling2D(), L.SeparableConv2D(5, 2),
                               L.LeakyReLU(0.1), L.Flatten(), L.Dense(4, activation="softmax")]), (8, 8, 3)
    yield "noinput", K.Sequential([L.Dense(5, activation="hard_sigmoid", input_shape=(6,)), L.Dropout(0.2), L.Dense(3)]), (6,)
    yield "rnn", K.Sequential([L.Embedding(9, 4, mask_zero=True, input_length=7), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.GRU(4), L.Dense(2)]), ("ids", 7)
    x, i = K.Input((6,)), K.Input((6,))
    inner = K.Model(i, L.Dense(6, activation="tanh")(i), name="inner")
    seq = K.Sequential([L.InputLayer((6,)), L.Dense(6), L.ReLU()], name="seq")
    yield "nested", K.Model(x, nested(x, inner, seq)), (6,)
    yield "ends_nested", K.Model(x, inner(inner(x))), (6,)
    z = K.Input((6, 8))
    b = L.LayerNormalization()(z + L.MultiHeadAttention(2, 4)(z, z))
    c = L.Attention()([b, b])
    joined = L.Concatenate()([b, c, L.AdditiveAttention()([b, c])])
    yield "attention", K.Model(z, L.Dense(2)(L.GlobalAveragePooling1D()(joined))), (6, 8)

    d = L.Dense(8)(z)
    sums = [z * 2.0 + 1.0, 1.0 - d, d / 3.0, d - z, tf.maximum(d, z), tf.nn.relu(d), tf.exp(d)]
    means = [tf.reduce_mean(d, axis=1), tf.reduce_max(z, axis=-1)]
    yield "operations", K.Model(z, [L.Flatten()(s) for s in sums] + [L.Dense(2)(m) for m in means]), (6, 8)
    yield "cells", K.Sequential([L.InputLayer((5, 4)), L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True), L.SimpleRNN(3, go_backwards=True)]), (5, 4)
    yield "many", K.Sequential([L.InputLayer((7, 9, 3)), L.ZeroPadding2D(1), L.DepthwiseConv2D(3), L.Conv2DTranspose(3, 3, strides=2, padding="same"), L.UpSampling2D(2, interpolation="bilinear"),
                                L.Cropping2D(1), L.Rescaling(0.5), L.Resizing(5, 5), L.CenterCrop(4, 4), L.RandomFlip(), L.GlobalMaxPooling2D(), L.UnitNormalization(), L.PReLU(), L.ELU(),
                                L.ThresholdedReLU(0.1), L.Dense(3, activation="gelu")]), (7, 9, 3)


def main(folder):
    for name, model, shape in models():
        for weight in model.weights:
            if weight.dtype.is_floating:
                value = rng.normal(scale=0.4, size=weight.shape)
                weight.assign(np.abs(value) + 0.3 if "variance" in weight.name else value)
        x = rng.integers(0, 9, (3, shape[1])).astype("float32") if shape[0] == "ids" else rng.normal(size=(3,) + shape).astype("float32")
        layers = [layer for layer in model.layers if not isinstance(layer, (L.InputLayer, K.Model))]
        values = K.Model(model.inputs, [layer._inbound_nodes[-1].outputs for layer in layers]).predict(x, verbose=0) if layers else []
        values = values if isinstance(values, list) else [values]
        np.savez_compressed(f"{folder}/{name}.npz", x=x, y=model(x) if not isinstance(model.output, list) else model(x)[0], **{f"layer {layer.name}": v for layer, v in zip(layers, values)})
        model.save(f"{folder}/{name}.h5")
        if name in ("nested", "attention", "operations"):
            model.save(f"{folder}/{name}.keras")


if __name__ == "__main__":
    main(sys.argv[1])
