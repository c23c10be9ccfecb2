"""Bases of our own: other kinds of layers, shapes, tasks and scales than the given ones."""
from .base import BINARY, LOGITS, MSE, ONE_HOT, SPARSE, collect

BASES = collect([
    (11, "gru", "order", 20, SPARSE, """
model = keras.Sequential([
    keras.Input((18, 2)),
    layers.GRU(24),
    layers.Dense(20, activation="relu"),
    layers.Dense(3, activation="softmax"),
])""", 0.005),
    (12, "gru_stack", "gestures", 12, SPARSE, """
model = keras.Sequential([
    keras.Input((24, 3)),
    layers.GRU(20, return_sequences=True),
    layers.GRU(16),
    layers.Dense(24, activation="relu"),
    layers.Dense(5, activation="softmax"),
])"""),
    (13, "attention", "pairing", 20, SPARSE, """
inputs = keras.Input((10,), dtype="int32")
x = layers.Embedding(24, 16)(inputs)
a = layers.MultiHeadAttention(2, 12)(x, x)
x = layers.Add()([x, a])
x = layers.Dense(32, activation="relu")(x)
x = layers.GlobalMaxPooling1D()(x)
x = layers.Dense(24, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.005),
    (14, "transformer", "pairing", 15, SPARSE, """
inputs = keras.Input((10,), dtype="int32")
x = layers.Embedding(24, 16)(inputs)
a = layers.MultiHeadAttention(2, 8)(x, x)
a = layers.Dropout(0.1)(a)
x = layers.Add()([x, a])
x = layers.LayerNormalization()(x)
f = layers.Dense(32, activation="gelu")(x)
f = layers.Dense(16)(f)
x = layers.Add()([x, f])
x = layers.LayerNormalization()(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dense(16, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.004),
    (15, "separable", "shapes", 20, SPARSE, """
model = keras.Sequential([
    keras.Input((12, 12, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.SeparableConv2D(24, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.SeparableConv2D(32, 3, padding="same", activation="relu"),
    layers.GlobalMaxPooling2D(),
    layers.Dense(24, activation="relu"),
    layers.Dense(4, activation="softmax"),
])""", 0.005),
    (16, "depthwise", "textures", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((12, 12, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.DepthwiseConv2D(3, padding="same"),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.Conv2D(24, 1, activation="relu"),
    layers.AveragePooling2D(2),
    layers.DepthwiseConv2D(3, padding="same", activation="relu"),
    layers.Conv2D(24, 1, activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(5, activation="softmax"),
])""", 0.005),
    (17, "towers", "breast", 20, BINARY, """
inputs = keras.Input((30,))
a = layers.Dense(24, activation="relu")(inputs)
a = layers.Dense(16, activation="relu")(a)
b = layers.Dense(12, activation="tanh")(inputs)
b = layers.Dense(8, activation="tanh")(b)
x = layers.Concatenate()([a, b])
x = layers.Dense(16, activation="relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)"""),
    (18, "deep_residual", "digits_colour", 30, SPARSE, """
inputs = keras.Input((8, 8, 3))
x = layers.Conv2D(16, 3, padding="same")(inputs)
x = layers.BatchNormalization()(x)
x = layers.Activation("relu")(x)
y = layers.Conv2D(16, 3, padding="same")(x)
y = layers.BatchNormalization()(y)
y = layers.Activation("relu")(y)
y = layers.Conv2D(16, 3, padding="same")(y)
y = layers.BatchNormalization()(y)
x = layers.Add()([x, y])
x = layers.Activation("relu")(x)
s = layers.Conv2D(24, 1, strides=2)(x)
y = layers.Conv2D(24, 3, strides=2, padding="same")(x)
y = layers.BatchNormalization()(y)
y = layers.Activation("relu")(y)
y = layers.Conv2D(24, 3, padding="same")(y)
y = layers.BatchNormalization()(y)
x = layers.Add()([s, y])
x = layers.Activation("relu")(x)
y = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
y = layers.Conv2D(24, 3, padding="same")(y)
x = layers.Add()([x, y])
x = layers.Activation("relu")(x)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (19, "residual_mlp", "shells", 30, SPARSE, """
inputs = keras.Input((5,))
x = layers.Dense(32, activation="relu")(inputs)
y = layers.Dense(32, activation="relu")(x)
y = layers.Dense(32)(y)
x = layers.Add()([x, y])
y = layers.Dense(32, activation="relu")(x)
y = layers.Dense(32)(y)
x = layers.Add()([x, y])
x = layers.Activation("relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)"""),
    (20, "autoencoder", "latent", 40, MSE, """
model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(32, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(6),
    layers.Dense(16, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(20),
])"""),
    (21, "conv_autoencoder", "digits_noisy", 25, MSE, """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.UpSampling2D(2),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
])"""),
    (22, "transposed", "digits_noisy", 25, MSE, """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.Flatten(),
    layers.Dense(40, activation="relu"),
    layers.Dense(256, activation="relu"),
    layers.Reshape((4, 4, 16)),
    layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
    layers.Conv2D(1, 3, padding="same"),
])"""),
    (23, "tanh_mlp", "spirals", 40, SPARSE, """
model = keras.Sequential([
    keras.Input((2,)),
    layers.Dense(32, activation="tanh"),
    layers.Dense(32, activation="tanh"),
    layers.Dense(16, activation="tanh"),
    layers.Dense(3, activation="softmax"),
])""", 0.005),
    (24, "selu_mlp", "blobs", 20, SPARSE, """
model = keras.Sequential([
    keras.Input((10,)),
    layers.Dense(40, activation="selu", kernel_initializer="lecun_normal"),
    layers.Dense(32, activation="selu", kernel_initializer="lecun_normal"),
    layers.Dense(24, activation="selu", kernel_initializer="lecun_normal"),
    layers.Dense(8, activation="softmax"),
])"""),
    (25, "gelu_mlp", "circuit", 30, MSE, """
model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(48, activation="gelu"),
    layers.Dense(32, activation="gelu"),
    layers.Dense(16, activation="gelu"),
    layers.Dense(1),
])"""),
    (26, "sigmoid_mlp", "moons", 40, BINARY, """
model = keras.Sequential()
model.add(keras.Input((2,)))
model.add(layers.Dense(24, activation="sigmoid"))
model.add(layers.Dense(16, activation="sigmoid"))
model.add(layers.Dense(1, activation="sigmoid"))""", 0.02),
    (27, "wide", "digits", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((64,)),
    layers.Dense(256, activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(10, activation="softmax"),
])"""),
    (28, "narrow", "checker", 60, BINARY, """
model = keras.Sequential([
    keras.Input((6,)),
    layers.Dense(24, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(20, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(20, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(16, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(16, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(12, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(8, activation="relu", kernel_initializer="he_normal"),
    layers.Dense(1, activation="sigmoid"),
])"""),
    (29, "bn_cnn", "spots", 15, SPARSE, """
model = keras.Sequential()
model.add(keras.Input((12, 12, 1)))
model.add(layers.Conv2D(16, 3, use_bias=False))
model.add(layers.BatchNormalization())
model.add(layers.ReLU())
model.add(layers.MaxPooling2D(2))
model.add(layers.Conv2D(24, 3, use_bias=False))
model.add(layers.BatchNormalization())
model.add(layers.ReLU())
model.add(layers.Flatten())
model.add(layers.Dense(32, activation="relu"))
model.add(layers.Dropout(0.2))
model.add(layers.Dense(4, activation="softmax"))"""),
    (30, "conv_gru", "motif", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((48, 1)),
    layers.Conv1D(16, 7, padding="same", activation="relu"),
    layers.MaxPooling1D(4),
    layers.Conv1D(20, 3, padding="same", activation="relu"),
    layers.GRU(16),
    layers.Dense(4, activation="softmax"),
])""", 0.005),
    (31, "embed_conv", "bigrams", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((16,), dtype="int32"),
    layers.Embedding(30, 12),
    layers.Conv1D(32, 2, activation="relu"),
    layers.GlobalMaxPooling1D(),
    layers.Dense(24, activation="relu"),
    layers.Dense(3, activation="softmax"),
])"""),
    (32, "embed_pool", "valence", 25, MSE, """
model = keras.Sequential([
    keras.Input((12,), dtype="int32"),
    layers.Embedding(40, 8),
    layers.GlobalAveragePooling1D(),
    layers.Dense(24, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])"""),
    (33, "bidirectional", "opinions", 10, BINARY, """
model = keras.Sequential([
    keras.Input((14,), dtype="int32"),
    layers.Embedding(50, 10),
    layers.Bidirectional(layers.LSTM(12)),
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])""", 0.005),
    (34, "time_distributed", "recall", 25, SPARSE, """
model = keras.Sequential([
    keras.Input((12, 5)),
    layers.TimeDistributed(layers.Dense(24, activation="relu")),
    layers.TimeDistributed(layers.Dense(16, activation="relu")),
    layers.LSTM(20),
    layers.Dense(4, activation="softmax"),
])""", 0.005),
    (35, "tags_mlp", "topics_multilabel", 20, BINARY, """
model = keras.Sequential([
    keras.Input((30,)),
    layers.Dense(48),
    layers.LayerNormalization(),
    layers.Activation("relu"),
    layers.Dense(32, activation="relu"),
    layers.Dropout(0.1),
    layers.Dense(4, activation="sigmoid"),
])"""),
    (36, "lstm_forecast", "forecast", 15, MSE, """
model = keras.Sequential()
model.add(keras.Input((24, 1)))
model.add(layers.LSTM(24, return_sequences=True))
model.add(layers.LSTM(16))
model.add(layers.Dense(16, activation="tanh"))
model.add(layers.Dense(1))""", 0.005),
    (37, "rescaled_cnn", "patches", 20, SPARSE, """
model = keras.Sequential([
    keras.Input((8, 8, 3)),
    layers.Rescaling(1 / 255),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.AveragePooling2D(2),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.AveragePooling2D(2),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(4, activation="softmax"),
])""", 0.005),
    (38, "swish_mlp", "surface", 35, MSE, """
model = keras.Sequential([
    keras.Input((2,)),
    layers.Dense(48, activation="silu"),
    layers.Dense(48, activation="silu"),
    layers.Dense(24, activation="silu"),
    layers.Dense(2),
])"""),
    (39, "leaky_mlp", "wine_real", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((13,)),
    layers.Dense(32),
    layers.LeakyReLU(negative_slope=0.1),
    layers.Dropout(0.2),
    layers.Dense(24),
    layers.LeakyReLU(negative_slope=0.1),
    layers.Dense(16),
    layers.LeakyReLU(negative_slope=0.1),
    layers.Dense(3, activation="softmax"),
])""", 0.002),
    (40, "elu_conv1d", "spectra", 12, SPARSE, """
model = keras.Sequential([
    keras.Input((64, 1)),
    layers.Conv1D(12, 7, strides=2, padding="same", activation="elu"),
    layers.Conv1D(16, 5, strides=2, padding="same", activation="elu"),
    layers.Conv1D(16, 3, padding="same", dilation_rate=2, activation="elu"),
    layers.Flatten(),
    layers.Dense(32, activation="elu"),
    layers.Dense(4, activation="softmax"),
])""", 0.002),
    (41, "one_hot", "clusters", 40, ONE_HOT, """
model = keras.Sequential([
    keras.Input((18,)),
    layers.Dense(96, activation="relu"),
    layers.BatchNormalization(),
    layers.Dense(64, activation="relu"),
    layers.BatchNormalization(),
    layers.Dense(32, activation="softplus"),
    layers.Dense(6, activation="softmax"),
])"""),
    (42, "prices_mlp", "prices", 40, MSE, """
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(48, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])""", 0.004),
    (43, "vgg", "textures", 12, SPARSE, """
model = keras.Sequential()
model.add(keras.Input((12, 12, 1)))
model.add(layers.Conv2D(12, 3, padding="same"))
model.add(layers.Activation("relu"))
model.add(layers.Conv2D(12, 3, padding="same"))
model.add(layers.Activation("relu"))
model.add(layers.MaxPooling2D(2))
model.add(layers.Conv2D(20, 3, padding="same"))
model.add(layers.Activation("relu"))
model.add(layers.Conv2D(20, 3, padding="same"))
model.add(layers.Activation("relu"))
model.add(layers.MaxPooling2D(2))
model.add(layers.Flatten())
model.add(layers.Dense(40))
model.add(layers.Activation("relu"))
model.add(layers.Dense(5))
model.add(layers.Activation("softmax"))"""),
    (44, "squeeze", "shapes", 20, SPARSE, """
inputs = keras.Input((12, 12, 1))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
x = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
s = layers.GlobalAveragePooling2D()(x)
s = layers.Dense(8, activation="relu")(s)
s = layers.Dense(24, activation="sigmoid")(s)
s = layers.Reshape((1, 1, 24))(s)
x = layers.Multiply()([x, s])
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
x = layers.GlobalMaxPooling2D()(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)""", 0.004),
    (45, "gated", "checker", 50, BINARY, """
inputs = keras.Input((6,))
x = layers.Dense(40, activation="tanh")(inputs)
g = layers.Dense(40, activation="sigmoid")(inputs)
x = layers.Multiply()([x, g])
x = layers.Dense(32, activation="relu")(x)
g = layers.Dense(24, activation="sigmoid")(x)
x = layers.Dense(24, activation="tanh")(x)
x = layers.Multiply()([x, g])
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)""", 0.006),
    (46, "logits", "shells", 40, LOGITS, """
model = keras.Sequential([
    keras.Input((5,)),
    layers.Dense(48, activation="relu"),
    layers.Dense(40, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(4),
])"""),
    (47, "plain_digits", "digits_image", 15, SPARSE, """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Flatten(),
    layers.Dense(96, activation="relu"),
    layers.BatchNormalization(),
    layers.Dropout(0.2),
    layers.Dense(64, activation="relu"),
    layers.BatchNormalization(),
    layers.Dropout(0.2),
    layers.Dense(10, activation="softmax"),
])"""),
    (48, "bag_of_words", "topics", 10, SPARSE, """
model = keras.Sequential([
    keras.Input((18,), dtype="int32"),
    layers.Embedding(61, 6),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(12, activation="tanh"),
    layers.Dense(5, activation="softmax"),
])"""),
])
