"""The walk through a program against CPython itself: random programs are run with layers that write down where they were
called from and with what; tests/tools/program_dump must tell the same without running anything."""
import itertools, os, pathlib, random, subprocess, sys, tempfile, types, unittest

TOOL = pathlib.Path(os.environ["DLGUIDER_BUILD"]) / "tests" / "program_dump"
KINDS = {"Dense": 2, "Dropout": 1, "Conv2D": 2, "Flatten": 0, "BatchNormalization": 0, "LSTM": 1}


class Recorder:
    """A stand-in for keras and keras.layers whose every capitalised attribute is a constructor."""

    def __init__(self):
        self.calls = []

    def module(self, name):
        made = types.ModuleType(name)
        made.__getattr__ = lambda attr, name=name: self.constructor(f"{name}.{attr}") if attr[0].isupper() else (_ for _ in ()).throw(AttributeError(attr))
        return made

    def constructor(self, path):
        def construct(*args, **kwargs):
            frame = sys._getframe(1)
            line, end, column, _ = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
            self.calls.append((line, end, column + 1, path, [say(a) for a in args] + [f"{k}={say(v)}" for k, v in kwargs.items()]))
            return Layer(path)
        return construct


class Tensor:
    """What a layer returns: nothing that the text tells."""


class Layer:
    def __init__(self, path):
        self.path = path

    def __call__(self, *args):
        return Tensor()

    def add(self, layer):
        pass

    def compile(self, **kwargs):
        pass


def say(v):
    if isinstance(v, Layer):
        return v.path.rsplit(".", 1)[-1]
    if isinstance(v, Tensor):
        return "?"
    if v is None:
        return "None"
    if isinstance(v, (tuple, list)):
        return "(" + ", ".join(map(say, v)) + (",)" if len(v) == 1 else ")")
    return v if isinstance(v, str) else "%.12g" % v


class Program:
    """A random program that builds a model in one of the ways that people do."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines = []
        self.names = {"width": 8, "rate": .5}

    def number(self):
        return self.r.choice(["8", "16 * 2", "width", "width // 2", "(width + 1) * 3", "64 if width > 4 else 3", "sizes[1]", "-(-7)", "2 ** 5"])

    def layer(self, prefix, extra=()):
        kind = self.r.choice(sorted(KINDS))
        args = [self.r.choice(extra) if extra and self.r.random() < .6 else self.number() for _ in range(KINDS[kind])]
        if kind == "Dense" and self.r.random() < .5:
            args.append('activation="' + self.r.choice(["relu", "tanh"]) + '"')
        text = f"{prefix}{kind}({', '.join(args)})"
        return text.replace("(", "(\n        ", 1) if args and self.r.random() < .15 else text

    def text(self):
        style = self.r.choice(["import keras\nfrom keras import layers\n", "import keras\nfrom keras import layers as L\n", "import keras\nimport keras.layers as L\n"])
        prefix = "L." if " as L" in style else self.r.choice(["layers.", "keras.layers."])
        head = style + "width = 8\nsizes = [4, 6, 10]\nrate = 1 / 4\n"
        return head + getattr(self, self.r.choice(["sequential", "adding", "functional", "helper", "looping", "subclass", "branching"]))(prefix)

    def sequential(self, p):
        body = ",\n    ".join(self.layer(p) for _ in range(self.r.randint(1, 6)))
        return f"model = keras.Sequential([\n    {body},\n])\nmodel.compile(loss='mse', optimizer='sgd')\n"

    def adding(self, p):
        return "model = keras.Sequential()\n" + "".join(f"model.add({self.layer(p)})\n" for _ in range(self.r.randint(1, 6)))

    def functional(self, p):
        text = "x = inputs = keras.Input((4,))\n"
        for _ in range(self.r.randint(1, 5)):
            text += f"x = {self.layer(p)}({self.layer(p)}(x))\n" if self.r.random() < .3 else f"x = {self.layer(p)}(x)\n"
        return text + "model = keras.Model(inputs, x)\n"

    def helper(self, p):
        text = f"def block(x, units, deep=2, act='relu'):\n    for i in range(deep):\n        x = {self.layer(p, ('units', 'units + i'))}(x)\n    y = {self.layer(p, ('deep',))}\n    return y(x)\n\n"
        text += "x = keras.Input((4,))\n"
        for _ in range(self.r.randint(1, 3)):
            text += self.r.choice(["x = block(x, 16)\n", "x = block(x, units=width, deep=1)\n", "x = block(block(x, 3), 5)\n", "x = block(x, 4, 3)\n"])
        return text

    def looping(self, p):
        ways = [f"for units in sizes:\n    model.add({self.layer(p, ('units',))})\n", f"stack = [{self.layer(p, ('u',))} for u in sizes[:] if False] if False else [{self.layer(p, ('u',))} for u in (3, 5)]\n",
                f"for i, units in enumerate(sizes):\n    if i == 1:\n        continue_here = 1\n    model.add({self.layer(p, ('units', 'i + 1'))})\n", f"for a, b in zip(sizes, [1, 2]):\n    model.add({self.layer(p, ('a', 'b'))})\n",
                f"for i in range(1, 7, 2):\n    width += i\n    model.add({self.layer(p, ('i',))})\n"]
        return "model = keras.Sequential()\n" + "".join(self.r.sample(ways, 2))

    def subclass(self, p):
        return (f"class Net(keras_base):\n    depth = 2\n    def __init__(self, units):\n        super().__init__()\n        self.first = {self.layer(p, ('units',))}\n"
                f"        self.rest = [{self.layer(p, ('units',))} for _ in range(3)]\n    def call(self, x):\n        return x\n\nclass Wide(Net):\n    pass\n\nmodel = {self.r.choice(['Net', 'Wide'])}(12)\n")

    def branching(self, p):
        return (f"if width > 4:\n    a = {self.layer(p)}\nelif width:\n    a = {self.layer(p)}\nelse:\n    a = {self.layer(p)}\n"
                f"def make(kind):\n    if kind == 'wide':\n        return {self.layer(p)}\n    return {self.layer(p)}\n\nb = make('wide')\nc = make('slim')\n"
                f"if __name__ == '__main__' and not (1 > 2):\n    d = {self.layer(p)}\n")


def run_for_real(text):
    recorder = Recorder()
    keras, layers = recorder.module("keras"), recorder.module("keras.layers")
    keras.layers = layers
    saved = {k: sys.modules.get(k) for k in ("keras", "keras.layers")}
    sys.modules.update({"keras": keras, "keras.layers": layers})
    try:
        exec(compile(text, "program.py", "exec"), {"__name__": "__main__", "keras_base": object})
    finally:
        for k, v in saved.items():
            sys.modules.pop(k) if v is None else sys.modules.__setitem__(k, v)
    return recorder.calls


def walked(path):
    done = subprocess.run([TOOL, path], capture_output=True, text=True)
    calls = []
    for line in done.stdout.splitlines()[:-1]:
        if line.startswith("held "):
            continue
        at, end, column, name, _, _, *rest = line.split(" ", 6)
        calls.append((int(at), int(end), int(column), name, rest[0] if rest else ""))
    return done, calls


class Programs(unittest.TestCase):
    def test_random_programs_against_a_real_run(self):
        for seed in range(int(os.environ.get("DLGUIDER_PROGRAMS", 300))):
            text = Program(seed).text()
            with self.subTest(seed=seed), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "program.py"
                path.write_text(text)
                done, seen = walked(path)
                self.assertEqual(done.returncode, 0, done.stderr)
                want = [c for c in run_for_real(text)]
                seen = [c for c in seen if c[3] not in ("Net", "Wide")]
                self.assertEqual([c[:4] for c in seen], [c[:4] for c in want], text)
                for s, w in zip(seen, want):
                    told = " ".join(a if "=" in a else "=" + a for a in w[4])
                    self.assertEqual(s[4], told, text)

    def test_hostile_programs(self):
        for name, text, code, words in [
            ("deep", "if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 600)) + " " * 600 + "x = 'open", 0, "indented deeper"),
            ("brackets", "x = " + "(" * 100000 + ")" * 100000, 0, "open brackets"), ("dots", "x = a" + ".b" * 200000 + "\nfrom keras import layers\nlayers.Dense(3)\n", 0, ""),
            ("nots", "x = " + "not " * 100000 + "1\n", 0, ""), ("endless", "def f(n):\n    return f(f(n))\nf(1)\nfor i in range(4000):\n  for j in range(4000):\n    for k in range(4000):\n      a = i + j\n", 0, "too long"),
            ("nul", "x = 1\0", 3, "NUL"), ("latin", b"x = '\xe9'", 3, "UTF-8"), ("syntax", "from keras import layers\nlayers.Dense(3)\ndef (:\n", 0, "error 3"),
        ]:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "program.py"
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                done = subprocess.run([TOOL, path], capture_output=True, text=True, timeout=30)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
