"""Checks what make_random.py wrote: dlguider's values of every layer against what PyTorch's forward hooks saw.

torch_random.py FILE.zip [LIMIT]: a layer that has a module's name must have that module's values; a convolution whose
normalization the exporter folded in has the values of that normalization. Prints the count and the worst relative error."""
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

COMMAND = os.environ["DLGUIDER"]


def run(*arguments):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def after(name):
    """The next module of a Sequential: 4.inner.0 -> 4.inner.1."""
    return re.sub(r"\d+$", lambda m: str(int(m[0]) + 1), name)


def error(got, want):
    return np.abs(got - want).max() / max(1e-3, np.abs(want).max()) if got.shape == want.shape else np.inf


def check(archive, member, folder):
    path = {n: os.path.join(folder, n) for n in ("model.onnx", "x.npy", "y.npy")}
    for name, where in path.items():
        with open(where, "wb") as file:
            file.write(archive.read(f"{member}/{name}"))
    seen = np.load(io.BytesIO(archive.read(f"{member}/acts.npz")))
    out = os.path.join(folder, "acts" + member)
    run("activations", path["model.onnx"], "-i", path["x.npy"], "-o", out)
    arrays = json.load(open(os.path.join(out, "index.json")))["arrays"]
    names, worst, matched = {a["layer"] for a in arrays}, 0.0, 0
    for array in arrays:
        if array["layer"] not in seen.files:
            continue
        got = np.load(os.path.join(out, array["file"]))
        own = array["layer"] + "<"  # an attention without the projection behind it, which is a layer of its own
        errors = [error(got, seen[own if own in seen.files else array["layer"]])]
        following = after(array["layer"])
        if "Conv" in array["kind"] and following in seen.files and following not in names:
            errors.append(error(got, seen[following]))
        assert min(errors) < 1e-4, (member, array["layer"], array["kind"], errors, got.shape, seen[array["layer"]].shape)
        worst, matched = max(worst, min(errors)), matched + 1
    entries = [layer for layer in json.loads(run("inspect", path["model.onnx"], "--json"))["layers"] if layer["weights"]]
    unknown = [layer["name"] for layer in entries if layer["name"] not in seen.files]
    assert not unknown, (member, unknown)
    run("rank", path["model.onnx"], "-i", path["x.npy"], "-l", path["y.npy"], "--task", "regression", "--method", "guider", "--json")
    return matched, worst


def main():
    layers, worst, failed = 0, 0.0, []
    with zipfile.ZipFile(sys.argv[1]) as archive, tempfile.TemporaryDirectory() as folder:
        members = sorted({n.split("/")[0] for n in archive.namelist()})[:int(sys.argv[2]) if len(sys.argv) > 2 else None]
        for member in members:
            try:
                matched, error_here = check(archive, member, folder)
                layers, worst = layers + matched, max(worst, error_here)
            except AssertionError as problem:
                failed.append(member)
                print("FAILED", problem)
    print(f"{len(members)} modules, {layers} layers, worst relative error {worst:.1e}, {len(failed)} failed")
    return 1 if failed or not members else 0


sys.exit(main())
