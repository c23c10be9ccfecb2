"""Every layer family with its options: dlguider's values against Keras's, from .keras and from .h5.

    python test_keras_layers.py [NAME...]   only models whose name starts so; -v prints each
"""
import os
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import warnings

warnings.filterwarnings("ignore")
import itertools

import keras_compare
import keras_models
import keras_more_models


def check(name, model, x, folder, verbose):
    worst, failures = 0.0, []
    theirs = keras_compare.layer_outputs(model, x)
    for suffix in (".keras", ".h5"):
        path = os.path.join(folder, name + suffix)
        try:
            model.save(path)
        except TypeError:  # layers that Keras cannot copy have no .h5
            continue
        try:
            error, bad = keras_compare.compare(path, x, model, theirs=theirs, skip_missing=True)
        except keras_compare.Refused as refusal:
            error, bad = 0.0, [("refused", float("inf"), str(refusal))]
        worst = max(worst, error)
        failures += [f"{name}{suffix}: {layer}: error {wrong:.3g}, {about}" for layer, wrong, about in bad]
    if verbose:
        print(f"{name}: {len(theirs)} layers, worst error {worst:.2g}", flush=True)
    for line in failures:
        print(line, flush=True)
    return worst, len(theirs), not failures


def main(arguments):
    verbose, wanted = "-v" in arguments, [a for a in arguments if a != "-v"]
    count = layers = failed = 0
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, model, x in itertools.chain(keras_models.models(), keras_more_models.models()):
            if wanted and not any(name.startswith(w) for w in wanted):
                continue
            error, seen, good = check(name, model, x, folder, verbose)
            count, layers, failed, worst = count + 1, layers + seen, failed + (not good), max(worst, error)
    print(f"{count} models, {layers} layers, each from .keras and .h5: {failed} models differ, worst error {worst:.2g}")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
