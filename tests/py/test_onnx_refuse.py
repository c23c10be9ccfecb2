"""Damaged, hostile and unsupported ONNX files: the code and the sentence of each refusal; truncations at every byte; and
weights kept in other files."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import onnx_cases
from onnx_cases import init, mlp, model, node

TOOL = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "test_onnx_read")
INPUT, UNSUPPORTED, LIMIT = 3, 4, 5


def read(path):
    p = subprocess.run([TOOL, path], capture_output=True)
    assert 0 <= p.returncode <= 6, (path, p.returncode, p.stderr[-2000:])
    return p.returncode, p.stderr.decode("utf-8", "replace").strip(), p.stdout


def varint(n):
    out = b""
    while True:
        out += bytes([n & 0x7F | (0x80 if n > 0x7F else 0)])
        n >>= 7
        if not n:
            return out


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def edited(change, base=None):
    m = onnx.ModelProto()
    m.CopyFrom(base or mlp(13))
    result = change(m)
    return (result if isinstance(result, onnx.ModelProto) else m).SerializeToString()


def nested(depth):
    graph = helper.make_graph([node("Relu", ["h"], "z")], "g", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)])
    for i in range(depth):
        n = node("If", ["c"], "z", then_branch=graph, else_branch=helper.make_graph([node("Relu", ["h"], "z")], "e", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)]))
        graph = helper.make_graph([n], f"g{i}", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)])
    return model([node("Gemm", ["x", "w"], "h"), node("Cast", ["h"], "c", to=TensorProto.BOOL), node("If", ["c"], "y", then_branch=graph, else_branch=graph)], [init("w", 6, 4)], 13).SerializeToString()


def deep_groups():
    """Graph in attribute in node in graph ..., by hand: onnx itself stops at 100 levels."""
    body = b""
    for _ in range(10000):
        body = field(1, field(4, b"If") + field(5, field(6, body)))
    return field(8, varint(2 << 3) + varint(13)) + field(7, body)


def tensor_change(change):
    def apply(m):
        change(m.graph.initializer[0])
    return edited(apply)


def set_dims(*dims):
    def change(t):
        del t.dims[:]
        t.dims.extend(dims)
    return change


def external(t, **keys):
    t.ClearField("raw_data")
    del t.float_data[:]
    t.data_location = TensorProto.EXTERNAL
    for key, value in keys.items():
        entry = t.external_data.add()
        entry.key, entry.value = key, str(value)


def swap_nodes(m):
    first, second = m.graph.node[0], m.graph.node[1]
    a, b = onnx.NodeProto(), onnx.NodeProto()
    a.CopyFrom(first)
    b.CopyFrom(second)
    first.CopyFrom(b)
    second.CopyFrom(a)


def op(domain, name):
    def change(m):
        m.graph.node[1].domain, m.graph.node[1].op_type, m.graph.node[1].name = domain, name, "n12"
    return change


def opset(version):
    def change(m):
        m.opset_import[0].version = version
    return change


def location_of(where, **more):
    return tensor_change(lambda t: external(t, location=where, **more))


GOOD = mlp(13).SerializeToString()
CASES = {  # name: (bytes, code, words of the sentence)
    "O1 varint": (GOOD + b"\x08" + b"\xff" * 10 + b"\x01", INPUT, "number of more than 64 bits"),
    "O1 group": (GOOD + b"\x0b", INPUT, "kind that ONNX never uses"),
    "O1 cut": (GOOD[:-3], INPUT, "ends inside a field at byte"),
    "O2 nested": (nested(12), LIMIT, "nested deeper than 12"),
    "O2 very deep": (deep_groups(), LIMIT, "nested deeper than 12"),
    "O3 negative": (tensor_change(set_dims(-3, 2)), INPUT, "tensor fc1.weight: dimension -3"),
    "O3 product": (tensor_change(set_dims(2**31 - 1, 2**31 - 1, 2**31 - 1)), INPUT, "dimensions multiply"),
    "O3 huge dimension": (tensor_change(set_dims(2**40)), INPUT, "dimension 1099511627776"),
    "O3 rank": (tensor_change(set_dims(*[1] * 9)), LIMIT, "more than 8 dimensions"),
    "O4 short": (tensor_change(lambda t: setattr(t, "raw_data", t.raw_data[:-4])), INPUT, "tensor fc1.weight holds 116 bytes, its shape needs 120"),
    "O4 long": (tensor_change(lambda t: setattr(t, "raw_data", t.raw_data + b"1234")), INPUT, "tensor fc1.weight holds 124 bytes, its shape needs 120"),
    "O4 list": (tensor_change(lambda t: t.float_data.append(1.0)), INPUT, "tensor fc1.weight"),
    "O4 two places": (tensor_change(lambda t: (setattr(t, "raw_data", b"\0" * 120), t.float_data.extend([0.0] * 30))), INPUT, "in two places"),
    "O4 wrong list": (tensor_change(lambda t: (t.ClearField("raw_data"), t.ClearField("float_data"), t.int64_data.extend([1] * 30))), INPUT, "list of another type"),
    "O5 absolute": (location_of("/etc/passwd"), INPUT, 'points to "/etc/passwd", outside the model'),
    "O5 up": (location_of("../secret"), INPUT, 'points to "../secret", outside the model'),
    "O5 up inside": (location_of("a/../../secret"), INPUT, "outside the model"),
    "O5 backslash": (location_of("..\\secret"), INPUT, "outside the model"),
    "O5 link": (location_of("link.bin"), INPUT, "a link"),
    "O5 link in the way": (location_of("linked/w.bin"), INPUT, "a link"),
    "O5 hard link": (location_of("hard.bin"), INPUT, "several names"),
    "O5 folder": (location_of("."), INPUT, "regular file"),
    "O5 pipe": (location_of("pipe"), INPUT, "regular file"),
    "O15 memory": (location_of("*/_ORT_MEM_ADDR_/*", offset=4096, length=120), INPUT, "is no file name"),
    "O17 location twice": (tensor_change(lambda t: (external(t, location="w.bin"), external(t, location="v.bin"))), INPUT, "names the location of its file twice"),
    "O5 no location": (tensor_change(lambda t: external(t, offset=0)), INPUT, "does not name it"),
    "O5 unknown key": (location_of("w.bin", basepath="/"), UNSUPPORTED, 'unknown key "basepath"'),
    "O6 missing": (location_of("gone.bin"), INPUT, 'cannot open its file "gone.bin"'),
    "O6 short": (location_of("w.bin", offset=64, length=120), INPUT, "tensor fc1.weight needs 120 bytes from byte 64 of w.bin, which has 120"),
    "O6 wraps": (location_of("w.bin", offset=2**64 - 1, length=120), INPUT, "needs 120 bytes from byte 18446744073709551615"),
    "O6 too big": (location_of("w.bin", offset=2**70), INPUT, "is no whole number"),
    "O6 wrong size": (location_of("w.bin", length=100), INPUT, "holds 100 bytes, its shape needs 120"),
    "O17 two graphs": (GOOD + field(7, b"\x12\x01g"), INPUT, "holds two graphs"),
    "O17 twice": (GOOD + b"\x12\x01a\x12\x01b", INPUT, "single field twice"),
    "O8 two makers": (edited(lambda m: m.graph.node.append(node("Relu", ["x"], "h1"))), INPUT, "value h1 is made by two nodes"),
    "O8 two weights": (edited(lambda m: m.graph.initializer.append(init("w3", 4, 3))), INPUT, "the name w3 stands for two values"),
    "O8 missing": (edited(lambda m: m.graph.node[1].input.__setitem__(0, "nothing")), INPUT, "reads nothing, which nothing makes"),
    "O8 order": (edited(swap_nodes), INPUT, "feed each other or are out of order"),
    "O8 output": (edited(lambda m: setattr(m.graph.output[0], "name", "ghost")), INPUT, "output ghost is made by no node"),
    "O9 domain": (edited(op("com.acme", "Foo")), UNSUPPORTED, "node n12 uses com.acme:Foo, which ONNX Runtime does not have"),
    "O10 opset": (edited(opset(99)), UNSUPPORTED, "uses opset 99; this build knows up to 26"),
    "O10 old": (edited(opset(3)), UNSUPPORTED, "uses opset 3; dlguider reads from 7 on"),
    "no nodes": (edited(lambda m: m.graph.ClearField("node")), INPUT, "the graph has no nodes"),
    "no inputs": (edited(lambda m: m.graph.ClearField("input")), INPUT, "no inputs"),
    "no outputs": (edited(lambda m: m.graph.ClearField("output")), INPUT, "no outputs"),
    "no graph": (edited(lambda m: m.ClearField("graph")), INPUT, "holds no graph"),
    "no opset": (edited(lambda m: m.ClearField("opset_import")), INPUT, "names no opset"),
    "zero in a name": (edited(lambda m: setattr(m.graph.node[0], "name", "a\0b")), INPUT, "zero byte"),
    "long name": (edited(lambda m: setattr(m.graph.node[0], "name", "a" * 1025)), LIMIT, "limit is 1024"),
    "sparse": (edited(lambda m: m.graph.sparse_initializer.add()), UNSUPPORTED, "sparse"),
    "external in an attribute": (edited(lambda m: external(m.graph.node.add(op_type="Constant", output=["k"]).attribute.add(name="value", type=4).t, location="w.bin")),
                                 UNSUPPORTED, "keeps its data in another file"),
    "text": (b"hello, this is no model", INPUT, ""),
}

def surround(folder):
    """Files beside the model that it may or may not use."""
    outside = os.path.join(folder, "outside")
    inside = os.path.join(folder, "model")
    os.makedirs(os.path.join(inside, "sub"))
    os.makedirs(outside)
    for path in (os.path.join(outside, "w.bin"), os.path.join(inside, "w.bin"), os.path.join(inside, "sub", "w.bin"), os.path.join(inside, "one")):
        with open(path, "wb") as f:
            f.write(np.arange(30, dtype=np.float32).tobytes())
    os.symlink(os.path.join(outside, "w.bin"), os.path.join(inside, "link.bin"))
    os.symlink(outside, os.path.join(inside, "linked"))
    os.link(os.path.join(inside, "one"), os.path.join(inside, "hard.bin"))
    os.mkfifo(os.path.join(inside, "pipe"))
    return inside


def check_refusals(folder):
    for name, (data, code, words) in CASES.items():
        path = os.path.join(folder, "bad.onnx")
        with open(path, "wb") as f:
            f.write(data)
        got, message, _ = read(path)
        assert got == code and words in message and "\n" not in message, (name, got, message)
        if name == "O6 missing":
            continue
        assert "passwd" not in message or "passwd" in str(data), name


def check_far_axes(folder):
    """Axes at the ends of 64 bits, on an input whose rank is not known: nothing may be added to them before they are checked."""
    unknown = helper.make_tensor_value_info("x", TensorProto.FLOAT, None)
    for kind in "Concat", "Softmax", "Flatten", "Gather", "Split", "Squeeze", "Unsqueeze", "ReduceMean", "Transpose":
        for axis in -2**63, 2**63 - 1:
            keys = {"axes": [axis]} if kind in ("Squeeze", "Unsqueeze", "ReduceMean") else {"perm": [axis]} if kind == "Transpose" else {"axis": axis}
            m = model([node(kind, ["x", "i"] if kind == "Gather" else ["x"], "h", **keys), node("Gemm", ["h", "w"], "y")], [init("w", 6, 4), init("i", 2)], 11)
            m.graph.input[0].CopyFrom(unknown)
            path = os.path.join(folder, "axis.onnx")
            with open(path, "wb") as f:
                f.write(m.SerializeToString())
            code, message, _ = read(path)
            assert code in (0, INPUT, UNSUPPORTED) and "runtime error" not in message, (kind, axis, code, message)


def check_external(folder):
    """Good references: the same bytes as a model with the weights inside."""
    values = np.arange(30, dtype=np.float32).reshape(5, 6)
    inside = mlp(13)
    inside.graph.initializer[0].CopyFrom(numpy_helper.from_array(values, "fc1.weight"))
    for where, more in (("w.bin", {}), ("./sub/w.bin", {"offset": 0, "length": 120}), ("sub//w.bin", {"length": 120})):
        m = onnx.ModelProto()
        m.CopyFrom(inside)
        external(m.graph.initializer[0], location=where, **more)
        path = os.path.join(folder, "good.onnx")
        with open(path, "wb") as f:
            f.write(m.SerializeToString())
        code, message, out = read(path)
        assert code == 0, (where, message)
        plain = os.path.join(folder, "plain.onnx")
        onnx.save(inside, plain)
        want = json.loads(read(plain)[2])
        got = json.loads(out)
        for key in ("tensors", "nodes", "layers", "entries", "inputs"):
            assert got[key] == want[key], (where, key)
        assert got["onnx"]["size"] == want["onnx"]["size"]  # the same message, its fields in another order


def check_truncations(folder):
    """Cut at every byte: refused, or nothing of the graph is missing."""
    path = os.path.join(folder, "cut.onnx")
    whole = onnx_cases.quantized().SerializeToString()
    graph_end = len(whole)
    accepted = 0
    for size in range(1, len(whole), 7):
        with open(path, "wb") as f:
            f.write(whole[:size])
        code, message, _ = read(path)
        accepted += code == 0
        assert code in (INPUT, UNSUPPORTED) or size >= graph_end, (size, code, message)
    assert accepted == 0


def check_sequences(folder):
    """Pieces by way of sequences, changed at random: read or refused with a sentence, never worse."""
    import random
    r, base, path = random.Random(3), onnx_cases.pieces().SerializeToString(), os.path.join(folder, "pieces.onnx")
    for _ in range(60):
        m = onnx.load_from_string(base)
        for _ in range(r.randint(1, 4)):
            n = r.choice([n for n in m.graph.node if n.op_type.startswith(("Split", "Sequence"))])
            what = r.randrange(4)
            if what == 0 and n.input:
                n.input[r.randrange(len(n.input))] = r.choice(["", "h", "halves", "one"])
            elif what == 1 and n.input:
                del n.input[-1]
            elif what == 2 and n.attribute:
                n.attribute[0].i = r.choice([-5, 0, 2, 99, 2**62, -2**63])
            else:
                r.choice(m.graph.initializer[2:]).raw_data = r.choice([-1, 0, 7, 2**40, -2**63, 2**63 - 1]).to_bytes(8, "little", signed=True)
        with open(path, "wb") as file:
            file.write(m.SerializeToString())
        code, message, _ = read(path)
        assert code in (0, INPUT, UNSUPPORTED, LIMIT) and "runtime error" not in message, (code, message)


def main():
    folder = tempfile.mkdtemp()
    try:
        inside = surround(folder)
        check_far_axes(folder)
        check_sequences(folder)
        check_refusals(inside)
        check_external(inside)
        check_truncations(inside)
    finally:
        shutil.rmtree(folder)
    print(len(CASES), "refusals as stated")


main()
