"""The backward graph against gradients that PyTorch computed (tests/tools/torch_gradients.py wrote tests/data/torch/gradients.npz):
convolutions of one to three axes with groups, strides, dilations and pads, transposed ones, recurrent layers, attention, normalisations."""
import collections, hashlib, os, pathlib, subprocess, tempfile, unittest
import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests" / "gradient_dump"
DATA = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "tests" / "data" / "torch" / "gradients.npz"
SQUARED = "4"


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def wanted(value, known):
    """PyTorch's gradient of an initializer, which may be the weight, its transpose, or the weight with axes of 1."""
    for form in (lambda a: a), (lambda a: a.T):
        if digest(form(value)) in known:
            gradient = known[digest(form(value))]
            return form(gradient.reshape(form(value).shape))
    return None


class Torch(unittest.TestCase):
    def compare(self, name, case):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "m.onnx").write_bytes(case["onnx"].tobytes())
            done = subprocess.run([TOOL, f"{folder}/m.onnx", SQUARED, f"{folder}/g.onnx"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            session = onnxruntime.InferenceSession(f"{folder}/g.onnx", providers=["CPUExecutionProvider"])
        loss, *weights = [line.split() for line in done.stdout.splitlines() if not line.endswith(" -")]  # -: the loss does not depend on it
        graph = onnx.load_from_string(case["onnx"].tobytes()).graph
        start = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        start |= {n.output[0]: numpy_helper.to_array(n.attribute[0].t) for n in graph.node if n.op_type == "Constant"}
        target = case["target"].reshape(len(case["target"]), -1)
        feed = {session.get_inputs()[0].name: case["x"], "target": target, **start}
        feed = {i.name: feed[i.name] for i in session.get_inputs()}
        value, *gradients = session.run([loss[1], *[g for _, g in weights]], feed)
        self.assertLess(abs(float(value) - case["loss"].item()), 1e-5 * max(1, abs(case["loss"].item())))
        found, least = 0, 1e-3 * max(np.abs(case[k]).max() for k in case if len(k) == 16)  # some gradients are 0 but for rounding
        for (weight, _), seen in zip(weights, gradients):
            want = wanted(start[weight], case)
            if want is None:
                continue
            found += want.size
            error = np.abs(seen - want).max() / max(np.abs(want).max(), least)
            self.assertLess(error, 1e-4, f"{name}: {weight}")
            self.worst = max(self.worst, error)
        return found, sum(case[k].size for k in case if len(k) == 16)

    def test_every_family(self):
        cases = collections.defaultdict(dict)
        with np.load(DATA) as file:
            for key in file.files:
                cases[key.split("/")[0]][key.split("/")[1]] = file[key]
        self.worst = 0.0
        self.assertGreater(len(cases), 20)
        for name, case in sorted(cases.items()):
            with self.subTest(name):
                found, known = self.compare(name, case)
                # a recurrent layer's weights are known twice, as they are and stacked; folding merges a few others
                self.assertGreater(found, 0.45 * known, f"{found} of {known} weights compared")
        print(f"largest relative difference to PyTorch: {self.worst:.1e}")


if __name__ == "__main__":
    unittest.main(verbosity=1)
