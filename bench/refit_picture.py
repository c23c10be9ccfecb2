#!/usr/bin/env python3
"""The worked example of docs/refit.md and its pictures: bench/refit_picture.py --dlguider build/release/dlguider -o docs

Trains a small model on scikit-learn's digits, damages one layer (its weights are shuffled among themselves), ranks it with all layers re-fitted,
and draws refit-loss.svg (share of the judging tests' loss that each way of re-fitting removes, layer by layer) and refit-mended.svg
(failing judging tests that pass afterwards). Needs keras and scikit-learn.
"""
import argparse, json, os, pathlib, subprocess, tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

WAYS = [("refit.judge", "40 steps on its weights", "#2a6f97"), ("refit.order", "another order of its units", "#e09f3e"), ("refit.scale", "other signs and sizes", "#9e2a2b")]
MENDED = {"refit.judge": "refit.mended", "refit.order": "refit.order-mended", "refit.scale": "refit.scale-mended"}


def example(folder):
    keras.utils.set_random_seed(7)
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")
    model = keras.Sequential([keras.Input((64,)), *[layers.Dense(n, activation="relu", name=f"dense_{i}") for i, n in enumerate((64, 48, 32, 24))], layers.Dense(10, activation="softmax", name="output")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x[600:], y[600:], epochs=25, batch_size=32, verbose=0)
    layer = model.get_layer("dense_3")
    kernel, bias = layer.get_weights()
    layer.set_weights([np.random.default_rng(1).permutation(kernel.reshape(-1)).reshape(kernel.shape), bias])
    model.save(f"{folder}/model.keras")
    np.save(f"{folder}/x.npy", x[:600])
    np.save(f"{folder}/y.npy", y[:600])


def bars(title, entries, figure, path):
    left, height, gap, width = 90, 16, 14, 520
    rows, at = [], 44
    for entry in entries:
        rows.append(f'<text x="{left - 8}" y="{at + 1.5 * height + 5}" text-anchor="end">{entry["name"]}</text>')
        for way, _, colour in WAYS:
            value = entry["figures"][figure(way)]
            shown = max(0.0, value or 0)
            rows.append(f'<rect x="{left}" y="{at}" width="{shown * width:.1f}" height="{height - 3}" fill="{colour}"/>'
                        f'<text x="{left + shown * width + 5:.1f}" y="{at + 11}" font-size="11">{"none" if not value or value <= 0 else f"{100 * value:.0f} %"}</text>')
            at += height
        at += gap
    for k, (_, words, colour) in enumerate(WAYS):
        rows.append(f'<rect x="{left + 190 * k}" y="{at + 4}" width="11" height="11" fill="{colour}"/><text x="{left + 190 * k + 16}" y="{at + 14}" font-size="11">{words}</text>')
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{at + 28}" font-family="sans-serif" font-size="13">'
                    f'<rect width="100%" height="100%" fill="white"/><text x="{left}" y="24" font-size="14">{title}</text>{"".join(rows)}</svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dlguider", default="build/release/dlguider")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("docs"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        example(folder)
        command = [arguments.dlguider, "rank", f"{folder}/model.keras", "-i", f"{folder}/x.npy", "-l", f"{folder}/y.npy", "--deep", "--save-evidence", f"{folder}/e.json"]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.replace(folder + "/", ""))
        entries = json.loads(pathlib.Path(folder, "e.json").read_text())["entries"]
    bars("Share of the other tests' loss that re-fitting one layer alone removes", entries, lambda w: w, arguments.output / "refit-loss.svg")
    bars("Failing other tests that pass after re-fitting one layer alone, less those broken", entries, MENDED.get, arguments.output / "refit-mended.svg")


main()
