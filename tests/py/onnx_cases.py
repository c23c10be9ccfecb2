"""Small ONNX models made by hand, for several opsets and shapes of graph."""
import gzip
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(5)


def init(name, *shape, dtype=np.float32, raw=True):
    values = (RNG.normal(size=shape) if np.issubdtype(dtype, np.floating) else RNG.integers(0, 9, size=shape)).astype(dtype)
    if raw:
        return numpy_helper.from_array(values, name)
    return helper.make_tensor(name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape, values.flatten().tolist())


def model(nodes, inits, opset, x=("x", [None, 6]), y="y", dtype=TensorProto.FLOAT, ir=None, extra=(), out=TensorProto.FLOAT):
    graph = helper.make_graph(nodes, "hand", [helper.make_tensor_value_info(x[0], dtype, x[1])],
                              [helper.make_tensor_value_info(y, out, None)], inits)
    opsets = [helper.make_opsetid("", opset), *extra]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir or min(10, 3 + max(0, opset - 6)), producer_name="hand")


def node(op, inputs, output, **attrs):
    return helper.make_node(op, inputs, [output] if isinstance(output, str) else output, **attrs)


def mlp(opset, raw=True):
    """Unnamed nodes, weights named as people name them."""
    return model([node("Gemm", ["x", "fc1.weight", "fc1.bias"], "h1", transB=1), node("Relu", ["h1"], "h2"),
                  node("MatMul", ["h2", "fc2_kernel"], "h3"), node("Add", ["h3", "fc2_bias"], "h4"), node("Sigmoid", ["h4"], "h5"),
                  node("Gemm", ["h5", "w3", "b3"], "h6"), node("Softmax", ["h6"], "y", axis=1)],
                 [init("fc1.weight", 5, 6, raw=raw), init("fc1.bias", 5, raw=raw), init("fc2_kernel", 5, 4, raw=raw), init("fc2_bias", 4, raw=raw),
                  init("w3", 4, 3, raw=raw), init("b3", 3, raw=raw)], opset)


def cnn(opset):
    """No names at all; batch normalization, dilation, groups, two branches."""
    return model([node("Conv", ["x", "a", "b"], "c1", pads=[1, 1, 1, 1], strides=[2, 2]),
                  node("BatchNormalization", ["c1", "g", "be", "m", "v"], "n1", epsilon=1e-3), node("Relu", ["n1"], "r1"),
                  node("Conv", ["r1", "d"], "c2", group=4, pads=[2, 2, 2, 2], dilations=[2, 2]),
                  node("MaxPool", ["r1"], "p", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Concat", ["c2", "p"], "cat", axis=1),
                  node("ConvTranspose", ["cat", "t"], "up", strides=[2, 2]), node("LeakyRelu", ["up"], "l", alpha=0.2),
                  node("GlobalMaxPool", ["l"], "gp"), node("Flatten", ["gp"], "f"), node("Gemm", ["f", "w", "wb"], "y", transB=1)],
                 [init("a", 4, 3, 3, 3), init("b", 4), init("g", 4), init("be", 4), init("m", 4),
                  numpy_helper.from_array(np.ones(4, np.float32), "v"), init("d", 8, 1, 3, 3), init("t", 12, 5, 2, 2), init("w", 2, 5), init("wb", 2)],
                 opset, x=("x", [None, 3, 9, 9]))


def recurrent(opset, op):
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    squeeze = node("Squeeze", ["yh"], "h", axes=[0]) if opset < 13 else node("Squeeze", ["yh", "zero"], "h")
    return model([node("Transpose", ["x"], "t", perm=[1, 0, 2]), node(op, ["t", "W", "R", "B"], ["ys", "yh"], hidden_size=5), squeeze,
                  node("MatMul", ["h", "out.weight"], "y")],
                 [init("W", 1, gates * 5, 3), init("R", 1, gates * 5, 5), init("B", 1, 2 * gates * 5), init("out.weight", 5, 2),
                  numpy_helper.from_array(np.array([0], np.int64), "zero")], opset, x=("x", [None, 7, 3]))


def old_inputs(opset):
    """IR version 3: weights are inputs too."""
    m = mlp(opset)
    m.ir_version = 3
    for t in list(m.graph.initializer):
        m.graph.input.append(helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)))
    return m


def constants(opset):
    """Weights in Constant nodes; a shape computed in the graph."""
    w = init("", 6, 4)
    nodes = [node("Constant", [], "w", value=w), node("MatMul", ["x", "w"], "h"), node("Shape", ["h"], "s"), node("Constant", [], "zero", value=init("", 1, dtype=np.int64)),
             node("Constant", [], "index", value=numpy_helper.from_array(np.array([0], np.int64), "")), node("Gather", ["s", "index"], "n"),
             node("Constant", [], "two", value=numpy_helper.from_array(np.array([2, 2], np.int64), "")), node("Concat", ["n", "two"], "to", axis=0),
             node("Reshape", ["h", "to"], "y")]
    return model(nodes, [], opset)


def quantized(opset=13):
    rng = np.random.default_rng(1)
    w8 = rng.integers(-127, 127, size=(6, 4)).astype(np.int8)
    inits = [numpy_helper.from_array(w8, "w8"), init("ws", 4), numpy_helper.from_array(np.zeros(4, np.int8), "wz"),
             numpy_helper.from_array(np.float32(0.05), "xs"), numpy_helper.from_array(np.int8(3), "xz"), init("bias", 4)]
    nodes = [node("QuantizeLinear", ["x", "xs", "xz"], "xq"), node("DequantizeLinear", ["xq", "xs", "xz"], "xd"),
             node("DequantizeLinear", ["w8", "ws", "wz"], "wd", axis=1), node("MatMul", ["xd", "wd"], "h", name="fc"), node("Add", ["h", "bias"], "hb"),
             node("QuantizeLinear", ["hb", "xs", "xz"], "hq"), node("DequantizeLinear", ["hq", "xs", "xz"], "hd"), node("Relu", ["hd"], "y")]
    return model(nodes, inits, opset)


def half(opset=17):
    return model([node("Cast", ["x"], "xh", to=TensorProto.FLOAT16), node("MatMul", ["xh", "w"], "h"), node("Cast", ["h"], "y", to=TensorProto.FLOAT)],
                 [init("w", 6, 4, dtype=np.float16)], opset)


def branching(opset=17):
    """If with subgraphs that take values from outside; a Loop."""
    def branch(name, op):
        return helper.make_graph([node(op, ["h"], name + "_out")], name, [], [helper.make_tensor_value_info(name + "_out", TensorProto.FLOAT, None)])
    body = helper.make_graph([node("Add", ["state", "h2"], "next"), node("Identity", ["going"], "still")], "body",
                             [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("going", TensorProto.BOOL, []),
                              helper.make_tensor_value_info("state", TensorProto.FLOAT, None)],
                             [helper.make_tensor_value_info("still", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, None)])
    nodes = [node("Gemm", ["x", "w"], "h"), node("ReduceMean", ["h"], "mean", keepdims=0), node("Greater", ["mean", "zero"], "c"),
             node("If", ["c"], "h2", then_branch=branch("yes", "Relu"), else_branch=branch("no", "Tanh")),
             node("Loop", ["three", "", "h2"], "looped", body=body), node("Gemm", ["looped", "w2"], "y")]
    return model(nodes, [init("w", 6, 4), init("w2", 4, 2), numpy_helper.from_array(np.float32(0), "zero"), numpy_helper.from_array(np.int64(3), "three")], opset)


def function_model(opset=18):
    """A local function, as exporters that keep modules write them."""
    fn = helper.make_function("my.layers", "Dense", ["a", "k", "c"], ["out"], [node("MatMul", ["a", "k"], "p"), node("Add", ["p", "c"], "out")],
                              [helper.make_opsetid("", opset)])
    call = helper.make_node("Dense", ["x", "d.weight", "d.bias"], ["h"], name="d", domain="my.layers")
    m = model([call, node("Relu", ["h"], "y")], [init("d.weight", 6, 4), init("d.bias", 4)], opset, ir=8, extra=[helper.make_opsetid("my.layers", 1)])
    m.functions.append(fn)
    return onnx.shape_inference.infer_shapes(m)  # nobody here looks into functions; exporters add value_info


def dynamo(opset=18):
    """What PyTorch's newer exporter writes beside each node."""
    def meta(n, scopes, classes, line):
        for key, value in (("pkg.torch.onnx.name_scopes", str(scopes)), ("pkg.torch.onnx.class_hierarchy", str(classes)),
                           ("pkg.torch.onnx.stack_trace", f'File "/home/u/net.py", line {line}, in forward\n    x = self.f(x)\n'
                            '  File "/usr/lib/python3/site-packages/torch/nn/modules/linear.py", line 125, in forward\n    return F.linear(input)')):
            entry = n.metadata_props.add()
            entry.key, entry.value = key, value
        return n
    linear, net = "torch.nn.modules.linear.Linear", "__main__.Net"
    nodes = [meta(node("Gemm", ["x", "net.0.weight", "net.0.bias"], "linear", name="node_linear", transB=1),
                  ["", "net", "net.0", "linear"], [net, "torch.nn.modules.container.Sequential", linear, "aten.linear.default"], 12),
             meta(node("Relu", ["linear"], "relu", name="node_relu"), ["", "net", "net.1", "relu"],
                  [net, "torch.nn.modules.container.Sequential", "torch.nn.modules.activation.ReLU", "aten.relu.default"], 12),
             meta(node("Tanh", ["relu"], "tanh", name="node_tanh"), ["", "tanh"], [net, "aten.tanh.default"], 13),
             meta(node("Gemm", ["tanh", "head.weight", "head.bias"], "y", name="node_linear_1", transB=1), ["", "head", "linear_1"], [net, linear, "aten.linear.default"], 14)]
    return model(nodes, [init("net.0.weight", 5, 6), init("net.0.bias", 5), init("head.weight", 2, 5), init("head.bias", 2)], opset, ir=10)


def saved_model(opset=13):
    """What tf2onnx makes of a SavedModel: a call's name before all, the model's, then layers, then operators."""
    at = "StatefulPartitionedCall/sequential/"
    names = {"w1": at + "dense/MatMul/ReadVariableOp:0", "b1": at + "dense/BiasAdd/ReadVariableOp:0", "w2": at + "dense_7/MatMul/ReadVariableOp:0"}
    nodes = [helper.make_node("MatMul", ["x", names["w1"]], [at + "dense/MatMul:0"], name=at + "dense/MatMul"),
             helper.make_node("Add", [at + "dense/MatMul:0", names["b1"]], [at + "dense/BiasAdd:0"], name=at + "dense/BiasAdd"),
             helper.make_node("Elu", [at + "dense/BiasAdd:0"], [at + "dense/Elu:0"], name=at + "dense/Elu"),
             helper.make_node("MatMul", [at + "dense/Elu:0", names["w2"]], ["y"], name=at + "dense_7/MatMul")]
    return model(nodes, [init(names["w1"], 6, 4), init(names["b1"], 4), init(names["w2"], 4, 2)], opset)


def clipped(opset):
    limits = {"min": 0.0, "max": 6.0} if opset < 11 else {}
    inputs = ["h"] if opset < 11 else ["h", "low", "high"]
    inits = [init("fc.weight", 6, 4)] + ([] if opset < 11 else [numpy_helper.from_array(np.float32(v), n) for v, n in ((0, "low"), (6, "high"))])
    return model([node("MatMul", ["x", "fc.weight"], "h"), node("Clip", inputs, "y", **limits)], inits, opset)


def pieces(opset=18):
    """x.split and x.unbind as PyTorch's newer exporter writes them: sequences, of which single places are taken."""
    def number(name, value):
        return numpy_helper.from_array(np.array(value, np.int64), name)
    nodes = [node("Gemm", ["x", "w"], "h"), node("SplitToSequence", ["h", "two"], "halves", axis=1), node("SequenceAt", ["halves", "zero"], "a"),
             node("SequenceAt", ["halves", "one"], "b"), node("Mul", ["a", "b"], "ab"), node("SplitToSequence", ["h", "uneven"], "parts", axis=1),
             node("SequenceAt", ["parts", "one"], "c"), node("SplitToSequence", ["h"], "single", axis=1, keepdims=0), node("SequenceAt", ["single", "one"], "d"),
             node("Unsqueeze", ["d", "last"], "e"), node("Concat", ["ab", "c", "e"], "all", axis=1), node("MatMul", ["all", "v"], "y")]
    return model(nodes, [init("w", 6, 4), init("v", 6, 2), number("two", 2), number("zero", 0), number("one", 1), number("uneven", [1, 3]), number("last", [1])], opset)


def shared(opset=17):
    """One module called twice, as PyTorch's exporter numbers the calls."""
    def call(x, number):
        at = "/tower" + number
        return [helper.make_node("Gemm", [x, "tower.fc.weight", "tower.fc.bias"], [f"{at}/fc/Gemm_output_0"], name=f"{at}/fc/Gemm", transB=1),
                helper.make_node("Relu", [f"{at}/fc/Gemm_output_0"], [f"{at}/act/Relu_output_0"], name=f"{at}/act/Relu")]
    nodes = [helper.make_node("Neg", ["x"], ["/Neg_output_0"], name="/Neg"), *call("x", ""), *call("/Neg_output_0", "_1"),
             helper.make_node("Concat", ["/tower/act/Relu_output_0", "/tower_1/act/Relu_output_0"], ["/Concat_output_0"], name="/Concat", axis=1),
             helper.make_node("Gemm", ["/Concat_output_0", "head.weight", "head.bias"], ["y"], name="/head/Gemm", transB=1)]
    return model(nodes, [init("tower.fc.weight", 5, 6), init("tower.fc.bias", 5), init("head.weight", 2, 10), init("head.bias", 2)], opset)


def real_files(source, folder):
    """Names and paths of the files that exporters wrote; packed ones are unpacked into folder."""
    data = os.path.join(source, "tests", "data")
    for file in sorted(os.listdir(os.path.join(data, "onnx"))):
        if file.endswith(".onnx"):
            yield file[:-5], os.path.join(data, "onnx", file)
    for file in sorted(os.listdir(os.path.join(data, "torch"))):
        if file.endswith(".onnx.gz"):
            path = os.path.join(folder, file[:-3])
            with gzip.open(os.path.join(data, "torch", file)) as packed, open(path, "wb") as out:
                out.write(packed.read())
            yield file[:-8], path


def all_cases():
    for opset in (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 26):
        yield f"mlp_{opset}", mlp(opset, raw=opset % 2 == 0)
    for opset in (7, 9, 11, 13, 15, 18, 22):
        yield f"cnn_{opset}", cnn(opset)
    for op, opset in (("LSTM", 7), ("GRU", 11), ("RNN", 14), ("LSTM", 22)):
        yield f"{op}_{opset}", recurrent(opset, op)
    yield "old_inputs", old_inputs(8)
    yield "constants", constants(13)
    yield "quantized", quantized()
    yield "half", half()
    yield "branching", branching()
    yield "function", function_model()
    yield "dynamo", dynamo()
    yield "saved_model", saved_model()
    yield "shared", shared()
    yield "pieces", pieces()
    yield "clipped_7", clipped(7)
    yield "clipped_13", clipped(13)
