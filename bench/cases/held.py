"""Bases kept back: architectures and data that no other base has. Nothing is fitted or tuned on their cases."""
from .base import BINARY, MSE, SPARSE, collect

BASES = collect([
    (81, "inception", "rings", 15, SPARSE, """
inputs = keras.Input((10, 10, 2))
x = layers.Conv2D(12, 3, padding="same", activation="relu")(inputs)
a = layers.Conv2D(8, 1, activation="relu")(x)
b = layers.Conv2D(12, 3, padding="same", activation="relu")(x)
c = layers.Conv2D(8, 5, padding="same", activation="relu")(x)
x = layers.Concatenate()([a, b, c])
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(24, 3, activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(24, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (82, "dense_skip", "hastie", 30, BINARY, """
inputs = keras.Input((10,))
a = layers.Dense(32, activation="relu")(inputs)
x = layers.Concatenate()([inputs, a])
b = layers.Dense(32, activation="relu")(x)
x = layers.Concatenate()([x, b])
c = layers.Dense(24, activation="relu")(x)
x = layers.Concatenate()([x, c])
x = layers.Dense(16, activation="relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)"""),
    (83, "unet1d", "traces", 25, MSE, """
inputs = keras.Input((32, 1))
a = layers.Conv1D(16, 5, padding="same", activation="relu")(inputs)
x = layers.MaxPooling1D(2)(a)
b = layers.Conv1D(24, 5, padding="same", activation="relu")(x)
x = layers.MaxPooling1D(2)(b)
x = layers.Conv1D(32, 3, padding="same", activation="relu")(x)
x = layers.UpSampling1D(2)(x)
x = layers.Concatenate()([x, b])
x = layers.Conv1D(24, 3, padding="same", activation="relu")(x)
x = layers.UpSampling1D(2)(x)
x = layers.Concatenate()([x, a])
x = layers.Conv1D(16, 3, padding="same", activation="relu")(x)
outputs = layers.Conv1D(1, 1)(x)
model = keras.Model(inputs, outputs)"""),
    (84, "recurrent_attention", "events", 15, SPARSE, """
inputs = keras.Input((20, 3))
x = layers.LSTM(20, return_sequences=True)(inputs)
x = layers.LayerNormalization()(x)
a = layers.MultiHeadAttention(2, 10)(x, x)
x = layers.Concatenate()([x, a])
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dense(24, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.005),
    (85, "mixer", "quilts", 15, SPARSE, """
inputs = keras.Input((16, 12))
x = layers.LayerNormalization()(inputs)
x = layers.Permute((2, 1))(x)
x = layers.Dense(24, activation="gelu")(x)
x = layers.Dense(16)(x)
x = layers.Permute((2, 1))(x)
x = layers.Add()([inputs, x])
y = layers.LayerNormalization()(x)
y = layers.Dense(32, activation="gelu")(y)
y = layers.Dense(12)(y)
x = layers.Add()([x, y])
x = layers.GlobalAveragePooling1D()(x)
outputs = layers.Dense(5, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (86, "dilated", "echo", 25, SPARSE, """
inputs = keras.Input((36, 1))
x = layers.Conv1D(24, 4, padding="causal", activation="relu")(inputs)
y = layers.Conv1D(24, 4, padding="causal", dilation_rate=3, activation="relu")(x)
x = layers.Add()([x, y])
y = layers.Conv1D(24, 3, padding="causal", dilation_rate=4, activation="relu")(x)
x = layers.Add()([x, y])
x = layers.Conv1D(32, 3, padding="causal", activation="relu")(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dense(32, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.004),
    (87, "tagger", "tags", 12, BINARY, """
model = keras.Sequential([
    keras.Input((16,), dtype="int32"),
    layers.Embedding(36, 12),
    layers.Bidirectional(layers.GRU(14, return_sequences=True)),
    layers.Dense(24, activation="tanh"),
    layers.GlobalMaxPooling1D(),
    layers.Dense(4, activation="sigmoid"),
])""", 0.005),
    (88, "highway", "phase", 35, MSE, """
inputs = keras.Input((4,))
x = layers.Dense(32, activation="elu")(inputs)
t = layers.Dense(32, activation="sigmoid")(x)
h = layers.Dense(32, activation="elu")(x)
h = layers.Multiply()([h, t])
x = layers.Add()([x, h])
x = layers.LayerNormalization()(x)
x = layers.Dense(24, activation="elu")(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)"""),
    (89, "inverted", "glyphs", 20, SPARSE, """
inputs = keras.Input((9, 9, 3))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
y = layers.Conv2D(32, 1, use_bias=False)(x)
y = layers.BatchNormalization()(y)
y = layers.ReLU(max_value=6.0)(y)
y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
y = layers.BatchNormalization()(y)
y = layers.ReLU(max_value=6.0)(y)
y = layers.Conv2D(16, 1, use_bias=False)(y)
y = layers.BatchNormalization()(y)
x = layers.Add()([x, y])
x = layers.Conv2D(32, 3, activation="relu")(x)
x = layers.GlobalMaxPooling2D()(x)
outputs = layers.Dense(6, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.005),
])
