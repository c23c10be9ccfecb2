#!/usr/bin/env python3
"""Which reconstruction of GUIDER is best: every coverage x weighting x confidence x formula x aggregation on every case.

    ablation.py score VALUES SCORES     one .npy of ranks a case (rank of the first faulty entry under each setting)
    ablation.py report VALUES SCORES [--page docs/benchmark.md]

VALUES holds one .npz a case: neurons_<i> (tests x units, per entry), output, labels, task, entries, truth, as
`ablation.py values "build/dlguider activations" VALUES CASES...` writes them. The arithmetic is tests/py/reference.py,
which the command is tested against. Needs numpy.

The choice is made by leave-one-base-out: for every base program the setting that is best on all other bases (macro-average
over the suites, so that a large suite has no more say) is applied to the cases of that base. Ties count against a setting.
Confidence intervals: bootstrap over bases, 2,000 draws.
"""
import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "py"))
import reference as ref

COVERAGES = [("layer", 0.25), ("layer", 0.5), ("layer", 0.75), ("neuron", 0.25), ("neuron", 0.5), ("neuron", 0.75), ("raw", 0.0),
             ("graded-layer", 0.0), ("graded-neuron", 0.0)]
POLICIES = ["confidence", "failed-only", "passed-only", "inverse-passed", "inverse-failed", "inverse"]
WEIGHTS = [("none", "max")] + [(w, c) for w in POLICIES for c in ref.CONFIDENCES]
FORMULAS = sorted(ref.all_formulas(*np.ones((4, 1))))
AGGREGATIONS = sorted(ref.all_aggregations(np.ones((1, 2)), [1, 1]))
SHAPE = (len(COVERAGES), len(WEIGHTS), len(FORMULAS), len(AGGREGATIONS))
SUITES = ("so", "mut", "seed")


# ---- one case ------------------------------------------------------------------------------------------------------

def load(path):
    d = np.load(path)
    truth, entries = json.loads(str(d["truth"])), json.loads(str(d["entries"]))
    neurons = [d[f"neurons_{i}"].astype(np.float32) for i in range(len(entries))]
    faulty = set(truth["faulty"])
    hit = np.array([bool(faulty & set(members)) for members in entries])
    return d, truth, neurons, hit


def judge(d):
    """Verdicts as the command gives them for a model that was saved with its loss."""
    task, out, y = str(d["task"]), np.asarray(d["output"], np.float64), np.asarray(d["labels"])
    out = out.reshape(len(out), 1, -1)
    units = out.shape[2]
    y = y.reshape(len(y), -1)
    if task in ("regression", "multilabel"):
        y = np.broadcast_to(y, (len(y), units)) if y.shape[1] == 1 else y[:, :units]
        return ref.judge(out, y.reshape(len(y), 1, units), task, "values" if task == "regression" else "probability")
    y = y[:, :1] if y.shape[1] == 1 else y.argmax(1)[:, None]
    flat = np.nan_to_num(out)
    form = "probability" if units == 1 or (flat.min() >= -1e-6 and flat.max() <= 1 + 1e-6) else "logits"
    return ref.judge(out, y, task, form)


def rank_of(scores, hit):
    """scores (..., entries): the rank of the best faulty entry, ties against it."""
    best = scores[..., hit].max(-1, keepdims=True)
    slack = 1e-9 * np.maximum(1, np.abs(scores).max(-1, keepdims=True))
    return 1 + (scores[..., ~hit] >= best - slack).sum(-1)


def score_case(path):
    d, _, neurons, hit = load(path)
    judged = judge(d)
    failed = judged["failed"]
    ranks = np.full(SHAPE, hit.size - hit.sum() + 1, np.uint8)
    if not failed.any():
        return ranks
    widths = [a.shape[1] for a in neurons]
    pairs = [ref.weights(w, failed, judged["confidence"][c]) for w, c in WEIGHTS]
    wf, wp = np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])
    for i, (how, threshold) in enumerate(COVERAGES):
        activity = np.concatenate([ref.cover(a, how, threshold) for a in neurons], 1)
        ef, ep = wf @ activity, wp @ activity
        nf, np_ = np.maximum(0, wf.sum(1)[:, None] - ef), np.maximum(0, wp.sum(1)[:, None] - ep)
        scores = ref.all_formulas(ef, nf, ep, np_)
        stack = np.stack([scores[f] for f in FORMULAS], 1)
        folded = ref.all_aggregations(stack, widths)
        for k, name in enumerate(AGGREGATIONS):
            ranks[i, :, :, k] = rank_of(folded[name], hit)
    return ranks


def score(values, target):
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(values.glob("*.npz")):
        out = target / (path.stem + ".npy")
        if out.exists():
            continue
        _, truth, _, hit = load(path)
        if not truth["faulty"] or not hit.any() or hit.all():
            continue
        np.save(out, score_case(path))
        print(path.stem, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "score":
        score(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
