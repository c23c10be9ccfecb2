#!/usr/bin/env python3
"""Top-1, top-3 and mean reciprocal rank of `dlguider rank` on the cases of some folders, beside rankings that know nothing. Needs Python alone.

    score.py DLGUIDER FOLDER... [-- OPTIONS OF RANK...]

A case counts when its truth is a layer and an expert could not name another (confidence high). Ties count against the command:
a faulty layer that shares its score with n others stands behind them.
"""
import collections
import json
import pathlib
import subprocess
import sys

ORDERS = {
    "dlguider": lambda layer: layer["score"],
    "last entry first": lambda layer: layer["index"],
    "first entry first": lambda layer: -layer["index"],
    "narrowest entry first": lambda layer: -layer["units"],
}


def ranked(command, folder, case, options):
    argv = [command, "rank", folder / case["model"], "--inputs", folder / case["x"], "--labels", folder / case["y"], "--task", case["task"], "--json"]
    if case.get("program") and (folder / case["program"]).exists():
        argv += ["--program", folder / case["program"]]
    done = subprocess.run([*map(str, argv), *options], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        print(f"left out {folder}: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)["layers"]


def place(layers, faulty, order):
    """Rank of the best faulty entry, all ties before it."""
    values = [order(layer) for layer in layers]
    hits = [v for v, layer in zip(values, layers) if faulty & set(layer["members"])]
    return sum(v >= max(hits) for v in values) if hits else None


def main():
    argv, options = sys.argv[1:], []
    if "--" in argv:
        cut = argv.index("--")
        argv, options = argv[:cut], argv[cut + 1:]
    if len(argv) < 2:
        sys.exit(__doc__)
    places = collections.defaultdict(lambda: collections.defaultdict(list))
    for file in sorted(f for folder in argv[1:] for f in pathlib.Path(folder).rglob("case.json")):
        case, truth = json.loads(file.read_text()), json.loads((file.parent / "truth.json").read_text())
        if not truth["faulty"] or truth.get("confidence", "high") != "high":
            continue
        layers = ranked(argv[0], file.parent, case, options)
        found = layers and {name: place(layers, set(truth["faulty"]), order) for name, order in ORDERS.items()}
        for name, rank in (found or {}).items():
            if rank:
                places[case["suite"]][name].append(rank)
        print(file.parent.name, found and found["dlguider"], file=sys.stderr)
    print("| suite | cases | ranking | top-1 | top-3 | mean reciprocal rank |\n|---|---|---|---|---|---|")
    for suite, rankings in sorted(places.items()):
        for name, ranks in rankings.items():
            share = [sum(r <= k for r in ranks) / len(ranks) for k in (1, 3)]
            print(f"| {suite} | {len(ranks)} | {name} | {share[0]:.2f} | {share[1]:.2f} | {sum(1 / r for r in ranks) / len(ranks):.2f} |")


main()
