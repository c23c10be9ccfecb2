#!/usr/bin/env python3
"""Fit the additive model of --method fused on development cases, report it leave-one-base-out, and write its table in C.

    fit_fusion.py --dlguider build/release/dlguider --evidence DIR [--table src/method/fusion_table.c]
                  [--refit-table src/method/fusion_refit_table.c] [--without DETECTOR ...] CASES...

Runs `dlguider rank --method fused --save-evidence` once for every case (kept in DIR), makes columns of the figures (as they are,
over the neighbour, among the model's entries), and boosts stumps on their bins: what comes out is a sum of one table a column. The
loss is half softmax over the entries of a model (which one?), half logistic (is it?); suites weigh equally. Models without a
faulty layer teach that nothing need be at fault. Nothing depends on ids, names or the order of files. Only cases named on the
command line are used: never name those that are held back. Needs numpy and scipy.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

import numpy as np
import scipy.sparse as sparse

import reliability

BASES = ["GD_AS_IT_IS", "GD_OVER_BEFORE", "GD_OVER_AFTER"]
RELATIONS = ["GD_ALONE", "GD_AMONG", "GD_PLACE", "GD_LEAD"]
KERNEL = ("kernel.", "bias.", "input.", "next.", "previous.", "downstream.slope")   # compared with the next kernel
ALONE = ("role.", "output.", "settings.odd", "settings.sum", "settings.initializer", "settings.regularizer", "settings.dropout",
         "settings.activation", "settings.frozen", "settings.constraint", "settings.steps", "settings.noise")
LED = ("refit.",)   # also compared with the best of the other entries
NEIGHBOURED = ("information.labels", "information.sorts", "information.errors", "activation.gain", "activation.rank", "input.gain",
               "input.shape", "input.angle", "input.directions", "bias.drive", "downstream.against", "downstream.agrees",
               "downstream.slope", "bias.sum", "normalization.drift", "kernel.spread", "activation.on", "input.structure", "bias.moved",
               "input.signal", "downstream.in-place")
DETECTOR = {"next": "interface", "previous": "interface", "input": "interface"}


# ---- cases ----------------------------------------------------------------------------------------------------------------------
class Case:
    def __init__(self, suite, base, kind, sure, hit, answer, evidence, tag):
        self.suite, self.base, self.kind, self.sure, self.hit, self.answer, self.tag = suite, base, kind, sure, hit, answer, tag
        number = lambda v: np.nan if v is None else float(v)
        self.figures = {k: np.array([number(e["figures"][k]) for e in evidence["entries"]]) for k in evidence["entries"][0]["figures"]}
        self.outside = {k: number(v) for k, v in evidence["outside"].items()}
        self.near = {k: np.array([e[k] for e in evidence["entries"]]) for k in ("before", "after", "kernel_before", "kernel_after")}


def gather(program, folder, case, file):
    command = [program, "rank", str(folder / case["model"]), "--inputs", str(folder / case["x"]), "--labels", str(folder / case["y"]),
               "--task", case["task"], "--method", "fused", "--deep", "--save-evidence", str(file), "--json", "-o", "/dev/null"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        print(f"left out {folder}: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return False
    return True


def load(roots, program, kept):
    kept.mkdir(parents=True, exist_ok=True)
    for root in map(pathlib.Path, roots):
        for file in sorted(root.rglob("case.json")):
            folder, case, truth = file.parent, json.loads(file.read_text()), json.loads((file.parent / "truth.json").read_text())
            saved = kept / (str(folder.resolve()).strip("/").replace("/", "_") + ".json")
            if not saved.exists() and not gather(program, folder, case, saved):
                continue
            evidence, faulty = json.loads(saved.read_text()), set(truth["faulty"])
            hit = np.array([bool(faulty & set(e["members"])) for e in evidence["entries"]])
            answer = truth.get("answer", "layer" if faulty else "none")
            if hit.any() or not faulty:
                yield Case(case["suite"], str(truth.get("base", case["id"])), truth["kind"], truth.get("confidence", "high") == "high", hit, answer, evidence,
                           f"{root.parent.name}/{case['suite']}/{case['id']}")


# ---- columns: exactly what src/method/fusion.c does -----------------------------------------------------------------------------
def based(case, name, base):
    values = case.figures[name]
    if base == 0:
        return values
    other = case.near[("kernel_" if name.startswith(KERNEL) else "") + ("before" if base == 1 else "after")]
    return np.where(other >= 0, values - values[other], np.nan)


def related(values, relation):
    known = np.sort(values[np.isfinite(values)])
    if relation == 0:
        return values
    if relation == 3 and len(known) > 1:
        return values - np.where(values >= known[-1], known[-2], known[-1])
    if len(known) < 3:
        return np.full(len(values), np.nan)
    if relation == 1:
        middle = np.median(known)
        return np.clip((values - middle) / (np.median(np.abs(known - middle)) + .05 * (abs(middle) + .2)), -20, 20)
    place = lambda v: ((known < v).sum() + .5 * ((known == v).sum() - 1)) / (len(known) - 1)
    return np.array([place(v) if np.isfinite(v) else np.nan for v in values])


def columns(cases, without):
    names = list(cases[0].figures)
    figures = tuple(w for w in without if "." in w)
    keep = lambda n: DETECTOR.get(n.split(".")[0], n.split(".")[0]) not in without and not n.startswith(figures)
    out = []
    for name in filter(keep, names):
        for base in range(3 if name in NEIGHBOURED else 1):
            for relation in range(1 if name.startswith(ALONE) else 4 if name.startswith(LED) and base == 0 else 3):
                out.append((name, base, relation))
    for case in cases:
        case.x = np.stack([related(based(case, n, b), r) for n, b, r in out], 1)
    return out


# ---- the fit --------------------------------------------------------------------------------------------------------------------
QUANTILES = np.concatenate([[.002, .005, .01, .02], np.linspace(0, 1, 25)[1:-1], [.98, .99, .995, .998]])


class Bins:
    """Columns cut into bins; bin 0 is "does not apply"."""

    def __init__(self, x):
        self.edges = []
        for j in range(x.shape[1]):
            v = x[np.isfinite(x[:, j]), j]
            u = np.unique(v)
            self.edges.append((u[1:] + u[:-1]) / 2 if len(u) <= 32 else np.unique(np.quantile(v, QUANTILES)))
        self.width = max(len(e) for e in self.edges) + 2

    def cut(self, x):
        out = np.zeros(x.shape, np.int64)
        for j, e in enumerate(self.edges):
            k = np.isfinite(x[:, j])
            out[k, j] = np.searchsorted(e, x[k, j], side="right") + 1
        return out


class Block:
    """Some of the columns, with the bins of all entries as a sparse matrix of ones."""

    def __init__(self, cut, columns, width, least):
        self.columns, self.width, n, f = columns, width, len(cut), len(columns)
        places = (cut[:, columns] + np.arange(f) * width).ravel()
        self.turned = sparse.csr_matrix((np.ones(n * f), (places, np.repeat(np.arange(n), f))), shape=(f * width, n))
        below = np.cumsum(np.asarray(self.turned.sum(1)).reshape(f, width)[:, 1:], 1)
        self.room = (below[:, :-1] >= least) & (below[:, -1:] - below[:, :-1] >= least)

    def best(self, g, h, strength):
        """The split that gains most, as a step for every bin; None when none gains."""
        sums = (self.turned @ np.c_[g, h]).reshape(len(self.columns), self.width, 2)
        up = np.cumsum(sums[:, 1:], 1)
        left, rest = up[:, :-1], up[:, -1:] - up[:, :-1]
        gain = left[..., 0] ** 2 / (left[..., 1] + strength) + rest[..., 0] ** 2 / (rest[..., 1] + strength)
        gain[~self.room] = -1
        j, k = np.unravel_index(gain.argmax(), gain.shape)
        if gain[j, k] <= 0:
            return None
        step = np.zeros(self.width)
        step[1:k + 2], step[k + 2:] = left[j, k, 0] / (left[j, k, 1] + strength), rest[j, k, 0] / (rest[j, k, 1] + strength)
        return self.columns[j], step


class Additive:
    """start + sum of tables[column][bin], by Newton boosting of one split at a time."""

    def __init__(self, rounds=900, rate=.1, strength=3.0, least=5, share=.5, blocks=4, seed=0):
        self.rounds, self.rate, self.strength, self.least, self.share, self.blocks, self.seed = rounds, rate, strength, least, share, blocks, seed

    def fit(self, x, y, group, weight, bins=None):
        """share: of the softmax in the loss. Every round looks at one block of the columns, drawn anew for every seed."""
        self.bins = bins or Bins(x)
        cut, width, n, rng = self.bins.cut(x), self.bins.width, len(x), np.random.default_rng(self.seed)
        self.tables, self.start, score = np.zeros((x.shape[1], width)), 0.0, np.zeros(n)
        blocks = [Block(cut, columns, width, self.least) for columns in np.array_split(rng.permutation(x.shape[1]), self.blocks)]
        models = group.max() + 1
        some = (np.bincount(group, y, models) > 0)[group]
        for _ in range(self.rounds):
            p = 1 / (1 + np.exp(-(score + self.start)))
            for _ in range(2):
                self.start += (weight * (y - p)).sum() / (weight * p * (1 - p)).sum()
                p = 1 / (1 + np.exp(-(score + self.start)))
            top = np.full(models, -1e9)
            np.maximum.at(top, group, score)
            e = np.exp(score - top[group])
            q = e / np.bincount(group, e, models)[group]
            right = np.bincount(group, e * y, models)[group]
            aim = np.where(right > 0, e * y / np.maximum(right, 1e-12), 0)          # any of several faulty layers is right
            g = weight * ((1 - self.share) * (y - p) + self.share * some * (aim - q))
            h = weight * ((1 - self.share) * p * (1 - p) + self.share * some * q * (1 - q)) + 1e-9
            found = blocks[rng.integers(self.blocks)].best(g, h, self.strength)
            if found:
                column, step = found
                self.tables[column] += self.rate * step
                score += self.rate * step[cut[:, column]]
        return self

    def logit(self, x):
        cut = self.bins.cut(x)
        return self.start + self.tables[np.arange(x.shape[1]), cut].sum(1)


NONE = 6    # a model without any fault weighs as much as six: there are few of them, and to blame one is the worse mistake


def suite_weights(cases):
    """The suites with faulty layers weigh equally; the one of models without any, half."""
    count = collections.Counter(c.suite for c in cases)
    w = np.array([(.5 if c.suite == "outside" else 1) * (NONE if c.answer == "none" else 1) / count[c.suite] for c in cases])
    return w * len(cases) / w.sum()


def fit_layers(cases, bags, **how):
    """Several fits with other draws of columns, averaged: still one table a column."""
    x, y = np.concatenate([c.x for c in cases]), np.concatenate([c.hit for c in cases]).astype(float)
    group = np.repeat(np.arange(len(cases)), [len(c.hit) for c in cases])
    weight, bins = suite_weights(cases)[group], Bins(x)
    fits = [Additive(seed=s, **how).fit(x, y, group, weight, bins) for s in range(bags)]
    fits[0].tables, fits[0].start = np.mean([m.tables for m in fits], 0), np.mean([m.start for m in fits])
    return fits[0]


OUTSIDE_HOW = dict(rounds=150, share=0, rate=.1, least=8, blocks=2)


def outside_x(cases):
    return np.array([list(c.outside.values()) for c in cases])


def fit_outside(cases, bags):
    """Among models in which no layer is at fault, or any: does the cause lie outside?"""
    x, y = outside_x(cases), np.array([c.answer == "outside" for c in cases], float)
    if y.sum() < 10:
        return None
    weight = np.where(y > 0, .5 / y.mean(), .5 / (1 - y.mean()))
    group, bins = np.arange(len(cases)), Bins(x)
    fits = [Additive(seed=s, **OUTSIDE_HOW).fit(x, y, group, weight, bins) for s in range(bags)]
    fits[0].tables, fits[0].start = np.mean([m.tables for m in fits], 0), np.mean([m.start for m in fits])
    return fits[0]


# ---- leave one base out ---------------------------------------------------------------------------------------------------------
def folds(cases, parts):
    """Each base in one part; posts and bases dealt out evenly. A base's part depends on nothing but the set of bases."""
    posts = sorted({c.base for c in cases if c.suite == "so"})
    bases = sorted({c.base for c in cases} - set(posts))
    for list_, n in ((posts, min(8, len(posts))), (bases, min(parts, len(bases)))):
        for k in range(n):
            yield set(list_[k::n])


def left_out(cases, parts, bags, **how):
    for part in folds(cases, parts):
        train = [c for c in cases if c.base not in part]
        model, outside = fit_layers(train, bags, **how), fit_outside(train, 1)
        for c in cases:
            if c.base in part:
                c.logit = model.logit(c.x)
                c.outside_logit = outside.logit(outside_x([c]))[0] if outside else -9.0


def calibrate(logits, truth, weight):
    """a, b so that a * logit + b is the logit of a probability: logistic regression by Newton's method. Still a sum of tables."""
    z, w = np.c_[logits, np.ones(len(logits))], np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ w))
        w = w + np.linalg.solve(z.T @ (z * (weight * p * (1 - p))[:, None]) + 1e-6 * np.eye(2), z.T @ (weight * (truth - p)))
    return w


def calibrate_layers(cases):
    weight = np.concatenate([np.full(len(c.hit), NONE if c.answer == "none" else 1.0) for c in cases])   # the suites differ in how sure one can be
    a, b = calibrate(np.concatenate([c.logit for c in cases]), np.concatenate([c.hit for c in cases]).astype(float), weight)
    for c in cases:
        c.logit = a * c.logit + b
    return a, b


def place(case):
    """Ties count against us."""
    return int((case.logit[~case.hit] >= case.logit[case.hit].max()).sum()) + 1


def interval(values, bases, draws=1000):
    """95 % by bootstrap over bases."""
    values, bases = np.array(values, float), np.array(bases)
    names, rng = np.unique(bases), np.random.default_rng(0)
    parts = {n: values[bases == n] for n in names}
    means = [np.concatenate([parts[n] for n in rng.choice(names, len(names))]).mean() for _ in range(draws)]
    return np.percentile(means, [2.5, 97.5])


def row(title, cases):
    if not cases:
        return
    first = [place(c) == 1 for c in cases]
    low, high = interval(first, [c.base for c in cases])
    print(f"{title:34s}{len(cases):5d} {np.mean(first):6.3f} [{low:.2f}, {high:.2f}] {np.mean([place(c) <= 3 for c in cases]):6.3f} "
          f"| last {np.mean([c.hit[-1] for c in cases]):.3f}")


def report(cases, kinds):
    print(f"{'':34s}{'n':>5s} {'top1':>6s} {'95 %':>12s} {'top3':>8s}")
    sure = [c for c in cases if c.sure and c.hit.any()]
    for where in sorted({c.tag.split("/")[0] for c in cases}):
        mine = [c for c in sure if c.tag.split("/")[0] == where]
        for suite in sorted({c.suite for c in mine}):
            row(f"{where} {suite}", [c for c in mine if c.suite == suite])
        row(f"{where} faults outside the last", [c for c in mine if not c.hit[-1]])
    for kind in sorted({(c.suite, c.kind) for c in sure}) if kinds else []:
        row("  " + " ".join(kind), [c for c in sure if (c.suite, c.kind) == kind])
    p = probability(cases)
    hit = np.concatenate([c.hit for c in cases])
    print(f"Brier score {((p - hit) ** 2).mean():.4f}; said -> seen (entries):", " ".join(
        f"{p[k].mean():.2f} -> {hit[k].mean():.2f} ({k.sum()})" for k in [(p >= a) & (p < a + .1001) for a in np.arange(0, 1, .1)] if k.any()))
    answers = collections.Counter()
    for c in cases:
        said = "layer" if c.logit.max() > 0 else "outside" if c.outside_logit > 0 else "none"
        answers[c.answer, said] += 1
    for answer in ("layer", "none", "outside"):
        n = sum(v for (a, _), v in answers.items() if a == answer)
        if n:
            print(f"answer {answer:8s} of {n:4d}:", ", ".join(f"said {s} {answers[answer, s] / n:.2f}" for s in ("layer", "none", "outside")))
    clean = [c for c in cases if c.answer == "none"]
    if clean:
        print(f"clean models: {len(clean)}, highest score {1 / (1 + np.exp(-max(c.logit.max() for c in clean))):.3f}, over 0.5: {sum(c.logit.max() > 0 for c in clean)}")


# ---- the table in C -------------------------------------------------------------------------------------------------------------
def numbers(values):
    return ", ".join(f"{v:.6g}" for v in values)


def merged(edges, table):
    """Bins that got the same term become one."""
    terms, kept = [table[0], table[1]], []
    for e, t in zip(edges, table[2:]):
        if abs(t - terms[-1]) > 1e-9:
            kept.append(e)
            terms.append(t)
    return kept, terms


def wrapped(text, indent="\t"):
    out, line = [], indent
    for word in text.split(" "):
        if len(line) + len(word) > 112:
            out.append(line.rstrip())
            line = indent
        line += word + " "
    return "\n".join(out + [line.rstrip()])


def ids(header, macro):
    import re
    text = (pathlib.Path(__file__).parent.parent / "src/evidence" / header).read_text()
    part = text[text.index(f"#define {macro}(X)"):]
    part = part[:part.index("typedef enum")]
    return {name: ident for ident, name in re.findall(r'X\((\w+), "([^"]+)"', part)}


def write_table(path, symbol, model, about, outside, outside_names, provenance):
    """All numbers in one pool, a row a column: edges, then terms."""
    figure, out_figure = ids("evidence.h", "GD_FIGURE_ROWS"), ids("evidence.h", "GD_OUTSIDE_ROWS")
    pool, rows, out_rows = [], [], []

    def put(edges, table):
        edges, terms = merged(edges, table[:len(edges) + 2])
        at = len(pool)
        pool.extend(edges + terms)
        return f"{len(edges)}, pool + {at}, pool + {at + len(edges)}"

    for k, (name, base, relation) in enumerate(about):
        if model.tables[k].any():
            rows.append(f"\t{{ GD_FIGURE_{figure[name]}, {BASES[base]}, {RELATIONS[relation]}, {put(model.bins.edges[k], model.tables[k])} }},")
    for k, name in enumerate(outside_names):
        if outside and outside.tables[k].any():
            out_rows.append(f"\t{{ GD_OUTSIDE_{out_figure[name]}, {put(outside.bins.edges[k], outside.tables[k])} }},")
    if not out_rows:
        out_rows.append(f"\t{{ GD_OUTSIDE_FIT, {put([], [0, 0])} }},")
    text = f"""/* Made by bench/fit_fusion.py; do not edit. What it was fitted on stands at the end. */
/* clang-format off */
#include "method/fusion.h"

static const double pool[] = {{
{wrapped(numbers(pool))}
}};

static const gd_fusion_column columns[] = {{
{chr(10).join(rows)}
}};

static const gd_fusion_outside outsides[] = {{
{chr(10).join(out_rows)}
}};

const gd_fusion_table {symbol} = {{
	{json.dumps(provenance)},
	{model.start:.9g}, columns, sizeof columns / sizeof columns[0],
	{outside.start if outside else -9:.9g}, outsides, sizeof outsides / sizeof outsides[0] }};
"""
    pathlib.Path(path).write_text(text)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("cases", nargs="+", help="folders of development cases")
    p.add_argument("--dlguider", default="build/release/dlguider")
    p.add_argument("--evidence", default="build/evidence", type=pathlib.Path, help="where evidence is kept between runs")
    p.add_argument("--table", help="write the C table of evidence alone there: src/method/fusion_table.c")
    p.add_argument("--refit-table", help="and that of evidence and re-fit: src/method/fusion_refit_table.c")
    p.add_argument("--only", choices=["gd_fusion_plain", "gd_fusion_refitted"], help="fit one of the two")
    p.add_argument("--without", action="append", default=[], help="leave a detector out (ablation), or the figures that begin so (refit.swap)")
    p.add_argument("--parts", type=int, default=1000, help="bases are left out together in that many parts; 1000: each alone")
    p.add_argument("--bags", type=int, default=3)
    p.add_argument("--rounds", type=int, default=900)
    p.add_argument("--judge", nargs="+", default=[], help="cases that nothing is fitted on: how the tables do there")
    p.add_argument("--diagram", help="write the reliability diagram of the cases left out there (SVG)")
    p.add_argument("--kinds", action="store_true", help="also a row for each kind of fault")
    args = p.parse_args()
    cases, judged, drawn = list(load(args.cases, args.dlguider, args.evidence)), list(load(args.judge, args.dlguider, args.evidence)), []
    for title, without, symbol, path in (("evidence alone", ["refit"], "gd_fusion_plain", args.table), ("evidence and re-fit", [], "gd_fusion_refitted", args.refit_table)):
        if not args.only or args.only == symbol:
            one_table(title, cases, judged, args, args.without + without, symbol, path)
            drawn.append((title, probability(cases), np.concatenate([c.hit for c in cases])))
    if args.diagram:
        reliability.draw(args.diagram, drawn)


def probability(cases):
    return 1 / (1 + np.exp(-np.concatenate([c.logit for c in cases])))


def one_table(title, cases, judged, args, without, symbol, path):
    about = columns(cases + judged, without)
    print(f"== {title}: {len(cases)} cases of {len({c.base for c in cases})} bases, {len(about)} columns", flush=True)
    left_out(cases, args.parts, args.bags, rounds=args.rounds)
    a, b = calibrate_layers(cases)
    print(f"calibration on the cases left out: {a:.3f} x logit {b:+.3f}")
    report(cases, args.kinds)
    if not path and not judged:
        return
    count = collections.Counter(c.suite for c in cases)
    provenance = "fit_fusion.py on " + ", ".join(f"{count[s]} {s}" for s in sorted(count)) + f" cases of {len({c.base for c in cases})} bases, {title}"
    model, outside = fit_layers(cases, 2 * args.bags, rounds=args.rounds), fit_outside(cases, 5)
    model.tables, model.start = a * model.tables, a * model.start + b
    if path:
        write_table(path, symbol, model, about, outside, list(cases[0].outside), provenance)
    for c in judged:
        c.logit, c.outside_logit = model.logit(c.x), outside.logit(outside_x([c]))[0]
    if judged:
        print(f"-- {len(judged)} cases that nothing was fitted on")
        report(judged, args.kinds)


if __name__ == "__main__":
    main()
