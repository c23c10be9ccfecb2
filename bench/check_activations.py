#!/usr/bin/env python3
"""Compares what every layer computes, by dlguider and by Keras, for cases of the benchmark.

    check_activations.py [--dlguider build/release/dlguider] [--limit 1e-4] CASES...

CASES is a folder of cases or one case. An array agrees when its largest difference is at most `limit` times its largest
absolute value, or at most 1e-9: the engine's sigmoid is a fraction of polynomials, exact to about 1e-11 where it is nearly
0. Models with weights that are NaN or infinite are named and not compared: TensorFlow and ONNX Runtime carry NaN through
clamps and maxima in different ways. Needs Keras with a backend; prints one line for each layer that differs, and the worst
that agrees.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

import keras, numpy


def cases(roots):
    for root in map(pathlib.Path, roots):
        yield from [root] if (root / "case.json").exists() else sorted(p.parent for p in root.rglob("case.json"))


def error(mine, theirs):
    if mine.shape != theirs.shape:
        return float("inf")
    same = (mine == theirs) | (numpy.isnan(mine) & numpy.isnan(theirs))
    if same.all():
        return 0.0
    finite = numpy.isfinite(theirs)
    scale = max(float(numpy.abs(theirs[finite]).max(initial=0.0)), 1e-5)
    with numpy.errstate(invalid="ignore"):
        return float(numpy.where(same, 0.0, numpy.abs(mine.astype("float64") - theirs)).max()) / scale


def compare(dlguider, folder):
    case = json.loads((folder / "case.json").read_text())
    model, inputs = folder / case["model"], folder / case["x"]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([dlguider, "activations", model, "--inputs", inputs, "-o", f"{scratch}/a"], capture_output=True, text=True)
        if done.returncode:
            return [("-", done.stderr.strip(), float("inf"))]
        arrays = [(a, numpy.load(f"{scratch}/a/{a['file']}")) for a in json.loads(pathlib.Path(f"{scratch}/a/index.json").read_text())["arrays"]]
    loaded = keras.models.load_model(model, compile=False)
    if not all(numpy.isfinite(weight).all() for weight in loaded.get_weights()):
        return None
    layers = {layer.name: layer for layer in loaded.layers}
    known = [(a, mine) for a, mine in arrays if a["layer"] in layers]
    outputs = keras.Model(loaded.inputs, [layers[a["layer"]].output for a, _ in known]).predict(numpy.load(inputs), verbose=0, batch_size=256)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    missing = [(n, "not exported", float("inf")) for n, l in layers.items() if n not in {a["layer"] for a, _ in known} and not isinstance(l, keras.layers.InputLayer)]
    return missing + [(a["layer"], a["kind"], error(mine, numpy.asarray(theirs))) for (a, mine), theirs in zip(known, outputs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--dlguider", default="build/release/dlguider")
    parser.add_argument("--limit", type=float, default=1e-4)
    args = parser.parse_args()
    bad, total, worst, count, unsound = 0, 0, (0.0, ""), 0, 0
    for folder in cases(args.cases):
        count += 1
        compared = compare(args.dlguider, folder)
        if compared is None:
            unsound += 1
            print(f"{folder.parent.name}/{folder.name}: has weights that are not finite")
        for name, kind, difference in compared or []:
            total += 1
            if not difference <= args.limit:
                bad += 1
                print(f"{folder.parent.name}/{folder.name} {name} ({kind}): {difference:.3g}")
            elif difference > worst[0]:
                worst = difference, f"{folder.parent.name}/{folder.name} {name} ({kind})"
        keras.backend.clear_session()
    print(f"{count} cases, {unsound} of them not compared, {total} arrays, {bad} differ by more than {args.limit:g}; the worst that agrees: {worst[0]:.3g} {worst[1]}")
    return 1 if bad or not total else 0


if __name__ == "__main__":
    sys.exit(main())
