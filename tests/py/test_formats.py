"""One example, its tests in every format that dlguider reads: the ranking is the same to the last byte."""
import glob, gzip, json, os, subprocess, tempfile, unittest
import h5py
import numpy as np

COMMAND = os.environ["DLGUIDER"]
EXAMPLE = os.path.join(os.environ["DLGUIDER_SOURCE"], "examples")


def rank(model, x, y):
    done = subprocess.run([COMMAND, "rank", model, "--inputs", x, "--labels", y, "--json"], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)["layers"]


class Formats(unittest.TestCase):
    def test_formats(self):
        model = sorted(glob.glob(EXAMPLE + "/**/*.keras", recursive=True))[0]
        folder = os.path.dirname(model)
        x, y = np.load(os.path.join(folder, "x.npy"))[:200], np.load(os.path.join(folder, "y.npy"))[:200]
        with tempfile.TemporaryDirectory() as at:
            def path(name):
                return os.path.join(at, name)
            np.save(path("x.npy"), x)
            np.save(path("y.npy"), y)
            want = rank(model, path("x.npy"), path("y.npy"))
            self.assertGreater(len(want), 1)
            np.save(path("x.npy"), np.asfortranarray(x.astype(">f8")))
            self.assertEqual(rank(model, path("x.npy"), path("y.npy")), want)
            np.savez_compressed(path("t.npz"), x=x, y=y)
            self.assertEqual(rank(model, path("t.npz:x"), path("t.npz:y")), want)
            with h5py.File(path("t.h5"), "w") as file:
                file["x"], file["y"] = x, y
            self.assertEqual(rank(model, path("t.h5:x"), path("t.h5:y")), want)
            with gzip.open(path("x.gz"), "wb") as file:
                file.write(bytes([0, 0, 13, x.ndim]) + b"".join(d.to_bytes(4, "big") for d in x.shape) + x.astype(">f4").tobytes())
            self.assertEqual(rank(model, path("x.gz"), path("y.npy")), want)

    def test_a_table(self):
        import keras
        from sklearn.datasets import load_iris
        data = load_iris(as_frame=True)
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(data.data, data.target, epochs=3, verbose=0)
        table = data.data.astype("float32")
        table["species"] = data.target_names[data.target]
        with tempfile.TemporaryDirectory() as at:
            def path(name):
                return os.path.join(at, name)
            model.save(path("m.keras"))
            np.save(path("x.npy"), data.data.to_numpy("float32"))
            np.save(path("y.npy"), data.target.to_numpy())
            want = rank(path("m.keras"), path("x.npy"), path("y.npy"))
            table.to_csv(path("t.csv"), index=False)
            for x, y in ("t.csv", "t.csv"), ("t.csv:-species", "t.csv:species"), ("t.csv:@rest", "y.npy"):
                self.assertEqual(rank(path("m.keras"), path(x), path(y)), want)
            done = subprocess.run([COMMAND, "rank", path("m.keras"), "--inputs", path("t.csv"), "--labels", path("t.csv"), "--json"], capture_output=True, text=True)
            self.assertIn("0 = setosa, 1 = versicolor, 2 = virginica", done.stdout)


if __name__ == "__main__":
    unittest.main()
