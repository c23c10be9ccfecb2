#!/usr/bin/env python3
"""Which reconstruction of GUIDER is best? Every coverage, weighting, confidence, formula, aggregation on every case.

    ablation.py values DLGUIDER VALUES CASES...   neuron values, outputs, truth and ranking: one .npz a case
    ablation.py check VALUES                      is the command's own ranking of each case the reference's, to 1e-9?
    ablation.py score VALUES SCORES               rank of the first faulty entry under each setting: one .npy a case
    ablation.py report VALUES SCORES [PAGE]       the tables, to standard output or into the marked part of PAGE

DLGUIDER is the command (build/release/dlguider); CASES are suites as bench/README.md describes them. The arithmetic is
tests/py/reference.py, written from docs/method.md and not from the C. Needs numpy. With 243 cases the values take about
two minutes and the scores four, on one core.

The choice is made by leave-one-base-out: for every base program the setting that is best on all other bases (mean of
the suites, so that a large suite has no more say) is applied to the cases of that base. Ties count against a setting.
Confidence intervals: bootstrap over bases, 2,000 draws.
"""

import io
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "py"))
import reference as ref

COVERAGES = [
    ("layer", 0.25),
    ("layer", 0.5),
    ("layer", 0.75),
    ("neuron", 0.25),
    ("neuron", 0.5),
    ("neuron", 0.75),
    ("raw", 0.0),
    ("graded-layer", 0.0),
    ("graded-neuron", 0.0),
]
POLICIES = ["confidence", "failed-only", "passed-only", "inverse-passed", "inverse-failed", "inverse"]
WEIGHTS = [("none", "max")] + [(w, c) for w in POLICIES for c in ref.CONFIDENCES]
FORMULAS = sorted(ref.all_formulas(*np.ones((4, 1))))
AGGREGATIONS = sorted(ref.all_aggregations(np.ones((1, 2)), [1, 1]))
SHAPE = (len(COVERAGES), len(WEIGHTS), len(FORMULAS), len(AGGREGATIONS))
SUITES = ("so", "mut", "seed")


# ---- values from the command ---------------------------------------------------------------------------------------


def export(command, folder, case, neurons):
    """The arrays of `dlguider activations` in model order: (entry or None, array)."""
    with tempfile.TemporaryDirectory() as out:
        target = pathlib.Path(out) / "a"
        argv = [command, "activations", folder / case["model"], "--inputs", folder / case["x"], "-o", target]
        subprocess.run([*map(str, argv), *(["--neurons"] if neurons else [])], check=True, capture_output=True)
        index = json.loads((target / "index.json").read_text())
        return [(a["entry"], np.load(target / a["file"])) for a in index["arrays"]]


def values(command, target, roots):
    target.mkdir(parents=True, exist_ok=True)
    for folder in sorted(p.parent for root in roots for p in pathlib.Path(root).rglob("case.json")):
        case, truth = (json.loads((folder / name).read_text()) for name in ("case.json", "truth.json"))
        out = target / f"{case['suite']}_{case['id']}.npz"
        if out.exists():
            continue
        model = json.loads(
            subprocess.run(
                [command, "inspect", folder / case["model"], "--json"], check=True, capture_output=True, text=True
            ).stdout
        )
        members = {}
        for layer in model["layers"]:
            if layer["entry"] is not None:
                members.setdefault(layer["entry"], []).append(layer["name"])
        arrays = {f"neurons_{entry}": a for entry, a in export(command, folder, case, True) if entry is not None}
        output = arrays[f"neurons_{max(members)}"]
        whole = export(command, folder, case, False)[-1][1]
        if whole.size != output.size:  # many places: a neuron's value is not the output
            output = whole
        argv = [
            command,
            "rank",
            folder / case["model"],
            "--inputs",
            folder / case["x"],
            "--labels",
            folder / case["y"],
            "--task",
            case["task"],
            "--method",
            "guider",
            "--json",
        ]
        ranking = json.loads(subprocess.run([*map(str, argv)], check=True, capture_output=True, text=True).stdout)
        np.savez_compressed(
            out,
            output=output,
            labels=np.load(folder / case["y"]),
            task=case["task"],
            form=ranking["method"]["outputs"],
            truth=json.dumps(truth),
            entries=json.dumps([members[i] for i in sorted(members)]),
            ranking=json.dumps(ranking),
            **arrays,
        )
        print(out.stem, flush=True)


# ---- one case ------------------------------------------------------------------------------------------------------


def load(path):
    d = np.load(path)
    truth, entries = json.loads(str(d["truth"])), json.loads(str(d["entries"]))
    neurons = [d[f"neurons_{i}"].astype(np.float32) for i in range(len(entries))]
    faulty = set(truth["faulty"])
    hit = np.array([bool(faulty & set(members)) for members in entries])
    return d, truth, neurons, hit


def judge(d):
    """Verdicts as the reference gives them, reading the outputs as the command said."""
    task, form, out, y = str(d["task"]), str(d["form"]), np.asarray(d["output"], np.float64), np.asarray(d["labels"])
    out = out.reshape(len(out), 1, -1)
    units = out.shape[2]
    y = y.reshape(len(y), -1)
    if task in ("regression", "multilabel"):
        y = np.broadcast_to(y, (len(y), units)) if y.shape[1] == 1 else y[:, :units]
        return ref.judge(out, y.reshape(len(y), 1, units), task, form)
    return ref.judge(out, y[:, :1] if y.shape[1] == 1 else y.argmax(1)[:, None], task, form)


def rank_of(scores, hit):
    """scores (..., entries): the rank of the best faulty entry, ties against it."""
    best = scores[..., hit].max(-1, keepdims=True)
    slack = 1e-9 * np.maximum(1, np.abs(scores).max(-1, keepdims=True))
    return 1 + (scores[..., ~hit] >= best - slack).sum(-1)


def left(weights, active):
    """What is not active; a fast matrix product leaves noise where it is 0."""
    total = weights.sum(1)[:, None]
    return np.where(total - active > 1e-11 * total, total - active, 0.0)


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
        nf, np_ = left(wf, ef), left(wp, ep)
        scores = ref.all_formulas(ef, nf, ep, np_)
        stack = np.stack([scores[f] for f in FORMULAS], 1)
        folded = ref.all_aggregations(stack, widths)
        for k, name in enumerate(AGGREGATIONS):
            ranks[i, :, :, k] = rank_of(folded[name], hit)
    return ranks


def check(values):
    """Failing tests, scores and order of `rank --method guider` against the reference; how many cases differ."""
    worst, bad = 0.0, 0
    for path in sorted(values.glob("*.npz")):
        d, _, neurons, _ = load(path)
        judged, ranking = judge(d), json.loads(str(d["ranking"]))
        how = ranking["method"]
        expected, _ = ref.guider(
            neurons,
            judged,
            how["coverage"],
            how.get("threshold", 0.0),
            how["weighting"],
            how["confidence"],
            how["formula"],
            how["aggregation"],
        )
        seen = np.array([e["score"] for e in sorted(ranking["layers"], key=lambda e: e["index"])])
        difference = float((np.abs(seen - expected) / np.maximum(1, np.abs(expected))).max())
        worst = max(worst, difference)
        if (
            difference > 1e-9
            or int(judged["failed"].sum()) != ranking["tests"]["failed"]
            or ref.order(seen) != [e["index"] for e in ranking["layers"]]
        ):
            bad += 1
            print(path.stem, "differs by", difference)
    print(f"{len(list(values.glob('*.npz')))} cases, {bad} differ, largest difference {worst:.2g}")
    return bad


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


# ---- the tables ----------------------------------------------------------------------------------------------------


class Table:
    """Ranks of all settings on all cases of high confidence, with suites, bases and weights that make suites equal."""

    def __init__(self, values, scores):
        cases = []
        for path in sorted(scores.glob("*.npy")):
            suite = path.stem.split("_")[0]
            if suite not in SUITES:
                continue
            d, truth, neurons, hit = load(values / (path.stem + ".npz"))
            if truth.get("confidence", "high") == "high":
                base = path.stem if suite == "so" else truth["base"]
                cases.append((path.stem, suite, base, hit, [a.shape[1] for a in neurons], np.load(path).reshape(-1)))
        self.names, suites, bases, self.hits, self.widths, ranks = map(list, zip(*cases))
        self.suite, self.base = np.array(suites), np.array(bases)
        self.top = np.stack(ranks, 1) == 1
        self.inverse = 1 / np.stack(ranks, 1).astype(np.float32)
        self.groups = sorted(set(bases))

    def weight(self, chosen=None):
        chosen = np.ones(len(self.names), bool) if chosen is None else chosen
        w = np.zeros(len(self.names))
        present = [s for s in SUITES if (chosen & (self.suite == s)).any()]
        for s in present:
            mine = chosen & (self.suite == s)
            w[mine] = 1 / len(present) / mine.sum()
        return w

    def leave_one_base_out(self, allowed):
        """Each case's top-1 under the setting chosen on the other bases, and how often each setting was chosen. The
        mean inverse rank settles near ties."""
        allowed = np.flatnonzero(allowed.reshape(-1))
        top, inverse = self.top[allowed].astype(np.float32), self.inverse[allowed]
        out, chosen = np.zeros(len(self.names)), {}
        for group in self.groups:
            inside = self.base == group
            w = self.weight(~inside).astype(np.float32)
            best = allowed[(top @ w + 0.1 * (inverse @ w)).argmax()]
            out[inside] = self.top[best][inside]
            chosen[best] = chosen.get(best, 0) + 1
        return out, chosen

    def macro(self, hits):
        return float(hits @ self.weight())

    def interval(self, hits, other=None, draws=2000):
        """95 % bootstrap interval of the macro-average (or of the difference to `other`), whole bases drawn."""
        rng = np.random.default_rng(0)
        values = hits - (other if other is not None else 0)
        where = {s: [np.flatnonzero((self.base == g) & (self.suite == s)) for g in self.groups] for s in SUITES}
        found = []
        for _ in range(draws):
            draw = rng.integers(len(self.groups), size=len(self.groups))
            parts = [np.concatenate([where[s][g] for g in draw]) for s in SUITES]
            found.append(np.mean([values[p].mean() for p in parts if len(p)]))
        return np.percentile(found, [2.5, 97.5])


def describe(index):
    a, b, c, d = np.unravel_index(index, SHAPE)
    how, threshold = COVERAGES[a]
    weighting, confidence = WEIGHTS[b]
    cut = "" if how.startswith("graded") else f" > {threshold:g}"
    return (
        f"{how}{cut}, {weighting}{'' if weighting == 'none' else ' by ' + confidence}, {FORMULAS[c]}, {AGGREGATIONS[d]}"
    )


def naive(table):
    """Top-1 of rankings that look at no test; ties counted by chance."""

    def best(keys, hit):
        keys = np.asarray(keys, float)
        tied = keys == keys.max()
        return (tied & hit).sum() / tied.sum()

    return {
        "last entry first": np.array([h[-1] for h in table.hits], float),
        "first entry first": np.array([h[0] for h in table.hits], float),
        "narrowest entry first": np.array([best(-np.array(w), h) for w, h in zip(table.widths, table.hits)]),
        "widest entry first": np.array([best(w, h) for w, h in zip(table.widths, table.hits)]),
        "random order": np.array([h.mean() for h in table.hits]),
    }


def shuffled(values, table, index, draws=20):
    """Top-1 of one setting when verdicts (with their confidence) are dealt to the tests at random: what is left is what
    position, width and activity alone give."""
    a, b, c, d = np.unravel_index(index, SHAPE)
    out = np.zeros(len(table.names))
    rng = np.random.default_rng(0)
    for i, name in enumerate(table.names):
        data, _, neurons, hit = load(values / (name + ".npz"))
        judged = judge(data)
        for _ in range(draws):
            order = rng.permutation(len(judged["failed"]))
            dealt = {
                "failed": judged["failed"][order],
                "confidence": {k: v[order] for k, v in judged["confidence"].items()},
            }
            scores, _ = ref.guider(neurons, dealt, *COVERAGES[a], *WEIGHTS[b], FORMULAS[c], AGGREGATIONS[d])
            out[i] += (rank_of(scores, hit) == 1) / draws
    return out


def fewer_tests(values, table, index, sizes=(25, 50, 100, 200), draws=10):
    """For each number of tests drawn without replacement: top-1, and how often the first entry is that of all tests."""
    a, b, c, d = np.unravel_index(index, SHAPE)
    rng = np.random.default_rng(0)
    found = {size: (np.zeros(len(table.names)), np.zeros(len(table.names))) for size in sizes}
    for i, name in enumerate(table.names):
        data, _, neurons, hit = load(values / (name + ".npz"))
        judged = judge(data)

        def rank(chosen):
            part = {
                "failed": judged["failed"][chosen],
                "confidence": {k: v[chosen] for k, v in judged["confidence"].items()},
            }
            return ref.guider(
                [n[chosen] for n in neurons], part, *COVERAGES[a], *WEIGHTS[b], FORMULAS[c], AGGREGATIONS[d]
            )[0]

        everything = np.arange(len(judged["failed"]))
        first = ref.order(rank(everything))[0]
        for size in sizes:
            for _ in range(draws):
                scores = rank(rng.choice(everything, min(size, len(everything)), replace=False))
                found[size][0][i] += (rank_of(scores, hit) == 1) / draws
                found[size][1][i] += (scores[first] >= scores.max()) / draws
    return found


def row(table, name, hits, other=None):
    outside = np.array([not h[-1] for h in table.hits])
    low, high = table.interval(hits)
    cells = [f"{hits[table.suite == s].mean():.2f}" for s in SUITES] + [
        f"{table.macro(hits):.2f}",
        f"{low:.2f} to {high:.2f}",
        f"{hits[outside].mean():.2f}",
    ]
    if other is not None:
        low, high = table.interval(hits, other)
        cells.append(f"{table.macro(hits) - table.macro(other):+.2f} ({low:+.2f} to {high:+.2f})")
    else:
        cells.append("")
    return "| " + " | ".join([name] + cells) + " |"


HEAD = (
    "| ranking | so | mut | seed | mean of the suites | 95 % | outside the last layer | against the choice |\n"
    "|---|---|---|---|---|---|---|---|"
)
PLAIN = ("mean", "max", "median", "topk", "top1pct", "top10pct")


def report(values, scores, out):
    table = Table(values, scores)
    everything = np.ones(SHAPE, bool)
    hits, chosen = table.leave_one_base_out(everything)
    macro = table.top.astype(np.float32) @ table.weight().astype(np.float32)
    inverse = table.inverse @ table.weight().astype(np.float32)
    best = int((macro + 0.1 * inverse).argmax())
    counts = ", ".join(f"{(table.suite == s).sum()} {s}" for s in SUITES)
    say = lambda text="": print(text, file=out)
    say(
        f"{everything.size:,} settings ({len(COVERAGES)} coverages x {len(WEIGHTS)} weightings x {len(FORMULAS)} "
        f"formulas x {len(AGGREGATIONS)} aggregations) on {len(table.names)} cases of high confidence ({counts}) of "
        f"{len(table.groups)} bases. Figures are top-1; ties count against a setting."
    )
    say()
    say(
        f"Best on all cases, and the default of the method: `{describe(best)}`. It is the choice in "
        f"{chosen.get(best, 0)} of {len(table.groups)} folds."
    )
    say()
    say(HEAD)
    say(row(table, "chosen by leave-one-base-out", hits))
    say(row(table, "best setting, with hindsight", table.top[best].astype(float), hits))
    say(row(table, "the same, verdicts dealt at random", shuffled(values, table, best), hits))
    for name, found in naive(table).items():
        say(row(table, name, found, hits))
    say()
    say(
        f"Median of all settings: {np.median(macro):.2f}; a quarter of them reach {np.quantile(macro, 0.75):.2f}, "
        f"one in a hundred {np.quantile(macro, 0.99):.2f}."
    )
    say()
    say("What each part brings: the choice again by leave-one-base-out, among fewer settings.")
    say()
    say(HEAD)
    names = [w for w, _ in WEIGHTS]
    limits = [
        ("no weighting", 1, [w == "none" for w in names]),
        ("weighted only", 1, [w != "none" for w in names]),
        ("no balancing: mean, max, median, top-k", 3, [a in PLAIN for a in AGGREGATIONS]),
        ("balanced only", 3, [a not in PLAIN for a in AGGREGATIONS]),
    ]
    limits += [(f"weighting {p}", 1, [w == p for w in names]) for p in POLICIES]
    limits += [(f"aggregation {a}", 3, [x == a for x in AGGREGATIONS]) for a in AGGREGATIONS]
    limits += [(f"coverage {h}", 0, [c[0] == h for c in COVERAGES]) for h in dict.fromkeys(c[0] for c in COVERAGES)]
    limits += [
        (f"formula {f}", 2, [x == f for x in FORMULAS])
        for f in (
            "ochiai",
            "tarantula",
            "dstar2",
            "jaccard",
            "op2",
            "barinel",
            "ample",
            "kulczynski2",
            "geometric-mean",
            "wong2",
        )
    ]
    plain = (
        everything
        & np.array([w == "none" for w in names])[None, :, None, None]
        & np.isin(AGGREGATIONS, ["mean", "max"])[None, None, None, :]
    )
    for formula in ("ochiai", "tarantula", "dstar2"):
        only = plain & (np.array(FORMULAS) == formula)[None, None, :, None]
        say(row(table, f"plain {formula}: no weights, mean or max", table.leave_one_base_out(only)[0], hits))
    for name, axis, keep in limits:
        shape = [1, 1, 1, 1]
        shape[axis] = -1
        say(row(table, name, table.leave_one_base_out(everything & np.array(keep).reshape(shape))[0], hits))
    say()
    say("How many tests are enough: the best setting on tests drawn without replacement, mean of the suites.")
    say()
    say("| tests | top-1 | first entry as with all tests |\n|---|---|---|")
    for size, (top, same) in fewer_tests(values, table, best).items():
        say(f"| {size} | {table.macro(top):.2f} | {table.macro(same):.2f} |")
    say(f"| all (100 to 300) | {table.macro(table.top[best].astype(float)):.2f} | 1.00 |")


START, END = "<!-- ablation.py report -->", "<!-- end of ablation.py report -->"


def write_into(page, text):
    """Between the two marks of the page; at its end when it has none."""
    old = page.read_text() if page.exists() else ""
    head, _, rest = old.partition(START)
    tail = rest.partition(END)[2]
    page.write_text(f"{head.rstrip()}\n\n{START}\n{text}{END}\n\n{tail.lstrip()}".lstrip())


def main():
    arguments = sys.argv[1:]
    if len(arguments) > 3 and arguments[0] == "values":
        values(arguments[1], pathlib.Path(arguments[2]), arguments[3:])
    elif len(arguments) == 2 and arguments[0] == "check":
        sys.exit(1 if check(pathlib.Path(arguments[1])) else 0)
    elif len(arguments) == 3 and arguments[0] == "score":
        score(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))
    elif len(arguments) in (3, 4) and arguments[0] == "report":
        out = io.StringIO()
        report(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]), out)
        if len(arguments) == 4:
            write_into(pathlib.Path(arguments[3]), out.getvalue())
        else:
            print(out.getvalue(), end="")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
