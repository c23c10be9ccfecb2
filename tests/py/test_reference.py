"""Verdicts, confidence, scores and rankings of the command against tests/py/reference.py, fed with the neuron values
that `dlguider activations --neurons` exports, to 1e-9: every task, form of output, coverage, weighting, confidence,
formula and aggregation; saved spectra ranked again; degenerate tests.
"""

import itertools
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

import numpy as np
import onnx
from onnx import helper, numpy_helper

import reference as ref

COMMAND = os.environ["DLGUIDER"]
FLOAT = onnx.TensorProto.FLOAT
THRESHOLDS = {
    "layer": [0.5, 0.25],
    "neuron": [0.5, 0.75],
    "raw": [0.0, 0.1],
    "graded-layer": [0.0],
    "graded-neuron": [0.0],
}
WEIGHTINGS = ["none", "confidence", "failed-only", "passed-only", "inverse-passed", "inverse-failed", "inverse"]
FORMULAS = sorted(ref.all_formulas(*np.ones((4, 1))))
AGGREGATIONS = sorted(ref.all_aggregations(np.ones((1, 2)), [1, 1]))


def dlguider(*arguments, code=0):
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, (arguments, done.returncode, done.stderr[-500:])
    return done.stdout


def network(path, widths, last, rng):
    """Dense layers with ReLU between them, as ONNX; the last followed by an activation or by nothing."""
    nodes, weights, value = [], [], "x"
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        weights += [
            numpy_helper.from_array(rng.normal(0, a**-0.5, (a, b)).astype(np.float32), f"dense_{i}.weight"),
            numpy_helper.from_array(rng.normal(0, 0.3, b).astype(np.float32), f"dense_{i}.bias"),
        ]
        nodes.append(
            helper.make_node("Gemm", [value, f"dense_{i}.weight", f"dense_{i}.bias"], [f"v{i}"], name=f"dense_{i}")
        )
        op = last if i == len(widths) - 2 else "Relu"
        value = f"v{i}"
        if op:
            nodes.append(helper.make_node(op, [value], [f"a{i}"], name=f"act_{i}"))
            value = f"a{i}"
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", FLOAT, ["n", widths[0]])],
        [helper.make_tensor_value_info(value, FLOAT, ["n", widths[-1]])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


class Bench:
    """A model, its tests, and what the command exports of them."""

    def __init__(self, folder, name, widths, last, task, form, labels, tests=300, seed=0, spoil=None):
        rng = np.random.default_rng(seed)
        self.folder, self.task, self.form = folder / name, task, form
        self.folder.mkdir()
        network(self.folder / "m.onnx", widths, last, rng)
        x = rng.normal(0, 1, (tests, widths[0])).astype(np.float32)
        if spoil:
            spoil(x)
        np.save(self.folder / "x.npy", x)
        np.save(self.folder / "y.npy", np.zeros(tests, np.int64))
        outputs = self.neurons_of("first", "regression")[-1]
        np.save(self.folder / "y.npy", labels(outputs.astype(np.float64), rng))
        self.neurons = self.neurons_of("values", task)
        y = np.load(self.folder / "y.npy")
        y = y.reshape(tests, 1, -1) if task in ("multilabel", "regression") else y.reshape(tests, 1)
        self.judged = ref.judge(self.neurons[-1].reshape(tests, 1, -1), y, task, form)

    def arguments(self):
        return [self.folder / "m.onnx", "--inputs", self.folder / "x.npy", "--labels", self.folder / "y.npy"]

    def neurons_of(self, name, task):
        dlguider("activations", *self.arguments(), "--task", task, "--neurons", "-o", self.folder / name)
        self.index = json.loads((self.folder / name / "index.json").read_text())
        arrays = sorted((a for a in self.index["arrays"] if a["entry"] is not None), key=lambda a: a["entry"])
        return [np.load(self.folder / name / a["file"]) for a in arrays]


def near(test, seen, expected, what):
    seen, expected = np.asarray(seen, float), np.asarray(expected, float)
    test.assertEqual(seen.shape, expected.shape, what)
    worst = np.abs(seen - expected) / np.maximum(1, np.abs(expected))
    test.assertTrue(np.all(worst <= 1e-9), (what, seen, expected))


def noisy_classes(outputs, rng):
    y = outputs.argmax(1)
    wrong = rng.random(len(y)) < 0.3
    return np.where(wrong, rng.integers(outputs.shape[1], size=len(y)), y).astype(np.int64)


def noisy_flags(threshold):
    def make(outputs, rng):
        return ((outputs > threshold) ^ (rng.random(outputs.shape) < 0.15)).astype(np.int64)

    return make


def noisy_numbers(outputs, rng):
    return outputs + rng.standard_t(2, outputs.shape) * 0.2


def spoil(x):
    x[5, 0], x[17, 1] = np.nan, np.inf


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.holder.name)
        cls.benches = [
            Bench(folder, "softmax", [6, 20, 9, 4], "Softmax", "multiclass", "probability", noisy_classes),
            Bench(folder, "logits", [5, 12, 7, 3], None, "multiclass", "logits", noisy_classes, seed=1),
            Bench(folder, "sigmoid", [6, 16, 5, 1], "Sigmoid", "binary", "probability", noisy_flags(0.5), seed=2),
            Bench(folder, "labels", [6, 11, 5], "Sigmoid", "multilabel", "probability", noisy_flags(0.5), seed=3),
            Bench(folder, "numbers", [4, 15, 8, 2], None, "regression", "values", noisy_numbers, seed=4),
            Bench(
                folder, "nan", [4, 10, 6, 3], "Softmax", "multiclass", "probability", noisy_classes, seed=5, spoil=spoil
            ),
            Bench(
                folder,
                "hopeless",
                [4, 10, 1],
                None,
                "regression",
                "values",
                lambda o, g: o + 100 + g.normal(size=o.shape),
                seed=6,
            ),
            Bench(
                folder, "sound", [4, 10, 3], "Softmax", "multiclass", "probability", lambda o, g: o.argmax(1), seed=7
            ),
            Bench(
                folder,
                "single",
                [4, 10, 3],
                "Softmax",
                "multiclass",
                "probability",
                lambda o, g: 1 - (o.argmax(1) > 0),
                tests=1,
                seed=8,
            ),
        ]

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def test_verdicts_and_confidence(self):
        for bench in self.benches:
            values = bench.folder / "values"
            self.assertTrue(
                np.array_equal(np.load(values / bench.index["verdict"]["file"]), bench.judged["failed"]),
                bench.folder.name,
            )
            seen = np.load(values / bench.index["confidence"]["file"])
            for column, kind in enumerate(bench.index["confidence"]["columns"]):
                near(self, seen[:, column], bench.judged["confidence"][kind], (bench.folder.name, kind))

    def check(self, bench, text, coverage, threshold, weighting, confidence, formula, aggregation):
        what = (bench.folder.name, coverage, threshold, weighting, confidence, formula, aggregation)
        ranking = json.loads(text)
        scores, neurons = ref.guider(
            bench.neurons, bench.judged, coverage, threshold, weighting, confidence, formula, aggregation
        )
        layers = ranking["layers"]
        self.assertEqual(ranking["tests"]["failed"], int(bench.judged["failed"].sum()), what)
        by_index = sorted(layers, key=lambda e: e["index"])
        near(self, [e["score"] for e in by_index], scores, what)
        self.assertEqual(
            [e["index"] for e in layers], sorted(range(len(layers)), key=lambda i: (-by_index[i]["score"], i)), what
        )
        for entry in by_index:
            own = neurons[entry["index"]]
            near(self, [n["score"] for n in entry["neurons"]], sorted(own, reverse=True)[:10], what)
            near(self, [n["score"] for n in entry["neurons"]], [own[n["index"]] for n in entry["neurons"]], what)

    def test_rankings(self):
        """One pass per coverage; the spectrum is ranked again until every formula and aggregation was used."""
        deck = random.Random(0)
        for bench in self.benches:
            rows = max(len(FORMULAS), len(AGGREGATIONS)) if bench.folder.name in ("softmax", "numbers") else 6
            formulas, aggregations = itertools.cycle(FORMULAS), itertools.cycle(AGGREGATIONS)
            weights = itertools.cycle(itertools.product(WEIGHTINGS, ref.CONFIDENCES))
            for coverage, thresholds in THRESHOLDS.items():
                threshold = deck.choice(thresholds)
                fixed = ["--method", "guider", "--json"]
                spectrum = bench.folder / f"{coverage}.spectrum"
                text = dlguider(
                    "rank",
                    *bench.arguments(),
                    *fixed,
                    "--task",
                    bench.task,
                    "--coverage",
                    coverage,
                    "--threshold",
                    threshold,
                    "--formula",
                    "ochiai",
                    "--aggregation",
                    "mean",
                    "--weighting",
                    "confidence",
                    "--confidence",
                    "max",
                    "--save-spectrum",
                    spectrum,
                )
                self.check(bench, text, coverage, threshold, "confidence", "max", "ochiai", "mean")
                for _ in range(-(-rows // len(THRESHOLDS))):
                    weighting, confidence = next(weights)
                    formula, aggregation = next(formulas), next(aggregations)
                    text = dlguider(
                        "rank",
                        "--spectrum",
                        spectrum,
                        *fixed,
                        "--formula",
                        formula,
                        "--aggregation",
                        aggregation,
                        "--weighting",
                        weighting,
                        "--confidence",
                        confidence,
                    )
                    self.check(bench, text, coverage, threshold, weighting, confidence, formula, aggregation)

    def test_bytes(self):
        """The same for 1 and 2 threads and for a repeat; for other batches the same order and 1e-6."""
        for bench in self.benches[:5]:
            run = lambda *more: dlguider(
                "rank", *bench.arguments(), "--task", bench.task, "--method", "guider", "--json", *more
            )
            once = run("--threads", 1)
            self.assertEqual(once, run("--threads", 2))
            self.assertEqual(once, run("--threads", 1))
            first = json.loads(once)["layers"]
            for batch in (1, 7, 300):
                other = json.loads(run("--batch", batch))["layers"]
                self.assertEqual([e["index"] for e in first], [e["index"] for e in other])
                for a, b in zip(first, other):
                    self.assertLess(abs(a["score"] - b["score"]), 1e-6 * max(1, abs(a["score"])))

    def test_degenerate(self):
        for name, verdict, words in (("hopeless", "none", "no test passes"), ("sound", "none", "no test fails")):
            bench = next(b for b in self.benches if b.folder.name == name)
            ranking = json.loads(
                dlguider("rank", *bench.arguments(), "--task", bench.task, "--method", "guider", "--json")
            )
            self.assertTrue(any(words in note for note in ranking["notes"]), ranking["notes"])
            self.assertTrue(
                all(isinstance(e["score"], float) or isinstance(e["score"], int) for e in ranking["layers"])
            )
        bench = next(b for b in self.benches if b.folder.name == "nan")
        notes = json.loads(dlguider("rank", *bench.arguments(), "--task", bench.task, "--method", "guider", "--json"))[
            "notes"
        ]
        self.assertTrue(
            any("NaN or infinite values first appear" in note and "2 of 300" in note for note in notes), notes
        )


if __name__ == "__main__":
    unittest.main()
