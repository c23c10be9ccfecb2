"""The HDF5 reader against h5py: every object, dataset and text of files that Keras and h5py write, and of the cases in
DLGUIDER_CASES (default: ../shared/bench beside the source, when it is there); and what it must refuse, with which words."""
import glob, io, os, subprocess, tempfile, unittest, zipfile, zlib
import h5py
import numpy as np

DUMP = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "h5_dump")
SOURCE = os.environ.get("DLGUIDER_SOURCE", os.path.join(os.path.dirname(__file__), "../.."))
CASES = os.environ.get("DLGUIDER_CASES", os.path.join(SOURCE, "../shared/bench"))
NAMES = ["backend", "keras_version", "model_config", "training_config", "layer_names", "weight_names", "name", "dtype"]


def run(path):
    done = subprocess.run([DUMP, path], capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def shape_text(shape):
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def texts_of(attrs, name):
    parts = [name] if name in attrs else []
    while not parts or parts[0] != name:
        if f"{name}{len(parts)}" not in attrs:
            break
        parts.append(f"{name}{len(parts)}")
    if not parts:
        return None
    return [t if isinstance(t, bytes) else str(t).encode() for p in parts for t in np.atleast_1d(attrs[p])]


def describe(path, item, lines):
    for name in NAMES:
        texts = texts_of(item.attrs, name)
        if texts is not None:
            lines.append(f"text {path} {name} {len(texts)} {zlib.crc32(b''.join(t + bytes([10]) for t in texts))}")
    if isinstance(item, h5py.Group):
        lines.append(f"group {path}")
        for name in sorted(item, key=lambda n: n.encode()):
            describe(path.rstrip("/") + "/" + name, item[name], lines)
    else:
        kind = "bfloat16" if item.dtype.kind == "V" else str(item.dtype)
        lines.append(f"data {path} {kind} {shape_text(item.shape)} {zlib.crc32(np.ascontiguousarray(item[()]).tobytes())}")


def expected(path):
    stream = path
    if zipfile.is_zipfile(path):
        stream = io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5"))
    lines = []
    with h5py.File(stream, "r") as file:
        describe("/", file, lines)
    return "".join(line + "\n" for line in lines)


class Hdf5(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "a.h5")

    def tearDown(self):
        self.folder.cleanup()

    def same(self, path):
        code, out, said = run(path)
        self.assertEqual((code, said), (0, ""), path)
        self.assertEqual(out, expected(path), path)

    def make(self, fill, **options):
        with h5py.File(self.path, "w", **options) as file:
            fill(file)

    def test_cases(self):
        paths = sorted(glob.glob(f"{CASES}/*/*/*.keras") + glob.glob(f"{CASES}/*/*/*.h5"))
        for path in paths:
            self.same(path)
        print(f"{len(paths)} models of the cases compared")

    def test_keras(self):
        import keras
        from keras import layers
        keras.utils.set_random_seed(1)
        inputs = keras.Input((8, 8, 3))
        x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(inputs))
        x = layers.Bidirectional(layers.GRU(5))(layers.Reshape((9, 16))(x))
        model = keras.Model(inputs, layers.Dense(2, name="head")(x))
        model.compile("adam", "mse")
        model.fit(np.zeros((4, 8, 8, 3), "float32"), np.zeros((4, 2), "float32"), verbose=0)
        for name in "m.keras", "m.h5", "m.weights.h5":
            path = os.path.join(self.folder.name, name)
            (model.save_weights if "weights" in name else model.save)(path)
            self.same(path)
        half = keras.Sequential([keras.Input((3,)), layers.Dense(4, dtype="bfloat16"), layers.Dense(4, dtype="float16")])
        path = os.path.join(self.folder.name, "half.keras")
        half.save(path)
        self.same(path)
        self.assertIn("data /layers/dense/vars/0 bfloat16 (3, 4)", run(path)[1])

    def test_types_and_shapes(self):
        rng = np.random.default_rng(0)

        def fill(file):
            for kind in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 ?".split():
                for shape in (), (1,), (3, 4), (2, 1, 3, 2), (0,), (2, 0):
                    name = f"{kind.replace('?', 'b1')}/{len(shape)}/{'x'.join(map(str, shape)) or 'scalar'}"
                    file.create_dataset(name, data=(rng.normal(size=shape) * 100).astype("<" + kind if kind != "?" else "?"))
            file.create_dataset("rank8", data=np.arange(2**8, dtype="f4").reshape((2,) * 8))
        self.make(fill)
        self.same(self.path)

    def test_many_members(self):
        def fill(file):
            for i in range(3000):
                file.create_dataset(f"layer_{i}_{'x' * (i % 90)}", data=np.float32([i]))
            file.attrs["layer_names"] = [f"n{i}" for i in range(1000)]
            for i in range(12):
                file.attrs[f"weight_names{i}"] = np.array([f"{i}/{k}/{'n' * 150}".encode() for k in range(200)])
        self.make(fill)
        self.same(self.path)

    def test_attributes_as_older_keras_wrote_them(self):
        def fill(file):
            file.attrs["model_config"] = np.bytes_(b'{"class_name": "Sequential"}')
            file.attrs["training_config"] = '{"loss": "' + "x" * 300000 + '"}'
            file.attrs["keras_version"] = "2.1.6".encode()
            file.attrs["backend"] = "Gr\u00fc\u00dfe"
            file.attrs["layer_names"] = np.array([b"dense_1", b"a", b"dropout"])
            group = file.create_group("dense_1")
            group.attrs["weight_names"] = np.array([b"dense_1/kernel:0", b"dense_1/bias:0"])
            group.create_dataset("dense_1/kernel:0", data=np.ones((2, 3), "f4"))
            group.create_dataset("dense_1/bias:0", data=np.ones(3, "f4"))
            file.create_group("dropout").attrs["weight_names"] = []
            for i in range(30):
                file.attrs[f"other{i}"] = np.arange(i)
        self.make(fill)
        self.same(self.path)

    def refused(self, code, words, fill=None, **options):
        if fill:
            self.make(fill, **options)
        got, out, said = run(self.path)
        if "refused" in out:
            line = next(line for line in out.splitlines() if line.startswith("refused"))
            got, said = int(line.split(" ")[2]), line
        self.assertEqual(got, code, said)
        self.assertIn(words, said)

    def test_refusals(self):
        data = np.zeros((40, 40), "f4")
        self.refused(4, "dataset /k is stored compressed", lambda f: f.create_dataset("k", data=data, compression="gzip"))
        self.refused(4, "dataset /k is stored in chunks", lambda f: f.create_dataset("k", data=data, chunks=(8, 8)))
        self.refused(3, "dataset k keeps its data in another file", lambda f: f.create_dataset("k", (10,), "u1", external=[("/etc/passwd", 0, 10)]))
        self.refused(3, "member soft is a link", lambda f: f.__setitem__("soft", h5py.SoftLink("/x")))
        self.refused(4, "has links", lambda f: f.__setitem__("far", h5py.ExternalLink("/etc/passwd", "x")))
        self.refused(4, "superblock 3", lambda f: f.create_dataset("k", data=data), libver="latest")
        self.refused(4, "superblock 2", lambda f: f.create_dataset("k", data=data), libver="v108")
        self.refused(4, "big-endian numbers", lambda f: f.create_dataset("k", data=data.astype(">f4")))
        self.refused(4, "a compound type", lambda f: f.create_dataset("k", data=np.zeros(3, "f4,i4")))
        self.refused(4, "holds text", lambda f: f.create_dataset("k", data="text"))
        self.refused(4, "opaque bytes", lambda f: f.create_dataset("k", data=np.zeros(3, "V7")))
        self.refused(3, "was never written", lambda f: f.create_dataset("k", (3, 4), "f4"))
        self.refused(5, "9 dimensions; the limit is 8", lambda f: f.create_dataset("k", data=np.zeros((1,) * 9)))
        self.refused(5, "nested deeper than 32", lambda f: f.create_group("/".join("g" * 40)))
        self.refused(4, "object headers of version 2", lambda f: f.create_group("g"), track_order=True)

        def bomb(file):
            space = h5py.h5s.create_simple((2**40,))
            h5py.h5d.create(file.id, b"kernel", h5py.h5t.IEEE_F32LE, space)
        self.refused(3, "was never written", bomb)

        def loop(file):
            group = file.create_group("a/b")
            group["c"] = file["a"]
        self.refused(3, "contains itself", loop)

        def shared(file):
            file["a"] = data
            file["b"] = file["a"]
        self.refused(3, "two names lead to the object", shared)

        def virtual(file):
            layout = h5py.VirtualLayout((4,), "f4")
            layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
            file.create_virtual_dataset("k", layout)
        self.refused(3, "put together from other datasets", virtual, libver=("earliest", "v110"))

    def test_spoiled_bytes(self):
        self.make(lambda f: f.create_dataset("kernel", data=np.arange(300, dtype="f4")))
        with open(self.path, "rb") as file:
            whole = file.read()

        def spoil(mark, offset, value, code, words, nth=0):
            at = -1
            for _ in range(nth + 1):
                at = whole.index(mark, at + 1)
            with open(self.path, "wb") as file:
                file.write(whole[:at + offset] + value + whole[at + offset + len(value):])
            self.refused(code, words)
        far = (2**63 - 1).to_bytes(8, "little")
        size = (1200).to_bytes(8, "little")
        spoil(b"TREE", 24 + 8, far, 3, "points to byte 9223372036854775807 of a file of")
        spoil(b"TREE", 5, b"\3", 3, "no group tree")
        spoil(b"HEAP", 24, far, 3, "a group's heap points to byte")
        spoil(b"SNOD", 8, far, 3, "a name reaches beyond its heap")
        spoil(b"SNOD", 16, far, 3, "a group points to byte 9223372036854775807")
        spoil(size, 0, (4 << 40).to_bytes(8, "little"), 3, "dataset kernel declares 4398046511104 bytes")
        spoil((300).to_bytes(8, "little"), 0, (301).to_bytes(8, "little"), 3, "ask for 301 numbers of 4 bytes, 1200 bytes are there")
        spoil(b"\x89HDF", 1, b"X", 3, "is no HDF5 file")
        with open(self.path, "wb") as file:
            file.write(whole[:-8])
        self.refused(3, f"it should have {len(whole)} bytes and has {len(whole) - 8}")


if __name__ == "__main__":
    unittest.main()
