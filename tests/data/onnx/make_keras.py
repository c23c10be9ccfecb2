"""Makes keras_*.onnx with Keras 3's own export (needs tf2onnx): python make_keras.py

Biases get random values, else the exporter's optimiser removes the zero ones.
"""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from keras import layers as L

FOLDER = os.path.dirname(os.path.abspath(__file__))
keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)


def attention():
    x = L.Input((6, 8))
    h = L.MultiHeadAttention(2, 4, name="mha")(x, x)
    h = L.LayerNormalization(name="norm")(L.Add()([x, h]))
    h = L.GlobalAveragePooling1D()(h)
    return keras.Model(x, L.Dense(3, name="head")(h))


MODELS = {
    "mlp": keras.Sequential([
        L.Input((8,)), L.Dense(16, activation="relu"), L.Dropout(0.2), L.Dense(12), L.Activation("tanh"),
        L.Dense(3, activation="softmax")]),
    "cnn": keras.Sequential([
        L.Input((8, 8, 1)), L.Conv2D(4, 3, padding="same", activation="relu"), L.BatchNormalization(), L.MaxPooling2D(),
        L.DepthwiseConv2D(3), L.Flatten(), L.Dense(5, activation="softmax")]),
    "lstm": keras.Sequential([
        L.Input((7,), dtype="int32"), L.Embedding(20, 6), L.LSTM(5, return_sequences=True), L.Bidirectional(L.GRU(4)),
        L.Dense(1, activation="sigmoid")]),
    "attention": attention(),
}

for name, model in MODELS.items():
    model.set_weights([w if w.ndim > 1 else rng.uniform(0.5, 1, w.shape).astype("float32") for w in model.get_weights()])
    model(np.zeros((2,) + model.input_shape[1:], "int32" if name == "lstm" else "float32"))
    model.export(f"{FOLDER}/keras_{name}.onnx", format="onnx", verbose=False)
