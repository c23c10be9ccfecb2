"""The wheel, as a user installs it: built by pip, put into a fresh environment, with nothing of the build in sight.

Also what needs the installed package: Keras models in memory and the callback, the pytest plugin, the hook and the steps for CI, and
the notebook. Keras and the like come from the environment of the tests by a .pth file.
"""
import os, pathlib, re, shutil, subprocess, sys, sysconfig, tempfile, unittest, venv, zipfile

SOURCE, BUILD = pathlib.Path(os.environ["DLGUIDER_SOURCE"]), pathlib.Path(os.environ["DLGUIDER_BUILD"])
DIGITS = [SOURCE / "examples/digits" / name for name in ("model.keras", "x.npy", "y.npy", "train.py")]
PLAIN = {k: v for k, v in os.environ.items() if not k.startswith(("DLGUIDER", "PYTHON", "LD_"))}

MEMORY = """
import os, keras, numpy as np, dlguider
from dlguider.keras import RankAtEnd
x, y = np.load("x.npy"), np.load("y.npy")
model = keras.models.load_model("model.keras")
ranking = dlguider.rank(model, x, y, program="train.py", budget=0)
assert ranking.to_dict()["layers"] == dlguider.rank("model.keras", x, y, program="train.py", budget=0).to_dict()["layers"]
assert ranking.failed == int((model.predict(x, verbose=0).argmax(1) != y).sum())
assert ranking.model == model.name, ranking.model
values = dlguider.activations(model, x, layers="dense_1").values["dense_1"]
np.testing.assert_allclose(values, keras.Model(model.inputs, model.get_layer("dense_1").output).predict(x, verbose=0), rtol=1e-4, atol=1e-6)

shown = []
watch = RankAtEnd(x, y, show=shown.append, budget=0)
model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
assert shown == [watch.ranking] and watch.error is None and watch.ranking.model == model.name
assert os.path.basename(dlguider.keras.main_program()) == "memory.py"
broken = RankAtEnd(x, y[:7], show=shown.append, budget=0)
model.fit(x, y, epochs=1, verbose=0, callbacks=[broken])
assert broken.ranking is None and isinstance(broken.error, dlguider.InputError) and len(shown) == 1
fine = RankAtEnd(x, y, below=0.01, show=shown.append, budget=0)
model.fit(x, y, epochs=1, verbose=0, callbacks=[fine])
assert fine.ranking is None and fine.error is None and len(shown) == 1

def refused(kind, what, model):
    try:
        dlguider.rank(model, x, y)
    except kind as why:
        assert what in str(why), why
    else:
        raise AssertionError(what)
refused(dlguider.ModelError, "has no weights yet", keras.Sequential([keras.layers.Dense(3)]))
refused(dlguider.UnsupportedError, "Lambda", keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Lambda(lambda t: t * 2, name="twice"), keras.layers.Flatten(), keras.layers.Dense(10)]))
assert not [f for f in os.listdir(os.environ["TMPDIR"]) if f.startswith("dlguider-")], "temporary files are gone"
"""

PROGRESS = """
import nbclient, nbformat
class Client(nbclient.NotebookClient):
    def process_message(self, msg, cell, cell_index):
        if "display" in msg["msg_type"]:
            print(msg["msg_type"], msg["content"]["data"].get("text/html", ""))
        return super().process_message(msg, cell, cell_index)
cell = nbformat.v4.new_code_cell("import dlguider\\ndlguider.rank('model.keras', 'x.npy', 'y.npy', budget=3, batch=10, progress=True);")
Client(nbformat.v4.new_notebook(cells=[cell]), timeout=120, kernel_name="python3").execute()
"""


def run(*argv, code=0, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **{"env": PLAIN, **more})
    assert done.returncode == code, f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name).resolve()
        deps = os.environ["DLGUIDER_DEPS"]
        run(sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-build-isolation", "--no-deps", "--no-index", "-w", cls.folder / "dist",
            "--config-settings", f"build-dir={BUILD}/wheel", SOURCE, env={**PLAIN, "DLGUIDER_DEPS": deps})
        [cls.wheel] = (cls.folder / "dist").iterdir()
        cls.home = cls.folder / "a home"  # a blank in the path, to be sure
        venv.create(cls.home, with_pip=False)
        cls.python = cls.home / "bin/python"
        site = cls.home / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        (site / "tests.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        run(cls.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-index", cls.wheel)
        script = cls.home / "bin/pytest"  # as pip would have made it
        script.write_text(f'#!/bin/sh\nexec "{cls.python}" -m pytest "$@"\n')
        script.chmod(0o755)
        cls.site = site

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for file in DIGITS:
            shutil.copy(file, self.work)
        (self.folder / "tmp").mkdir(exist_ok=True)
        self.env = {**PLAIN, "PATH": f"{self.home}/bin:{PLAIN['PATH']}", "TMPDIR": str(self.folder / "tmp")}

    def test_content(self):
        self.assertRegex(self.wheel.name, r"^dlguider-0\.1\.0-py3-none-linux_\w+\.whl$")
        names = zipfile.ZipFile(self.wheel).namelist()
        tree = [n.removeprefix("dlguider/_tree/") for n in names if n.startswith("dlguider/_tree/")]
        for name in ("bin/dlguider", "lib/libdlguider.so.0", "lib/dlguider/libonnxruntime.so.1", "lib/libjansson.so.4", "lib/libcsv.so.3", "lib/libpng16.so.16",
                     "share/doc/dlguider/LICENSE.onnxruntime", "share/doc/dlguider/LICENSE"):
            self.assertIn(name, tree)
        self.assertTrue([n for n in tree if n.startswith("lib/libjpeg.so.")])  # 62 on Debian, 8 on Ubuntu
        for name in ("jansson", "csv", "png16", "jpeg"):
            self.assertIn(f"share/doc/dlguider/LICENSE.{name}", tree)
        self.assertFalse([n for n in tree if n.startswith("include/") or n.endswith((".cmake", ".pc", "libdlguider.so", ".so.0.1.0"))])
        self.assertIn("dlguider/py.typed", names)
        self.assertEqual({n.split("/")[0] for n in names}, {"dlguider", "dlguider-0.1.0.dist-info"})
        self.assertLess(self.wheel.stat().st_size, 15 << 20)

    def test_everything_is_inside(self):
        tree = self.site / "dlguider/_tree"
        for file in (tree / "bin/dlguider", tree / "lib/libdlguider.so.0"):
            found = dict(re.findall(r"(\S+) => (\S+(?: home/\S+)?) \(", run("ldd", file)))
            self.assertNotIn("not found", run("ldd", file))
            for name, path in found.items():
                if re.match("lib(dlguider|jansson|csv|png|jpeg)", name):
                    self.assertTrue(path.startswith(str(tree)), path)
        self.assertEqual(run(self.python, "-c", "import dlguider; print(dlguider.engine().path)").strip(), str(tree / "lib/dlguider/libonnxruntime.so.1"))
        self.assertIn("0.1.0", run(self.home / "bin/dlguider", "version"))
        self.assertIn("train.py:19", run(self.home / "bin/dlguider", "demo", self.work / "demo"))
        run(self.home / "bin/dlguider", "rank", "nonesuch.keras", "-i", "x.npy", "-l", "y.npy", code=3)

    def test_keras_in_memory(self):
        (self.work / "memory.py").write_text(MEMORY)
        said = subprocess.run([self.python, "memory.py"], cwd=self.work, env=self.env, capture_output=True, text=True)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("dlguider: ", said.stderr)  # the callback that failed says so

    def test_pytest_plugin(self):
        def pytest(*argv, code):
            return run(self.home / "bin/pytest", "-q", "-p", "no:cacheprovider", *argv, code=code, cwd=self.work, env=self.env)
        (self.work / "test_plain.py").write_text("def test_nothing():\n    pass\n")
        self.assertIn("1 passed", pytest(code=0))
        (self.work / "pytest.ini").write_text("[pytest]\ndlguider_model = model.keras\ndlguider_inputs = x.npy\ndlguider_labels = y.npy\n"
                                              "dlguider_program = train.py\ndlguider_options = budget=0 method=fused\n")
        self.assertIn("1 passed", pytest(code=0))
        said = pytest("--dlguider-fail-on", "0.3", code=1)
        self.assertRegex(said, r"layer dense \(train\.py:19\) has a score of 0\.\d+, above 0\.3")
        self.assertIn("1 failed, 1 passed", said)
        self.assertIn("2 passed", pytest("--dlguider-fail-on", "1", code=0))
        self.assertIn("1 passed, 1 deselected", pytest("--dlguider-fail-on", "1", "-k", "model.keras", code=0))
        (self.work / "test_plain.py").write_text(
            "import numpy, pytest\ndef test_limit(dlguider_rank):\n    assert dlguider_rank().top.name == 'dense'\n"
            "def test_own(dlguider_rank):\n    dlguider_rank('model.keras', numpy.load('x.npy'), 'y.npy', fail_on=0.3, program=False)\n")
        self.assertRegex(pytest(code=1), r"(?s)SuspiciousLayer: layer dense has a score of 0\.\d+, above 0\.3.*1 failed, 1 passed")
        self.assertIn("2 failed", pytest("--dlguider-fail-on", "0.3", "-k", "test_", code=1))
        (self.work / "pytest.ini").write_text("[pytest]\n")
        self.assertIn("no model to rank", pytest("-k", "limit", code=1))

    def test_hook_and_steps(self):
        hook = dict(re.findall(r"^[- ] (\w+): (.*)$", (SOURCE / ".pre-commit-hooks.yaml").read_text(), re.M))
        self.assertEqual((hook["id"], hook["language"], hook["pass_filenames"]), ("dlguider-rank", "python", "false"))
        self.assertTrue(re.search(hook["files"], "some/model.keras") and not re.search(hook["files"], "train.py"))
        arguments = re.search(r"args: \[(.*)\]", (SOURCE / ".pre-commit-hooks.yaml").read_text())[1].replace('"', "").split(", ")
        run(*hook["entry"].split(), *arguments, cwd=self.work, env=self.env, code=1)  # the model is at fault
        run(*hook["entry"].split(), *arguments[:-1], "0.999", cwd=self.work, env=self.env)
        action = (SOURCE / "examples/github-action.yml").read_text()
        settings = dict(re.findall(r"^  ([A-Z_]+): \"?([^\s\"]+)", action, re.M))
        for step, code in (("rank", 1), ("show", 0)):
            [command] = re.findall(rf"- name: {step}\n(?:        if: .*\n)?        run: \|\n((?:          .*\n)+)", action)
            run("bash", "-e", "-c", command, cwd=self.work, env={**self.env, **settings, "GITHUB_STEP_SUMMARY": str(self.work / "summary.md")}, code=code)
        self.assertIn("train.py:19", (self.work / "summary.md").read_text())
        self.assertIn("2.1.0", (self.work / "dlguider.sarif").read_text())
        packages = re.search(r"recommends (.*)", action)[1]
        self.assertIn(packages, (SOURCE / "docs/python.md").read_text())

    def test_docs(self):
        """What docs/python.md shows of the installed package; its other blocks are run by test_docs.py."""
        page = (SOURCE / "docs/python.md").read_text()
        for name, body in re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", page, re.M | re.S):
            (self.work / name).write_text(body)
        commands = re.findall(r"^(?:dlguider|pytest) .*", page, re.M)
        self.assertEqual([c.split()[0] for c in commands], ["dlguider", "pytest", "pytest", "dlguider"])
        for command in commands:
            run("sh", "-c", command, cwd=self.work, env=self.env)
        self.assertIn("pip install .", page)  # what setUpClass does

    def test_progress_in_a_notebook(self):
        (self.work / "progress.py").write_text(PROGRESS)
        said = run(self.python, "progress.py", cwd=self.work, env=self.env).split("\n")
        self.assertEqual(said[0].split()[0], "display_data")
        self.assertRegex("".join(said), r'<progress value="\d+" max="\d+"></progress> (running the tests|re-fitting)')  # a quick machine shows the second only
        self.assertRegex(said[-2], r"^update_display_data $")  # in the end nothing is left

    def test_notebook(self):
        shutil.copytree(SOURCE / "examples", self.work / "examples")
        said = run(self.python, SOURCE / "tests/py/run_notebook.py", self.work / "examples/digits.ipynb", env=self.env)
        for sentence in ("first dense 0", "train.py:19", "verdict: none", "softmax inside the model"):
            self.assertIn(sentence, said)
        stored = (SOURCE / "examples/digits.ipynb").read_text()
        for trace in ("/root", "/home", "/tmp", "Traceback"):
            self.assertNotIn(trace, stored)


unittest.main()
