"""Files of earlier Keras: models that TF-Keras 2.21 wrote (tests/data/keras2, with the values that it computed), and a file in
the layout of Keras 1, written by hand for want of a writer that still runs: old class and argument names, a list as
configuration, names of weights with ":0", an .h5 without backend or version."""
import glob, json, os, sys, tempfile, unittest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import keras_compare

SOURCE = os.environ.get("DLGUIDER_SOURCE", os.path.join(os.path.dirname(__file__), "../.."))


class OldKeras(unittest.TestCase):
    def test_keras_2(self):
        files = sorted(glob.glob(os.path.join(SOURCE, "tests/data/keras2/*.h5")) + glob.glob(os.path.join(SOURCE, "tests/data/keras2/*.keras")))
        self.assertEqual(len(files), 12)
        for path in files:
            want = np.load(os.path.splitext(path)[0] + ".npz")
            ours = keras_compare.dlguider_outputs(path, want["x"])
            for key in want:
                if key.startswith("layer "):
                    self.assertLessEqual(keras_compare.error_of(ours[key[6:]], want[key]), 1e-4, (path, key))

    def test_keras_1(self):
        import keras
        from keras import layers as L
        model = keras.Sequential([L.Input((6, 5, 2)), L.Conv2D(4, (3, 2), padding="same", strides=2, activation="relu", name="convolution2d_1"), L.MaxPooling2D((2, 1), name="maxpooling2d_1"),
                                  L.BatchNormalization(name="batchnormalization_1", epsilon=1e-5), L.Dropout(0.25, name="dropout_1"), L.Flatten(name="flatten_1"),
                                  L.Dense(3, use_bias=False, activation="linear", name="dense_1"), L.LeakyReLU(negative_slope=0.2, name="leakyrelu_1")])
        rng = np.random.default_rng(5)
        for weight in model.weights:
            weight.assign(np.abs(rng.normal(size=weight.shape)) + 0.1 if "variance" in weight.path else rng.normal(size=weight.shape))
        old = [("Convolution2D", {"name": "convolution2d_1", "nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "same", "subsample": [2, 2], "activation": "relu", "dim_ordering": "tf", "bias": True,
                                  "init": "glorot_uniform", "batch_input_shape": [None, 6, 5, 2], "input_dtype": "float32", "trainable": True}),
               ("MaxPooling2D", {"name": "maxpooling2d_1", "pool_size": [2, 1], "strides": [2, 1], "border_mode": "valid", "dim_ordering": "tf"}),
               ("BatchNormalization", {"name": "batchnormalization_1", "axis": -1, "epsilon": 1e-5, "mode": 0, "momentum": 0.99}),
               ("Dropout", {"name": "dropout_1", "p": 0.25}), ("Flatten", {"name": "flatten_1"}),
               ("Dense", {"name": "dense_1", "output_dim": 3, "activation": "linear", "bias": False, "init": "glorot_uniform"}), ("LeakyReLU", {"name": "leakyrelu_1", "alpha": 0.2})]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "old.h5")
            with h5py.File(path, "w") as file:
                file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": [{"class_name": c, "config": o} for c, o in old]}).encode()
                file.attrs["keras_version"] = b"1.2.2"
                group = file.create_group("model_weights")
                group.attrs["layer_names"] = [o["name"].encode() for _, o in old]
                for _, options in old:
                    arrays = model.get_layer(options["name"]).get_weights()
                    names = [f"{options['name']}_{'Wb'[i] if len(arrays) < 3 else i}:0".encode() for i in range(len(arrays))]
                    own = group.create_group(options["name"])
                    own.attrs["weight_names"] = names
                    for name, array in zip(names, arrays):
                        own[name.decode()] = array
            x = rng.normal(size=(3, 6, 5, 2)).astype("float32")
            worst, bad = keras_compare.compare(path, x, model)
        self.assertEqual(bad, [])
        self.assertLess(worst, 1e-5)


if __name__ == "__main__":
    unittest.main()
