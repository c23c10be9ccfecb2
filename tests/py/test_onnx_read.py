"""dlguider's reading of ONNX files against the onnx package (same graph, weights bit by bit) and ONNX Runtime (inferred
ranks, sizes and units against values really computed)."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import onnx_cases

TOOL = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "test_onnx_read")
SOURCE = os.environ["DLGUIDER_SOURCE"]
ROWS = 3
counts = {"files": 0, "tensors": 0, "nodes": 0, "values": 0, "unknown": 0, "entries": 0}


def digest(data):
    h = 14695981039346656037
    for b in data:
        h = (h ^ b) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def read(path):
    p = subprocess.run([TOOL, path], capture_output=True, text=True)
    return (json.loads(p.stdout) if p.returncode == 0 else None), p.returncode, p.stderr.strip()


def constants_of(graph):
    for n in graph.node:
        if n.op_type == "Constant" and n.attribute[0].type != onnx.AttributeProto.SPARSE_TENSOR:
            a = n.attribute[0]
            if a.type == onnx.AttributeProto.TENSOR:
                yield n.output[0], numpy_helper.to_array(a.t)
            else:
                value = onnx.helper.get_attribute_value(a)
                yield n.output[0], np.array(value, np.int64 if a.type in (onnx.AttributeProto.INT, onnx.AttributeProto.INTS) else np.float32)


def check_graph(name, got, model):
    graph = model.graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    names = [t.name for t in graph.initializer]
    for key, value in constants_of(graph):
        tensors[key] = value
        names.append(key)
    made = [t for t in got["tensors"] if t["name"].startswith("dlguider.piece")]
    got["tensors"] = got["tensors"][:len(got["tensors"]) - len(made)]
    assert [t["name"] for t in got["tensors"]] == names, name
    for t in got["tensors"]:
        want = tensors[t["name"]]
        assert t["shape"] == list(want.shape) and t["type"] == onnx.helper.np_dtype_to_tensor_dtype(want.dtype), (name, t["name"])
        assert t["digest"] == digest(want.tobytes()), (name, t["name"])
        counts["tensors"] += 1
    given = {t.name for t in graph.initializer}
    assert [v["name"] for v in got["inputs"]] == [v.name for v in graph.input if v.name not in given], name
    outputs = [v.name for v in graph.output]
    if name == "sklearn_mlp":  # numbers go before the label
        outputs = ["probabilities", "label"]
    assert [v["name"] for v in got["outputs"]] == outputs, name
    assert got["opset"] == next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), name
    want_nodes = [n for n in graph.node if n.op_type != "Constant"]
    if any(n.op_type == "SplitToSequence" for n in graph.node):
        return check_pieces(name, got, want_nodes)
    assert len(want_nodes) == len(got["nodes"]), name
    for n, w in zip(got["nodes"], want_nodes):
        assert (n["op"], n["name"], n["inputs"], n["outputs"], n["domain"]) == (w.op_type, w.name, list(w.input), list(w.output), w.domain), (name, n)
        for a in w.attribute:
            value = onnx.helper.get_attribute_value(a)
            if a.type == onnx.AttributeProto.GRAPH:
                assert n["attrs"][a.name] == a.ByteSize()
            elif a.type == onnx.AttributeProto.STRING:
                assert n["attrs"][a.name] == value.decode()
            elif a.type == onnx.AttributeProto.STRINGS:
                assert n["attrs"][a.name] == [text.decode() for text in value], (name, a.name)
            elif a.type in (onnx.AttributeProto.INT, onnx.AttributeProto.INTS, onnx.AttributeProto.FLOAT, onnx.AttributeProto.FLOATS):
                assert np.array_equal(np.array(n["attrs"][a.name]), np.array(value)), (name, a.name)
        counts["nodes"] += 1


def check_pieces(name, got, want):
    """Pieces by way of a sequence become slices under the same names; everything else stays."""
    want = [n for n in want if n.op_type != "SplitToSequence"]
    assert len(want) == len(got["nodes"]), name
    for n, w in zip(got["nodes"], want):
        op = {"SequenceAt": ("Slice", "Gather")}.get(w.op_type, (w.op_type,))
        assert n["op"] in op and n["name"] == w.name and n["outputs"] == list(w.output), (name, n)
        assert w.op_type == "SequenceAt" or n["inputs"] == list(w.input), (name, n)
        counts["nodes"] += 1


def feeds_of(got, rng):
    feeds = {}
    for v in got["inputs"]:
        shape = [ROWS if d < 0 else d for d in v["shape"]]
        kind = onnx.helper.tensor_dtype_to_np_dtype(v["type"])
        feeds[v["name"]] = rng.normal(size=shape).astype(kind) if np.issubdtype(kind, np.floating) else rng.integers(0, 9, size=shape).astype(kind)
    return feeds


def values_of(model, feeds):
    """All inner values, as ONNX Runtime computes them."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    have = {o.name for o in wide.graph.output}
    for n in wide.graph.node:
        for o in n.output:
            if o and o not in have:
                wide.graph.output.append(onnx.ValueInfoProto(name=o))
                have.add(o)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = ort.InferenceSession(wide.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    values = dict(zip(names, session.run(names, feeds)))
    return {k: v for k, v in values.items() if not isinstance(v, list)}  # sequences


def check_values(name, got, model):
    values = values_of(model, feeds_of(got, np.random.default_rng(2)))
    for v in got["values"]:
        if v["name"] not in values:
            continue
        real = values[v["name"]]
        counts["values"] += 1
        if v["shape"] is None:
            counts["unknown"] += 1
            continue
        assert len(v["shape"]) == real.ndim, (name, v, real.shape)
        for d, r in zip(v["shape"], real.shape):
            assert d < 0 or d == r, (name, v, real.shape)
        if v["type"]:
            assert onnx.helper.np_dtype_to_tensor_dtype(real.dtype) == v["type"], (name, v, real.dtype)
    for e in got["entries"]:
        real = values[e["output"]]
        axis = e["channel_axis"] if e["channel_axis"] >= 0 else real.ndim - 1
        shape = next(v["shape"] for v in got["values"] if v["name"] == e["output"])
        batch = 0 if shape[0] < 0 else shape.index(-1)
        assert real.shape[batch] == ROWS and axis != batch and real.ndim == e["rank"] and real.dtype.kind == "f", (name, e, real.shape)
        assert e["units"] == real.shape[axis], (name, e, real.shape)
        counts["entries"] += 1


def check_weights(name, got, model):
    """Roles and orders: what the layer table calls a kernel multiplies as that order says."""
    tensors = {t["name"]: t for t in got["tensors"]}
    for layer in got["layers"]:
        for w in layer["weights"]:
            if w["initializer"] is None or w["turned"] or w["part"]:
                continue
            stored = tensors[w["initializer"]]
            assert w["digest"] == stored["digest"] and w["type"] == stored["type"], (name, layer["name"], w)
            kernel_like = w["role"] in ("kernel", "depthwise") and layer["kind"] not in ("Attention", "LSTM", "GRU", "RNN")
            if kernel_like and layer["is_entry"] and layer["family"] in ("dense", "conv", "depthwise"):
                units = w["shape"][0] if w["order"] == "first" else w["shape"][-1]
                axis = layer["channel_axis"] if layer["channel_axis"] >= 0 else len(layer["shape"]) - 1
                assert units == layer["shape"][axis], (name, layer["name"], w["shape"], layer["shape"])


def check_file(name, path, model):
    got, code, message = read(path)
    assert code == 0, (name, message)
    counts["files"] += 1
    check_graph(name, got, model)
    check_values(name, got, model)
    check_weights(name, got, model)
    data = open(path, "rb").read()
    assert got["onnx"] == {"size": len(data), "digest": digest(data)}, name
    names = [layer["name"] for layer in got["layers"]]
    assert len(names) == len(set(names)), (name, names)
    return got


ENTRIES = {
    "torch_mlp": ["fc1", "fc2", "head"],
    "torch_cnn": ["features.0", "features.3", "features.4", "pool", "classifier.1"],
    "torch_resnet": ["stem", "layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2", "ReduceMean", "fc"],
    "torch_lstm": ["embed", "lstm", "fc"],
    "torch_gru": ["gru", "out"],
    "torch_autoencoder": ["enc", "dw", "dec"],
    "torch_encoder": ["tok", "encoder.layers.0.self_attn", "encoder.layers.0.linear1", "encoder.layers.0.linear2", "encoder.layers.1.self_attn",
                      "encoder.layers.1.linear1", "encoder.layers.1.linear2", "ReduceMean", "head"],
    "torch_bert": ["word"] + [f"layer.{i}.{part}" for i in (0, 1) for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.self",
                                                                               "attention.output", "inter", "out")] + ["pooler", "classifier"],
    "torch_gpt": ["wte"] + [f"h.{i}.{part}" for i in (0, 1) for part in ("attn.c_attn", "attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")] + ["lm_head"],
    "torch_mobile": ["stem.0", "dw", "se.GlobalAveragePool", "se.fc1", "se.fc2", "pw", "ReduceMean", "fc"],
    "torch_unet": ["down", "mid", "up", "out"],
    "torch_vit": ["patch"] + [f"blocks.{i}.{part}" for i in (0, 1) for part in ("attn.qkv", "attn", "attn.proj", "mlp.0", "mlp.2")] + ["head"],
    "torch_stacked": ["rnn", "ReduceMean", "fc"],
    "torch_seqfirst": ["rnn", "fc"],
    "torch_textcnn": ["emb", "convs.0", "ReduceMax", "convs.1", "ReduceMax_1", "fc"],
    "torch_siamese": ["tower.0", "tower.2", "head"],
    "torch_functional": ["Gemm", "MatMul"],
    "torch_prenorm": ["inp", "l.self_attn", "l.linear1", "l.linear2", "ReduceMean", "out"],
    "keras_mlp": ["dense", "dense_1", "dense_2"],
    "keras_cnn": ["conv2d", "max_pooling2d", "depthwise_conv2d", "dense_3"],
    "keras_lstm": ["embedding", "lstm", "bidirectional", "dense_4"],
    "keras_attention": ["mha", "global_average_pooling1d", "head"],
    "sklearn_mlp": ["MatMul", "MatMul1", "MatMul2"],
    "quantized_torch_cnn_qdq": ["features.0", "features.3", "features.4", "pool", "classifier.1"],
    "quantized_keras_mlp_qdq": ["dense", "dense_1", "dense_2"],
    "quantized_keras_mlp_dynamic": ["dense", "dense_1", "dense_2"],
    "quantized_torch_mlp_operators": ["fc2", "head"],
    "mlp_13": ["fc1", "fc2", "Gemm_5"],
    "constants": ["MatMul_1"],
    "dynamo": ["net.0", "head"],
    "function": ["d"],
    "saved_model": ["dense", "dense_7"],
    "shared": ["tower.fc", "head"],
}


def check_named(name, got, model):
    entries = [e["name"] for e in got["entries"]]
    assert entries == ENTRIES.get(name, entries), (name, entries)
    layers = {layer["name"]: layer for layer in got["layers"]}
    if name == "dynamo":
        assert [(l["kind"], l["source_file"], l["source_line"]) for l in got["layers"][1:]] == [
            ("Linear", "/home/u/net.py", 12), ("ReLU", "/home/u/net.py", 12), ("Tanh", "/home/u/net.py", 13), ("Linear", "/home/u/net.py", 14)]
    if name == "torch_resnet":
        assert layers["layer1.0.Add"]["family"] == "merge" and len(layers["layer1.0.Add"]["inputs"]) == 2
    if name == "keras_mlp":
        assert [layers[n]["activation"] for n in ("dense", "dense_1", "dense_2")] == ["relu", "linear", "softmax"]
        assert got["parameters"] == 8 * 16 + 16 + 16 * 12 + 12 + 12 * 3 + 3
    if name == "torch_autoencoder":
        assert layers["act"]["activation"] == "silu" and layers["dw"]["family"] == "depthwise" and layers["dec"]["weights"][0]["turned"]
    if name.startswith("quantized_keras"):  # the relu went into the quantization behind it
        assert [layers[n]["activation"] for n in ("dense", "dense_2")] == ["relu", "softmax"]
    if name == "torch_bert":
        assert [layers[f"layer.0.{n}"]["family"] for n in ("norm1", "gelu", "attention.self")] == ["normalization", "activation", "attention"]
        assert layers["layer.0.gelu"]["activation"] == "gelu"
    if name == "keras_attention":
        assert [w["part"] for w in layers["mha"]["weights"] if w["role"] == "kernel"] == ["value", "query", "key", "output"], layers["mha"]["weights"]
    if name.startswith("clipped"):
        assert got["layers"][-1]["activation"] == "relu6", got["layers"][-1]
    if name == "quantized":  # the numbers that the stored ones stand for
        tensors = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        kernel = layers["fc"]["weights"][0]
        assert kernel["digest"] == digest((tensors["w8"].astype(np.float32) * tensors["ws"]).tobytes()) and kernel["shape"] == [6, 4]
        assert layers["fc"]["weights"][1]["role"] == "bias"
    if name == "saved_model":
        assert [(layers[n]["activation"], len(layers[n]["weights"])) for n in ("dense", "dense_7")] == [("elu", 2), ("linear", 1)]
    if name == "torch_lstm":
        assert [(w["role"], w["part"]) for w in layers["lstm"]["weights"]] == [("kernel", "forward"), ("kernel", "backward"), ("recurrent", "forward"),
                                                                            ("recurrent", "backward"), ("bias", "forward"), ("bias", "backward")]


def main():
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        cases = [(name, path, None) for name, path in onnx_cases.real_files(SOURCE, folder)]
        for name, model in onnx_cases.all_cases():
            path = os.path.join(folder, name + ".onnx")
            onnx.save(model, path)
            cases.append((name, path, model))
        for name, path, model in cases:
            try:
                model = model or onnx.load(path)
                check_named(name, check_file(name, path, model), model)
            except AssertionError as e:
                failed.append((name, e))
                print("FAILED", name, e)
    print(counts)
    assert counts["files"] >= 100 and not failed


main()
