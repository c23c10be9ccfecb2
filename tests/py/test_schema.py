"""What rank writes as JSON is what docs/ranking.schema.json promises, for the example and every kind of task."""
import csv, io, json, os, pathlib, subprocess, sys, tempfile, unittest

import jsonschema, numpy

DLGUIDER, SOURCE = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_SOURCE"])
EXAMPLE = SOURCE / "examples/digits"
SCHEMA = json.loads((SOURCE / "docs/ranking.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(SCHEMA)


def rank(model, x, y, *more):
    done = subprocess.run([DLGUIDER, "rank", str(model), "-i", str(x), "-l", str(y), *more], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Schema(unittest.TestCase):
    def check(self, model, x, y, *more):
        result = json.loads(rank(model, x, y, "--json", *more), parse_constant=lambda text: self.fail(f"{text} is no JSON"))
        jsonschema.validate(result, SCHEMA)
        self.assertEqual([layer["rank"] for layer in result["layers"]], list(range(1, len(result["layers"]) + 1)))
        self.assertEqual(sorted(layer["index"] for layer in result["layers"]), list(range(len(result["layers"]))))
        self.assertEqual(result["tests"]["passed"] + result["tests"]["failed"], result["tests"]["total"])
        scores = [layer["score"] for layer in result["layers"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        return result

    def test_example(self):
        result = self.check(EXAMPLE / "model.keras", EXAMPLE / "x.npy", EXAMPLE / "y.npy")
        import hashlib, keras
        self.assertEqual(result["model"]["sha256"], hashlib.sha256((EXAMPLE / "model.keras").read_bytes()).hexdigest())
        self.assertEqual(result["model"]["path"], str(EXAMPLE / "model.keras"))
        model = keras.models.load_model(EXAMPLE / "model.keras", compile=False)
        predicted = model.predict(numpy.load(EXAMPLE / "x.npy"), verbose=0).argmax(-1)
        self.assertEqual(result["tests"]["passed"], int((predicted == numpy.load(EXAMPLE / "y.npy").reshape(-1)).sum()))

    def test_tasks(self):
        import keras
        random = numpy.random.default_rng(5)
        x = random.normal(size=(60, 6)).astype("float32")
        tasks = {"binary": (1, "sigmoid", random.integers(0, 2, 60)), "multiclass": (3, "softmax", random.integers(0, 3, 60)),
                 "multilabel": (3, "sigmoid", random.integers(0, 2, (60, 3))), "regression": (1, "linear", random.normal(size=60))}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            numpy.save(folder / "x.npy", x)
            for task, (units, activation, y) in tasks.items():
                model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, activation="relu"), keras.layers.Dropout(0.1),
                                          keras.layers.Dense(units, activation=activation, name='odd "näme"\t')])
                model.save(folder / "model.keras")
                numpy.save(folder / "y.npy", y)
                result = self.check(folder / "model.keras", folder / "x.npy", folder / "y.npy", "--task", task)
                self.assertEqual(result["tests"]["task"], task)
                self.assertIn('odd "näme"\t', [layer["name"] for layer in result["layers"]])

    def test_csv_is_the_same_ranking(self):
        files = EXAMPLE / "model.keras", EXAMPLE / "x.npy", EXAMPLE / "y.npy"
        rows, result = list(csv.DictReader(io.StringIO(rank(*files, "--format", "csv"), newline=""))), json.loads(rank(*files, "--json"))
        self.assertEqual([(r["layer"], float(r["score"]), int(r["index"])) for r in rows], [(e["name"], e["score"], e["index"]) for e in result["layers"]])


if __name__ == "__main__":
    unittest.main()
