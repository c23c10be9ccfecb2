"""Damaged, hostile and unsupported Keras files: the code and the one sentence of each refusal, which names the layer and the
reason. The identifiers (K1, W1 ...) are those of the design's list of bad inputs."""
import io, json, os, re, subprocess, tempfile, unittest, zipfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import numpy as np

COMMAND = os.environ["DLGUIDER"]
INPUT, UNSUPPORTED, LIMIT = 3, 4, 5


def dense(name, units=3, **more):
    return {"class_name": "Dense", "module": "keras.layers", "config": {"name": name, "units": units, "activation": "relu", **more}}


def start(width=2):
    return {"class_name": "InputLayer", "module": "keras.layers", "config": {"name": "in", "batch_shape": [None, width]}}


def sequential(*layers):
    return {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [start(), *layers]}}


def linked(layer, *sources):
    tensors = [{"class_name": "__keras_tensor__", "config": {"shape": [None, 2], "keras_history": [s, 0, 0]}} for s in sources]
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": [{"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": {}}] if sources else []}


def functional(layers, output):
    return {"class_name": "Functional", "module": "keras.src.models.functional",
            "config": {"name": "f", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [[output, 0, 0]]}}


def weights(*layers):
    """(name, arrays...) of each layer as model.weights.h5 keeps them."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for i, (name, *arrays) in enumerate(layers):
            variables = file.create_group(f"layers/group_{i}/vars")
            variables.attrs["name"] = name
            for at, array in enumerate(arrays):
                variables[str(at)] = np.asarray(array, dtype="float32")
    return stream.getvalue()


GOOD = weights(("a", np.ones((2, 3)), np.zeros(3)), ("b", np.ones((3, 3)), np.zeros(3)))


class Refusals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, config, members=None, arrays=GOOD):
        text = config if isinstance(config, (bytes, str)) else json.dumps(config)
        with zipfile.ZipFile(self.path("m.keras"), "w") as file:
            file.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
            file.writestr("config.json", text)
            for name, data in ({"model.weights.h5": arrays} if members is None else members).items():
                file.writestr(name, data)
        return self.path("m.keras")

    def refused(self, path, code, pattern):
        done = subprocess.run([COMMAND, "inspect", path], capture_output=True)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, code, said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertFalse(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said), repr(said))
        self.assertRegex(said, r"^dlguider: \S*" + re.escape(os.path.basename(path)) + ": ")
        self.assertRegex(said, pattern)

    def test_taken(self):
        for layers in ([dense("a"), dense("b")], [dense("a"), dense("b", use_bias=1)]):
            done = subprocess.run([COMMAND, "inspect", self.write(sequential(*layers))], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_k1_not_json(self):
        for text, said in ((b'{"class_name": ', r"config\S* is not valid JSON at byte 15"), (b'{"a": "\xff\xfe"}', r"not valid JSON at byte \d+"),
                           (b'{"a": "\\ud800"}', r"not valid JSON at byte \d+"), (b"", r"not valid JSON"), (b"[1, 2]", r"class_name|lists no layers")):
            self.refused(self.write(text), INPUT, said)

    def test_k2_too_deep(self):
        self.refused(self.write("[" * 100000 + "]" * 100000), LIMIT, "config.* is nested deeper than 256 levels")

    def test_k3_twice(self):
        text = json.dumps(sequential(dense("a"))).replace('"units": 3', '"units": 3, "units": 4')
        self.refused(self.write(text), INPUT, '"?units"?')
        self.refused(self.write(sequential(dense("a"), dense("a"))), INPUT, "two layers are named a")

    def test_k4_lambda(self):
        code = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}
        for module in ("keras.layers", None):
            layer = {"class_name": "Lambda", "module": module, "config": {"name": "lambda_1", "function": code}}
            self.refused(self.write(sequential(dense("a"), layer)), UNSUPPORTED, "layer lambda_1 is a Lambda, whose code cannot be read safely; export the model to ONNX")
        layer = dense("a", activation=code)
        self.refused(self.write(sequential(layer)), UNSUPPORTED, "layer a: has .*activation|layer a has .*activation")

    def test_k5_custom(self):
        layer = {"class_name": "Attn", "module": None, "registered_name": "my_lib>Attn", "config": {"name": "attn_2"}}
        self.refused(self.write(sequential(dense("a"), layer)), UNSUPPORTED, "layer attn_2 has class my_lib>Attn, which dlguider does not know")
        layer = {"class_name": "Dense", "module": "os", "config": {"name": "d", "units": 3}}
        self.refused(self.write(sequential(dense("a"), layer)), UNSUPPORTED, "layer d has class Dense")
        layer = {"class_name": "Dense", "module": "keras_evil.layers", "config": {"name": "d", "units": 3}}
        self.refused(self.write(sequential(layer)), UNSUPPORTED, "layer d has class Dense")
        layer = {"class_name": "Frob", "module": "keras.layers", "config": {"name": "frob\x1b[2J\u202e"}}
        self.refused(self.write(sequential(layer)), UNSUPPORTED, "layer frob.* has class Frob")

    def test_k6_units(self):
        for value in (0, -4, 1e30, 3.5, "8", True, None, [8, 8], {}):
            said = r"layer a: units must be a whole number from 1 to 16,777,216, found (0|-4|1\.?0?e\+?30|3\.5|\"8\"|true|nothing|\[8,8\]|\{\})"
            self.refused(self.write(sequential(dense("a", value))), INPUT, said)

    def test_k7_cycle(self):
        layers = [linked(start()), linked(dense("add_1"), "conv_4"), linked(dense("conv_4"), "add_1")]
        self.refused(self.write(functional(layers, "conv_4"), arrays=weights(("add_1", np.ones((2, 3)), np.zeros(3)), ("conv_4", np.ones((3, 3)), np.zeros(3)))), INPUT,
                     "layers (add_1 and conv_4|conv_4 and add_1) feed each other")
        self.refused(self.write(functional([linked(start()), linked(dense("a"), "nobody")], "a")), INPUT, "a tensor comes from layer nobody, which the model does not have")
        self.refused(self.write(functional([linked(start()), linked(dense("a"), "a")], "a")), INPUT, "layers a and a feed each other")

    def test_k9_vocabulary(self):
        for vocabulary in ("/etc/passwd", "http://example.com/words.txt"):
            layer = {"class_name": "IntegerLookup", "module": "keras.layers", "config": {"name": "look", "vocabulary": vocabulary, "mask_token": None}}
            self.refused(self.write(sequential(layer)), UNSUPPORTED, "layer look: names a file|layer look names a file|layer look: .*names a file")
        layer = {"class_name": "StringLookup", "module": "keras.layers", "config": {"name": "look", "vocabulary": ["a", "b"]}}
        self.refused(self.write(sequential(layer)), UNSUPPORTED, "layer look is a StringLookup.*(texts|words|strings)")

    def test_k11_layers(self):
        text = json.dumps(sequential(*[{"class_name": "ReLU", "config": {"name": f"r{i}"}} for i in range(20000)]))
        self.refused(self.write(text), LIMIT, "has 20001 layers; the limit is 20000")

    def test_every_class_is_known(self):
        """What keras.layers offers is computed, without effect, or refused with a reason."""
        import keras
        done = subprocess.run([COMMAND, "formats", "--markdown"], capture_output=True, text=True)
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
        known = {row[0].strip("`") for row in rows} | {name for row in rows for name in row[2].split()}
        for name, kind in vars(keras.layers).items():
            if isinstance(kind, type) and issubclass(kind, keras.layers.Layer):
                self.assertTrue(name in known or kind.__name__ in known, name)
        for name, status, _, reason in rows:
            self.assertTrue(status != "refused" or reason, name)

    def test_w1_shape(self):
        self.refused(self.write(sequential(dense("a", 4))), INPUT, r"layer a: kernel is \(2, 3\) but the model's shape asks for \(2, 4\)")
        self.refused(self.write(sequential(dense("a"), dense("b", 5))), INPUT, r"layer b: kernel is \(3, 3\) but the model's shape asks for \(3, 5\)")

    def test_w2_missing(self):
        self.refused(self.write(sequential(dense("a"), dense("conv_2"))), INPUT, "layer conv_2 has no weights in the file")
        self.refused(self.write(sequential(dense("a")), arrays=weights(("a", np.ones((2, 3))))), INPUT, "layer a has no bias in the file")

    def test_w3_not_finite(self):
        path = self.write(sequential(dense("a")), arrays=weights(("a", np.full((2, 3), np.nan), np.zeros(3))))
        self.assertEqual(subprocess.run([COMMAND, "inspect", path], capture_output=True).returncode, 0)

    def test_z2_z10_members(self):
        self.refused(self.write(sequential(dense("a")), {}), INPUT, "has no model.weights.h5")
        for name in ("model.weights.npz", "model.weights.json"):
            self.refused(self.write(sequential(dense("a")), {name: b"x"}), UNSUPPORTED, f"stores weights as {name}; dlguider reads model.weights.h5")
        with zipfile.ZipFile(self.path("n.keras"), "w") as file:
            file.writestr("model.weights.h5", GOOD)
        self.refused(self.path("n.keras"), INPUT, "has no config.json, so it is no Keras 3 model")

    def test_h8_weights_only(self):
        with open(self.path("only.weights.h5"), "wb") as file:
            file.write(GOOD)
        self.refused(self.path("only.weights.h5"), UNSUPPORTED, "holds weights but no model; save the whole model")

    def test_quantised(self):
        policy = {"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}
        self.refused(self.write(sequential(dense("a", dtype=policy))), UNSUPPORTED, "layer a has quantised weights")

    def test_every_truncation(self):
        """No prefix of a good file is taken for a model."""
        path = self.write(sequential(dense("a"), dense("b")))
        with open(path, "rb") as file:
            whole = file.read()
        for size in range(0, len(whole), max(1, len(whole) // 150)):
            with open(path, "wb") as file:
                file.write(whole[:size])
            done = subprocess.run([COMMAND, "inspect", path], capture_output=True)
            self.assertEqual(done.returncode, INPUT, (size, done.stderr))


if __name__ == "__main__":
    unittest.main()
