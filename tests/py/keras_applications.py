"""The architectures of keras.applications with random weights, from .keras and from .h5: dlguider's value of every layer
against Keras's.

    DLGUIDER=build/release/dlguider python tests/py/keras_applications.py [NAME...]
"""
import os
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

import keras_compare

NAMES = {"ResNet50": 64, "MobileNetV3Small": 64, "EfficientNetB0": 64, "DenseNet121": 64, "InceptionV3": 96, "ConvNeXtTiny": 64, "VGG16": 48, "Xception": 96}


def main(wanted):
    failed = 0
    for name in wanted or NAMES:
        keras.utils.set_random_seed(1)
        size = NAMES[name]
        model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10)
        rng = np.random.default_rng(1)
        x = rng.uniform(0, 255, (2, size, size, 3)).astype("float32")
        theirs = keras_compare.layer_outputs(model, x)
        for suffix in (".keras", ".h5"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, name + suffix)
                model.save(path)
                start = time.time()
                try:
                    worst, bad = keras_compare.compare(path, x, model, theirs=theirs, skip_missing=True)
                except keras_compare.Refused as refusal:
                    worst, bad = 0.0, [("refused", float("inf"), str(refusal))]
                print(f"{name}{suffix}: {len(theirs)} layers, worst error {worst:.2g}, {os.path.getsize(path) / 1e6:.0f} MB, {time.time() - start:.1f} s", flush=True)
                for layer, error, about in bad[:3]:
                    print(f"    {layer}: error {error:.3g}, {about}")
                failed += bool(bad)
        keras.backend.clear_session()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
