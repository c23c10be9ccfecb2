"""The ten bases that the given cases under `mut` and `seed` were made from."""
from .base import BINARY, MSE, SPARSE, collect

BASES = collect([
    (1, "mlp3", "wine", 30, SPARSE, """
model = keras.Sequential([
    keras.Input((13,)),
    layers.Dense(32, activation="relu"),
    layers.Dense(24, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(3, activation="softmax"),
])"""),
    (2, "mlp6", "digits", 30, SPARSE, """
model = keras.Sequential([
    keras.Input((64,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(48, activation="relu"),
    layers.Dense(40, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(24, activation="relu"),
    layers.Dense(20, activation="relu"),
    layers.Dense(10, activation="softmax"),
])"""),
    (3, "bnmlp", "cancer", 25, BINARY, """
model = keras.Sequential([
    keras.Input((30,)),
    layers.Dense(64),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dense(48),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dense(32),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dense(16, activation="tanh"),
    layers.Dense(1, activation="sigmoid"),
])"""),
    (4, "cnn", "digits_image", 25, SPARSE, """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(48, activation="relu"),
    layers.Dropout(0.2),
    layers.Dense(10, activation="softmax"),
])"""),
    (5, "residual", "digits_image", 25, SPARSE, """
inputs = keras.Input((8, 8, 1))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
y = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
y = layers.Conv2D(16, 3, padding="same")(y)
x = layers.Add()([x, y])
x = layers.Activation("relu")(x)
y = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(x)
y = layers.Conv2D(32, 3, padding="same")(y)
x = layers.Conv2D(32, 1, strides=2, padding="same")(x)
x = layers.Add()([x, y])
x = layers.Activation("relu")(x)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dense(24, activation="relu")(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (6, "conv1d", "waves", 25, SPARSE, """
model = keras.Sequential([
    keras.Input((40, 1)),
    layers.Conv1D(16, 5, padding="same", activation="relu"),
    layers.MaxPooling1D(2),
    layers.Conv1D(24, 5, padding="same", activation="relu"),
    layers.MaxPooling1D(2),
    layers.Conv1D(32, 3, padding="same", activation="relu"),
    layers.GlobalMaxPooling1D(),
    layers.Dense(24, activation="relu"),
    layers.Dense(4, activation="softmax"),
])"""),
    (7, "lstm", "steps", 20, SPARSE, """
model = keras.Sequential()
model.add(keras.Input((16, 3)))
model.add(layers.LSTM(24, return_sequences=True))
model.add(layers.LSTM(20))
model.add(layers.Dense(24, activation="relu"))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(3, activation="softmax"))"""),
    (8, "embed", "tokens", 20, SPARSE, """
model = keras.Sequential([
    keras.Input((20,), dtype="int32"),
    layers.Embedding(46, 12),
    layers.Conv1D(24, 3, padding="same", activation="relu"),
    layers.GlobalAveragePooling1D(),
    layers.Dense(24, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(3, activation="softmax"),
])"""),
    (9, "regress", "friedman", 40, MSE, """
model = keras.Sequential()
model.add(keras.Input((10,)))
model.add(layers.Dense(48, activation="relu"))
model.add(layers.Dense(32, activation="relu"))
model.add(layers.Dense(24, activation="relu"))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(1))"""),
    (10, "labels", "multilabel", 35, BINARY, """
model = keras.Sequential([
    keras.Input((24,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(48, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(24, activation="relu"),
    layers.Dense(5, activation="sigmoid"),
])"""),
])
