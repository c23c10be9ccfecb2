"""The Python package on the library of this build: the same rankings as the command, nothing copied, errors as exceptions, Ctrl-C.

Under a sanitizer the script starts itself again with the sanitizer's runtime loaded first, as a foreign Python needs it.
"""
import ctypes, io, json, math, os, pathlib, pickle, re, shutil, signal, subprocess, sys, tempfile, threading, time, unittest

SOURCE, BUILD = pathlib.Path(os.environ["DLGUIDER_SOURCE"]), pathlib.Path(os.environ["DLGUIDER_BUILD"])
LIBRARY = BUILD / "libdlguider.so.0"
if "libasan" in subprocess.run(["ldd", LIBRARY], capture_output=True, text=True).stdout and "libasan" not in os.environ.get("LD_PRELOAD", ""):
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    # libstdc++: its exceptions are watched from the start or not at all; leaks: Python itself has some
    os.environ.update(LD_PRELOAD=f"{runtime}:libstdc++.so.6", ASAN_OPTIONS="detect_leaks=0")
    os.execv(sys.executable, [sys.executable, *sys.argv])

os.environ["DLGUIDER_LIBRARY"] = str(LIBRARY)
os.environ["PYTHONPATH"] = str(SOURCE / "python")
sys.path.insert(0, str(SOURCE / "python"))
import dlguider
assert "numpy" not in sys.modules and "keras" not in sys.modules, "importing dlguider imports no numpy"
import numpy as np
from dlguider import _library, _ranking, _tests

DIGITS = SOURCE / "examples/digits"
MODEL, XFILE, YFILE, PROGRAM = (str(DIGITS / name) for name in ("model.keras", "x.npy", "y.npy", "train.py"))
X, Y = np.load(XFILE), np.load(YFILE)


def command(*argv):
    plain = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "ASAN_OPTIONS")}
    done = subprocess.run([os.environ["DLGUIDER"], *argv], capture_output=True, text=True, env=plain)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Rankings(unittest.TestCase):
    def test_is_what_the_command_says(self):
        ranking = dlguider.rank(MODEL, XFILE, YFILE, program=PROGRAM, budget=0)
        said = json.loads(command("rank", MODEL, "-i", XFILE, "-l", YFILE, "--program", PROGRAM, "--budget", "0", "--json"))
        self.assertEqual(ranking.to_dict(), said)
        self.assertEqual([e.name for e in ranking], [row["name"] for row in said["layers"]])
        self.assertEqual(ranking.top.line.line, 19)
        self.assertEqual((ranking.total, ranking.failed, ranking.task, ranking.verdict), (300, 77, "multiclass", "layer"))
        self.assertEqual(ranking.top.evidence[0].id, "settings.softmax-inside")
        table = command("rank", MODEL, "-i", XFILE, "-l", YFILE, "--program", PROGRAM, "--budget", "0").rstrip("\n")
        self.assertEqual(re.sub(r"[^\x00-\x7f]+|#+", "", str(ranking)), re.sub(r"[^\x00-\x7f]+|#+", "", table.replace("█", "")))

    def test_arrays_and_bytes_rank_as_files_do(self):
        wanted = dlguider.rank(MODEL, XFILE, YFILE, budget=0).to_dict()["layers"]
        ways = {
            "arrays": (MODEL, X, Y), "bytes": (pathlib.Path(MODEL).read_bytes(), X, Y), "path object": (pathlib.Path(MODEL), XFILE, Y),
            "lists": (MODEL, X.tolist(), Y.tolist()), "float64": (MODEL, X.astype("f8"), Y.astype("u1")), "fortran": (MODEL, np.asfortranarray(X), Y),
            "big endian": (MODEL, X.astype(">f4"), Y.astype(">i4")), "strided": (MODEL, np.repeat(X, 2, axis=0)[::2], np.repeat(Y, 2)[::2]),
        }
        for name, (model, x, y) in ways.items():
            with self.subTest(name):
                self.assertEqual(dlguider.rank(model, x, y, budget=0).to_dict()["layers"], wanted)

    def test_a_contiguous_array_is_not_copied(self):
        for array in (X, Y, X.astype("f8"), X.astype(">f4"), X[10:200]):
            self.assertTrue(np.shares_memory(_tests.as_array(array, "X"), array))
        kept = [a for a in dlguider._tests.Tests(X, Y).handle.keeps]
        self.assertTrue(np.shares_memory(kept[0], X) and np.shares_memory(kept[1], Y))

    def test_refit_and_options(self):
        ranking = dlguider.rank(MODEL, X, Y, budget=5, threads=1)
        self.assertTrue(any(e.id.startswith("refit.") for entry in ranking for e in entry.evidence))
        ranking = dlguider.rank(MODEL, X, Y, method="guider", formula="tarantula", aggregation="max")
        said = json.loads(command("rank", MODEL, "-i", XFILE, "-l", YFILE, "--method", "guider", "--formula", "tarantula", "--aggregation", "max", "--json"))
        self.assertEqual(ranking.to_dict()["layers"], said["layers"])
        names = [o.name for o in dlguider.options()]
        self.assertIn("formula", names)
        self.assertIn("ochiai", [f.name for f in dlguider.formulas()])
        self.assertIn("ochiai", next(o for o in dlguider.options() if o.name == "formula").choices)
        self.assertEqual(dlguider.__version__, dlguider.version())

    def test_sequence_and_names(self):
        ranking = dlguider.rank(MODEL, X, Y, budget=0)
        self.assertEqual(len(ranking), 6)
        self.assertIs(ranking["flatten"], ranking["conv2d_1"])  # a member finds its entry
        self.assertIs(ranking[0], ranking.top)
        self.assertEqual([e.rank for e in ranking[1:3]], [2, 3])
        with self.assertRaisesRegex(KeyError, "no layer is called 'nonesuch'"):
            ranking["nonesuch"]
        self.assertEqual([e.name for e in ranking.above(0.5)], ["dense"])
        self.assertIn("rank 1 of 6", ranking.explain("dense"))
        self.assertEqual(ranking.explain(1).splitlines()[0], ranking[1].name)
        with self.assertRaises(IndexError):
            ranking.explain(6)

    def test_forms(self):
        import pandas
        ranking = dlguider.rank(MODEL, X, Y, program=PROGRAM, budget=0)
        frame = ranking.to_dataframe()
        self.assertEqual(list(frame["layer"]), [e.name for e in ranking])
        self.assertEqual(frame.loc[1, "line"], 19)
        self.assertEqual(list(frame["score"]), [e.score for e in ranking])
        self.assertIsInstance(frame, pandas.DataFrame)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            ranking.save(folder / "r.json")
            self.assertEqual((folder / "r.json").read_text(), command("rank", MODEL, "-i", XFILE, "-l", YFILE, "--program", PROGRAM, "--budget", "0", "--json"))
            for report in dlguider.reports():
                ranking.save(folder / f"as.{report.name}", format=report.name)
                self.assertGreater((folder / f"as.{report.name}").stat().st_size, 100)
                if "/" in report.endings:
                    self.assertGreater(len(list((folder / f"as.{report.name}").iterdir())), 2)
            ranking.save(folder / "r.spectrum")
            again = json.loads(command("rank", "--spectrum", folder / "r.spectrum", "--json"))
            self.assertEqual(again["tests"]["failed"], 77)
            loaded = dlguider.Ranking.load(folder / "r.json")
            self.assertEqual(loaded.to_dict(), ranking.to_dict())
            self.assertEqual(loaded.entries, ranking.entries)
            with self.assertRaises(dlguider.UsageError):
                loaded.explain("dense")
            copy = pickle.loads(pickle.dumps(ranking))
            self.assertEqual((copy.entries, str(copy)), (ranking.entries, str(ranking)))
            copy.save(folder / "copy.json")
            self.assertEqual(json.loads((folder / "copy.json").read_text()), ranking.to_dict())
            ranking.save(folder / "r.sarif.json")
            self.assertEqual(json.loads((folder / "r.sarif.json").read_text())["version"], "2.1.0")
            for path, form in (("r.docx", None), ("r.json", "docx")):
                with self.assertRaisesRegex(dlguider.UsageError, r"may end in .*\.json|no report \"docx\""):
                    ranking.save(folder / path, format=form)
            (folder / "other.json").write_text('{"schema": "something/1"}')
            for bad in ("other.json", "missing.json", "r.spectrum"):
                with self.assertRaises(dlguider.InputError):
                    dlguider.Ranking.load(folder / bad)

    def test_plot(self):
        import matplotlib
        matplotlib.use("Agg")
        ranking = dlguider.rank(MODEL, X, Y, program=PROGRAM, budget=0)
        axes = ranking.plot(top=4)
        self.assertEqual([round(p.get_width(), 9) for p in axes.patches], [round(e.score, 9) for e in ranking[:4]])
        self.assertEqual(axes.get_yticklabels()[0].get_text(), "dense  train.py:19")
        axes.figure.savefig(io.BytesIO())

    def test_html_is_static_and_escaped(self):
        document = dlguider.rank(MODEL, X, Y, program=PROGRAM, budget=0).to_dict()
        hostile = '</td><script>alert(1)</script>"\'\u202e&\x1b[31m'
        document["model"]["path"] = document["notes"][0] = hostile
        for row in document["layers"]:
            row["name"] = row["kind"] = hostile
            row["line"] = {"file": hostile, "line": 3, "text": hostile}
            row["evidence"] = [{"id": hostile, "term": 1, "message": hostile, "value": None, "mend": hostile}]
        page = _ranking.Ranking(document)._repr_html_()
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, "[\x00-\x1f\u202e]")
        import html.parser
        open_tags, seen = [], set()

        class Check(html.parser.HTMLParser):
            def handle_starttag(self, tag, attributes):
                seen.add(tag)
                assert all(name in ("class", "style", "scope", "value") for name, _ in attributes), attributes
                if tag != "br":
                    open_tags.append(tag)

            def handle_endtag(self, tag):
                assert open_tags.pop() == tag

        Check().feed(page)
        self.assertEqual(open_tags, [])
        self.assertLessEqual(seen, {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "meter", "code", "em", "br", "ul", "li", "p"})


class Other(unittest.TestCase):
    def test_inspect(self):
        info = dlguider.inspect(MODEL)
        self.assertEqual(info.document, json.loads(command("inspect", MODEL, "--json")))
        self.assertEqual(info.layers[1:3], ["conv2d", "max_pooling2d"])
        self.assertEqual(str(info), command("inspect", MODEL).rstrip("\n"))

    def test_activations(self):
        whole = dlguider.activations(MODEL, X, Y)
        self.assertEqual(whole.values["conv2d"].shape, (300, 8, 8, 16))
        np.testing.assert_array_equal(whole.values["dense_2"].argmax(1) != Y, whole.failed)
        np.testing.assert_allclose((whole.values["dense_2"].max(1) - 0.1) / 0.9, whole.confidence[:, 0], rtol=1e-5)  # docs/method.md
        neurons = dlguider.activations(MODEL, X, layers="conv*", neurons=True)
        self.assertEqual(sorted(neurons.values), ["conv2d", "conv2d_1"])
        self.assertIsNone(neurons.failed)
        np.testing.assert_allclose(neurons.values["conv2d"], whole.values["conv2d"].mean((1, 2)), rtol=1e-5, atol=1e-6)
        with tempfile.TemporaryDirectory() as folder:
            kept = dlguider.activations(MODEL, X, folder=pathlib.Path(folder) / "kept")
            self.assertIsInstance(kept.values["dense"], np.memmap)
            np.testing.assert_array_equal(kept.values["dense"], whole.values["dense"])

    def test_mend(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mended.onnx"
            told = dlguider.mend(MODEL, X, Y, "dense", path)
            self.assertEqual(told.fit_tests + told.judge_tests, 300)
            after = dlguider.activations(path, X, Y)
            before = dlguider.activations(MODEL, X, Y)
            self.assertGreaterEqual(int((before.failed & ~after.failed).sum()), told.mended)
            with self.assertRaisesRegex(dlguider.UsageError, 'no layer "nonesuch"'):
                dlguider.mend(MODEL, X, Y, "nonesuch", path)


class Several(unittest.TestCase):
    """Inputs by name, an output by name, and preprocessing; made with the onnx package, numpy says what comes out."""

    @classmethod
    def setUpClass(cls):
        from onnx import TensorProto, helper, numpy_helper
        random = np.random.default_rng(4)
        cls.w = {name: random.normal(size=shape).astype("f4") for name, shape in {"left.weight": (4, 6), "right.weight": (3, 6), "first.weight": (6, 3), "second.weight": (6, 2)}.items()}
        nodes = [helper.make_node("MatMul", ["a", "left.weight"], ["l"]), helper.make_node("MatMul", ["b", "right.weight"], ["r"]),
                 helper.make_node("Add", ["l", "r"], ["s"]), helper.make_node("Relu", ["s"], ["h"]),
                 helper.make_node("MatMul", ["h", "first.weight"], ["f"]), helper.make_node("Softmax", ["f"], ["first"]),
                 helper.make_node("MatMul", ["h", "second.weight"], ["g"]), helper.make_node("Softmax", ["g"], ["second"])]
        value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        graph = helper.make_graph(nodes, "two", [value("a", 4), value("b", 3)], [value("first", 3), value("second", 2)],
                                  [numpy_helper.from_array(v, k) for k, v in cls.w.items()])
        cls.model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        cls.a, cls.b = random.normal(size=(80, 4)).astype("f4"), random.normal(size=(80, 3)).astype("f4")
        cls.y = random.integers(0, 2, 80)

    def failed(self, output, a):
        hidden = np.maximum(a @ self.w["left.weight"] + self.b @ self.w["right.weight"], 0)
        return int(((hidden @ self.w[f"{output}.weight"]).argmax(1) != self.y).sum())

    def test_inputs_and_output(self):
        for output in ("first", "second"):
            ranking = dlguider.rank(self.model, {"a": self.a, "b": self.b}, self.y, output=output, task="multiclass", budget=0)
            self.assertEqual(ranking.failed, self.failed(output, self.a))
        self.assertLess({e.name for e in ranking}, {"left", "right", "second", "Add", "Add_2", "s"} | {e.name for e in ranking if e.kind == "Add"})
        with tempfile.TemporaryDirectory() as folder:
            np.save(f"{folder}/a.npy", self.a)
            mixed = dlguider.rank(self.model, {"b": self.b, "a": f"{folder}/a.npy"}, self.y, output="second", task="multiclass", budget=0)
        self.assertEqual(mixed.entries, ranking.entries)

    def test_preprocessing(self):
        ranking = dlguider.rank(self.model, {"a": self.a, "b": self.b}, self.y, output="first", budget=0, scale="1/4")
        whole = dlguider.rank(self.model, {"a": self.a / 4, "b": self.b / 4}, self.y, output="first", budget=0)
        self.assertEqual(ranking.failed, whole.failed)

    def test_a_folder_of_images(self):
        from PIL import Image
        pixels = (X * 255).round().astype("u1")
        with tempfile.TemporaryDirectory() as folder:
            for number, (digit, image) in enumerate(zip(Y, pixels[..., 0])):
                place = pathlib.Path(folder, str(digit))
                place.mkdir(exist_ok=True)
                Image.fromarray(image).save(place / f"{number:03}.png")
            ranking = dlguider.rank(MODEL, folder, scale="1/255", budget=0)
        self.assertEqual((ranking.total, ranking.failed), (300, dlguider.rank(MODEL, pixels, Y, scale="1/255", budget=0).failed))
        with self.assertRaisesRegex(dlguider.UsageError, "y is None"):
            dlguider.rank(MODEL, XFILE)

    def test_refusals(self):
        for place, X, more in (("X", {}, {}), ("output", {"a": self.a, "b": self.b}, {"output": "third"}), ("scale", {"a": self.a, "b": self.b}, {"scale": 0.5}),
                               ("X['a']", {"a": [[1, 2], [3]], "b": self.b}, {})):
            with self.assertRaises(dlguider.DlguiderError) as caught:
                dlguider.rank(self.model, X, self.y, **{"output": "first", **more})
            self.assertEqual(caught.exception.place, place)
        for X in ({"a": self.a}, {"a": self.a, "c": self.b}, {"a": self.a, "b": self.b[:9]}, self.a):
            with self.assertRaises((dlguider.InputError, dlguider.UsageError)):
                dlguider.rank(self.model, X, self.y, output="first")


class Failures(unittest.TestCase):
    def check(self, kind, code, place, sentence, function, *arguments, **more):
        with self.assertRaisesRegex(kind, sentence) as caught:
            function(*arguments, **more)
        self.assertEqual((caught.exception.code, caught.exception.place), (code, place))
        self.assertIsInstance(caught.exception, dlguider.DlguiderError)
        copy = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(copy), str(copy), copy.code, copy.place), (kind, str(caught.exception), code, place))

    def test_each_by_code_and_place(self):
        with tempfile.TemporaryDirectory() as folder:
            damaged = f"{folder}/damaged.keras"
            pathlib.Path(damaged).write_bytes(pathlib.Path(MODEL).read_bytes()[:5000])
            self.check(dlguider.ModelError, 3, damaged, "damaged.keras: ", dlguider.rank, damaged, X, Y)
        self.check(dlguider.ModelError, 3, "/nonesuch.keras", "No such file", dlguider.rank, "/nonesuch.keras", X, Y)
        self.check(dlguider.InputError, 3, "/nonesuch.npy", "No such file", dlguider.rank, MODEL, "/nonesuch.npy", Y)
        self.check(dlguider.InputError, 3, "/nonesuch.py", "No such file", dlguider.rank, MODEL, X, Y, program="/nonesuch.py", budget=0)
        self.check(dlguider.ModelError, 3, "model", "no model that dlguider knows", dlguider.rank, b"these are no bytes of a model", X, Y)
        self.check(dlguider.ModelError, 3, "model", "no bytes", dlguider.rank, b"", X, Y)
        self.check(dlguider.UsageError, 2, "model", "a float is no model", dlguider.rank, 3.5, X, Y)
        self.check(dlguider.InputError, 3, "X", r"X is a single int", dlguider.rank, MODEL, 3, Y)
        self.check(dlguider.InputError, 3, "X", "X is no array", dlguider.rank, MODEL, [[1, 2], [3]], Y)
        self.check(dlguider.UsageError, 2, "y", "y is None", dlguider.rank, MODEL, X, None)
        self.check(dlguider.UsageError, 2, "formula", "nonesuch", dlguider.rank, MODEL, X, Y, formula="nonesuch")
        self.check(dlguider.UsageError, 2, "flavour", "flavour", dlguider.rank, MODEL, X, Y, flavour="sour")
        self.check(dlguider.UsageError, 2, "budget", "a word or a number", dlguider.rank, MODEL, X, Y, budget=[1])
        self.check(dlguider.UnsupportedError, 4, "y", "text", dlguider.rank, MODEL, X, np.array(["a"] * 300))

    def test_shapes_that_do_not_fit(self):
        self.check(dlguider.InputError, 3, "X", r"\(\d+, 7, 8, 1\).*\(\?, 8, 8, 1\)", dlguider.rank, MODEL, X[:, :7], Y, budget=0)
        self.check(dlguider.InputError, 3, "X", r"\(\d+, 8, 5\).*\(\?, 8, 8, 1\)", dlguider.rank, MODEL, X[..., 0][:, :, :5], Y, budget=0)
        self.check(dlguider.InputError, 3, "y", "300 inputs but 299 labels", dlguider.rank, MODEL, X, Y[:299], budget=0)

    def test_no_library(self):
        done = subprocess.run([sys.executable, "-c", "import dlguider; dlguider.version()"], capture_output=True, text=True,
                              env={**os.environ, "DLGUIDER_LIBRARY": "/nonesuch.so"})
        self.assertRegex(done.stderr, "EngineError: cannot load the library of dlguider .*DLGUIDER_LIBRARY")


LONG = """
import sys, dlguider
x, y = sys.argv[2:4]
def say(stage, done, total):
    print(stage, flush=True)
dlguider.rank(sys.argv[1], x, y, budget=1000, progress=say)
"""


class Running(unittest.TestCase):
    def test_ctrl_c(self):
        with tempfile.TemporaryDirectory() as folder:  # enough tests that the pass and the re-fit take their time
            np.save(f"{folder}/x.npy", np.tile(X, (100, 1, 1, 1)))
            np.save(f"{folder}/y.npy", np.tile(Y, 100))
            for stage in ("running the tests", "re-fitting", "re-fitting"):
                process = subprocess.Popen([sys.executable, "-c", LONG, MODEL, f"{folder}/x.npy", f"{folder}/y.npy"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for line in process.stdout:
                    if line.startswith(stage):
                        break
                process.send_signal(signal.SIGINT)
                began = time.monotonic()
                _, complaint = process.communicate(timeout=60)
                self.assertEqual(complaint.strip().splitlines()[-1], "KeyboardInterrupt")
                self.assertEqual(process.returncode, -signal.SIGINT)
                self.assertLess(time.monotonic() - began, 15, stage)

    def test_progress(self):
        seen = []
        dlguider.rank(MODEL, X, Y, budget=0, batch=50, progress=lambda *state: seen.append((threading.current_thread(), state)))
        self.assertTrue(seen)
        self.assertIs(seen[-1][0], threading.main_thread())
        self.assertEqual(seen[-1][1], ("running the tests", 300, 300))

    def test_an_exception_of_progress_stops_the_run(self):
        def fail(stage, done, total):
            raise ZeroDivisionError("mine")
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            dlguider.rank(MODEL, np.tile(X, (20, 1, 1, 1)), np.tile(Y, 20), budget=0, batch=16, progress=fail)

    def test_progress_on_a_terminal(self):
        import pty
        master, slave = pty.openpty()
        process = subprocess.Popen([sys.executable, "-c", "import sys, dlguider; dlguider.rank(*sys.argv[1:], budget=3, progress=True)", MODEL, XFILE, YFILE], stderr=slave, stdout=slave)
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 4096):
                shown += part
        except OSError:  # the other side is closed
            pass
        self.assertEqual(process.wait(), 0)
        self.assertIn(b"re-fitting", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-60:])

    def test_nothing_is_shown_unasked_off_a_terminal(self):
        done = subprocess.run([sys.executable, "-c", "import sys, dlguider; dlguider.rank(*sys.argv[1:], budget=3)", MODEL, XFILE, YFILE], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_interpreter_runs_on(self):
        ticks, ended = [0], threading.Event()

        def tick():
            while not ended.is_set():
                ticks[0] += 1
                time.sleep(0.001)
        thread = threading.Thread(target=tick)
        thread.start()
        before = ticks[0]
        tests = _tests.Tests(np.tile(X, (30, 1, 1, 1)), np.tile(Y, 30))
        model = dlguider._model.open_model(MODEL)
        options = dlguider._choices.chosen({"method": "guider", "batch": 9000})
        request = _library.sized(_library.CCollect, model=model.handle.pointer, tests=tests.handle.pointer, options=options.pointer)
        began = time.monotonic()
        _library.made("dlg_spectrum_collect", "dlg_spectrum_free", ctypes.byref(request))  # one call from this very thread
        took = time.monotonic() - began
        ended.set()
        thread.join()
        self.assertGreater(ticks[0] - before, took / 0.02)

    def test_two_threads(self):
        wanted = dlguider.rank(MODEL, X, Y, budget=0).to_dict()
        found = []
        threads = [threading.Thread(target=lambda: found.append(dlguider.rank(MODEL, X, Y, budget=0).to_dict())) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [wanted, wanted])


class Localizer(unittest.TestCase):
    def test_worked_by_hand(self):
        # component 0: ef 3, nf 1, ep 1, np 5: ochiai 3 / sqrt(4 * 4); component 1 never active
        X = np.array([[1, 0]] * 3 + [[0, 0]] + [[1, 0]] + [[0, 0]] * 5)
        y = [True] * 4 + [False] * 6
        local = dlguider.SpectrumLocalizer("ochiai", groups=["a", "b"]).fit(X, y)
        np.testing.assert_array_equal(local.counts_, [[3, 1, 1, 5], [0, 4, 0, 6]])
        np.testing.assert_array_equal(local.scores_, [0.75, 0])
        self.assertEqual(list(local.ranking_), [0, 1])
        self.assertEqual((local.groups_, list(local.group_scores_), list(local.group_ranking_)), (["a", "b"], [0.75, 0.0], [0, 1]))

    def test_against_numpy(self):
        random = np.random.default_rng(5)
        X, y, w = random.random((200, 40)) > 0.6, random.random(200) > 0.7, random.random(200)
        groups = random.integers(0, 5, 40)
        local = dlguider.SpectrumLocalizer("ochiai", groups=list(groups)).fit(X, y, w)
        ef, nf, ep = (w[y][:, None] * X[y]).sum(0), (w[y][:, None] * ~X[y]).sum(0), (w[~y][:, None] * X[~y]).sum(0)
        np.testing.assert_allclose(local.scores_, ef / np.sqrt((ef + nf) * (ef + ep)), rtol=1e-12)
        for name, score in zip(local.groups_, local.group_scores_):
            self.assertAlmostEqual(score, local.scores_[groups == name].mean(), places=9)
        same = dlguider.SpectrumLocalizer("ochiai", threshold=0.6, groups=list(groups)).fit(np.where(X, 0.7, 0.5), y, w)
        np.testing.assert_array_equal(same.scores_, local.scores_)

    def test_is_the_spectrum_of_guider(self):
        """Neuron values of the model, thresholded as --coverage raw does it, give guider's own neuron scores."""
        values = dlguider.activations(MODEL, X, Y, neurons=True)
        local = dlguider.SpectrumLocalizer("ochiai", threshold=0.1, groups=[n for n, v in values.values.items() for _ in range(v.shape[1])])
        local.fit(np.hstack(list(values.values.values())), values.failed)
        ranking = dlguider.rank(MODEL, X, Y, method="guider", formula="ochiai", aggregation="mean", weighting="none", coverage="raw", threshold=0.1)
        start = 0
        for name, block in values.values.items():
            scores = local.scores_[start:start + block.shape[1]]
            start += block.shape[1]
            for neuron in ranking[name].neurons:
                self.assertAlmostEqual(neuron.score, scores[neuron.index], places=12)
            self.assertAlmostEqual(ranking[name].score, local.group_scores_[local.groups_.index(name)], places=12)

    def test_as_an_estimator(self):
        from sklearn.base import clone
        local = dlguider.SpectrumLocalizer("dstar2", threshold=0.25)
        self.assertEqual(clone(local).get_params(), local.get_params())
        self.assertEqual(repr(local), "SpectrumLocalizer(formula='dstar2', aggregation='mean', threshold=0.25, groups=None)")
        self.assertTrue(math.isinf(local.fit([[1], [0]], [1, 0]).scores_[0]))  # only failing tests, all of them: no bound
        self.assertEqual(local.set_params(formula="ochiai").formula, "ochiai")
        for X, y, more in (([1, 2], [1], {}), ([[1], [0]], [1], {}), ([[np.nan], [0]], [1, 0], {}), ([[1], [0]], [1, 0], {"sample_weight": [1, -1]})):
            with self.assertRaises(dlguider.InputError):
                dlguider.SpectrumLocalizer().fit(X, y, **more)
        with self.assertRaises(dlguider.UsageError):
            dlguider.SpectrumLocalizer("nonesuch").fit([[1]], [1])
        with self.assertRaises(dlguider.UsageError):
            dlguider.SpectrumLocalizer(aggregation="nonesuch", groups=["a"]).fit([[1]], [1])


class Binding(unittest.TestCase):
    def test_structs_are_those_of_the_header(self):
        """Size and the offset of every member, asked of the C compiler."""
        names = {"CError": "dlg_error", "CChoice": "dlg_choice", "COption": "dlg_option", "CEngine": "dlg_engine", "CCounts": "dlg_counts",
                 "CPage": "dlg_page", "CArray": "dlg_array", "CInput": "dlg_input", "CTestsSource": "dlg_tests_source", "CCollect": "dlg_collect", "CMended": "dlg_mended",
                 "CRankRequest": "dlg_rank_request", "CActivations": "dlg_activations"}
        self.assertEqual(set(names), {n for n, v in vars(_library).items() if isinstance(v, type) and issubclass(v, ctypes.Structure) and v is not ctypes.Structure})
        code = ['#include "dlguider.h"', "#include <stdio.h>", "int main(void) {"]
        wanted = []
        for python, c in names.items():
            kind = getattr(_library, python)
            code.append(f'printf("%zu\\n", sizeof({c}));')
            wanted.append(ctypes.sizeof(kind))
            for member, *_ in kind._fields_:
                code.append(f'printf("%zu\\n", offsetof({c}, {member}));')
                wanted.append(getattr(kind, member).offset)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "sizes.c"
            source.write_text("\n".join([*code, "return 0; }"]))
            plain = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
            subprocess.run(["cc", f"-I{SOURCE}/include", source, "-o", f"{folder}/sizes"], check=True, env=plain)
            said = subprocess.run([f"{folder}/sizes"], capture_output=True, text=True, check=True, env=plain).stdout
        self.assertEqual([int(line) for line in said.split()], wanted)

    def test_types(self):
        if not shutil.which("mypy", path=os.path.dirname(sys.executable)):
            self.fail("mypy is missing: it is pinned in tests/requirements.txt")
        with tempfile.TemporaryDirectory() as cache:
            plain = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "PYTHONPATH")}
            done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", cache], cwd=SOURCE, capture_output=True, text=True, env=plain)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_import_is_light(self):
        done = subprocess.run([sys.executable, "-X", "importtime", "-c", "import dlguider, sys; print([m for m in ('numpy', 'keras', 'torch', 'pandas') if m in sys.modules])"], capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "[]")


unittest.main()
