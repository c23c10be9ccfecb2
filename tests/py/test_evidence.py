#!/usr/bin/env python3
"""Figures of the evidence against numpy on Keras's own activations, and what the ranking promises: terms that add up to the
logit of the score, and no dependence on the order of the tests or the batch."""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import keras
from keras import layers

DLGUIDER = os.environ["DLGUIDER"]


def models():
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 180)
    flat = rng.normal(0, .5, (180, 10)).astype("float32")
    flat[np.arange(180), y] += 2
    dense = keras.Sequential([keras.Input((10,)), layers.Dense(12, activation="relu"), layers.BatchNormalization(), layers.Dense(9, activation="tanh"),
                              layers.Dropout(.1), layers.Dense(3, activation="softmax")])
    image = rng.normal(0, .5, (180, 6, 6, 2)).astype("float32")
    image[np.arange(180), y, y, 0] += 4
    conv = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
                             layers.Dense(10, activation="relu"), layers.Dense(3, activation="softmax")])
    steps = rng.normal(0, 1, (180, 7, 4)).astype("float32")
    steps[np.arange(180), :, y] += 1
    lstm = keras.Sequential([keras.Input((7, 4)), layers.LSTM(8), layers.Dense(6, activation="relu"), layers.Dense(3, activation="softmax")])
    for name, model, x in (("dense", dense, flat), ("conv", conv, image), ("lstm", lstm, steps)):
        model.compile(optimizer=keras.optimizers.Adam(.01), loss="sparse_categorical_crossentropy")
        model.fit(x, y, epochs=3, batch_size=16, verbose=0)
        yield name, model, x, y


def entries_of(model):
    """Heads with what the probe reads: the last element-wise member, reduced over places."""
    out, watched = [], []
    for layer in model.layers:
        if type(layer).__name__ in ("Dense", "Conv2D", "MaxPooling2D", "LSTM"):
            out.append(layer)
            watched.append(layer.output)
        elif type(layer).__name__ in ("BatchNormalization", "Dropout"):
            watched[-1] = layer.output
    return out, keras.Model(model.inputs, watched)


def ridge(a, t):
    """Explained share of the targets, degrees of freedom taken off; every step spelt out, by solving and not by eigenvalues."""
    a, n = a[:, a.std(0) > 1e-7 * (np.abs(a).max() + 1e-9)], len(a)
    z = (a - a.mean(0)) / a.std(0)
    t = t - t.mean(0)
    best = -.5
    for strength in (3, 30, 300):
        hat = z @ np.linalg.solve(z.T @ z + strength * np.eye(z.shape[1]), z.T)
        rest, freedom = ((t - hat @ t) ** 2).sum(), np.trace(hat) + 1
        if freedom <= .9 * n:
            best = max(best, 1 - rest / (1 - freedom / n) ** 2 / ((t ** 2).sum() / (1 - 1 / n) ** 2 + 1e-9))
    return best


def oracle(model, x, y):
    heads, probe = entries_of(model)
    values = [np.asarray(v, float).reshape(len(x), -1, v.shape[-1]).mean(1) for v in probe.predict(x, verbose=0)]
    t = np.eye(3)[y]
    ratio = lambda a, b: math.log((a + 1e-9) / (b + 1e-9))
    for head, a in zip(heads, values):
        f = {"activation.dead": (a.std(0) < 1e-6).mean(), "activation.zero": (np.abs(a) < 1e-7).mean(), "information.labels": ridge(a, t)}
        s = np.linalg.svd(a - a.mean(0), compute_uv=False)
        s = s / s.sum()
        s = s[s > 1e-12]
        f["activation.rank"] = -(s * np.log(s)).sum()
        f["activation.level"] = ratio(np.abs(a.mean(0)).mean(), a.std(0).mean())
        between = np.stack([a[y == k].mean(0) for k in range(3)])[y].var(0)
        f["information.sorts"] = (between[a.var(0) > 1e-12] / a.var(0)[a.var(0) > 1e-12]).mean()
        if type(head).__name__ in ("Dense", "Conv2D"):
            w = np.asarray(head.get_weights()[0], float)
            places = w[..., 0, 0].size
            w = w.reshape(-1, w.shape[-1])
            if type(head).__name__ == "Dense" and len(w) == 72:   # after Flatten: 9 places of 8 channels
                places = 9
            limit = math.sqrt(6 / (len(w) + places * w.shape[1]))
            c = (w - w.mean()) / w.std()
            f["kernel.spread"], f["kernel.peak"], f["kernel.tails"] = ratio(w.std(), limit / math.sqrt(3)), ratio(np.abs(w).max(), limit), math.log((c ** 4).mean())
            s = np.linalg.svd(w, compute_uv=False)
            f["kernel.flatness"] = s.sum() ** 2 / (s ** 2).sum() / len(s)
            size = np.linalg.norm(w, axis=0)
            f["kernel.strongest"] = ratio(size.max(), np.median(size))
            f["bias.mean"] = head.get_weights()[1].mean()
        yield f


def rank(folder, *more):
    run = subprocess.run([DLGUIDER, "rank", "model.keras", "--inputs", "x.npy", "--labels", "y.npy", "--task", "multiclass", "--method", "fused",
                          "--save-evidence", "evidence.json", "--json", *more], cwd=folder, capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return json.loads(run.stdout), json.loads((folder / "evidence.json").read_text())


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.made = list(models())
        for name, model, x, y in cls.made:
            at = pathlib.Path(cls.folder.name) / name
            at.mkdir()
            model.save(at / "model.keras")
            np.save(at / "x.npy", x)
            np.save(at / "y.npy", y)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_figures(self):
        for name, model, x, y in self.made:
            _, evidence = rank(pathlib.Path(self.folder.name) / name)
            wanted = list(oracle(model, x, y))
            self.assertEqual(len(wanted), len(evidence["entries"]))
            for entry, figures in zip(evidence["entries"], wanted):
                for key, value in figures.items():
                    self.assertAlmostEqual(entry["figures"][key], value, delta=2e-3 * (1 + abs(value)), msg=f"{name} {entry['name']} {key}")

    def test_terms_add_up(self):
        for name, *_ in self.made:
            ranking, _ = rank(pathlib.Path(self.folder.name) / name)
            for layer in ranking["layers"]:
                logit = sum(item["term"] for item in layer["evidence"])
                self.assertAlmostEqual(layer["score"], 1 / (1 + math.exp(-logit)), delta=1e-12)
                self.assertEqual(layer["evidence"][-1]["id"], "start")
                terms = [item["term"] for item in layer["evidence"][:-1]]
                self.assertEqual(terms, sorted(terms, reverse=True))
                for item in layer["evidence"]:
                    self.assertTrue(item["message"])

    def test_a_reason_names_its_member_and_line(self):
        program = ["import keras", "model = keras.Sequential()", "model.add(keras.Input((10,)))", "model.add(keras.layers.Dense(12, activation='relu', name='wide'))",
                   "model.add(keras.layers.Dropout(.97, name='drop'))", "model.add(keras.layers.Dense(3, activation='softmax', name='out'))"]
        scope = {}
        exec("\n".join(program), scope)
        with tempfile.TemporaryDirectory() as folder:
            scope["model"].save(folder + "/model.keras")
            rng = np.random.default_rng(0)
            np.save(folder + "/x.npy", rng.normal(size=(60, 10)).astype("float32"))
            np.save(folder + "/y.npy", rng.integers(0, 3, 60))
            pathlib.Path(folder, "program.py").write_text("\n".join(program) + "\n")
            layer = rank(pathlib.Path(folder), "--program", folder + "/program.py")[0]["layers"]
        wide = next(l for l in layer if l["name"] == "wide")
        self.assertEqual(wide["line"]["line"], 4)
        said = next(e for e in wide["evidence"] if e["id"] == "settings.dropout")
        self.assertEqual((said["member"], said["line"]["line"]), ("drop", 5))
        self.assertIsNone(next(e for e in wide["evidence"] if e["id"] == "start")["member"])

    def test_logits_are_a_fault_only_where_the_loss_is_known_to_take_none(self):
        rng = np.random.default_rng(3)
        with tempfile.TemporaryDirectory() as folder:
            np.save(folder + "/x.npy", rng.normal(size=(60, 10)).astype("float32"))
            np.save(folder + "/y.npy", rng.integers(0, 3, 60))
            said = {}
            for loss in (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True), "sparse_categorical_crossentropy"):
                model = keras.Sequential([keras.Input((10,)), layers.Dense(8, activation="relu"), layers.Dense(3, name="out")])
                if loss:
                    model.compile(loss=loss)
                model.save(folder + "/model.keras")
                out = next(l for l in rank(pathlib.Path(folder), "--budget", "0")[0]["layers"] if l["name"] == "out")
                said[loss] = "output.class-activation" in [e["id"] for e in out["evidence"]]
        self.assertEqual(list(said.values()), [False, False, True])

    def test_the_training_is_pointed_at_when_no_layer_is_blamed(self):
        name, _, x, y = next(m for m in self.made if m[0] == "dense")
        at = pathlib.Path(self.folder.name) / "shifted"
        at.mkdir()
        (at / "model.keras").write_bytes((pathlib.Path(self.folder.name) / name / "model.keras").read_bytes())
        np.save(at / "x.npy", x)
        np.save(at / "y.npy", (y + 1) % 3)
        (at / "p.py").write_text("import keras\nmodel = build()\n\nmodel.compile(loss='sparse_categorical_crossentropy', optimizer=keras.optimizers.Adam(.01))\n")
        for folder, said in ((at, True), (pathlib.Path(self.folder.name) / name, False)):
            ranking = rank(folder, "--program", str(at / "p.py"))[0]
            self.assertEqual(ranking["verdict"] == "outside", said)
            self.assertEqual(any("p.py:4 says how the model is trained: loss sparse_categorical_crossentropy" in n for n in ranking["notes"]), said, ranking["notes"])

    def test_order_and_batch_do_not_matter(self):
        """Without re-fitting: which tests fit and which judge goes by their order."""
        at = pathlib.Path(self.folder.name) / "conv"
        first, _ = rank(at, "--budget", "0")
        score = lambda ranking: {layer["name"]: layer["score"] for layer in ranking["layers"]}
        small, _ = rank(at, "--budget", "0", "--batch", "7")
        x, y = np.load(at / "x.npy"), np.load(at / "y.npy")
        order = np.random.default_rng(2).permutation(len(x))
        np.save(at / "x.npy", x[order])
        np.save(at / "y.npy", y[order])
        other, _ = rank(at, "--budget", "0")
        np.save(at / "x.npy", x)
        np.save(at / "y.npy", y)
        for name, value in score(first).items():
            self.assertAlmostEqual(score(other)[name], value, delta=1e-6)
            self.assertAlmostEqual(score(small)[name], value, delta=1e-6)

    def test_a_saved_spectrum_needs_guider(self):
        at = pathlib.Path(self.folder.name) / "dense"
        rank(at, "--save-spectrum", "tests.spectrum")
        run = lambda *more: subprocess.run([DLGUIDER, "rank", "model.keras", "--spectrum", "tests.spectrum", "--json", *more], cwd=at, capture_output=True, text=True)
        self.assertEqual(json.loads(run().stdout)["method"]["name"], "guider")
        refused = run("--method", "fused")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("evidence", refused.stderr)


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
