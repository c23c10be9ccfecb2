"""--config: the reader of TOML equals Python's tomllib where it reads, and reads nothing that tomllib does not; files and command line together."""
import json, os, pathlib, random, shutil, subprocess, tempfile, tomllib, unittest

DLGUIDER, BUILD = os.environ["DLGUIDER"], pathlib.Path(os.environ["DLGUIDER_BUILD"])
EXAMPLE = pathlib.Path(os.environ["DLGUIDER_SOURCE"]) / "examples/digits"


class Reader(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def read(self, data):
        """{table: {key: value}} with the values as text, or None."""
        (self.folder / "c.toml").write_bytes(data)
        done = subprocess.run([BUILD / "tests/toml_dump", self.folder / "c.toml"], capture_output=True, timeout=60)
        if done.returncode:
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertTrue(done.stderr.startswith(b"line "), done.stderr)
            return None
        tables = {}
        for line in done.stdout.decode().split("\x1e")[:-1]:
            table, key, kind, listed, value = line.split("\x1f")
            value = value if kind == "s" else value == "true" if kind == "b" else float(value)
            where = tables.setdefault(table, {})
            if listed == "1":
                where.setdefault(key, []).append(value)
            else:
                where[key] = value
        return tables

    def expected(self, data):
        try:
            tables = tomllib.loads(data.decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            return None
        plain = lambda v: v if isinstance(v, (str, bool)) else [plain(i) for i in v] if isinstance(v, list) else float(v)
        result = {"": {k: plain(v) for k, v in tables.items() if not isinstance(v, dict)}}
        result.update({name: {k: plain(v) for k, v in table.items()} for name, table in tables.items() if isinstance(table, dict)})
        empty = lambda v: v == [] or v == {}
        return {name: {k: v for k, v in t.items() if not empty(v)} for name, t in result.items() if any(not empty(v) for v in t.values())}

    SAMPLE = b"""# all that is read
model = "m\\"o\\\\del.keras"   # a comment with \xc3\xa4
'odd key' = 'no \\escape'
"x" = +1_000
half = -0.5e-3
yes = true
no=false
inputs = ["a=1.npy", 'b', 3, -0.25, true]
many = [
\t"x", # one

\t"y",
]
none = []
[rank]
top = 0
[ explain ] # another
deep = true
"""

    def test_sample(self):
        self.assertEqual(self.read(self.SAMPLE), self.expected(self.SAMPLE))
        self.assertEqual(self.read(self.SAMPLE.replace(b"\n", b"\r\n")), self.expected(self.SAMPLE))
        self.assertEqual(self.read(self.SAMPLE.rstrip()), self.expected(self.SAMPLE))

    def test_what_is_left_out_is_refused(self):
        for line in (b"a.b = 1", b"a = {b = 1}", b"[[a]]", b'a = """x"""', b"a = 1979-05-27", b"a = inf", b"a = 0x10", b"a = [[1]]", b'a = "\\u0041"', b"[a.b]"):
            tomllib.loads(line.decode())
            self.assertIsNone(self.read(line), line)

    def test_changed_files_are_read_alike_or_refused(self):
        draw = random.Random(5)
        pieces = [b'"', b"'", b"\\", b"[", b"]", b"=", b"\n", b"#", b",", b"_", b".", b"0", b"-", b"\r", b"\t", b"\x00", b"\xff", b"\xc3", b"e", b" "]
        accepted = 0
        for _ in range(600):
            data = bytearray(self.SAMPLE)
            for _ in range(draw.randint(1, 3)):
                at = draw.randrange(len(data))
                data[at:at + draw.randint(0, 3)] = draw.choice(pieces)
            mine = self.read(bytes(data))
            if mine is not None:
                accepted += 1
                theirs = self.expected(bytes(data))
                self.assertIsNotNone(theirs, bytes(data))
                self.assertEqual(mine, theirs, bytes(data))
        self.assertGreater(accepted, 60)


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "sub").mkdir()
        for name in ("model.keras", "x.npy", "y.npy", "train.py"):
            shutil.copy(EXAMPLE / name, self.folder / "sub")
        self.write('model = "model.keras"\ninputs = ["x.npy"]\nlabels = "y.npy"\nmethod = "guider"\n[rank]\njson = true\nprogram = "train.py"\n')

    def write(self, text):
        (self.folder / "sub/dlguider.toml").write_text(text)

    def run_command(self, *argv, code=0):
        done = subprocess.run([DLGUIDER, *argv], capture_output=True, text=True, timeout=300, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr if code else done.stdout

    def test_same_as_on_the_command_line(self):
        mine = json.loads(self.run_command("rank", "--config", "sub/dlguider.toml"))
        theirs = json.loads(self.run_command("rank", "sub/model.keras", "-i", "sub/x.npy", "-l", "sub/y.npy", "--method", "guider", "--program", "sub/train.py", "--json"))
        self.assertEqual(mine, theirs)

    def test_the_command_line_wins(self):
        made = json.loads(self.run_command("rank", "--config", "sub/dlguider.toml", "--formula", "ochiai"))
        self.assertEqual(made["method"]["formula"], "ochiai")
        self.assertIn("no such", self.run_command("rank", "--config", "sub/dlguider.toml", "-i", "no such", code=3) + "no such")
        self.write('model = "model.keras"\ninputs = "x.npy"\nlabels = "y.npy"\nformula = "tarantula"\nmethod = "guider"\n[rank]\nformula = "jaccard"\njson = true\n')
        self.assertEqual(json.loads(self.run_command("rank", "--config=sub/dlguider.toml"))["method"]["formula"], "jaccard")
        self.run_command("rank", "--config=sub/dlguider.toml", "--save-spectrum", "s.spectrum")
        self.run_command("rank", "--config=sub/dlguider.toml", "--spectrum", "s.spectrum")

    def test_other_commands_take_what_is_theirs(self):
        self.assertIn("sub/model.keras", self.run_command("inspect", "--config", "sub/dlguider.toml"))
        self.assertIn("dense\n", self.run_command("explain", "dense", "--config", "sub/dlguider.toml"))

    def test_refusals(self):
        for text, words in (("metod = 'guider'", 'line 1: unknown option "metod"; did you mean "method"?'), ("zzzz = 1", 'unknown option "zzzz"'),
                            ("method = 'guidr'", "did you mean guider"), ("labels = ['a', 'b']\nformula = ['a']", "formula takes one value"),
                            ("deep = 'yes'", "deep takes true or false"), ("top = true", "top takes a value"), ("model = 3", "model is one path"),
                            ("[rnk]\ntop = 1", "the table [rnk] is no command"), ("[mend]\ntop = 1\n[rank]\nlayer = 'x'", 'rank has no option "layer"'),
                            ("top = 1\ntop = 2", "line 2: top is given twice"), ("top = ", "line 1:"), ("config = 'x'", "unknown option")):
            self.write(text)
            refusal = self.run_command("rank", "--config", "sub/dlguider.toml", code=2)
            self.assertIn(words, refusal)
            self.assertEqual(refusal.count("\n"), 1, refusal)
        self.assertIn("--config nothing.toml: No such file", self.run_command("rank", "--config", "nothing.toml", code=2))
        self.assertIn("is a folder", self.run_command("rank", "--config", "sub", code=2))


if __name__ == "__main__":
    unittest.main()
