"""PyTorch modules: exported with their names, the numbers of PyTorch itself, ranked, lines; with every exporter this PyTorch has.

Needs a Python with PyTorch: the one that DLGUIDER_TORCH_PYTHON names, else the system's (Debian: apt-get install python3-torch). Without
one it is skipped, which ./dev check says. The newer exporter needs onnxscript as well: docs/python.md has a combination that works.
"""
import contextlib, io, os, pathlib, re, subprocess, sys, tempfile, unittest

SOURCE, BUILD = pathlib.Path(os.environ["DLGUIDER_SOURCE"]), pathlib.Path(os.environ["DLGUIDER_BUILD"])
LIBRARY = BUILD / "libdlguider.so.0"
if "DLGUIDER_TORCH_FOUND" not in os.environ:
    for python in filter(None, (os.environ.get("DLGUIDER_TORCH_PYTHON"), "/usr/bin/python3")):
        # PyTorch 2 writes nothing without the package onnx
        able = "import sys, torch, numpy; int(torch.__version__.split('.')[0]) < 2 or __import__('onnx'); sys.exit(sys.version_info < (3, 11))"
        if subprocess.run([python, "-c", able], capture_output=True).returncode == 0:
            break
    else:
        print("skipped: no Python 3.11 or newer with PyTorch (of version 2: and onnx); apt-get install python3-torch, or set DLGUIDER_TORCH_PYTHON")
        sys.exit(77)
    os.environ.update(DLGUIDER_TORCH_FOUND="1", DLGUIDER_LIBRARY=str(LIBRARY), PYTHONPATH=str(SOURCE / "python"))
    if "libasan" in subprocess.run(["ldd", LIBRARY], capture_output=True, text=True).stdout:
        runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
        os.environ.update(LD_PRELOAD=f"{runtime}:libstdc++.so.6", ASAN_OPTIONS="detect_leaks=0")
    os.execv(python, [python, *sys.argv])

import numpy as np
import torch
from torch import nn
import dlguider
from dlguider.torch import EXPORTERS, export, has_dynamo

FOUND = [e for e in EXPORTERS if e != "dynamo" or has_dynamo()]
PROGRAM = '''import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(64, width)
        self.norm = nn.BatchNorm1d(width)
        self.act = nn.Softmax(dim=1)

    def forward(self, x):
        return self.act(self.norm(self.fc1(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(48)
        self.hidden = nn.Linear(48, 32)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        x = torch.flatten(x, 1)
        return self.head(self.hidden(self.block(x)))


net = Net()
'''


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3), nn.ReLU())
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        return self.head(torch.flatten(self.features(x), 1))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.memory = nn.LSTM(8, 12, batch_first=True)
        self.out = nn.Linear(12, 3)

    def forward(self, ids):
        steps, _ = self.memory(self.embed(ids))
        return self.out(steps[:, -1])


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(4, 5), nn.Linear(3, 5)

    def forward(self, a, b):
        return self.left(a) + self.right(b)


class Torch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(3)
        torch.set_num_threads(1)
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        (cls.folder / "digits_net.py").write_text(PROGRAM)
        sys.path.insert(0, str(cls.folder))
        import digits_net
        cls.net = digits_net.net
        cls.X, cls.y = np.load(SOURCE / "examples/digits/x.npy"), np.load(SOURCE / "examples/digits/y.npy")
        inputs, labels = torch.from_numpy(cls.X[:200].copy()), torch.from_numpy(cls.y[:200].astype("i8"))
        optimizer = torch.optim.Adam(cls.net.parameters(), 0.01)
        for _ in range(60):
            optimizer.zero_grad()
            nn.functional.cross_entropy(cls.net(inputs), labels).backward()
            optimizer.step()

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def compare(self, module, sample, tests, exporters=FOUND):
        """Outputs and names against PyTorch's own, for every exporter; more tests than the sample has. The first is the one chosen."""
        module.eval()
        with torch.no_grad():
            wanted = module(torch.as_tensor(tests)).numpy()
        heads = {n for n, m in module.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.LSTM, nn.Embedding, nn.MaxPool2d))}
        for exporter in [None, *exporters]:
            with self.subTest(exporter, module=type(module).__name__):
                path = self.folder / f"{type(module).__name__}-{exporter}.onnx"
                self.assertEqual(export(module, sample, path, exporter=exporter), exporter or exporters[0])
                self.assertEqual({row["name"] for row in dlguider.inspect(path).document["entries"]} - {"Add"}, heads)
                found = list(dlguider.activations(path, tests).values.values())[-1]
                np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)

    def test_outputs_and_names(self):
        self.compare(self.net, self.X[:2], self.X[:50])
        self.compare(Pictures(), torch.zeros(2, 1, 8, 8), np.moveaxis(self.X[:30], -1, 1).copy())
        self.compare(Words(), torch.zeros(2, 5, dtype=torch.int64), np.random.default_rng(0).integers(0, 20, (17, 5)), FOUND[-1:])  # 2.6's newer one dissolves the LSTM

    def test_two_inputs_by_name(self):
        module = Two()
        a, b = torch.randn(2, 4), torch.randn(2, 3)
        for exporter in FOUND:
            for sample in ({"b": b, "a": a}, (a, b)):
                path = self.folder / f"two-{exporter}.onnx"
                self.assertEqual(export(module, sample, path, exporter=exporter), exporter)
                inputs = [layer["name"] for layer in dlguider.inspect(path).document["layers"] if layer["family"] == "input"]
                self.assertEqual(inputs, ["a", "b"])

    def test_rank(self):
        ranking = dlguider.rank(self.net, torch.from_numpy(self.X[200:].copy()), torch.from_numpy(self.y[200:].copy()), budget=0)
        self.assertEqual(ranking.top.name, "block.fc1")
        self.assertIn("settings.softmax-inside", [e.id for e in ranking.top.evidence])
        self.assertEqual(os.path.basename(ranking.top.line.file), "digits_net.py")
        self.assertIn(ranking.top.line.line, (8, 13))  # where it is made, or called
        with torch.no_grad():
            self.net.eval()
            failed = int((self.net(torch.from_numpy(self.X[200:].copy())).argmax(1).numpy() != self.y[200:]).sum())
        self.assertEqual(ranking.failed, failed)

    def test_lines_of_both_exporters(self):
        for exporter in FOUND:
            path = self.folder / f"lines-{exporter}.onnx"
            export(self.net, self.X[:2], path, exporter=exporter)
            by_program = dlguider.rank(path, self.X, self.y, budget=0, program=self.folder / "digits_net.py")
            self.assertEqual({e.name: e.line.line for e in by_program}, {"block.fc1": 8, "hidden": 20, "head.1": 21})
            if exporter == "dynamo":
                alone = dlguider.rank(path, self.X, self.y, budget=0)
                self.assertEqual({e.name: e.line.line for e in alone}, {"block.fc1": 13, "hidden": 25, "head.1": 25})

    def test_the_module_is_left_as_it_was(self):
        self.net.train()
        self.net.block.norm.eval()  # frozen, as people do
        before = {n: p.clone() for n, p in self.net.state_dict().items()}
        modes = {n: m.training for n, m in self.net.named_modules()}
        for exporter in FOUND:
            export(self.net, self.X[:2], self.folder / "left.onnx", exporter=exporter)
        self.assertEqual({n: m.training for n, m in self.net.named_modules()}, modes)
        for name, tensor in self.net.state_dict().items():
            self.assertTrue(torch.equal(tensor, before[name]), name)

    def test_docs(self):
        """The block of docs/python.md that needs PyTorch, and what it prints."""
        page = (SOURCE / "docs/python.md").read_text()
        [(snippet, shown)] = re.findall(r"^```python\n(import torch\n.*?)^```\n.*?^```text\n(.*?)^```", page, re.M | re.S)
        printed, before = io.StringIO(), os.getcwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(printed):
                exec(snippet, {"dlguider": dlguider, "x": self.X, "y": self.y})
        finally:
            os.chdir(before)
        self.assertEqual(printed.getvalue(), shown)

    def test_refusals(self):
        class Odd(nn.Module):
            def forward(self, x):
                return torch.from_numpy(np.linalg.svd(x.detach().numpy())[1]) if hasattr(x, "storage_offset_nonesuch") else torch.linalg.eig(x)[0].real
        path = self.folder / "refused.onnx"
        with self.assertRaisesRegex(dlguider.UnsupportedError, "Odd cannot be exported to ONNX .*torchscript: "):
            export(Odd(), torch.randn(2, 3, 3), path)
        for wrong, sample, more in ((object(), self.X[:2], {}), (self.net, self.X[:1], {}), (self.net, {"z": self.X[:2]}, {}), (self.net, self.X[:2], {"exporter": "pickle"}),
                                    (Two(), {"b": torch.zeros(2, 3)}, {})):
            with self.assertRaises(dlguider.UsageError):
                export(wrong, sample, path, **more)
        with self.assertRaisesRegex(dlguider.UsageError, "sample"):
            dlguider.inspect(self.net)
        if not has_dynamo():
            with self.assertRaisesRegex(dlguider.UnsupportedError, "dynamo: PyTorch .* lacks it"):
                export(self.net, self.X[:2], path, exporter="dynamo")


print(f"PyTorch {torch.__version__} of {sys.executable}, exporters {', '.join(FOUND)}")
unittest.main()
