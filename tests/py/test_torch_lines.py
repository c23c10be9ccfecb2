"""Which line of a PyTorch program made each layer: real exports of the programs in tests/data/torch, of both exporters,
against what running those programs told (make_exports.py: every module notes the line that runs while it is constructed).

As a script with the argument "all", it also prints the layers that have no line or a wrong one."""
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import onnx_cases

SOURCE, COMMAND = os.environ["DLGUIDER_SOURCE"], os.environ["DLGUIDER"]
DATA = os.path.join(SOURCE, "tests", "data", "torch")
SHOW = sys.argv[1:] == ["all"]


def tests_for(path, folder):
    model = onnx.load(path)
    given = {t.name for t in model.graph.initializer}
    value = next(v for v in model.graph.input if v.name not in given)
    kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    shape = [d.dim_value or 12 for d in value.type.tensor_type.shape.dim]
    rng = np.random.default_rng(1)
    x = rng.normal(size=shape).astype(kind) if np.issubdtype(kind, np.floating) else rng.integers(0, 20, size=shape).astype(kind)
    out = [d.dim_value or 12 for d in model.graph.output[0].type.tensor_type.shape.dim]
    y = rng.integers(0, 2, size=12) if len(out) == 2 and out[1] > 1 else rng.normal(size=[12] + out[1:]).astype(np.float32)
    files = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
    np.save(files[0], x)
    np.save(files[1], y)
    return files


def rank(path, folder, *more):
    x, y = tests_for(path, folder)
    done = subprocess.run([COMMAND, "rank", path, "-i", x, "-l", y, "--method", "guider", "--json", *more], capture_output=True, text=True)
    assert done.returncode == 0, (path, done.stderr)
    return json.loads(done.stdout)


def calls(text):
    """Lines on which forward calls something that is no module: right lines for a layer of such a call."""
    return {i + 1 for i, line in enumerate(text.splitlines()) if re.search(r"\bF\.|torch\.|\.mean\(|\.max\(|\.amax\(|@|\.sum\(|functional", line)}


def right_line(name, layer, truth, text):
    """What is right for a layer: the line that made its module; for a layer that is no module the line that called it."""
    if layer["name"] in truth["modules"]:
        return {truth["modules"][layer["name"]]}
    called = {line for node, line in truth["nodes"].items() if node.lstrip("/").replace("/", ".").endswith(layer["name"])}
    return called or calls(text)


def check(path, name, folder):
    with open(os.path.join(DATA, name + ".truth.json")) as file:
        truth = json.load(file)
    program = os.path.join(DATA, name + ".py")
    text = open(program).read()
    ranking = rank(path, folder, "--program", program)
    right = wrong = none = 0
    for layer in ranking["layers"]:
        line = (layer["line"] or {}).get("line")
        want = right_line(name, layer, truth, text)
        right, wrong, none = right + (line in want), wrong + (line is not None and line not in want), none + (line is None)
        if SHOW and line not in want:
            print(f"  {os.path.basename(path)}: {layer['name']} ({layer['kind']}): {line}, right is {sorted(want)}; {[n for n in ranking['notes'] if 'line' in n]}")
    return right, wrong, none


def main():
    total = {}
    with tempfile.TemporaryDirectory() as folder:
        for file, path in onnx_cases.real_files(SOURCE, folder):
            if "." not in file:
                continue
            name, exporter = file.split(".")
            got = check(path, name, folder)
            total[exporter] = [a + b for a, b in zip(total.get(exporter, [0, 0, 0, 0]), [*got, 1])]
            if SHOW:
                print(file, got)
    for exporter, (right, wrong, none, files) in sorted(total.items()):
        print(f"{exporter}: {files} files, {right} of {right + wrong + none} layers have the right line, {wrong} a wrong one, {none} none")
        assert right == right + wrong + none and files >= (1 if exporter == "verbose" else 30), exporter


main()
