"""GZoltar's files say what the neurons did, and Model Explorer's node data name values of the ONNX file."""
import csv, json, math, os, pathlib, subprocess, tempfile, unittest

import numpy

DLGUIDER, SOURCE = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_SOURCE"])
EXAMPLE = SOURCE / "examples/digits"


class Spectra(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def run_command(self, *argv, code=0, cwd=EXAMPLE):
        done = subprocess.run([DLGUIDER, *map(str, argv)], cwd=cwd, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_gzoltar(self):
        files = ["model.keras", "-i", "x.npy", "-l", "y.npy"]
        how = ["--method", "guider", "--coverage", "raw", "--threshold", "0.1", "--formula", "ochiai", "--weighting", "none"]
        self.run_command("activations", *files, "--neurons", "-o", self.folder / "acts")
        self.run_command("rank", *files, *how, "-o", f"{self.folder}/gzoltar/", "-o", self.folder / "ranking.json", "--save-spectrum", self.folder / "s")
        index = json.loads((self.folder / "acts/index.json").read_text())
        values = numpy.concatenate([numpy.load(self.folder / "acts" / a["file"]) for a in index["arrays"]], axis=1)
        names = [f"{a['layer']}#{i}" for a in index["arrays"] for i in range(a["shape"][1])]
        failed = numpy.load(self.folder / "acts/verdict.npy").reshape(-1).astype(bool)
        lines = (self.folder / "gzoltar/matrix.txt").read_text().splitlines()
        self.assertEqual([line[-1] for line in lines], ["-" if f else "+" for f in failed])
        active = numpy.array([[int(c) for c in line[:-1].split()] for line in lines])
        numpy.testing.assert_array_equal(active, values > 0.1)
        self.assertEqual((self.folder / "gzoltar/spectra.csv").read_text().splitlines(), ["name"] + names)
        tests = list(csv.DictReader((self.folder / "gzoltar/tests.csv").open(newline="")))
        self.assertEqual([t["outcome"] for t in tests], ["FAIL" if f else "PASS" for f in failed])
        ranking = [line.rsplit(";", 1) for line in (self.folder / "gzoltar/ochiai.ranking.csv").read_text().splitlines()[1:]]
        self.assertEqual(sorted(name for name, _ in ranking), sorted(names))
        scores = [float(score) for _, score in ranking]
        self.assertEqual(scores, sorted(scores, reverse=True))
        ef, ep = active[failed].sum(0), active[~failed].sum(0)  # Ochiai by its definition
        expected = {n: e / math.sqrt(failed.sum() * (e + p)) if e else 0 for n, e, p in zip(names, ef, ep)}
        for name, score in ranking:
            self.assertAlmostEqual(float(score), expected[name], places=12)
        self.run_command("rank", "--spectrum", self.folder / "s", *how[6:], "-o", f"{self.folder}/again/")
        for name in ("matrix.txt", "spectra.csv", "tests.csv", "ochiai.ranking.csv"):
            self.assertEqual((self.folder / "again" / name).read_bytes(), (self.folder / "gzoltar" / name).read_bytes())

    def test_gzoltar_refuses(self):
        rank = ["rank", "model.keras", "-i", "x.npy", "-l", "y.npy", "--budget", "0"]
        self.assertIn("writes a folder: -o FOLDER", self.run_command(*rank, "--format", "gzoltar", code=2).stderr)
        self.assertIn("choose another --coverage", self.run_command(*rank, "--coverage", "graded-neuron", "-o", f"{self.folder}/g/", code=2).stderr)
        (self.folder / "full").mkdir()
        (self.folder / "full/file").write_text("")
        self.assertIn("not empty", self.run_command(*rank, "-o", f"{self.folder / 'full'}/", code=2).stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["full"])

    def test_node_data_of_an_onnx_file(self):
        import onnx
        from onnx import helper, numpy_helper
        random = numpy.random.default_rng(3)
        weights = [numpy_helper.from_array(random.normal(size=s).astype("float32"), n) for n, s in (("w", (4, 5)), ("b", (5,)), ("v", (5, 3)))]
        nodes = [helper.make_node("MatMul", ["x", "w"], ["xw"]), helper.make_node("Add", ["xw", "b"], ["pre"]), helper.make_node("Relu", ["pre"], ["h"]),
                 helper.make_node("MatMul", ["h", "v"], ["y"])]
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", 1, ["n", 4])], [helper.make_tensor_value_info("y", 1, ["n", 3])], weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), self.folder / "m.onnx")
        numpy.save(self.folder / "x.npy", random.normal(size=(80, 4)).astype("float32"))
        numpy.save(self.folder / "y.npy", random.integers(0, 3, 80))
        self.run_command("rank", "m.onnx", "-i", "x.npy", "-l", "y.npy", "--budget", "0", "-o", "scores.node-data.json", "-o", "r.json", cwd=self.folder)
        data, ranking = (json.loads((self.folder / name).read_text()) for name in ("scores.node-data.json", "r.json"))
        made = {name for node in nodes for name in node.output}
        self.assertTrue(set(data["results"]) <= made, data["results"])
        self.assertEqual({v["value"] for v in data["results"].values()}, {layer["score"] for layer in ranking["layers"]})
        last = [layer for layer in ranking["layers"] if layer["index"] == 1][0]
        self.assertEqual(data["results"]["y"]["value"], last["score"])
        self.assertEqual([stop["stop"] for stop in data["gradient"]], [0, 0.5, 1])

    def test_node_data_of_a_keras_file(self):
        done = self.run_command("rank", "model.keras", "-i", "x.npy", "-l", "y.npy", "--budget", "0", "--format", "node-data")
        self.assertEqual(set(json.loads(done.stdout)["results"]), {"conv2d", "max_pooling2d", "conv2d_1", "flatten", "dense", "dense_1", "dense_2"})


if __name__ == "__main__":
    unittest.main()
