"""`dlguider activations`: every layer's output equals Keras's in Keras's layout; neurons are their means; verdicts, confidences."""
import json, os, pathlib, subprocess, tempfile, unittest

import keras, numpy

DLGUIDER = os.environ["DLGUIDER"]
EXAMPLE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"


def run(*argv, code=0):
    done = subprocess.run([DLGUIDER, "activations", *map(str, argv)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (done.returncode, done.stderr)
    return done.stderr


def read(folder):
    index = json.loads((folder / "index.json").read_text())
    arrays = {}
    for item in index["arrays"]:
        array = numpy.load(folder / item["file"], allow_pickle=False)
        assert list(array.shape) == item["shape"] and array.dtype == numpy.float32, item
        arrays[item["layer"]] = array
    assert {p.name for p in folder.iterdir()} == {i["file"] for i in index["arrays"]} | {"index.json"} | {index[k]["file"] for k in ("verdict", "confidence") if k in index}
    return index, arrays


def close(mine, theirs, what):
    scale = max(float(numpy.abs(theirs).max()), 1e-6)
    assert mine.shape == theirs.shape, (what, mine.shape, theirs.shape)
    assert float(numpy.abs(mine - theirs).max()) <= 1e-4 * scale, what


def convolutional():
    return keras.Sequential([keras.Input((9, 7, 3)), keras.layers.Conv2D(4, 3, activation="relu", name="odd.name>1"), keras.layers.BatchNormalization(),
                             keras.layers.MaxPooling2D(2), keras.layers.Dropout(0.2), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])


def recurrent():
    return keras.Sequential([keras.Input((6,), dtype="int32"), keras.layers.Embedding(50, 5), keras.layers.LSTM(4, return_sequences=True),
                             keras.layers.GRU(3), keras.layers.Dense(1, activation="sigmoid")])


class Activations(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def compare(self, model, x):
        model.save(self.folder / "m.keras")
        numpy.save(self.folder / "x.npy", x)
        run(self.folder / "m.keras", "-i", self.folder / "x.npy", "-o", self.folder / "acts", "--batch", 16)
        index, arrays = read(self.folder / "acts")
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        self.assertEqual(list(arrays), [layer.name for layer in layers])
        outputs = keras.Model(model.inputs, [layer.output for layer in layers]).predict(x, verbose=0)
        for layer, theirs in zip(layers, outputs):
            close(arrays[layer.name], theirs, layer.name)
        self.assertEqual(index["tests"], len(x))
        return arrays

    def test_convolutional(self):
        arrays = self.compare(convolutional(), numpy.random.default_rng(1).normal(size=(37, 9, 7, 3)).astype("float32"))
        run(self.folder / "m.keras", "-i", self.folder / "x.npy", "-o", self.folder / "neurons", "--neurons")
        index, neurons = read(self.folder / "neurons")
        self.assertEqual(index["values"], "neurons")
        close(neurons["odd.name>1"], arrays["batch_normalization"].mean((1, 2)), "mean of the entry's last member") if "batch_normalization" in arrays else None

    def test_recurrent(self):
        self.compare(recurrent(), numpy.random.default_rng(2).integers(0, 50, (21, 6)))

    def test_choice_of_layers_and_folders(self):
        files = EXAMPLE / "model.keras", "-i", EXAMPLE / "x.npy"
        names = [layer.name for layer in keras.models.load_model(EXAMPLE / "model.keras", compile=False).layers]
        dense = [n for n in names if n.startswith("dense")]
        run(*files, "-o", self.folder / "acts/", "--layers", "dense*")
        self.assertEqual(list(read(self.folder / "acts")[1]), dense)
        self.assertIn("not empty", run(*files, "-o", self.folder / "acts", code=2))
        self.assertIn("no layer is called", run(*files, "-o", self.folder / "none", "--layers", "zzz", code=2))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["acts"])

    def test_verdicts(self):
        run(EXAMPLE / "model.keras", "-i", EXAMPLE / "x.npy", "-l", EXAMPLE / "y.npy", "-o", self.folder / "acts")
        index, arrays = read(self.folder / "acts")
        x, y = numpy.load(EXAMPLE / "x.npy"), numpy.load(EXAMPLE / "y.npy").reshape(-1)
        p = keras.models.load_model(EXAMPLE / "model.keras", compile=False).predict(x, verbose=0).astype("float64")
        verdict, confidence = (numpy.load(self.folder / "acts" / index[k]["file"]) for k in ("verdict", "confidence"))
        self.assertTrue(numpy.array_equal(verdict, p.argmax(1) != y))
        columns = dict(zip(index["confidence"]["columns"], confidence.T))
        n = p.shape[1]
        close(columns["max"], (p.max(1) * n - 1) / (n - 1), "max")
        close(columns["gini"], ((p ** 2).sum(1) * n - 1) / (n - 1), "gini")
        ordered = numpy.sort(p, 1)
        close(columns["margin"], ordered[:, -1] - ordered[:, -2], "margin")
        close(columns["entropy"], 1 + (p * numpy.log(numpy.maximum(p, 1e-300))).sum(1) / numpy.log(n), "entropy")

    def test_without_and_with_labels_the_same_files(self):
        files = EXAMPLE / "model.keras", "-i", EXAMPLE / "x.npy"
        run(*files, "-o", self.folder / "a")
        run(*files, "-l", EXAMPLE / "y.npy", "-o", self.folder / "b")
        for path in (self.folder / "a").glob("*.npy"):
            self.assertEqual(path.read_bytes(), (self.folder / "b" / path.name).read_bytes())


if __name__ == "__main__":
    unittest.main()
