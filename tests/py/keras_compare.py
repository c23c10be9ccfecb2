"""Compare what dlguider's layers compute with what Keras's compute.

    DLGUIDER=build/asan/dlguider python tests/py/keras_compare.py CASE...

CASE is a folder with a case.json (model and x), or a model file, which then gets random inputs. One line for every model
that differs, and the worst error in the end. An error is |a - b| over the largest |b| of the layer, at least 1.
"""
import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

TOLERANCE = 1e-4


class Refused(Exception):
    """dlguider did not take the model; code and its line."""


def layer_outputs(model, x):
    """Every top-level layer's output for x; of a layer called several times, the last call's."""
    import keras

    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    tensors = []
    for layer in layers:
        output = layer._inbound_nodes[-1].output_tensors[0]
        tensors.append(output)
    values = keras.Model(model.inputs, tensors).predict(x, verbose=0, batch_size=64)
    values = values if isinstance(values, list) else [values]
    return {layer.name: np.asarray(value) for layer, value in zip(layers, values)}


def dlguider_outputs(path, x, command=None):
    command = command or os.environ.get("DLGUIDER", "dlguider")
    with tempfile.TemporaryDirectory() as folder:
        np.save(os.path.join(folder, "x.npy"), x)
        acts = os.path.join(folder, "acts")
        run = subprocess.run([command, "activations", path, "--inputs", os.path.join(folder, "x.npy"), "-o", acts],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            raise Refused(f"{run.returncode}: {run.stderr.strip()[:300]}")
        with open(os.path.join(acts, "index.json"), encoding="utf-8") as file:
            index = json.load(file)
        return {a["layer"]: np.load(os.path.join(acts, a["file"])) for a in index["arrays"]}


def error_of(ours, theirs):
    if ours.shape != theirs.shape:
        return float("inf")
    nan = np.isnan(ours) & np.isnan(theirs)
    same = (ours == theirs) | nan
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.where(same, 0, np.abs(ours.astype(np.float64) - theirs))
    finite = np.abs(theirs[np.isfinite(theirs)])
    scale = max(1.0, float(finite.max()) if finite.size else 1.0)
    worst = float(difference.max()) / scale if difference.size else 0.0
    return float("inf") if np.isnan(worst) else worst


def compare(path, x, model=None, command=None, skip_missing=False, theirs=None):
    """Worst error over the layers, and a list of (layer, error, shapes) above the tolerance. Raises Refused."""
    import keras

    model = model or keras.saving.load_model(path, compile=False)
    ours = dlguider_outputs(path, x, command)
    theirs = theirs if theirs is not None else layer_outputs(model, x)
    worst, bad = 0.0, []
    if not all(np.isfinite(w.numpy()).all() for w in model.weights):
        # TensorFlow's fused relu makes 0 of NaN, ONNX Runtime's LSTM 1: engines agree on shapes only.
        theirs = {name: np.zeros_like(value) for name, value in theirs.items()}
        ours = {name: np.zeros_like(value) for name, value in ours.items()}
    for name, value in theirs.items():
        if name not in ours:
            if not skip_missing:
                bad.append((name, float("inf"), "missing"))
            continue
        error = error_of(ours[name], value)
        worst = max(worst, error)
        if not error <= TOLERANCE:
            bad.append((name, error, f"{ours[name].shape} {value.shape}"))
    return worst, bad


def case_files(case):
    if os.path.isfile(case):
        return case, None
    with open(os.path.join(case, "case.json"), encoding="utf-8") as file:
        about = json.load(file)
    return os.path.join(case, about["model"]), np.load(os.path.join(case, about["x"]), mmap_mode="r")[:32]


def random_input(model):
    rng = np.random.default_rng(5)
    shape = [d or 4 for d in model.inputs[0].shape]
    return rng.normal(size=shape).astype("float32")


def main(cases):
    import keras

    worst, failed = 0.0, 0
    for case in cases:
        path, x = case_files(case)
        try:
            model = keras.saving.load_model(path, compile=False)
            x = np.array(x) if x is not None else random_input(model)
            error, bad = compare(path, x, model)
        except Refused as refusal:
            error, bad = 0.0, [("refused", float("inf"), str(refusal))]
        worst = max(worst, error)
        failed += bool(bad)
        for name, wrong, about in bad[:3]:
            print(f"{case}: {name}: error {wrong:.3g}, {about}")
        keras.backend.clear_session()
    print(f"{len(cases)} models, {failed} differ, worst error {worst:.3g}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
