"""Small Keras models for every layer family and its options, with random weights and inputs.

Most are many branches from one input, so that one run compares dozens of layers. models() yields (name, model, x).
"""
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
from keras import layers as L

ACTIVATIONS = ["linear", "relu", "relu6", "sigmoid", "tanh", "softmax", "log_softmax", "elu", "celu", "selu", "leaky_relu", "gelu",
               "silu", "mish", "softplus", "softsign", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink",
               "soft_shrink", "tanh_shrink", "log_sigmoid", "squareplus", "sparse_plus", "sparse_sigmoid", "sparsemax", "glu"]


def randomise(model, rng):
    for weight in model.weights:
        value = rng.normal(scale=0.4, size=weight.shape)
        if "variance" in weight.path:
            value = np.abs(value) + 0.3
        if weight.dtype.startswith("int"):
            value = np.full(weight.shape, 3)
        weight.assign(value.astype(weight.dtype))
    for layer in model.layers:
        if isinstance(layer, L.Normalization):
            layer.finalize_state()


def branches(shape, make, dtype="float32", **options):
    """A functional model whose layers all take the input."""
    x = keras.Input(shape, dtype=dtype, **options)
    return keras.Model(x, [layer(x) for layer in make])


def floats(rng, *shape):
    return rng.normal(size=shape).astype("float32")


def activation_models(rng):
    x = floats(rng, 5, 4, 6) * 3
    yield "activations", branches((4, 6), [L.Activation(a) for a in ACTIVATIONS]), x
    dense = [L.Dense(8, activation=a) for a in ACTIVATIONS]
    yield "dense", branches((4, 6), dense + [L.Dense(3, use_bias=False)]), x
    conv = [L.Conv2D(4, 2, activation=a) for a in ACTIVATIONS]
    yield "conv_activations", branches((5, 5, 3), conv), floats(rng, 3, 5, 5, 3) * 2
    special = [L.ReLU(), L.ReLU(max_value=1.5), L.ReLU(negative_slope=0.2), L.ReLU(threshold=0.7),
               L.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.5), L.ReLU(max_value=6), L.LeakyReLU(), L.LeakyReLU(negative_slope=0.05),
               L.ELU(), L.ELU(alpha=0.4), L.PReLU(), L.PReLU(shared_axes=[1]), L.Softmax(), L.Softmax(axis=1), L.Softmax(axis=[1, 2]),
               L.Identity(), L.Dense(5, activation=L.LeakyReLU(negative_slope=0.15)), L.Dense(5, activation=L.ReLU(max_value=0.5))]
    yield "activation_layers", branches((4, 6), special), x
    image = keras.Input((5, 6, 4))
    h = L.Conv2D(4, 2)(image)
    after = [L.Softmax(axis=1)(h), L.Softmax()(h), L.Softmax(axis=[1, 2])(h), L.PReLU()(h), L.PReLU(shared_axes=[1, 2])(h), L.Activation("glu")(h),
             L.Activation("sparsemax")(h), L.Activation("log_softmax")(h)]
    yield "activations_moved", keras.Model(image, after), floats(rng, 3, 5, 6, 4) * 2


def noop_models(rng):
    layers = [L.Dropout(0.4), L.SpatialDropout1D(0.3), L.GaussianNoise(0.2), L.GaussianDropout(0.2), L.AlphaDropout(0.2),
              L.ActivityRegularization(l1=0.1)]
    yield "noops", branches((4, 6), layers), floats(rng, 3, 4, 6)
    yield "noops_sequential", keras.Sequential([L.Input((6,)), L.Dense(5, activation="relu"), L.Dropout(0.5), L.Dense(4), L.AlphaDropout(0.1)]), \
        floats(rng, 4, 6)
    yield "ends_with_dropout", keras.Sequential([L.Input((6, 6, 2)), L.Conv2D(3, 3), L.SpatialDropout2D(0.3)]), floats(rng, 4, 6, 6, 2)


def shape_models(rng):
    x = floats(rng, 3, 6, 8, 4)
    layers = [L.Flatten(), L.Reshape((8, 24)), L.Reshape((-1, 12)), L.Permute((3, 1, 2)), L.ZeroPadding2D(2), L.ZeroPadding2D((1, 3)),
              L.ZeroPadding2D(((1, 0), (2, 3))), L.Cropping2D(1), L.Cropping2D(((1, 2), (0, 3))), L.UpSampling2D(2), L.UpSampling2D((1, 3)),
              L.UpSampling2D(2, interpolation="bilinear"), L.UpSampling2D((3, 2), interpolation="bilinear"),
              L.UpSampling2D(2, interpolation="bicubic"), L.UpSampling2D((3, 5), interpolation="bicubic"), L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D(keepdims=True)]
    yield "shapes2d", branches((6, 8, 4), layers), x
    image = keras.Input((6, 8, 4))
    h = L.Conv2D(4, 1)(image)
    again = [type(layer).from_config({**layer.get_config(), "name": f"after_{i}"})(h) for i, layer in enumerate(layers)]
    yield "shapes2d_moved", keras.Model(image, again + [L.Flatten(data_format="channels_first")(h)]), x
    steps = [L.ZeroPadding1D(2), L.ZeroPadding1D((1, 3)), L.Cropping1D((1, 2)), L.UpSampling1D(3), L.Permute((2, 1)), L.Flatten(),
             L.Reshape((4, 3, 2)), L.GlobalAveragePooling1D(), L.GlobalMaxPooling1D(), L.GlobalAveragePooling1D(keepdims=True),
             L.GlobalMaxPooling1D(data_format="channels_first"), L.GlobalAveragePooling1D(data_format="channels_first", keepdims=True)]
    yield "shapes1d", branches((6, 4), steps), floats(rng, 3, 6, 4)
    yield "repeat", keras.Sequential([L.Input((5,)), L.RepeatVector(4), L.Dense(3), L.Flatten()]), floats(rng, 3, 5)
    cube = [L.ZeroPadding3D(1), L.Cropping3D(((1, 0), (0, 1), (1, 1))), L.UpSampling3D(2), L.MaxPooling3D(2), L.AveragePooling3D(2, padding="same"),
            L.GlobalMaxPooling3D(), L.GlobalAveragePooling3D(keepdims=True), L.Conv3D(3, 2), L.Conv3D(2, (1, 2, 3), padding="same", strides=2)]
    yield "cubes", branches((4, 5, 4, 2), cube), floats(rng, 2, 4, 5, 4, 2)
    yield "scalar_input", keras.Sequential([L.Input((1,)), L.Flatten(), L.Dense(3)]), floats(rng, 4, 1)


def conv_models(rng):
    layers = [L.Conv2D(5, 3), L.Conv2D(5, 3, padding="same"), L.Conv2D(5, 3, padding="same", strides=2), L.Conv2D(5, (2, 4), padding="same", strides=(3, 2)),
              L.Conv2D(4, 2, strides=2), L.Conv2D(4, 3, dilation_rate=2), L.Conv2D(4, 3, dilation_rate=(1, 2), padding="same"),
              L.Conv2D(8, 3, groups=2, use_bias=False), L.Conv2D(4, 1, groups=4), L.DepthwiseConv2D(3), L.DepthwiseConv2D(3, depth_multiplier=3, padding="same"),
              L.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False), L.DepthwiseConv2D(2, dilation_rate=2),
              L.SeparableConv2D(6, 3), L.SeparableConv2D(6, 3, depth_multiplier=2, padding="same", strides=2, activation="relu"),
              L.SeparableConv2D(3, 2, use_bias=False), L.Conv2DTranspose(3, 3), L.Conv2DTranspose(3, 3, strides=2, padding="same"),
              L.Conv2DTranspose(3, 2, strides=3, padding="same"), L.Conv2DTranspose(3, 2, strides=3), L.Conv2DTranspose(3, 4, strides=2, padding="same", use_bias=False),
              L.Conv2DTranspose(3, (3, 5), strides=(2, 3), padding="valid", activation="tanh"),
              L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1), L.Conv2DTranspose(3, 3, strides=2, padding="valid", output_padding=1),
              L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=0)]
    yield "conv2d", branches((9, 11, 4), layers), floats(rng, 3, 9, 11, 4)
    steps = [L.Conv1D(5, 3), L.Conv1D(5, 3, padding="same"), L.Conv1D(5, 4, padding="same", strides=3), L.Conv1D(5, 3, padding="causal"),
             L.Conv1D(5, 2, padding="causal", dilation_rate=3), L.Conv1D(4, 3, padding="causal", strides=2), L.Conv1D(6, 3, groups=2, use_bias=False),
             L.DepthwiseConv1D(3), L.DepthwiseConv1D(2, depth_multiplier=2, strides=2, padding="same"), L.SeparableConv1D(5, 3),
             L.SeparableConv1D(5, 3, depth_multiplier=2, padding="same", activation="relu"),
             L.Conv1DTranspose(3, 3), L.Conv1DTranspose(3, 4, strides=2, padding="same"), L.Conv1DTranspose(3, 2, strides=3, padding="same"),
             L.MaxPooling1D(2), L.MaxPooling1D(3, strides=2, padding="same"), L.AveragePooling1D(3, padding="same"), L.AveragePooling1D(2, strides=1)]
    yield "conv1d", branches((11, 4), steps), floats(rng, 3, 11, 4)
    yield "conv1d_free", branches((None, 4), [L.Conv1D(5, 3), L.Conv1D(5, 3, padding="same", strides=2), L.Conv1D(3, 2, padding="causal"),
                                              L.MaxPooling1D(2), L.GlobalMaxPooling1D(), L.AveragePooling1D(3, padding="same")]), floats(rng, 3, 12, 4)
    yield "image_free", keras.Sequential([L.Input((None, None, 3)), L.Conv2D(4, 3, strides=2, padding="same"), L.BatchNormalization(), L.ReLU(),
                                          L.UpSampling2D(2), L.MaxPooling2D(3, 2, padding="same"), L.GlobalAveragePooling2D(), L.Dense(2)]), floats(rng, 2, 9, 10, 3)
    pools = [L.MaxPooling2D(2), L.MaxPooling2D(3, strides=2, padding="same"), L.MaxPooling2D((2, 3), strides=1), L.AveragePooling2D(2),
             L.AveragePooling2D(3, strides=2, padding="same"), L.GlobalAveragePooling2D(), L.GlobalAveragePooling2D(keepdims=True), L.GlobalMaxPooling2D()]
    yield "pools", branches((9, 11, 4), pools), floats(rng, 3, 9, 11, 4)
    first = [L.GlobalAveragePooling2D(data_format="channels_first"), L.GlobalMaxPooling2D(data_format="channels_first", keepdims=True),
             L.ZeroPadding2D(1, data_format="channels_first"), L.Cropping2D(1, data_format="channels_first"),
             L.BatchNormalization(axis=1), L.Flatten(data_format="channels_first")]
    yield "channels_first", branches((4, 9, 8), first), floats(rng, 3, 4, 9, 8)


def norm_models(rng):
    layers = [L.BatchNormalization(), L.BatchNormalization(axis=1), L.BatchNormalization(axis=2, scale=False), L.BatchNormalization(center=False, epsilon=0.1),
              L.LayerNormalization(), L.LayerNormalization(axis=1), L.LayerNormalization(axis=[1, 2, 3]), L.LayerNormalization(axis=[2, 3], center=False),
              L.LayerNormalization(scale=False), L.LayerNormalization(axis=[1, 3]), L.GroupNormalization(2), L.GroupNormalization(-1), L.GroupNormalization(1, scale=False),
              L.GroupNormalization(3, axis=1), L.UnitNormalization(), L.UnitNormalization(axis=1), L.UnitNormalization(axis=[1, 2]), L.RMSNormalization(),
              L.RMSNormalization(axis=[2, 3]), L.LayerNormalization(rms_scaling=True)]
    x = floats(rng, 3, 6, 5, 4)
    yield "norms", branches((6, 5, 4), layers), x
    image = keras.Input((6, 5, 4))
    h = L.Conv2D(4, 1)(image)
    yield "norms_moved", keras.Model(image, [type(layer).from_config({**layer.get_config(), "name": f"after_{i}"})(h) for i, layer in enumerate(layers)]), x
    yield "norms_flat", keras.Sequential([L.Input((7,)), L.Dense(6), L.BatchNormalization(), L.Activation("relu"), L.LayerNormalization(), L.GroupNormalization(3),
                                          L.UnitNormalization()]), floats(rng, 3, 7)
    pre = [L.Rescaling(1 / 255), L.Rescaling(0.5, offset=-1), L.Rescaling([1.0, 2.0, 0.5, 3.0], offset=[0.0, 1.0, 2.0, 3.0]), L.Normalization(),
           L.Normalization(axis=None), L.Normalization(axis=1), L.Normalization(axis=(1, 3)), L.Normalization(mean=2.0, variance=4.0),
           L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 2.0, 0.5]), L.Normalization(invert=True)]
    for layer in pre:
        layer.build((None, 6, 5, 4))
    yield "preprocessing", branches((6, 5, 4), pre), x


def recurrent_models(rng):
    x = floats(rng, 4, 7, 5)
    for kind in (L.SimpleRNN, L.LSTM, L.GRU):
        gated = kind is not L.SimpleRNN
        options = [{}, {"return_sequences": True}, {"go_backwards": True}, {"go_backwards": True, "return_sequences": True}, {"use_bias": False},
                   {"activation": "relu"}, {"activation": "linear"}, {"activation": "softsign"}, {"unroll": True}, {"activation": "elu", "return_sequences": True},
                   {"activation": "gelu"}, {"activation": "selu", "return_sequences": True}, {"activation": "softmax"}, {"activation": "softplus"}]
        if gated:
            options += [{"recurrent_activation": "hard_sigmoid"}, {"recurrent_activation": "relu", "activation": "sigmoid"},
                        {"recurrent_activation": "exponential", "activation": "tanh"}, {"recurrent_activation": "hard_sigmoid", "activation": "hard_sigmoid"}]
        if kind is L.GRU:
            options += [{"reset_after": False}, {"reset_after": False, "use_bias": False}, {"reset_after": False, "activation": "silu", "return_sequences": True},
                        {"activation": "silu", "use_bias": False}]
        name = kind.__name__.lower()
        yield name, branches((7, 5), [kind(6, **o) for o in options]), x
        yield name + "_free", branches((None, 5), [kind(6, **o) for o in options[:8]]), x
        inner = [L.Bidirectional(kind(4, return_sequences=s), merge_mode=m) for m in ("concat", "sum", "ave", "mul") for s in (False, True)]
        yield name + "_both", branches((7, 5), inner), x
        yield name + "_both_custom", branches((7, 5), [L.Bidirectional(kind(4, return_sequences=True), backward_layer=kind(4, go_backwards=True, activation="relu",
                                                       return_sequences=True))]), x
        tokens = rng.integers(0, 4, size=(6, 7)).astype("float32")
        tokens[0] = 0
        tokens[1, 3:] = 0
        tokens[2, :3] = 0
        ids = keras.Input((7,))
        h = L.Embedding(4, 5, mask_zero=True)(ids)
        masked = [kind(3, **o)(h) for o in options if o != {"unroll": True}]
        masked += [L.Bidirectional(kind(3, return_sequences=s))(h) for s in (False, True)]
        deep = kind(4, return_sequences=True)(h)
        masked += [kind(3)(deep), L.GlobalAveragePooling1D()(deep), L.TimeDistributed(L.Dense(2))(deep), kind(3)(L.Dropout(0.2)(L.Dense(4)(deep)))]
        if kind is L.LSTM:
            masked += [kind(3, zero_output_for_mask=True, return_sequences=True)(h), kind(3, zero_output_for_mask=True)(h)]
        yield name + "_masked", keras.Model(ids, masked), tokens
    yield "lstm_fixed_batch", keras.Sequential([L.Input(batch_shape=(4, 7, 5)), L.LSTM(6, stateful=True, return_sequences=True), L.GRU(3, stateful=True), L.Dense(2)]), x
    steps = floats(rng, 5, 6, 3)
    steps[0, 2:4] = -1
    steps[1] = -1
    steps[2, 4:] = -1
    yield "masking", keras.Sequential([L.Input((6, 3)), L.Masking(-1.0), L.LSTM(4, return_sequences=True), L.GRU(3), L.Dense(2)]), steps
    ids = keras.Input((7,), dtype="int32")
    a, b = L.Embedding(4, 5, mask_zero=True)(ids), L.Embedding(4, 5)(ids)
    c = L.Embedding(4, 5, mask_zero=True)(ids)
    merged = [L.LSTM(3)(L.Add()([a, b])), L.LSTM(3)(L.Add()([a, c])), L.GRU(3)(L.Concatenate()([a, c])), L.GRU(3)(L.Concatenate(axis=1)([a, b])),
              L.SimpleRNN(3)(L.Concatenate()([a, b])), L.LSTM(3)(L.LayerNormalization()(a)), L.LSTM(3)(L.BatchNormalization()(a)),
              L.LSTM(3)(L.Conv1D(4, 2, padding="same")(a)), L.LSTM(3)(L.Activation("relu")(a))]
    yield "masks_merged", keras.Model(ids, merged), rng.integers(0, 4, size=(6, 7)).astype("int32")
    x_in = keras.Input((7, 5))
    seq, h, c = L.LSTM(4, return_sequences=True, return_state=True)(x_in)
    y = L.LSTM(4, return_sequences=True)(x_in, initial_state=[h, c])
    g, s = L.GRU(4, return_state=True)(x_in)
    z = L.GRU(4)(x_in, initial_state=s)
    yield "states", keras.Model(x_in, [seq, y, g, z, L.Dense(2)(L.Concatenate()([h, c]))]), x


def wrapper_models(rng):
    layers = [L.TimeDistributed(L.Dense(3, activation="relu")), L.TimeDistributed(L.Conv2D(3, 2, padding="same", strides=2)), L.TimeDistributed(L.Flatten()),
              L.TimeDistributed(L.MaxPooling2D(2)), L.TimeDistributed(L.GlobalAveragePooling2D()), L.TimeDistributed(L.BatchNormalization()),
              L.TimeDistributed(L.Dropout(0.2)), L.TimeDistributed(L.Activation("softmax"))]
    yield "time_distributed", branches((3, 6, 5, 2), layers), floats(rng, 2, 3, 6, 5, 2)
    x = keras.Input((None, 6, 5, 2))
    h = L.TimeDistributed(L.Conv2D(3, 3))(x)
    h = L.TimeDistributed(L.Flatten())(h)
    yield "time_distributed_free", keras.Model(x, L.Dense(2)(L.LSTM(3)(h))), floats(rng, 2, 3, 6, 5, 2)
    inner = keras.Sequential([L.Input((6,)), L.Dense(4, activation="relu"), L.Dense(2)])
    yield "time_distributed_model", keras.Sequential([L.Input((3, 6)), L.TimeDistributed(inner), L.Flatten(), L.Dense(2)]), floats(rng, 2, 3, 6)


def attention_models(rng):
    x = keras.Input((6, 8))
    a, b = L.Dense(8)(x), L.Dense(5)(L.Cropping1D((1, 1))(x))
    out = [L.MultiHeadAttention(2, 4)(a, a), L.MultiHeadAttention(3, 4, value_dim=5)(a, b), L.MultiHeadAttention(2, 4, use_bias=False, output_shape=7)(a, b, key=L.Dense(3)(b)),
           L.MultiHeadAttention(2, 4, dropout=0.3)(a, a, use_causal_mask=True), L.MultiHeadAttention(1, 3)(a, b, use_causal_mask=True)]
    yield "multi_head", keras.Model(x, out), floats(rng, 3, 6, 8)
    tokens = rng.integers(0, 4, size=(5, 6)).astype("float32")
    tokens[0, 3:] = 0
    ids = keras.Input((6,))
    h = L.Embedding(4, 8, mask_zero=True)(ids)
    att = L.MultiHeadAttention(2, 4)(h, h)
    yield "multi_head_masked", keras.Model(ids, [att, L.MultiHeadAttention(2, 4)(h, h, use_causal_mask=True), L.LayerNormalization()(L.Add()([h, att]))]), tokens


def merge_models(rng):
    x = keras.Input((6, 5, 4))
    a, b, c = L.Conv2D(4, 1)(x), L.Conv2D(4, 1)(x), L.Dense(4)(x)
    row, point, one = L.GlobalAveragePooling2D(keepdims=True)(a), L.GlobalAveragePooling2D()(a), L.Conv2D(1, 1)(x)
    two, flat = L.Dense(3)(L.Reshape((30, 4))(x)), L.Dense(30)(L.Flatten()(x))
    out = [L.Add()([a, b, x]), L.Subtract()([a, c]), L.Multiply()([a, row]), L.Average()([a, b, c]), L.Maximum()([a, b]), L.Minimum()([c, x]), L.Add()([x, c]),
           L.Concatenate()([a, b]), L.Concatenate()([a, x, c]), L.Concatenate(axis=1)([a, b]), L.Concatenate(axis=2)([a, x]), L.Concatenate(axis=-2)([c, x]),
           L.Multiply()([a, one]), L.Multiply()([point, L.Dense(4)(point)]), L.Add()([a, L.Reshape((1, 1, 4))(point)]),
           L.Dot(axes=-1)([point, L.Dense(4)(point)]), L.Dot(axes=1, normalize=True)([point, L.Dense(4)(point)]), L.Dot(axes=(2, 2))([two, L.Dense(3)(two)]),
           L.Dot(axes=(1, 1))([two, flat]), L.Dot(axes=1)([two, two]), L.Dot(axes=(2, 1))([two, L.Permute((2, 1))(L.Dense(3)(two))])]
    yield "merges", keras.Model(x, out), floats(rng, 3, 6, 5, 4)


def whole_models(rng):
    yield "cnn", keras.Sequential([L.Input((12, 12, 1)), L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.BatchNormalization(), L.Conv2D(6, 3), L.ReLU(),
                                   L.Dropout(0.3), L.Flatten(), L.Dense(5, activation="softmax")]), floats(rng, 4, 12, 12, 1)
    inner = keras.Sequential([L.Input((8, 8, 3)), L.Conv2D(4, 3), L.BatchNormalization(), L.ReLU()], name="stem")
    x = keras.Input((8, 8, 3))
    head_in = keras.Input((6, 6, 4))
    head = keras.Model(head_in, L.Dense(3)(L.Flatten()(L.Conv2D(2, 3)(head_in))), name="head")
    yield "nested", keras.Model(x, L.Softmax()(head(inner(x)))), floats(rng, 3, 8, 8, 3)
    frozen = keras.Sequential([L.Input((6,)), L.Dense(4), L.BatchNormalization(), L.Dense(3)], name="frozen")
    frozen.trainable = False
    yield "nested_frozen", keras.Sequential([L.Input((6,)), frozen, L.BatchNormalization(), L.Dense(2)]), floats(rng, 3, 6)
    mixed = keras.Sequential([L.Input((6,)), L.Dense(4), L.BatchNormalization(), L.Dense(3, trainable=False), L.Dense(3)], name="mixed")
    yield "nested_mixed", keras.Sequential([L.Input((6,)), mixed, L.Dense(2)]), floats(rng, 3, 6)
    y = keras.Input((6,))
    shared = L.Dense(6, activation="tanh", name="shared")
    twice = shared(shared(y))
    tower = keras.Sequential([L.Input((6,)), L.Dense(5, activation="relu"), L.Dense(4)], name="tower")
    yield "shared", keras.Model(y, L.Dense(2)(L.Concatenate()([tower(twice), tower(y)]))), floats(rng, 3, 6)
    names = keras.Sequential([L.Input((6,)), L.Dense(5, name="dense_1"), L.Dense(4, name="dense"), L.Dense(5, name="head"), L.Dense(3, name="dense_2")])
    yield "names", names, floats(rng, 3, 6)
    yield "residual", residual(), floats(rng, 3, 8, 8, 3)
    yield "transformer", transformer(), rng.integers(0, 20, size=(4, 9)).astype("float32")
    z = keras.Input((6, 5))
    d = L.Dense(5)(z)
    ops = [z * 2.0 + 1.0, d - z, 1.0 - d, d / 3.0, -d, z[:, 1:], d[:, -1], d[:, 0, 2:4], keras.ops.mean(d, axis=1), keras.ops.sum(z, axis=-1, keepdims=True),
           keras.ops.maximum(d, z), keras.ops.expand_dims(d, 2), keras.ops.concatenate([d, z], axis=1), keras.ops.exp(d), keras.ops.square(z)]
    yield "operations", keras.Model(z, [L.Flatten()(o) for o in ops]), floats(rng, 3, 6, 5)
    int_in = keras.Input((5,), dtype="int64")
    yield "int_input", keras.Model(int_in, L.Dense(2)(L.Flatten()(L.Embedding(9, 3)(int_in)))), rng.integers(0, 9, size=(4, 5))
    wide = keras.Sequential([L.Input((8, 8, 3), dtype="uint8"), L.Rescaling(1 / 127.5, offset=-1), L.Conv2D(4, 3), L.GlobalMaxPooling2D(), L.Dense(2)])
    yield "uint8_input", wide, rng.integers(0, 255, size=(3, 8, 8, 3)).astype("uint8")


def residual():
    x = keras.Input((8, 8, 3))
    h = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    for i in range(2):
        y = L.Conv2D(4, 3, padding="same")(L.ReLU()(L.BatchNormalization()(h)))
        h = L.Add()([h, y])
    gate = L.Dense(4, activation="sigmoid")(L.Dense(2, activation="relu")(L.GlobalAveragePooling2D()(h)))
    h = L.Multiply()([h, L.Reshape((1, 1, 4))(gate)])
    return keras.Model(x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(h)))


def transformer():
    ids = keras.Input((9,))
    h = L.Embedding(20, 8)(ids)
    att = L.MultiHeadAttention(2, 4)(h, h)
    h = L.LayerNormalization()(L.Add()([h, L.Dropout(0.1)(att)]))
    mlp = L.Dense(8)(L.Dense(16, activation="gelu")(h))
    h = L.LayerNormalization()(L.Add()([h, mlp]))
    return keras.Model(ids, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(h)))


GROUPS = [activation_models, noop_models, shape_models, conv_models, norm_models, recurrent_models, wrapper_models, attention_models, merge_models, whole_models]


def models(seed=7):
    for group in GROUPS:
        rng = np.random.default_rng(seed)
        for name, model, x in group(rng):
            randomise(model, rng)
            yield name, model, x
