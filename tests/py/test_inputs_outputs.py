"""Models with several inputs and outputs: what the command feeds them equals what Keras gives for the same tests; names, counts,
shapes and tokens that do not fit are refused; layers that do not lead to the output are left out."""
import json, os, pathlib, shutil, subprocess, tempfile, unittest

import keras, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

DLGUIDER = os.environ["DLGUIDER"]
L = keras.layers
TESTS = 60


def two_heads():
    ids, mask, extra = L.Input((12,), dtype="int32", name="ids"), L.Input((12,), name="mask"), L.Input((5,), name="extra")
    table = L.Embedding(50, 8, name="table")(ids)
    kept = L.Multiply(name="kept")([table, L.Reshape((12, 1), name="column")(mask)])
    both = L.Concatenate(name="both")([L.GlobalAveragePooling1D(name="pool")(kept), extra])
    shared = L.Dense(16, activation="relu", name="shared")(both)
    topic = L.Dense(3, activation="softmax", name="topic")(L.Dense(8, activation="relu", name="before_topic")(shared))
    score = L.Dense(1, name="score")(L.Dense(8, activation="relu", name="before_score")(shared))
    model = keras.Model([ids, mask, extra], [topic, score])
    model.compile("adam", loss={"topic": keras.losses.SparseCategoricalCrossentropy(), "score": "mae"})
    return model


class SeveralInputsAndOutputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        keras.utils.set_random_seed(3)
        draw = numpy.random.default_rng(3)
        cls.x = {"ids": draw.integers(0, 50, (TESTS, 12)).astype("int32"), "mask": (draw.random((TESTS, 12)) > 0.3).astype("float32"),
                 "extra": draw.normal(size=(TESTS, 5))}
        cls.y = {"topic": draw.integers(0, 3, TESTS), "score": draw.normal(size=TESTS)}
        cls.model = two_heads()
        cls.model.save(cls.folder / "m.keras")
        for name, array in {**cls.x, **cls.y}.items():
            numpy.save(cls.folder / f"{name}.npy", array)
        cls.inputs = sum((["--inputs", f"{name}={name}.npy"] for name in cls.x), [])

    def run_command(self, *argv, code=0):
        done = subprocess.run([DLGUIDER, *map(str, argv)], capture_output=True, text=True, timeout=300, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def refused(self, argv, *pieces, code=2):
        done = self.run_command(*argv, code=code)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for piece in pieces:
            self.assertIn(piece, done.stderr)

    def rank(self, *argv):
        return json.loads(self.run_command("rank", "m.keras", *self.inputs, "--json", *argv).stdout)

    def test_activations_equal_keras(self):
        self.run_command("activations", "m.keras", *reversed_pairs(self.inputs), "-o", "acts", "--batch", 7)
        index = json.loads((self.folder / "acts/index.json").read_text())
        names = [item["layer"] for item in index["arrays"]]
        self.assertIn("score", names)
        self.assertIn("topic", names)
        outputs = keras.Model(self.model.inputs, [self.model.get_layer(n).output for n in names]).predict(list(self.x.values()), verbose=0)
        for item, theirs in zip(index["arrays"], outputs):
            mine = numpy.load(self.folder / "acts" / item["file"])
            self.assertLessEqual(numpy.abs(mine - theirs).max(), 1e-4 * max(1e-6, numpy.abs(theirs).max()), item)

    def test_verdicts_are_those_of_the_chosen_output(self):
        topic, score = self.model.predict(list(self.x.values()), verbose=0)
        ranking = self.rank("--labels", "topic=topic.npy", "--budget", "1")
        self.assertEqual(ranking["tests"]["passed"], int((topic.argmax(1) == self.y["topic"]).sum()))
        self.assertEqual({layer["name"] for layer in ranking["layers"]}, {"table", "pool", "shared", "before_topic", "topic"})
        self.assertTrue(any('do not lead to the output "topic"' in note and "before_score, score" in note for note in ranking["notes"]))
        ranking = self.rank("--labels", "score.npy", "--output", "score", "--tolerance", "0.5", "--budget", "0")
        self.assertEqual(ranking["tests"]["passed"], int((numpy.abs(score[:, 0] - self.y["score"]) <= 0.5).sum()))
        self.assertEqual({layer["name"] for layer in ranking["layers"]}, {"table", "pool", "shared", "before_score", "score"})

    def test_the_loss_is_that_of_the_output(self):
        for output in ("topic", "score"):
            notes = self.rank("--labels", f"{output}={output}.npy", "--budget", "0")["notes"]
            self.assertFalse(any("does not suit" in note for note in notes), notes)

    def test_the_same_ranking_from_a_spectrum(self):
        first = self.rank("--labels", "topic=topic.npy", "--method", "guider", "--save-spectrum", "s.spectrum")
        again = json.loads(self.run_command("rank", "m.keras", "--spectrum", "s.spectrum", "--output", "topic", "--json").stdout)
        self.assertEqual(first["layers"], again["layers"])

    def test_explain_and_mend(self):
        text = self.run_command("explain", "m.keras", "shared", *self.inputs, "-l", "topic=topic.npy", "--budget", "5").stdout
        self.assertIn("shared alone on 40 tests mends", text)
        self.run_command("mend", "m.keras", "--layer", "table", *self.inputs, "-l", "topic=topic.npy", "-o", "mended.onnx")
        graph = onnx.load(self.folder / "mended.onnx").graph
        self.assertEqual([i.name for i in graph.input], ["ids", "mask", "extra"])

    def test_names_that_do_not_fit(self):
        some = ["--labels", "topic=topic.npy"]
        self.refused(["rank", "m.keras", "-i", "ids.npy", *some], "the model has 3 inputs, ids, mask and extra", "--inputs ids=ids.npy")
        self.refused(["rank", "m.keras", "-i", "ids=ids.npy", *some], 'nothing is given for the model\'s input "mask"')
        self.refused(["rank", "m.keras", *self.inputs, "-i", "idz=ids.npy", *some], 'has no input "idz"', "ids, mask and extra")
        self.refused(["rank", "m.keras", *self.inputs, "-i", "ids=ids.npy", *some], '"ids" is given twice')
        self.refused(["rank", "m.keras", "-i", "ids.npy", "-i", "mask.npy", *some], "each says whose it is")
        self.refused(["rank", "m.keras", *self.inputs, "-l", "topic.npy"], "the outputs topic and score", "--output topic")
        self.refused(["rank", "m.keras", *self.inputs, "-l", "topic.npy", "--output", "topics"], 'no output "topics"', "topic and score")
        self.refused(["rank", "m.keras", *self.inputs, "-l", "topic.npy", "--output", "r.json"], 'no output "r.json"', "say -o FILE")
        self.refused(["rank", "m.keras", *self.inputs, *some, "-l", "score=score.npy"], "say which one to look at")
        self.refused(["rank", "m.keras", *self.inputs, *some, "--output", "score"], "no labels are given for the output score")

    def test_counts_shapes_and_tokens_that_do_not_fit(self):
        numpy.save(self.folder / "few.npy", self.x["mask"][:40])
        numpy.save(self.folder / "wide.npy", numpy.zeros((TESTS, 13), "float32"))
        strange = self.x["ids"].copy()
        strange[17, 3] = 50
        numpy.save(self.folder / "strange.npy", strange)
        rest = ["--inputs", "extra=extra.npy", "--labels", "topic=topic.npy"]
        command = ["rank", "m.keras", *rest]
        self.refused([*command, "-i", "ids=ids.npy", "-i", "mask=few.npy"], "few.npy has 40 tests, but ids.npy has 60", code=3)
        self.refused([*command, "-i", "ids=ids.npy", "-i", "mask=wide.npy"], "wide.npy", "(60, 13)", '"mask" takes (?, 12)', code=3)
        self.refused([*command, "-i", "ids=strange.npy", "-i", "mask=mask.npy"], "test 17 holds the number 50", '"table" has a table of 50 rows', code=3)
        numpy.save(self.folder / "halves.npy", self.x["ids"] + 0.5)
        self.refused([*command, "-i", "ids=halves.npy", "-i", "mask=mask.npy"], "halves.npy: test 0 holds", "no whole number", code=3)


def reversed_pairs(words):
    pairs = [words[i:i + 2] for i in range(0, len(words), 2)]
    return sum(reversed(pairs), [])


class Preprocessing(unittest.TestCase):
    """What stands before the model in the program, said with options: outputs equal Keras's on the prepared tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        keras.utils.set_random_seed(4)
        cls.model = keras.Sequential([keras.Input((8, 6, 3)), L.Conv2D(4, 3, name="conv"), L.Flatten(), L.Dense(5, name="dense")])
        cls.model.save(cls.folder / "m.keras")
        cls.x = numpy.random.default_rng(4).integers(0, 256, (20, 8, 6, 3)).astype("uint8")
        numpy.save(cls.folder / "last.npy", cls.x)
        numpy.save(cls.folder / "first.npy", cls.x.transpose(0, 3, 1, 2))

    def outputs(self, *argv, code=0):
        done = subprocess.run([DLGUIDER, "activations", "m.keras", *argv, "-o", "acts"], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        if code:
            return done.stderr
        result = numpy.load(self.folder / "acts/002_dense.npy")
        shutil.rmtree(self.folder / "acts")
        return result

    def equal(self, prepared, *argv):
        theirs, mine = self.model.predict(prepared.astype("float32"), verbose=0), self.outputs(*argv)
        self.assertLessEqual(numpy.abs(mine - theirs).max(), 1e-5 * numpy.abs(theirs).max(), argv)

    def test_scale_normalize_layout(self):
        mean, deviation = numpy.array([0.485, 0.456, 0.406]), numpy.array([0.229, 0.224, 0.225])
        each = ["--normalize", "0.485,0.456,0.406,0.229,0.224,0.225"]
        self.equal(self.x, "-i", "last.npy")
        self.equal(self.x / 255, "-i", "last.npy", "--scale", "1/255")
        self.equal(self.x / 127.5 - 1, "-i", "last.npy", "--normalize", "127.5,127.5")
        self.equal((self.x / 255 - mean) / deviation, "-i", "last.npy", "--scale", "1/255", *each)
        self.equal(self.x, "-i", "first.npy", "--layout", "nchw")
        self.equal((self.x / 255 - mean) / deviation, "-i", "first.npy", "--layout=nchw", "--scale=1/255", *each)

    def test_unprepared_inputs_are_said(self):
        """A model trained on 0 to 1 gets bytes, and the other way round; verdicts of the prepared tests are Keras's."""
        draw = numpy.random.default_rng(9)
        y = draw.integers(0, 4, 400)
        bytes_ = numpy.clip(draw.normal(90, 40, (400, 12)) + 100 * (numpy.arange(12) // 3 == y[:, None]), 0, 255).astype("uint8")
        numpy.save(self.folder / "y.npy", y[200:])
        for trained, given, option in ((bytes_ / 255, bytes_, "--scale 1/255"), (bytes_.astype(float), bytes_ / 255, "--scale 255")):
            layers = [keras.Input((12,)), L.Dense(16, activation="relu"), L.Dense(4, activation="softmax")]
            model = keras.Sequential(layers if option.endswith("1/255") else [layers[0], L.Rescaling(1 / 255), *layers[1:]])
            model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
            model.fit(trained[:200], y[:200], epochs=40, verbose=0)
            model.layers[-1].bias.assign(model.layers[-1].bias + [3, 0, 0, 0])  # at another scale it hides what little is left
            model.save(self.folder / "trained.keras")
            numpy.save(self.folder / "given.npy", given[200:])
            ok = lambda x: int((model.predict(x[200:328].astype("float32"), verbose=0).argmax(1) == y[200:328]).sum())
            before, after = ok(given), ok(trained)
            done = subprocess.run([DLGUIDER, "rank", "trained.keras", "-i", "given.npy", "-l", "y.npy", "--method", "guider", "--json"], capture_output=True, text=True, cwd=self.folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            notes = [n for n in json.loads(done.stdout)["notes"] if "unprepared" in n]
            if json.loads(done.stdout)["tests"]["accuracy"] < 0.5 and after - before >= 0.3 * 128:
                self.assertTrue(notes and f"passes {before} as they are and {after} with {option};" in notes[0], (notes, before, after))
            else:
                self.assertEqual(notes, [])
            self.said = getattr(self, "said", 0) + len(notes)
        self.assertGreaterEqual(self.said, 1)

    def test_refusals(self):
        self.assertIn("try --layout nchw", self.outputs("-i", "first.npy", code=3))
        self.assertIn("--scale takes", self.outputs("-i", "last.npy", "--scale", "0", code=2))
        self.assertIn("--normalize takes MEAN,STD", self.outputs("-i", "last.npy", "--normalize", "1,2,3", code=2))
        self.assertIn("--normalize takes MEAN,STD", self.outputs("-i", "last.npy", "--normalize", "1,0", code=2))
        self.assertIn("means for 2 channels", self.outputs("-i", "last.npy", "--normalize", "1,1,2,2", code=2))


class OnnxOutputs(unittest.TestCase):
    """A classifier as other tools write it: the class, as a whole number, before its probabilities."""

    def test_the_only_output_of_real_numbers_is_taken(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        draw = numpy.random.default_rng(5)
        kernel, x = draw.normal(size=(4, 3)).astype("float32"), draw.normal(size=(50, 4)).astype("float32")
        nodes = [helper.make_node("MatMul", ["x", "fc.weight"], ["scores"]), helper.make_node("Softmax", ["scores"], ["probabilities"]),
                 helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0)]
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
                                  [helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
                                   helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 3])], [numpy_helper.from_array(kernel, "fc.weight")])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "m.onnx")
        y = (x @ kernel).argmax(1)
        y[:7] = (y[:7] + 1) % 3
        numpy.save(folder / "x.npy", x)
        numpy.save(folder / "y.npy", y)
        done = subprocess.run([DLGUIDER, "rank", folder / "m.onnx", "-i", folder / "x.npy", "-l", folder / "y.npy", "--json"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        ranking = json.loads(done.stdout)
        self.assertEqual(ranking["tests"]["failed"], 7)
        self.assertTrue(any("probabilities is taken" in note for note in ranking["notes"]), ranking["notes"])


if __name__ == "__main__":
    unittest.main()
