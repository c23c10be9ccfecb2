"""More small Keras models for comparison: attention without heads, groups of heads, einsum, categories, resizing, recurrences
of cells, convolutional LSTMs, wrappers, and layers that do nothing once a model is trained. models() as in keras_models."""
import keras
import numpy as np
from keras import layers as L

from keras_models import branches, floats, randomise


def attention_models(rng):
    x = keras.Input((6, 4))
    a, b = L.Dense(4)(x), L.Dense(4)(L.Cropping1D((1, 0))(x))
    v = L.Dense(7)(b)
    scores = L.MultiHeadAttention(2, 3)(a, b, return_attention_scores=True)
    out = [L.Attention()([a, b]), L.Attention(use_scale=True)([a, v, b]), L.Attention(score_mode="concat", use_scale=True)([a, b]),
           L.Attention(score_mode="concat")([a, b, b]), L.AdditiveAttention()([a, b]), L.AdditiveAttention(use_scale=False)([a, v, b]),
           L.Attention(dropout=0.3)([a, b], use_causal_mask=True), L.GroupQueryAttention(3, 4, 2)(a, b), L.GroupQueryAttention(2, 6, 1, use_bias=False)(a, b, key=b),
           L.GroupQueryAttention(3, 4, 2, use_gate=True)(a, b, use_causal_mask=True), L.MultiHeadAttention(2, 3, use_gate=True)(a, b),
           L.MultiHeadAttention(2, 3, sliding_window=2)(a, b), L.Flatten()(scores[1]), scores[0]]
    yield "plain_attention", keras.Model(x, out), floats(rng, 3, 6, 4)
    ids = rng.integers(0, 4, size=(5, 6)).astype("float32")
    ids[0, 3:] = 0
    i = keras.Input((6,))
    h = L.Embedding(4, 5, mask_zero=True)(i)
    out = [L.Attention()([h, h]), L.AdditiveAttention()([h, h], use_causal_mask=True), L.GroupQueryAttention(2, 4, 2)(h, h), L.LSTM(3)(L.Attention()([h, h])),
           L.Attention()([L.Dense(5)(h), h])]
    yield "plain_attention_masked", keras.Model(i, out), ids


def einsum_models(rng):
    cases = [("abc,cd->abd", (None, 6), "d"), ("abc,cde->abde", (None, 2, 3), "de"), ("abc,bcd->ad", (5,), "d"), ("abc,cb->ab", (5,), None),
             ("...x,xy->...y", 6, "y"), ("abc,bd->adc", (7, 4), "d"), ("abc,cb->abc", (5, 4), "bc"), ("abc,dc->adb", (2, 5), None),
             ("abc,bcd->abd", (5, 3), "bd"), ("abc,cde->aebd", (2, None, 3), "e")]
    layers = [L.EinsumDense(e, output_shape=o, bias_axes=b, activation="tanh" if i % 3 == 0 else None) for i, (e, o, b) in enumerate(cases)]
    yield "einsum", branches((5, 4), layers), floats(rng, 3, 5, 4)
    yield "einsum_free", branches((None, 4), [L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="e")]), floats(rng, 3, 5, 4)
    yield "einsum_dense", branches((4,), [L.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c"), L.EinsumDense("ab,bcd->acd", output_shape=(2, 3))]), floats(rng, 3, 4)


def category_models(rng):
    x = rng.integers(0, 6, size=(5, 4)).astype("int32")
    layers = [L.CategoryEncoding(6, output_mode=m) for m in ("multi_hot", "one_hot", "count")]
    layers += [L.IntegerLookup(vocabulary=[1, 4, 3]), L.IntegerLookup(vocabulary=[1, 4, 3], mask_token=0), L.IntegerLookup(vocabulary=[2, 5], output_mode="multi_hot"),
               L.IntegerLookup(vocabulary=[2, 5], output_mode="count")]
    yield "categories", branches((4,), layers, dtype="int32"), x
    one = [L.CategoryEncoding(6, output_mode=m) for m in ("multi_hot", "one_hot", "count")]
    one += [L.IntegerLookup(vocabulary=[2, 5], output_mode="one_hot")]
    yield "category", branches((1,), one, dtype="int32"), x[:, :1]
    bins = [L.Discretization([-0.5, 0.1, 0.7], output_mode=m) for m in ("int", "multi_hot", "count", "one_hot")]
    yield "bins", branches((4,), bins), floats(rng, 5, 4)
    yield "counted", keras.Sequential([L.Input((4,), dtype="int32"), L.CategoryEncoding(6, output_mode="count"), L.Dense(3, activation="relu"), L.Dense(2)]), x


def resize_models(rng):
    layers = [L.Resizing(4, 9), L.Resizing(11, 5), L.Resizing(4, 9, interpolation="nearest"), L.Resizing(13, 5, interpolation="bicubic"), L.Resizing(3, 3, crop_to_aspect_ratio=True),
              L.Resizing(12, 5, pad_to_aspect_ratio=True, fill_value=0.5), L.CenterCrop(4, 5), L.CenterCrop(3, 8), L.CenterCrop(9, 4),
              L.AdaptiveAveragePooling2D((3, 4)), L.AdaptiveMaxPooling2D((3, 4)), L.AdaptiveAveragePooling2D(2), L.AdaptiveMaxPooling2D((5, 2))]
    yield "resizes", branches((7, 8, 3), layers), floats(rng, 2, 7, 8, 3)
    image = keras.Input((7, 8, 3))
    h = L.Conv2D(3, 1)(image)
    yield "resizes_moved", keras.Model(image, [type(layer).from_config({**layer.get_config(), "name": f"after_{i}"})(h) for i, layer in enumerate(layers)]), floats(rng, 2, 7, 8, 3)
    yield "adaptive1d", branches((9, 3), [L.AdaptiveAveragePooling1D(4), L.AdaptiveMaxPooling1D(5)]), floats(rng, 2, 9, 3)
    yield "adaptive3d", branches((4, 5, 3, 2), [L.AdaptiveAveragePooling3D((2, 2, 3)), L.AdaptiveMaxPooling3D(2)]), floats(rng, 2, 4, 5, 3, 2)
    small = keras.Sequential([L.Input((8, 8, 3), dtype="uint8"), L.Resizing(5, 6), L.Rescaling(1 / 255), L.Conv2D(3, 2), L.Flatten(), L.Dense(2)])
    yield "resize_uint8", small, rng.integers(0, 255, size=(3, 8, 8, 3)).astype("uint8")


def cell_models(rng):
    x = floats(rng, 3, 5, 4)
    layers = [L.RNN(L.LSTMCell(3)), L.RNN(L.GRUCell(3, reset_after=False), return_sequences=True), L.RNN(L.SimpleRNNCell(3, activation="gelu"), go_backwards=True),
              L.RNN([L.LSTMCell(3), L.GRUCell(4), L.LSTMCell(2)]), L.RNN([L.SimpleRNNCell(3), L.SimpleRNNCell(4, use_bias=False)], return_sequences=True),
              L.RNN(L.StackedRNNCells([L.LSTMCell(3, activation="silu"), L.LSTMCell(3)])), L.Bidirectional(L.RNN([L.LSTMCell(3), L.LSTMCell(2)])),
              L.Bidirectional(L.RNN(L.GRUCell(2), return_sequences=True), merge_mode="sum")]
    yield "cells", branches((5, 4), layers), x
    ids = rng.integers(0, 4, size=(5, 6)).astype("float32")
    ids[0, 3:] = 0
    i = keras.Input((6,))
    h = L.Embedding(4, 5, mask_zero=True)(i)
    yield "cells_masked", keras.Model(i, [L.RNN([L.LSTMCell(3), L.GRUCell(2)])(h), L.RNN(L.LSTMCell(3), return_sequences=True)(h)]), ids
    s = keras.Input((5, 4))
    y = L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_state=True)(s)
    z = L.RNN([L.LSTMCell(3), L.GRUCell(2)])(s, initial_state=[[y[1][0], y[1][1]], y[2]] if isinstance(y[1], (list, tuple)) else y[1:])
    yield "cells_states", keras.Model(s, [y[0], z]), x


def conv_lstm_models(rng):
    layers = [L.ConvLSTM2D(3, 2), L.ConvLSTM2D(3, (2, 3), padding="same", return_sequences=True), L.ConvLSTM2D(2, 3, strides=2, padding="same", activation="relu"),
              L.ConvLSTM2D(2, 2, dilation_rate=2, go_backwards=True, use_bias=False), L.Bidirectional(L.ConvLSTM2D(2, 2, return_sequences=True)), L.Bidirectional(L.ConvLSTM2D(2, 2))]
    yield "conv_lstm2d", branches((4, 6, 5, 2), layers), floats(rng, 2, 4, 6, 5, 2)
    yield "conv_lstm1d", branches((4, 6, 2), [L.ConvLSTM1D(3, 2), L.ConvLSTM1D(3, 3, padding="same", return_sequences=True)]), floats(rng, 2, 4, 6, 2)
    yield "conv_lstm3d", branches((3, 4, 3, 4, 2), [L.ConvLSTM3D(2, 2), L.ConvLSTM3D(2, 2, padding="same", return_sequences=True)]), floats(rng, 2, 3, 4, 3, 4, 2)
    deep = keras.Sequential([L.Input((3, 6, 6, 1)), L.ConvLSTM2D(2, 3, padding="same", return_sequences=True), L.BatchNormalization(), L.ConvLSTM2D(2, 3), L.Flatten(), L.Dense(2)])
    yield "conv_lstm_deep", deep, floats(rng, 2, 3, 6, 6, 1)


def wrapper_models(rng):
    layers = [L.SpectralNormalization(L.Conv2D(3, 2, activation="relu")), L.SpectralNormalization(L.Dense(4)), L.TimeDistributed(L.SpectralNormalization(L.Dense(3)))]
    yield "spectral", branches((5, 5, 2), layers), floats(rng, 2, 5, 5, 2)
    ids = keras.Input((5,), dtype="int32")
    tied, untied = L.ReversibleEmbedding(7, 3), L.ReversibleEmbedding(7, 3, tie_weights=False, logit_soft_cap=2.0)
    yield "reversible", keras.Model(ids, [tied(tied(ids), reverse=True), untied(L.Dense(3)(untied(ids)), reverse=True)]), rng.integers(0, 7, size=(3, 5)).astype("int32")


def augmentation_models(rng):
    made = [L.RandomFlip(), L.RandomRotation(0.2), L.RandomZoom(0.2), L.RandomTranslation(0.1, 0.1), L.RandomShear(0.1, 0.1), L.RandomErasing(), L.RandomPerspective(),
            L.RandomInvert(), L.RandomGaussianBlur(), L.RandomElasticTransform(), L.RandomCrop(6, 6), L.CutMix(), L.MixUp(), L.AugMix(), L.RandAugment(), L.Equalization(), L.Solarization(),
            L.RandomColorJitter(), L.RandomPosterization(4), L.RandomGrayscale(0.5), L.RandomBrightness(0.2), L.RandomContrast(0.2), L.RandomSaturation(0.2), L.RandomHue(0.2),
            L.RandomSharpness(0.2), L.RandomColorDegeneration(0.2)]
    taken = []
    for layer in made:  # some give out the very tensor that they take, which a functional model cannot hold; some cannot be copied
        x = keras.Input((6, 6, 3))
        try:
            keras.Model(x, layer(x)).to_json()
            taken.append(type(layer).from_config(layer.get_config()))
        except (ValueError, TypeError):
            continue
    yield "augmentations", branches((6, 6, 3), taken), np.abs(floats(rng, 2, 6, 6, 3)) * 60


GROUPS = [attention_models, einsum_models, category_models, resize_models, cell_models, conv_lstm_models, wrapper_models, augmentation_models]


def models(seed=7):
    for group in GROUPS:
        rng = np.random.default_rng(seed)
        for name, model, x in group(rng):
            randomise(model, rng)
            yield name, model, x
