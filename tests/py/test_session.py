"""Sessions against two oracles: Keras computes every layer in full, numpy reduces; onnxruntime for Python runs the same
ONNX without probes. An MLP, a CNN and an LSTM of Keras are written as ONNX by hand; outputs and neuron values must agree,
and be the same bytes for 1 and 2 threads.
"""
import os
import pathlib
import subprocess
import tempfile

import keras
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests/run_session"
FLOAT = onnx.TensorProto.FLOAT
OPSET = 17


class Net:
    """Nodes of an ONNX graph in the making, and which Keras array each value must equal."""

    def __init__(self, shape):
        self.shape, self.nodes, self.weights, self.expected, self.opset = shape, [], [], {}, OPSET

    def weight(self, array, kind=np.float32):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, kind), name))
        return name

    def add(self, op, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def expect(self, value, array, axis):
        self.expected[value] = (array, axis)
        return value

    def model(self, output):
        graph = helper.make_graph(self.nodes, "g", [helper.make_tensor_value_info("x", FLOAT, [None, *self.shape])],
                                  [helper.make_tensor_value_info(output, FLOAT, [None, self.expected[output][0].shape[1]])], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


def layers_of(model, x):
    inner = keras.Model(model.inputs, [layer.output for layer in model.layers])
    return [np.asarray(a) for a in inner([x], training=False)]


def mlp():
    model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(33, "relu"), keras.layers.Dense(17, "tanh"), keras.layers.Dense(5, "softmax")])
    x = np.random.default_rng(1).normal(size=(70, 20)).astype(np.float32)
    net, value = Net((20,)), "x"
    for layer, array, op in zip(model.layers, layers_of(model, x), ("Relu", "Tanh", "Softmax")):
        kernel, bias = layer.get_weights()
        value = net.expect(net.add(op, net.add("Gemm", value, net.weight(kernel), net.weight(bias))), array, 1)
    return net, value, x


def cnn():
    model = keras.Sequential([keras.Input((11, 9, 3)), keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(2),
                              keras.layers.Conv2D(6, 2, activation="elu"), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(4, "softmax")])
    x = np.random.default_rng(2).normal(size=(40, 11, 9, 3)).astype(np.float32)
    arrays = layers_of(model, x)
    net = Net((11, 9, 3))
    net.opset = 18
    value = net.add("Transpose", "x", perm=[0, 3, 1, 2])

    def conv(layer, source):
        kernel, bias = layer.get_weights()
        return net.add("Conv", source, net.weight(kernel.transpose(3, 2, 0, 1)), net.weight(bias))

    value = net.expect(net.add("Relu", conv(model.layers[0], value)), arrays[0], 1)
    value = net.expect(net.add("MaxPool", value, kernel_shape=[2, 2], strides=[2, 2]), arrays[1], 1)
    value = net.expect(net.add("Elu", conv(model.layers[2], value)), arrays[2], 1)
    value = net.expect(net.add("Flatten", net.add("GlobalAveragePool", value)), arrays[3], 1)
    kernel, bias = model.layers[4].get_weights()
    value = net.expect(net.add("Softmax", net.add("Gemm", value, net.weight(kernel), net.weight(bias))), arrays[4], 1)
    return net, value, x


def lstm():
    model = keras.Sequential([keras.Input((13, 6)), keras.layers.LSTM(10, return_sequences=True), keras.layers.LSTM(7), keras.layers.Dense(3, "softmax")])
    x = np.random.default_rng(3).normal(size=(50, 13, 6)).astype(np.float32)
    arrays = layers_of(model, x)
    net = Net((13, 6))

    def gates(matrix):  # Keras: i f c o; ONNX: i o f c
        i, f, c, o = np.split(matrix, 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1).T[None]

    def cell(layer, source):
        kernel, recurrent, bias = layer.get_weights()
        bias = np.concatenate([gates(bias[None])[0, :, 0], np.zeros_like(bias)])[None]
        return net.add("LSTM", source, net.weight(gates(kernel)), net.weight(gates(recurrent)), net.weight(bias), outputs=2, hidden_size=layer.units)

    first = net.weight([0], np.int64)
    one = net.weight([1], np.int64)
    every, _ = cell(model.layers[0], net.add("Transpose", "x", perm=[1, 0, 2]))
    every = net.add("Squeeze", every, one)
    net.expect(net.add("Transpose", every, perm=[1, 0, 2]), arrays[0], 2)
    _, last = cell(model.layers[1], every)
    value = net.expect(net.add("Squeeze", last, first), arrays[1], 1)
    kernel, bias = model.layers[2].get_weights()
    value = net.expect(net.add("Softmax", net.add("Gemm", value, net.weight(kernel), net.weight(bias))), arrays[2], 1)
    return net, value, x


def session(folder, net, output, model, x, probes, threads, batch, known):
    place = pathlib.Path(folder)
    (place / "m.onnx").write_bytes(model.SerializeToString())
    x.tofile(place / "x")
    out = pathlib.Path(tempfile.mkdtemp(dir=folder))
    lines = [f"model {place}/m.onnx", f"opset {net.opset}", f"input x 1 -1 {' '.join(map(str, net.shape))}", f"output {output} 1"]
    lines += [f"probe {value} {axis} {rank if known else -1} {how}" for value, axis, rank, how in probes]
    lines += [f"rows {place}/x {' '.join(map(str, x.shape))}", f"run {threads} {batch} {out}"]
    done = subprocess.run([str(TOOL)], input="\n".join(lines) + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shapes = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    return [np.fromfile(out / str(i), np.float32).reshape(shape) for i, shape in enumerate(shapes)]


def reduced(array, how):
    if how == "last":
        return array
    axes = tuple(range(1, array.ndim - 1))
    wide = array.astype(np.float64)
    return wide.mean(axis=axes) if how == "mean" else wide.max(axis=axes)


def compare(make):
    net, output, x = make()
    model = net.model(output)
    onnx.checker.check_model(model)
    probes, expected = [], []
    for value, (array, axis) in net.expected.items():
        for how in ("mean", "max", "last"):
            probes.append((value, axis, array.ndim, how))
            expected.append(reduced(array, how))
    plain = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    with tempfile.TemporaryDirectory() as folder:
        results = {(threads, batch, known): session(folder, net, output, model, x, probes, threads, batch, known)
                   for threads, batch, known in ((1, 16, True), (2, 16, True), (1, 16, False), (1, 256, True))}
    worst = 0.0
    for key, result in results.items():
        np.testing.assert_allclose(result[0], plain, rtol=1e-6, atol=1e-6, err_msg=f"{make.__name__} {key} output")
        assert len(result) == len(expected) + 1
        for seen, wanted, probe in zip(result[1:], expected, probes):
            assert seen.shape == wanted.shape, (probe, seen.shape, wanted.shape)
            worst = max(worst, float(np.abs(seen - wanted).max()))
            np.testing.assert_allclose(seen, wanted, rtol=1e-5, atol=2e-6, err_msg=f"{make.__name__} {key} {probe}")
    for one, two in zip(results[1, 16, True], results[2, 16, True]):
        assert one.tobytes() == two.tobytes(), f"{make.__name__}: 1 and 2 threads differ"
    print(f"{make.__name__}: {len(expected)} probes, largest difference to Keras {worst:.2g}")


keras.utils.set_random_seed(7)
for network in (mlp, cnn, lstm):
    compare(network)
