"""The backward graph against central differences in float64 and against TensorFlow.

Every operator stands in a small ONNX model: dense -> operator -> dense. dlguider writes loss and gradients behind it
(tests/tools/gradient_dump), onnxruntime runs that in float32; the reference runs the plain model in float64 with numpy
losses, along random directions of each weight.
"""
import math, os, pathlib, subprocess, sys, tempfile, unittest
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests" / "gradient_dump"
LOSSES = ["categorical", "categorical_logits", "binary", "binary_logits", "squared", "absolute", "hinge"]
BATCH = 5


class Erf(OpRun):
    """onnx's own reference computes it in float32, too coarse for differences."""
    op_domain = ""

    def _run(self, x):
        return (np.vectorize(math.erf, otypes=[float])(x),)


class Gelu(OpRun):
    op_domain = ""

    def _run(self, x, approximate=None):
        if approximate == "tanh":
            return (0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))),)
        return (0.5 * x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))),)


def run_reference(proto, outputs, feed):
    return ReferenceEvaluator(proto, new_ops=[Erf, Gelu]).run(outputs, feed)


def loss_value(kind, y, t):
    y = y.reshape(len(y), -1)
    softmax = lambda z: np.exp(z - z.max(1, keepdims=True)) / np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True)
    if kind == "categorical":
        return -(t * np.log(np.clip(y / y.sum(1, keepdims=True), 1e-7, 1))).sum(1).mean()
    if kind == "categorical_logits":
        return -(t * np.log(softmax(y))).sum(1).mean()
    if kind == "binary":
        p = np.clip(y, 1e-7, 1 - 1e-7)
        return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
    if kind == "binary_logits":
        return (np.logaddexp(0, y) - t * y).mean()
    if kind == "hinge":
        return np.maximum(0, 1 - t * y).mean()
    return ((y - t) ** 2).mean() if kind == "squared" else np.abs(y - t).mean()


def target_for(kind, rng, width):
    if kind.startswith("categorical"):
        return np.eye(width)[rng.integers(0, width, BATCH)]
    if kind == "hinge":
        return rng.choice([-1.0, 1.0], (BATCH, width))
    return rng.integers(0, 2, (BATCH, width)).astype(float) if kind.startswith("binary") else rng.standard_normal((BATCH, width))


class Model:
    """dense(6 -> product of shape) -> reshape -> nodes -> flatten -> dense(-> 3) [-> tail]"""

    def __init__(self, shape, nodes, extra=(), opset=18, tail=None, out_width=None, tokens=False):
        rng = np.random.default_rng(3)
        self.shape, width = shape, int(np.prod(shape))
        self.weights = {"dense.weight": rng.standard_normal((6, width)).astype("float32") * .5}
        consts = {"shape0": np.array([-1, *shape], "int64")}
        for name, value in extra:
            consts[name] = value
        if out_width is None:
            probe = self.build(nodes, consts, opset, None, None)
            x = rng.standard_normal((BATCH, 6))
            out_width = int(np.prod(run_reference(self.double(probe), ["v"], {"x": x})[0].shape[1:]))
        self.weights["head.weight"] = (rng.standard_normal((out_width, 3)) * .4).astype("float32")
        self.proto = self.build(nodes, consts, opset, tail, out_width)
        onnx.checker.check_model(self.proto)

    def build(self, nodes, consts, opset, tail, out_width):
        graph = [helper.make_node("MatMul", ["x", "dense.weight"], ["d"], name="dense"), helper.make_node("Reshape", ["d", "shape0"], ["u"])]
        graph += [helper.make_node(op, ins, outs, **attrs) for op, ins, outs, attrs in nodes]
        out = "v"
        if out_width:
            graph += [helper.make_node("Flatten", ["v"], ["f"], axis=1), helper.make_node("MatMul", ["f", "head.weight"], ["z"], name="head")]
            out = "z"
            if tail:
                graph.append(helper.make_node(tail, ["z"], ["p"]))
                out = "p"
        values = [numpy_helper.from_array(v, k) for k, v in {**self.weights, **consts}.items()]
        made = helper.make_graph(graph, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 6])],
                                 [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)], values)
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model) if out_width else model

    @staticmethod
    def double(proto):
        twin = onnx.ModelProto()
        twin.CopyFrom(proto)
        for t in twin.graph.initializer:
            if t.data_type == TensorProto.FLOAT:
                t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype("float64"), t.name))
        return twin


def check(test, model, kind):
    rng = np.random.default_rng(11)
    x, t = rng.standard_normal((BATCH, 6)), target_for(kind, rng, 3)
    with tempfile.TemporaryDirectory() as folder:
        path, made = f"{folder}/m.onnx", f"{folder}/g.onnx"
        onnx.save(model.proto, path)
        done = subprocess.run([TOOL, path, str(LOSSES.index(kind)), made], capture_output=True, text=True)
        test.assertEqual(done.returncode, 0, done.stderr)
        lines = [line.split() for line in done.stdout.splitlines()]
        session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    names = {w: g for w, g in lines[1:]}
    test.assertTrue(set(model.weights) <= set(names), f"weights found: {sorted(names)}")
    start = {i.name: numpy_helper.to_array(i) for i in model.proto.graph.initializer}
    feed = {"x": x.astype("float32"), "target": t.astype("float32"), **{w: start[w] for w in names}}
    result = dict(zip([lines[0][1], *names.values()], session.run([lines[0][1], *names.values()], feed)))
    proto = Model.double(model.proto)

    def forward(changed):
        twin = onnx.ModelProto()
        twin.CopyFrom(proto)
        for tensor in twin.graph.initializer:
            if tensor.name in changed:
                tensor.CopyFrom(numpy_helper.from_array(changed[tensor.name], tensor.name))
        return loss_value(kind, run_reference(twin, None, {"x": x})[0], t)

    base = forward({})
    test.assertLess(abs(float(result[lines[0][1]]) - base), 2e-5 * max(1, abs(base)))
    for weight, gradient in names.items():
        value, h = start[weight].astype("float64"), 1e-6
        for _ in range(2):
            way = rng.standard_normal(value.shape)
            want = (forward({weight: value + h * way}) - forward({weight: value - h * way})) / (2 * h)
            seen = float((result[gradient].astype("float64") * way).sum())
            scale = float(np.abs(result[gradient] * way).sum()) + 1e-6
            test.assertLess(abs(seen - want), 1e-4 * scale + 1e-7, f"{weight}: seen {seen}, want {want}")


def one(op, **attrs):
    return [(op, ["u"], ["v"], attrs)]


def w(*shape, seed=5, scale=.4, low=None):
    rng = np.random.default_rng(seed)
    return ((rng.standard_normal(shape) * scale) if low is None else rng.uniform(low, 1.5, shape)).astype("float32")


def ints(*values):
    return np.array(values, "int64")


RANK2, IMAGE, LINE, STEPS = (8,), (4, 6, 5), (4, 9), (7, 4)  # channels first
CASES = {
    **{op: (RANK2, one(op), ()) for op in ["Identity", "Neg", "Exp", "Reciprocal", "Abs", "Relu", "Sigmoid", "Tanh", "Softplus", "Softsign",
                                           "Sin", "Cos", "Erf", "Elu", "Selu", "Celu", "LeakyRelu", "HardSigmoid", "ThresholdedRelu", "HardSwish", "Mish"]},
    "Log": (RANK2, [("Exp", ["u"], ["e"], {}), ("Log", ["e"], ["v"], {})], ()),
    "Sqrt": (RANK2, [("Exp", ["u"], ["e"], {}), ("Sqrt", ["e"], ["v"], {})], ()),
    "Pow": (RANK2, [("Exp", ["u"], ["e"], {}), ("Pow", ["e", "c"], ["v"], {})], [("c", np.float32(1.7))]),
    "Gelu": (RANK2, one("Gelu"), (), 20), "Gelu tanh": (RANK2, one("Gelu", approximate="tanh"), (), 20),
    "Clip": (RANK2, [("Clip", ["u", "lo", "hi"], ["v"], {})], [("lo", np.float32(-.5)), ("hi", np.float32(.7))]),
    "PRelu": (RANK2, [("PRelu", ["u", "s.weight"], ["v"], {})], [("s.weight", w(8))]),
    "Add broadcast": (IMAGE, [("Mul", ["u", "c"], ["m"], {}), ("Add", ["m", "u"], ["a"], {}), ("Sub", ["c2", "a"], ["v"], {})], [("c", w(4, 1, 1)), ("c2", w(6, 1))]),
    "Div": (RANK2, [("Exp", ["u"], ["e"], {}), ("Div", ["u", "e"], ["v"], {})], ()),
    "Max": (RANK2, [("Neg", ["u"], ["n"], {}), ("Max", ["u", "n", "c"], ["v"], {})], [("c", np.float32(.2))]),
    "Min": (RANK2, [("Neg", ["u"], ["n"], {}), ("Min", ["u", "n"], ["v"], {})], ()),
    "Mean": (RANK2, [("Tanh", ["u"], ["n"], {}), ("Mean", ["u", "n", "u"], ["v"], {})], ()),
    "Where": (RANK2, [("Greater", ["u", "c"], ["b"], {}), ("Tanh", ["u"], ["n"], {}), ("Where", ["b", "n", "u"], ["v"], {})], [("c", np.float32(0))]),
    "ReduceMean": (IMAGE, [("ReduceMean", ["u", "ax"], ["v"], {"keepdims": 0})], [("ax", ints(2, 3))]),
    "ReduceMean 13": (IMAGE, [("ReduceMean", ["u"], ["v"], {"keepdims": 1, "axes": [1, -1]})], (), 13),
    "ReduceSum": (IMAGE, [("ReduceSum", ["u", "ax"], ["v"], {"keepdims": 0})], [("ax", ints(-1))]),
    "ReduceMax": (IMAGE, [("ReduceMax", ["u", "ax"], ["v"], {"keepdims": 0})], [("ax", ints(2))]),
    "ReduceL2": (IMAGE, [("ReduceL2", ["u", "ax"], ["v"], {"keepdims": 1})], [("ax", ints(2))]),
    "Softmax": (IMAGE, one("Softmax", axis=1), ()), "LogSoftmax": (STEPS, one("LogSoftmax", axis=-1), ()),
    "Transpose": (IMAGE, one("Transpose", perm=[0, 2, 3, 1]), ()),
    "Squeeze": ((1, 8), [("Squeeze", ["u", "ax"], ["s"], {}), ("Unsqueeze", ["s", "ax2"], ["v"], {})], [("ax", ints(1)), ("ax2", ints(2))]),
    "Concat": (STEPS, [("Tanh", ["u"], ["n"], {}), ("Concat", ["u", "n"], ["v"], {"axis": 2})], ()),
    "Split": (STEPS, [("Split", ["u", "sp"], ["a", "b"], {"axis": 1}), ("Tanh", ["b"], ["v"], {})], [("sp", ints(3, 4))]),
    "Slice": (STEPS, [("Slice", ["u", "s", "e", "ax"], ["v"], {})], [("s", ints(1, -3)), ("e", ints(6, 100)), ("ax", ints(1, 2))]),
    "Slice reverse": (STEPS, [("Slice", ["u", "s", "e", "ax", "st"], ["r"], {}), ("Tanh", ["r"], ["v"], {})], [("s", ints(-1)), ("e", ints(-2**62)), ("ax", ints(1)), ("st", ints(-1))]),
    "Pad": (IMAGE, [("Pad", ["u", "p"], ["v"], {})], [("p", ints(0, 0, 1, 2, 0, 0, 0, 1))]),
    "Expand": ((1, 8), [("Expand", ["u", "to"], ["e"], {}), ("Tanh", ["e"], ["v"], {})], [("to", ints(1, 3, 8))]),
    "Tile": (STEPS, [("Tile", ["u", "rep"], ["e"], {}), ("Tanh", ["e"], ["v"], {})], [("rep", ints(1, 2, 3))]),
    "Gather last": (STEPS, [("Gather", ["u", "i"], ["v"], {"axis": 1})], [("i", np.array(-1, "int64"))]),
    "Gather many": (STEPS, [("Gather", ["u", "i"], ["v"], {"axis": 2})], [("i", ints(0, 2, 2))]),
    "MatMul batch": (STEPS, [("Transpose", ["u"], ["k"], {"perm": [0, 2, 1]}), ("MatMul", ["u", "k"], ["s"], {}), ("Softmax", ["s"], ["v"], {})], ()),
    "MatMul shared": (STEPS, [("MatMul", ["u", "mid.weight"], ["v"], {})], [("mid.weight", w(4, 5))]),
    "Gemm": (RANK2, [("Gemm", ["u", "fc.weight", "fc.bias"], ["v"], {"transB": 1, "alpha": .7, "beta": 1.3})], [("fc.weight", w(5, 8)), ("fc.bias", w(5))]),
    "Conv": (IMAGE, [("Conv", ["u", "c.weight", "c.bias"], ["v"], {"pads": [1, 0, 1, 2], "strides": [2, 2]})], [("c.weight", w(3, 4, 3, 3)), ("c.bias", w(3))]),
    "Conv same": (IMAGE, [("Conv", ["u", "c.weight"], ["v"], {"auto_pad": "SAME_UPPER", "strides": [2, 3]})], [("c.weight", w(3, 4, 3, 2))]),
    "Conv dilated": (IMAGE, [("Conv", ["u", "c.weight"], ["v"], {"dilations": [2, 1], "pads": [1, 1, 1, 1]})], [("c.weight", w(3, 4, 2, 3))]),
    "Conv groups": (IMAGE, [("Conv", ["u", "c.weight"], ["v"], {"group": 2, "strides": [2, 1]})], [("c.weight", w(6, 2, 3, 2))]),
    "Conv depthwise": (IMAGE, [("Conv", ["u", "c.weight"], ["v"], {"group": 4, "pads": [1, 1, 1, 1]})], [("c.weight", w(8, 1, 3, 3))]),
    "Conv 1D": (LINE, [("Conv", ["u", "c.weight", "c.bias"], ["v"], {"strides": [2]})], [("c.weight", w(5, 4, 3)), ("c.bias", w(5))]),
    "ConvTranspose": (IMAGE, [("ConvTranspose", ["u", "c.weight", "c.bias"], ["v"], {"strides": [2, 2], "pads": [0, 1, 1, 0]})], [("c.weight", w(4, 3, 3, 3)), ("c.bias", w(3))]),
    "ConvTranspose padded": (IMAGE, [("ConvTranspose", ["u", "c.weight"], ["v"], {"strides": [3, 2], "output_padding": [1, 0]})], [("c.weight", w(4, 3, 2, 2))]),
    "MaxPool": (IMAGE, one("MaxPool", kernel_shape=[2, 2], strides=[2, 2]), ()),
    "MaxPool overlapping": (IMAGE, one("MaxPool", kernel_shape=[3, 3], strides=[1, 2], pads=[1, 1, 1, 1]), ()),
    "AveragePool": (IMAGE, one("AveragePool", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]), ()),
    "AveragePool counted": (IMAGE, one("AveragePool", kernel_shape=[2, 2], pads=[1, 0, 1, 0], count_include_pad=1), ()),
    "GlobalAveragePool": (IMAGE, one("GlobalAveragePool"), ()), "GlobalMaxPool": (IMAGE, one("GlobalMaxPool"), ()),
    "BatchNormalization": (IMAGE, [("BatchNormalization", ["u", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], ["v"], {})],
                           [("bn.weight", w(4)), ("bn.bias", w(4)), ("bn.running_mean", w(4)), ("bn.running_var", w(4, low=.5))]),
    "LayerNormalization": (STEPS, [("LayerNormalization", ["u", "ln.weight", "ln.bias"], ["v"], {"axis": -1})], [("ln.weight", w(4)), ("ln.bias", w(4))]),
    "InstanceNormalization": (IMAGE, [("InstanceNormalization", ["u", "in.weight", "in.bias"], ["v"], {})], [("in.weight", w(4)), ("in.bias", w(4))]),
    "Resize": ((2, 3, 4), [("Resize", ["u", "", "sc"], ["v"], {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"})], [("sc", np.array([1, 1, 2, 3], "float32"))]),
}


class Operators(unittest.TestCase):
    def test_every_operator_against_central_differences(self):
        for name, (shape, nodes, extra, *opset) in CASES.items():
            with self.subTest(name):
                check(self, Model(shape, nodes, extra, *(opset or [18])), "squared")

    def test_every_loss(self):
        tails = {"categorical": "Softmax", "binary": "Sigmoid"}
        for kind in LOSSES:
            with self.subTest(kind):
                check(self, Model(RANK2, one("Tanh"), tail=tails.get(kind)), kind)


if __name__ == "__main__":
    unittest.main(verbosity=1)
