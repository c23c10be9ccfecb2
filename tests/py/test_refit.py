"""Re-fitting through the command: it finds the layer that was damaged, gives the same for any number of threads, and mend
writes a model that does to the unused tests what is said, counted by ONNX Runtime and an own split of the tests."""
import json, os, pathlib, re, subprocess, tempfile, unittest
import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import onnx
import onnxruntime
from keras import layers
from onnx import numpy_helper

COMMAND = os.environ["DLGUIDER"]


def trained(folder):
    """A classifier of three classes that gets nearly all tests right."""
    rng = np.random.default_rng(4)
    keras.utils.set_random_seed(2)
    centres = rng.standard_normal((3, 8)) * 1.6
    y = rng.integers(0, 3, 900)
    x = (centres[y] + rng.standard_normal((900, 8))).astype("float32")
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="relu", name="first"), layers.Dense(12, activation="relu", name="second"),
                              layers.Dense(12, activation="relu", name="third"), layers.Dense(3, activation="softmax", name="last")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x[300:], y[300:], epochs=15, batch_size=32, verbose=0)
    np.save(f"{folder}/x.npy", x[:300])
    np.save(f"{folder}/y.npy", y[:300])
    return model, x[:300], y[:300]


def damaged(model, name, how, path):
    layer = model.get_layer(name)
    whole = layer.get_weights()
    layer.set_weights([how(whole[0]), whole[1]])
    model.save(path)
    layer.set_weights(whole)


def run(*args):
    return subprocess.run([COMMAND, *map(str, args)], capture_output=True, text=True)


def judging(x, expected, failed):
    """The tests that judge: every third of the tests sorted by stratum and lot (SplitMix64 over inputs and target)."""
    numbers = np.concatenate([x.astype("<f4").reshape(len(x), -1), np.eye(3, dtype="<f4")[expected]], 1).view("<u4").astype(np.uint64)
    lots = np.full(len(x), 1, np.uint64)
    with np.errstate(over="ignore"):
        for number in numbers.T:
            lots = (lots ^ number) + np.uint64(0x9e3779b97f4a7c15)
            lots = (lots ^ lots >> np.uint64(30)) * np.uint64(0xbf58476d1ce4e5b9)
            lots = (lots ^ lots >> np.uint64(27)) * np.uint64(0x94d049bb133111eb)
            lots ^= lots >> np.uint64(31)
    order = sorted(range(len(failed)), key=lambda i: (2 * int(expected[i]) + int(failed[i]), int(lots[i])))
    return sorted(order[2::3])


def small_cnn(activation, pooling, output):
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(6, 3, activation=activation, name="conv"), layers.BatchNormalization(name="norm"), pooling(2, name="pool"),
                             layers.Flatten(name="flat"), layers.Dense(10, activation="tanh", name="dense"), layers.Dense(3, activation=output, name="last")])


class Alternatives(unittest.TestCase):
    """A trained model whose function is changed afterwards: the alternative is what it was, and mends what Keras says it mends."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        rng = np.random.default_rng(5)
        keras.utils.set_random_seed(3)
        cls.y = rng.integers(0, 3, 600)
        cls.x = (rng.standard_normal((3, 8, 8, 1))[cls.y] + 1.2 * rng.standard_normal((600, 8, 8, 1))).astype("float32")
        cls.model = small_cnn("relu", layers.MaxPooling2D, "softmax")
        cls.model.compile("adam", "sparse_categorical_crossentropy")
        cls.model.fit(cls.x, cls.y, epochs=12, batch_size=32, verbose=0)
        np.save(cls.at / "x.npy", cls.x)
        np.save(cls.at / "y.npy", cls.y)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def wrong(self, activation="relu", pooling=layers.MaxPooling2D, output="softmax", moved=0):
        model = small_cnn(activation, pooling, output)
        model.set_weights(self.model.get_weights())
        if moved:
            gamma, beta, mean, variance = model.get_layer("norm").get_weights()
            model.get_layer("norm").set_weights([gamma, beta, mean + moved, variance * 9])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.save(self.at / "wrong.keras")
        return model

    def test_what_it_was_is_found(self):
        for entry, said, change in [("conv", "relu instead of sigmoid", {"activation": "sigmoid"}), ("pool", "max pooling instead of average pooling", {"pooling": layers.AveragePooling2D}),
                                    ("last", "softmax instead of exponential", {"output": "exponential"}), ("conv", "the statistics of these tests instead of those kept from training", {"moved": 1.5})]:
            with self.subTest(said):
                before = self.wrong(**change).predict(self.x, verbose=0).argmax(1) != self.y
                file = self.at / "evidence.json"
                done = run("rank", self.at / "wrong.keras", "-i", self.at / "x.npy", "-l", self.at / "y.npy", "--deep", "--json", "--save-evidence", file)
                self.assertEqual(done.returncode, 0, done.stderr)
                figures = {e["name"]: e["figures"] for e in json.loads(file.read_text())["entries"]}
                if entry != "last":  # the same verdicts there: only the loss differs
                    self.assertEqual(max(figures, key=lambda n: figures[n]["refit.swap"] if figures[n]["refit.swap"] is not None else -9), entry, figures)
                    message = [e["message"] for l in json.loads(done.stdout)["layers"] if l["name"] == entry for e in l["evidence"] if said in e["message"]]
                    self.assertEqual(len(message), 1, done.stdout)
                if change.get("moved"):  # other statistics than Keras kept
                    continue
                judge = judging(self.x, self.y, before)
                after = self.model.predict(self.x[judge], verbose=0).argmax(1) != self.y[judge]
                gained = int(before[judge].sum()) - int(after.sum())
                self.assertAlmostEqual(figures[entry]["refit.swap-mended"], gained / before[judge].sum() if before[judge].any() else 0, delta=1e-6)
                if entry == "last":  # what exponential puts out is read as logits
                    loss = lambda logits: (np.log(np.exp(logits).sum(1)) - logits[np.arange(len(judge)), self.y[judge]]).mean()
                    wrong = keras.saving.load_model(self.at / "wrong.keras").predict(self.x[judge], verbose=0).astype("float64")
                    self.assertAlmostEqual(figures[entry]["refit.swap"], max(-1, 1 - loss(np.log(wrong)) / loss(wrong)), delta=1e-4)


class Refit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        cls.model, cls.x, cls.y = trained(cls.at)
        rng = np.random.default_rng(1)
        cls.kinds = {"noise": ("second", lambda k: k + 4 * k.std() * rng.standard_normal(k.shape)), "order": ("third", lambda k: k[:, rng.permutation(k.shape[1])]),
                     "signs": ("second", lambda k: k * rng.choice([-1, 1], k.shape[1])), "first": ("first", lambda k: k[::-1].copy())}
        for kind, (layer, how) in cls.kinds.items():
            damaged(cls.model, layer, how, cls.at / f"{kind}.keras")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def evidence(self, kind, *more):
        file = self.at / "evidence.json"
        tests = [] if "-i" in more else ["-i", self.at / "x.npy", "-l", self.at / "y.npy"]
        deep = [] if "--budget" in more else ["--deep"]
        done = run("rank", self.at / f"{kind}.keras", *tests, *deep, "--json", "--save-evidence", file, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(file.read_text())["entries"], json.loads(done.stdout), file.read_bytes()

    def test_the_damaged_layer_is_mended_best(self):
        figure = {"noise": "refit.judge", "order": "refit.order", "signs": "refit.scale", "first": "refit.judge"}
        for kind, (layer, _) in self.kinds.items():
            with self.subTest(kind):
                entries, ranking, _ = self.evidence(kind)
                best = max(entries, key=lambda e: e["figures"][figure[kind]])
                self.assertEqual(best["name"], layer, {e["name"]: e["figures"][figure[kind]] for e in entries})
                said = [e["message"] for l in ranking["layers"] for e in l["evidence"] if e["id"] == "refit.mended"]
                self.assertTrue(all(re.search(r"alone on 200 tests mends \d+ of the \d+ failing others", s) for s in said), said)
                self.assertEqual(len(said), 4)

    def test_the_same_for_any_number_of_threads(self):
        self.assertEqual(self.evidence("noise", "--threads", "1")[2], self.evidence("noise", "--threads", "2")[2])

    def test_the_same_for_any_order_of_the_tests(self):
        order = np.random.default_rng(3).permutation(len(self.x))
        np.save(self.at / "other-x.npy", self.x[order])
        np.save(self.at / "other-y.npy", self.y[order])
        for kind in self.kinds:
            for budget in ["--budget", "0"], ["--deep"]:
                with self.subTest(kind, budget=budget):
                    entries, ranking, _ = self.evidence(kind, *budget)
                    others, other, _ = self.evidence(kind, "-i", self.at / "other-x.npy", "-l", self.at / "other-y.npy", *budget)
                    self.assertEqual([(l["name"], l["score"]) for l in ranking["layers"]], [(l["name"], l["score"]) for l in other["layers"]])
                    for one, two in zip(entries, others):
                        for figure, value in one["figures"].items():
                            near = value == two["figures"][figure] or abs(value - two["figures"][figure]) < 1e-7
                            self.assertTrue(near, (one["name"], figure, value, two["figures"][figure]))

    def test_a_budget_is_counted(self):
        """The least budget tries no layer, more tries more, and no clock decides: the same bytes whatever the threads."""
        tried = []
        for budget in "0.0001", "0.02", "1":
            entries, ranking, evidence = self.evidence("noise", "--budget", budget, "--threads", "1")
            self.assertEqual(evidence, self.evidence("noise", "--budget", budget, "--threads", "2")[2])
            tried.append(sum(e["figures"]["refit.judge"] is not None for e in entries))
            said = [n for n in ranking["notes"] if "did not fit into the budget" in n]
            self.assertEqual([n.split(" were")[0] for n in said], [f"{tried[-1]} of 4 layers"] if tried[-1] < 4 else [])
        self.assertEqual((tried[0], tried[2]), (0, 4))
        self.assertTrue(0 < tried[1] < 4, tried)

    def test_no_budget_no_refit(self):
        done = run("rank", self.at / "noise.keras", "-i", self.at / "x.npy", "-l", self.at / "y.npy", "--budget", "0", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("refit.", done.stdout)

    def test_mend_does_what_it_says(self):
        fixed = self.at / "fixed.onnx"
        done = run("mend", self.at / "noise.keras", "--layer", "second", "-i", self.at / "x.npy", "-l", self.at / "y.npy", "-o", fixed)
        self.assertEqual(done.returncode, 0, done.stderr)
        fit, others, failed, mended, broken = map(int, re.search(
            r"re-fitted on (\d+) tests; of the (\d+) others, (\d+) failed before: it mends (\d+) of them and breaks (\d+)", done.stdout).groups())
        before = keras.saving.load_model(self.at / "noise.keras").predict(self.x, verbose=0).argmax(1) != self.y
        session = onnxruntime.InferenceSession(fixed, providers=["CPUExecutionProvider"])
        after = session.run(None, {session.get_inputs()[0].name: self.x})[0].argmax(1) != self.y
        judge = judging(self.x, self.y, before)
        self.assertEqual((fit, others, failed), (300 - len(judge), len(judge), int(before[judge].sum())))
        self.assertEqual((mended, broken), (int((before[judge] & ~after[judge]).sum()), int((~before[judge] & after[judge]).sum())))
        self.assertGreater(mended, failed / 2)
        names = {numpy_helper.to_array(t).tobytes() for t in onnx.load(fixed).graph.initializer}
        kept = [w for l in self.model.layers if l.name != "second" for w in l.get_weights() if w.any()]
        self.assertTrue(all(w.tobytes() in names or w.T.copy().tobytes() in names for w in kept))

    def against_the_sound_model(self, model, x, layer, how):
        """Figures by layer, when what the sound model says are the labels (regression) and one kernel is damaged."""
        np.save(self.at / "own-x.npy", x)
        np.save(self.at / "own-y.npy", model.predict(x, verbose=0))
        weights = model.get_layer(layer).get_weights()
        model.get_layer(layer).set_weights([how(weights[0]), *weights[1:]])
        model.save(self.at / "own.keras")
        entries, *_ = self.evidence("own", "-i", self.at / "own-x.npy", "-l", self.at / "own-y.npy", "--task", "regression")
        return {e["name"]: e["figures"] for e in entries}

    def test_layers_that_the_inputs_enter_beside_other_values(self):
        keras.utils.set_random_seed(5)
        given = keras.Input((8,))
        one = layers.Dense(10, activation="tanh", name="one")(given)
        two = layers.Dense(10, activation="tanh", name="two")(given)
        both = layers.Dense(12, activation="tanh", name="both")(layers.Concatenate()([given, one, two]))
        model = keras.Model(given, layers.Dense(2, name="end")(both))
        x = np.random.default_rng(6).standard_normal((240, 8)).astype("float32")
        figures = self.against_the_sound_model(model, x, "one", lambda k: k * np.where(np.arange(10) % 2, -1, 1))
        self.assertTrue(all(figures[name]["refit.judge"] is not None for name in ("one", "two", "both", "end")), figures.keys())
        self.assertEqual(max(figures, key=lambda name: figures[name]["refit.scale"] or 0), "one")

    def test_an_embedding_and_numbers_at_several_places(self):
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((6,), dtype="int32"), layers.Embedding(20, 8, name="table"), layers.Flatten(),
                                  layers.Dense(16, activation="tanh", name="hidden"), layers.Dense(8, name="end"), layers.Reshape((4, 2))])
        x = np.random.default_rng(8).integers(0, 20, (240, 6)).astype("int32")
        figures = self.against_the_sound_model(model, x, "table", lambda k: 20 * k[:, ::-1])
        self.assertTrue(all(figures[name]["refit.judge"] is not None for name in ("table", "hidden", "end")), figures.keys())
        self.assertIsNotNone(figures["table"]["refit.order"])

    def test_normalised_layers_without_biases(self):
        """Two in a row: the engine's own fusion lost a node where the activation between them is watched."""
        keras.utils.set_random_seed(9)
        model = keras.Sequential([keras.Input((8,)), *[l for k in "ab" for l in (layers.Dense(6, use_bias=False, name=k), layers.BatchNormalization(), layers.Activation("relu"))],
                                  layers.Dense(2, name="end")])
        x = np.random.default_rng(10).standard_normal((240, 8)).astype("float32")
        figures = self.against_the_sound_model(model, x, "b", lambda k: k[:, ::-1].copy())
        self.assertGreater(figures["b"]["refit.order"], .99, figures["b"])

    def test_refusals(self):
        for args, code, words in [(["--layer", "nowhere", "-o", "f.onnx"], 2, "no layer"), (["--layer", "second"], 2, "where to"), (["-o", "f.onnx"], 2, "which layer"),
                                  (["--layer", "second", "-o", self.at / "x.npy"], 2, "overwrite")]:
            done = run("mend", self.at / "noise.keras", "-i", self.at / "x.npy", "-l", self.at / "y.npy", *args)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
