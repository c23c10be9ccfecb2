#!/usr/bin/env python3
"""The same cases with fewer tests, drawn without replacement: what do 50 tests give?

    fewer_tests.py N OUT FOLDER...      then ./dev bench OUT/*

Models and programs are linked to, tests are written. Needs numpy.
"""
import json
import pathlib
import shutil
import sys

import numpy as np


def main():
    count, out = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    for file in sorted(f for root in sys.argv[3:] for f in pathlib.Path(root).rglob("case.json")):
        case, folder = json.loads(file.read_text()), file.parent
        to = out / case["suite"] / folder.name
        to.mkdir(parents=True)
        x, y = np.load(folder / case["x"]), np.load(folder / case["y"])
        some = np.sort(np.random.default_rng(int(folder.name)).permutation(len(x))[:count])
        np.save(to / "x.npy", x[some])
        np.save(to / "y.npy", y[some])
        shutil.copy(folder / "truth.json", to)
        for part in ("model", "program"):
            case[part] = str((folder / case[part]).resolve())
        (to / "case.json").write_text(json.dumps({**case, "x": "x.npy", "y": "y.npy", "tests": int(len(some))}))


main()
