"""Bases kept back a second time, when those of held.py had been looked at: other programs, data of scikit-learn that nothing else uses."""
from .base import BINARY, MSE, SPARSE, collect

BASES = collect([
    (91, "digit_rows", "digit_rows", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((8, 8)),
    layers.LSTM(32, return_sequences=True),
    layers.Conv1D(24, 3, activation="relu"),
    layers.GRU(24),
    layers.Dense(32, activation="tanh"),
    layers.Dense(10, activation="softmax"),
])""", 0.005),
    (92, "flowers", "iris_spread", 30, SPARSE, """
model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(24, activation="relu"),
    layers.Dense(18, activation="relu"),
    layers.Dense(12, activation="relu"),
    layers.Dense(3, activation="softmax"),
])"""),
    (93, "swiss", "swiss_roll", 50, MSE, """
inputs = keras.Input((3,))
x = layers.Dense(40, activation="relu")(inputs)
y = layers.Dense(40, activation="relu")(x)
x = layers.Add()([x, y])
x = layers.Dense(28, activation="relu")(x)
y = layers.Dense(28, activation="relu")(x)
x = layers.Add()([x, y])
outputs = layers.Dense(2)(x)
model = keras.Model(inputs, outputs)"""),
    (94, "faces", "olives", 15, SPARSE, """
inputs = keras.Input((16, 16, 1))
x = layers.Conv2D(12, 5, strides=2, padding="same")(inputs)
x = layers.BatchNormalization()(x)
x = layers.ReLU()(x)
x = layers.Conv2D(20, 3, padding="same")(x)
x = layers.BatchNormalization()(x)
x = layers.ReLU()(x)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(32, 3, padding="same")(x)
x = layers.BatchNormalization()(x)
x = layers.ReLU()(x)
x = layers.Flatten()(x)
x = layers.Dense(40, activation="relu")(x)
x = layers.Dropout(0.3)(x)
outputs = layers.Dense(6, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (95, "query", "lookup", 20, SPARSE, """
inputs = keras.Input((12,), dtype="int32")
x = layers.Embedding(40, 20)(inputs)
x = layers.LayerNormalization()(x)
a = layers.MultiHeadAttention(2, 10)(x, x)
x = layers.Add()([x, a])
f = layers.Dense(40, activation="relu")(x)
f = layers.Dense(20)(f)
x = layers.Add()([x, f])
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
outputs = layers.Dense(5, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.004),
    (96, "two_inputs", "quantiles", 30, BINARY, """
inputs = keras.Input((12,))
a = layers.Dense(24, activation="relu")(inputs)
a = layers.BatchNormalization()(a)
b = layers.Dense(24, activation="tanh")(inputs)
x = layers.Concatenate()([a, b])
x = layers.Dense(32, activation="relu")(x)
x = layers.Dense(20, activation="relu")(x)
x = layers.Dense(12, activation="relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)"""),
    (97, "sensor_cnn", "sensors", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((50, 4)),
    layers.Conv1D(16, 7, activation="relu"),
    layers.Conv1D(24, 5, activation="relu"),
    layers.MaxPooling1D(3),
    layers.Conv1D(32, 3, activation="relu"),
    layers.Flatten(),
    layers.Dense(40, activation="relu"),
    layers.Dense(5, activation="softmax"),
])"""),
])
