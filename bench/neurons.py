#!/usr/bin/env python3
"""Which neurons: of cases whose truth names the changed output columns, how many does the neuron ranking find?

    neurons.py --dlguider "build/release/dlguider rank" CASES...

Looks only at the faulty layer's ten first neurons. precision at k: share of the first k that were changed; recall at 10: share
of the changed ones (at most ten) among the first ten. Random is the share of changed columns. Needs Python 3.9 and nothing else.
"""
import argparse
import json
import pathlib
import shlex
import subprocess

WAYS = {
    "fused (default)": ["--budget", "0"],
    "guider": ["--method", "guider"],
    "plain ochiai": ["--method", "guider", "--formula", "ochiai", "--weighting", "none", "--coverage", "layer", "--aggregation", "mean"],
    "plain tarantula": ["--method", "guider", "--formula", "tarantula", "--weighting", "none", "--coverage", "layer", "--aggregation", "mean"],
    "plain dstar2": ["--method", "guider", "--formula", "dstar2", "--weighting", "none", "--coverage", "layer", "--aggregation", "mean"],
    "ochiai, per neuron": ["--method", "guider", "--formula", "ochiai", "--weighting", "none", "--coverage", "neuron", "--aggregation", "mean"],
}


def cases(roots):
    for root in map(pathlib.Path, roots):
        for file in sorted(root.rglob("case.json")):
            truth = json.loads((file.parent / "truth.json").read_text())
            if truth.get("columns") and truth["faulty"]:
                yield file.parent, json.loads(file.read_text()), truth


def neurons(command, folder, case, truth, options):
    """(the faulty layer's first neurons, its width); None when the layer has no neurons of its own."""
    done = subprocess.run(shlex.split(command) + [str(folder / case["model"]), "--inputs", str(folder / case["x"]), "--labels", str(folder / case["y"]),
                                                  "--task", case["task"], "--json", *options], capture_output=True, text=True)
    for layer in json.loads(done.stdout)["layers"]:
        if set(layer["members"]) & set(truth["faulty"]):
            return [n["index"] for n in layer["neurons"]]
    return None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("cases", nargs="+")
    p.add_argument("--dlguider", default="build/release/dlguider rank")
    args = p.parse_args()
    found = list(cases(args.cases))
    print(f"{len(found)} cases with changed columns")
    print("| neurons by | precision at 1 | at 3 | at 5 | at 10 | recall at 10 |\n|---|---|---|---|---|---|")
    for way, options in WAYS.items():
        sums, n = [0.0] * 5, 0
        for folder, case, truth in found:
            first, changed = neurons(args.dlguider, folder, case, truth, options), set(truth["columns"])
            if not first:
                continue
            n += 1
            for i, k in enumerate((1, 3, 5, 10)):
                top = first[:k]
                sums[i] += len(changed & set(top)) / len(top)
            sums[4] += len(changed & set(first)) / min(len(changed), 10)
        print(f"| {way} | " + " | ".join(f"{s / n:.2f}" for s in sums) + " |", flush=True)


if __name__ == "__main__":
    main()
