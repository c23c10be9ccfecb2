"""Labels of all cases in DLGUIDER_CASES (default: ../shared/bench beside the source, when it is there), and of every dtype
and shape, against numpy: with the task told and with the task guessed. None of them may be refused."""
import glob, json, os, subprocess, tempfile, unittest, zipfile
import h5py
import numpy as np

DUMP = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "labels_dump")
SOURCE = os.environ.get("DLGUIDER_SOURCE", os.path.join(os.path.dirname(__file__), "../.."))
CASES = os.environ.get("DLGUIDER_CASES", os.path.join(SOURCE, "../shared/bench"))


def run(task, units, positions, tests, path):
    done = subprocess.run([DUMP, task, str(units), str(positions), str(tests), path], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return done.returncode, lines[0].split() if lines else [], np.array(lines[1].split(), float) if len(lines) > 1 else None, lines[2:], done.stderr


def expected(task, y, units):
    """Classes or targets as numpy makes them."""
    y = y.astype("f8").reshape(len(y), -1)
    if task in ("binary", "multiclass"):
        return y[:, 0] if y.shape[1] == 1 else y.argmax(1).astype("f8")
    return np.broadcast_to(y, (len(y), units)) if y.shape[1] == 1 else y


def output_shape(path, y):
    """Units and positions of a case's model, from its configuration: the last layer with units, and steps if it keeps them."""
    config = json.loads(zipfile.ZipFile(path).read("config.json")) if path.endswith(".keras") else json.loads(h5py.File(path).attrs["model_config"])
    units = next(l["config"]["units"] for l in config["config"]["layers"][::-1] if "units" in l["config"])
    return units, int(np.prod(y.shape[1:-1])) if y.ndim == 3 else 1


class Labels(unittest.TestCase):
    def check(self, task, y, units, positions, path):
        code, head, values, notes, said = run(task, units, positions, len(y), path)
        self.assertEqual((code, said), (0, ""), path)
        self.assertEqual(head[:2], [task, "comparable"])
        want = expected(task, y, units * positions)
        np.testing.assert_array_equal(values, want.ravel())
        self.assertEqual(float(head[7]), float(y.min()))
        self.assertEqual(float(head[9]), float(y.max()))
        np.testing.assert_allclose(float(head[11]), np.asarray(y, "f8").std(), rtol=1e-12)
        return notes

    def test_cases(self):
        count = guessed = 0
        for path in sorted(glob.glob(f"{CASES}/*/*/case.json")):
            folder = os.path.dirname(path)
            with open(path) as file:
                case = json.load(file)
            y_path = os.path.join(folder, case["y"])
            y = np.load(y_path)
            units, positions = output_shape(os.path.join(folder, case["model"]), y)
            notes = self.check(case["task"], y, units, positions, y_path)
            odd = (case["task"] == "multiclass" and units == 1) or (case["task"] == "regression" and y[0].size != units * positions)
            self.assertEqual(len(notes), int(odd), notes)
            count += 1
            guessed += run("auto", units, positions, len(y), y_path)[1][0] == case["task"]
        print(f"{count} cases; the task was guessed rightly for {guessed}")
        self.assertGreaterEqual(guessed, 0.97 * count)

    def test_types(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "y.npy")
            for kind in "? i1 u1 i4 >i4 i8 u8 f2 f4 >f4 f8".split():
                y = np.array([0, 1, 1, 0, 1], kind)
                for shape in (5,), (5, 1), (5, 1, 1):
                    np.save(path, y.reshape(shape))
                    self.check("binary", y.reshape(shape), 1, 1, path)
                    self.check("multiclass", y.reshape(shape), 3, 1, path)
                    self.check("regression", y.reshape(shape), 1, 1, path)
                hot = np.asfortranarray(np.eye(3)[[2, 0, 1, 1]].astype(kind))
                np.save(path, hot)
                self.check("multiclass", hot, 3, 1, path)
                self.check("multilabel", hot, 3, 1, path)


if __name__ == "__main__":
    unittest.main()
