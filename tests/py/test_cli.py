"""The command as people and scripts meet it: exit codes, sentences, suggestions, what reaches the streams."""
import json, os, pathlib, re, shutil, subprocess, tempfile, unittest, zipfile

DLGUIDER = os.environ["DLGUIDER"]
EXAMPLE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"
MODEL, X, Y = (str(EXAMPLE / name) for name in ("model.keras", "x.npy", "y.npy"))
COMMANDS = ["rank", "explain", "inspect", "activations", "formulas", "formats", "demo", "doctor", "version", "help", "completion"]
RANK = ["rank", MODEL, "--inputs", X, "--labels", Y]


def run(*argv, env=None, **more):
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS")}
    return subprocess.run([DLGUIDER, *argv], capture_output=True, text=True, env={**plain, **(env or {})}, timeout=300, **more)


class Usage(unittest.TestCase):
    def refused(self, argv, sentence, code=2):
        done = run(*argv)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("dlguider: "), done.stderr)
        return done.stderr

    def test_alone_it_prints_ten_useful_lines(self):
        done = run()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertLessEqual(len(done.stdout.splitlines()), 10)
        self.assertIn("dlguider rank", done.stdout)

    def test_help_of_every_command_shows_examples_first(self):
        for name in COMMANDS:
            for argv in ([name, "--help"], ["help", name]):
                done = run(*argv)
                self.assertEqual((done.returncode, done.stderr), (0, ""), argv)
                self.assertLess(done.stdout.index(f"  dlguider {name}"), done.stdout.index("usage:"))
                self.assertLessEqual(max(map(len, (line for line in done.stdout.splitlines() if not line.startswith("  dlguider")))), 80)
        self.assertTrue(all(f"  {name} " in run("help").stdout for name in COMMANDS))
        self.assertEqual(run("--help").stdout, run("help").stdout)
        self.assertEqual(run("--version").stdout, run("version").stdout)

    def test_unknown_words_get_the_nearest(self):
        self.refused(["rnak", MODEL], 'no command "rnak"; did you mean "rank"?')
        self.refused(["frobnicate"], 'no command "frobnicate"; dlguider help lists them')
        self.refused(["help", "inspekt"], 'did you mean "inspect"?')
        self.refused(["rank", MODEL, "--metod", "guider"], "unknown option --metod; did you mean --method?")
        self.refused(["rank", MODEL, "--zzzzzz"], "unknown option --zzzzzz")
        self.refused(["rank", MODEL, "-z"], "unknown option -z")
        self.refused(RANK + ["--formula", "ochiaii"], "ochiai")
        self.refused(RANK + ["--format", "jsn"], "did you mean json?")
        self.refused(RANK + ["--color=purple"], "auto, always, never")
        self.refused(["completion", "tcsh"], "bash, zsh or fish")

    def test_missing_and_superfluous_words(self):
        self.refused(["inspect"], "inspect needs MODEL")
        self.refused(["inspect", MODEL, MODEL], "inspect takes no operand")
        self.refused(["rank", MODEL], "--inputs x.npy --labels y.npy")
        self.refused(["rank", MODEL, "--inputs"], "--inputs needs a value: --inputs FILE")
        self.refused(["rank", MODEL, "--json=1"], "--json takes no value")
        self.refused(["activations", MODEL, "--inputs", X], "-o FOLDER")
        self.refused(["rank", "--spectrum", "s", "--inputs", X], "--spectrum ranks saved tests again")

    def test_numbers_are_whole_and_in_range(self):
        for value in ["-1", "x", "1.5", "", "nan", "1e400"]:
            self.refused(RANK + [f"--top={value}"], "--top must be a whole number")
        for value in ["nan", "inf", "0,5"]:
            self.refused(RANK + [f"--fail-on={value}"], "--fail-on must be a number")
        self.refused(RANK + ["--threads", "-1"], "threads")
        self.refused(RANK + ["--threshold", "high"], "threshold")

    def test_nothing_typed_reaches_the_terminal_raw(self):
        evil = "\x1b[2J\x07\u202e"
        for argv in (["a" + evil], ["rank", MODEL, "--a" + evil], ["rank", MODEL, "--method", evil], ["rank", evil, "-i", X, "-l", Y],
                     ["inspect", "/none/" + evil], ["inspect", MODEL, evil], ["rank", MODEL, "-i", evil, "-l", Y]):
            done = run(*argv)
            self.assertIn(done.returncode, (2, 3), argv)
            self.assertIsNone(re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", done.stderr + done.stdout), argv)

    def test_files_that_are_no_models(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "empty.keras").write_bytes(b"")
            (folder / "text.keras").write_bytes(b"this is no model\n" * 9)
            os.mkfifo(folder / "fifo")
            self.refused(["inspect", str(folder / "none.keras")], "none.keras", 3)
            self.refused(["inspect", str(folder)], "directory", 3)
            self.refused(["inspect", str(folder / "empty.keras")], "empty", 3)
            self.refused(["inspect", str(folder / "text.keras")], "text.keras", 3)
            self.refused(["inspect", str(folder / "fifo")], "fifo", 3)

    def test_a_stream_that_cannot_be_written_is_code_6(self):
        for argv in (["help"], ["version"], ["formulas"], ["inspect", MODEL], RANK + ["--json"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([DLGUIDER, *argv], stdout=full, stderr=subprocess.PIPE, text=True, timeout=300)
            self.assertEqual(done.returncode, 6, argv)
            self.assertIn("cannot write", done.stderr)

    def test_outputs_never_overwrite_inputs(self):
        with tempfile.TemporaryDirectory() as folder:
            copy, link = pathlib.Path(folder) / "model.keras", pathlib.Path(folder) / "link"
            shutil.copy(MODEL, copy)
            link.symlink_to(copy)
            before = copy.read_bytes()
            for output in (copy, link):
                self.refused(["inspect", str(copy), "-o", str(output)], "would overwrite the input")
                self.refused(["rank", str(copy), "-i", X, "-l", Y, "-o", str(output)], "would overwrite the input")
                self.refused(["rank", str(copy), "-i", X, "-l", Y, "--save-spectrum", str(output)], "would overwrite the input")
            self.assertEqual(copy.read_bytes(), before)


class Scripts(unittest.TestCase):
    def test_completion_is_sound_and_complete(self):
        for shell in ("bash", "zsh", "fish"):
            script = run("completion", shell).stdout
            for word in COMMANDS + ["inputs", "formula", "aggregation", "save-spectrum", "ochiai"]:
                self.assertIn(word, script, shell)
            if shutil.which(shell):
                done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    def test_bash_completes_from_the_table(self):
        script = run("completion", "bash").stdout
        for words, expected in (("dlguider ra", "rank"), ("dlguider rank --formu", "--formula"), ("dlguider rank m --formula och", "ochiai"),
                                ("dlguider completion fi", "fish"), ("dlguider help insp", "inspect"), ("dlguider rank m --task multic", "multiclass"),
                                ("dlguider rank m --layout = nh", "nhwc"), ("dlguider rank m --layout =", "nchw"), ("dlguider rank m -i ids = CONTRI", "CONTRIBUTING.md"),
                                ("dlguider rank m --inputs = ids = CONTRI", "CONTRIBUTING.md")):
            code = f'{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _dlguider; printf "%s\\n" "${{COMPREPLY[@]}}"'
            done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=os.environ["DLGUIDER_SOURCE"])
            self.assertIn(expected, done.stdout.split(), words)

    def test_man_page_is_sound(self):
        page = run("help", "--man").stdout
        for word in COMMANDS + ["formula", "aggregation"]:
            self.assertIn(word, page)
        if shutil.which("mandoc"):
            with tempfile.NamedTemporaryFile("w", suffix=".1") as file:
                file.write(page)
                file.flush()
                done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", file.name], capture_output=True, text=True)
                self.assertEqual(done.stdout, "")

    def test_docs_are_what_the_tables_say(self):
        page = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "docs/commands.md"
        self.assertEqual(page.read_text(), run("help", "--markdown").stdout, "./dev doc writes it anew")
        page = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "docs/formats.md"
        table = page.read_text().split("<!-- ./dev doc -->\n")[1].split("<!-- end -->")[0]
        self.assertEqual(table, run("formats", "--markdown").stdout, "./dev doc writes it anew")


class Inspect(unittest.TestCase):
    def test_table_fits_and_is_plain(self):
        done = run("inspect", MODEL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_json_says_what_keras_says(self):
        import keras
        model = keras.models.load_model(MODEL, compile=False)
        seen = json.loads(run("inspect", MODEL, "--json").stdout)
        self.assertEqual(seen["schema"], "dlguider.model/1")
        self.assertEqual(seen["parameters"], model.count_params())
        layers = {layer["name"]: layer for layer in seen["layers"]}
        for layer in model.layers:
            mine = layers[layer.name]
            self.assertEqual(mine["kind"], type(layer).__name__)
            if not isinstance(layer, keras.layers.InputLayer):
                self.assertEqual(mine["shape"], list(layer.output.shape))
            self.assertEqual(sum(int(__import__("math").prod(w["shape"])) for w in mine["weights"]), layer.count_params())
        self.assertEqual(sorted(m for e in seen["entries"] for m in e["members"]), sorted(n for n, v in layers.items() if v["entry"] is not None))


class Demo(unittest.TestCase):
    def test_it_writes_and_ranks(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("demo", cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(sorted(os.listdir(f"{folder}/dlguider-demo")), ["model.keras", "train.py", "x.npy", "y.npy"])
            again = run("rank", "dlguider-demo/model.keras", "-i", "dlguider-demo/x.npy", "-l", "dlguider-demo/y.npy", "--program", "dlguider-demo/train.py", cwd=folder)
            self.assertEqual(again.stdout, done.stdout)
            twice = run("demo", cwd=folder)
            self.assertEqual((twice.returncode, twice.stdout), (2, ""))
            self.assertIn("choose another", twice.stderr)


class Explain(unittest.TestCase):
    def test_it_says_what_the_ranking_says(self):
        result = json.loads(run(*RANK, "--json").stdout)
        for layer in result["layers"]:
            for member in layer["members"]:
                done = run("explain", MODEL, member, "-i", X, "-l", Y)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(f"rank {layer['rank']} of {len(result['layers'])}, score {layer['score']:.6g}", " ".join(done.stdout.split()))
                self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
                for item in layer["evidence"]:
                    self.assertIn(f"[{item['id']}]", done.stdout)

    def test_the_tests_it_names_failed(self):
        import numpy
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("activations", MODEL, "-i", X, "-l", Y, "-o", f"{folder}/a").returncode, 0)
            failed = numpy.load(f"{folder}/a/verdict.npy")
        name = json.loads(run(*RANK, "--json", "--method", "guider").stdout)["layers"][0]["name"]
        lines = run("explain", MODEL, name, "-i", X, "-l", Y, "--method", "guider").stdout.split("failed tests")[1].splitlines()[1:]
        self.assertTrue(lines)
        for line in lines:
            test, expected, predicted = map(int, re.match(r" *(\d+)  expected (\d+), predicted (\d+)  confidence", line).groups())
            self.assertTrue(failed[test])
            self.assertEqual(expected, numpy.load(Y).reshape(-1)[test])
            self.assertNotEqual(expected, predicted)

    def test_unknown_layers(self):
        done = run("explain", MODEL, "dense_11", "-i", X, "-l", Y)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('did you mean "dense_1"?', done.stderr)


class Rank(unittest.TestCase):
    def test_table_fits_80_columns_and_names_the_top(self):
        done, result = run(*RANK), json.loads(run(*RANK, "--json").stdout)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
        self.assertIn(f"   1 {result['layers'][0]['name']}", done.stdout)
        self.assertIn(f"{result['tests']['failed']} failed", done.stdout)

    def test_same_bytes_again_with_any_threads_to_any_place(self):
        once = run(*RANK, "--json").stdout
        with tempfile.TemporaryDirectory() as folder:
            out, saved = f"{folder}/r.json", f"{folder}/s.spectrum"
            for more in ([], ["--threads", "1"], ["--threads", "2"]):
                self.assertEqual(run(*RANK, "--json", "-o", out, *more).returncode, 0)
                self.assertEqual(pathlib.Path(out).read_text(), once)
            self.assertEqual(run(*RANK, "--json", "--save-spectrum", saved).stdout, once)
            again = run("rank", "--spectrum", saved, "--json")   # holds no evidence, so guider ranks it
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual(json.loads(again.stdout)["layers"], json.loads(run(*RANK, "--method", "guider", "--json").stdout)["layers"])
            self.assertEqual(run("rank", MODEL, "--spectrum", saved, "--json").returncode, 0)
            self.assertEqual(sorted(os.listdir(folder)), ["r.json", "s.spectrum"])
            explained = run("explain", json.loads(again.stdout)["layers"][0]["name"], "--spectrum", saved)
            self.assertIn("rank 1 of", explained.stdout)

            # the same layers in another order of members: another file, so another model
            other = pathlib.Path(folder) / "other.keras"
            with zipfile.ZipFile(MODEL) as old, zipfile.ZipFile(other, "w") as new:
                for name in reversed(old.namelist()):
                    new.writestr(name, old.read(name))
            done = run("rank", str(other), "--spectrum", saved)
            self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
            self.assertIn("made from another model", done.stderr)

    def test_every_formula_and_aggregation_ranks(self):
        with tempfile.TemporaryDirectory() as folder:
            saved = f"{folder}/s.spectrum"
            self.assertEqual(run(*RANK, "--save-spectrum", saved).returncode, 0)
            names = [line.split("`")[1] for line in run("formulas", "--markdown").stdout.splitlines()[2:]]
            self.assertGreaterEqual(len(names), 35)
            for name in names:
                done = run("rank", "--spectrum", saved, "--formula", name, "--method", "guider", "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                result = json.loads(done.stdout)
                self.assertEqual(result["method"]["formula"], name)
                scores = [layer["score"] for layer in result["layers"]]
                self.assertEqual(scores, sorted(scores, reverse=True))

    def test_fail_on(self):
        score = json.loads(run(*RANK, "--json").stdout)["layers"][0]["score"]
        for limit, code in ((score - 1e-6, 1), (score + 1e-6, 0)):
            done = run(*RANK, f"--fail-on={limit!r}")
            self.assertEqual(done.returncode, code)
            self.assertIn("score", done.stdout)

    def test_colours_are_for_terminals_or_on_demand(self):
        self.assertNotIn("\x1b", run(*RANK).stdout)
        self.assertIn("\x1b[", run(*RANK, "--color", "always").stdout)
        self.assertIn("\x1b[", run(*RANK, env={"FORCE_COLOR": "1"}).stdout)
        self.assertNotIn("\x1b", run(*RANK, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout)
        self.assertNotIn("\x1b", run(*RANK, "--json", "--color=always").stdout)

    def test_a_failed_output_leaves_the_old_one(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run(*RANK, "-o", f"{folder}/none/r.json")
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    unittest.main()
