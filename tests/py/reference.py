"""The mathematics of docs/method.md once more in numpy, written from the text and not from the C: what the command
computes is compared with this. Counts, scores and features may carry leading axes: the last one runs over neurons (or
entries), so bench/ablation.py can try many settings at once.
"""

import math
import numpy as np

CONFIDENCES = ("max", "margin", "gini", "entropy")
TINY = 1e-12


# ---- verdict and confidence of a test ------------------------------------------------------------------------------


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x):
    x = np.asarray(x, np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def settle(c):
    """Within [0, 1]; what lies within 1e-12 of an end is that end."""
    return np.where(c < 1e-12, 0.0, np.where(c > 1 - 1e-12, 1.0, c))


def distribution_confidence(p):
    """p: (..., C) probabilities; a dict of arrays (...)."""
    c = p.shape[-1]
    ordered = np.sort(p, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(p > 0, p * np.log(p), 0.0).sum(-1)
    found = {
        "max": (ordered[..., -1] - 1 / c) / (1 - 1 / c),
        "margin": ordered[..., -1] - ordered[..., -2],
        "gini": 1 - (1 - (p**2).sum(-1)) / (1 - 1 / c),
        "entropy": 1 - entropy / math.log(c),
    }
    return {k: settle(v) for k, v in found.items()}


def binary_confidence(q):
    return distribution_confidence(np.stack([1 - q, q], -1))


def tolerance_of(targets):
    targets = np.asarray(targets, np.float64)
    spread = targets.std()
    size = np.abs(targets).max()
    return 0.25 * (spread if spread > 0 else size if size > 0 else 1.0)


def judge(outputs, labels, task, form, tolerance=None):
    """outputs (tests, places, units); labels: classes (tests, places), else numbers (tests, places, units) -> dict with
    failed, error, confidence (dict)."""
    o = np.asarray(outputs, np.float64)
    n, places, units = o.shape
    sound = np.isfinite(o).all((1, 2))
    o = np.where(sound[:, None, None], o, 0.0)
    threshold = 0.5 if form == "probability" else 0.0
    if task == "regression":
        error = np.abs(o - labels).mean((1, 2))
        tol = tolerance_of(labels) if tolerance is None else tolerance
        scaled = np.minimum(1, error / (4 * tol)) if tol > 0 else (error > 0).astype(float)
        failed = error > tol
        value = np.where(failed, scaled, 1 - scaled)
        confidence = {k: settle(value) for k in CONFIDENCES}
    else:
        yes = o > threshold
        q = sigmoid(o) if form == "logits" else np.clip((o + 1) / 2 if form == "signs" else o, 0, 1)
        if task == "multilabel":
            wrong = yes != (np.asarray(labels) > 0.5)
            error = wrong.mean((1, 2))
            confidence = {k: v.mean((1, 2)) for k, v in binary_confidence(q).items()}
        elif units == 1:
            wrong = yes[..., 0] != (np.asarray(labels) == 1)
            wrong |= ~np.isin(labels, (0, 1))
            error = wrong.mean(1)
            confidence = {k: v.mean(1) for k, v in binary_confidence(q[..., 0]).items()}
        else:
            wrong = o.argmax(-1) != labels
            error = wrong.mean(1)
            if form == "probability":
                p = np.maximum(o, 0)
                s = p.sum(-1, keepdims=True)
                p = np.where(s > 0, p / np.where(s > 0, s, 1), 1 / units)
            else:
                p = softmax(o)
            confidence = {k: v.mean(1) for k, v in distribution_confidence(p).items()}
        failed = error > 0
    return {
        "failed": failed | ~sound,
        "error": np.where(sound, error, 1.0),
        "confidence": {k: np.where(sound, v, 0.0) for k, v in confidence.items()},
    }


# ---- coverage ------------------------------------------------------------------------------------------------------


def cover(values, how, threshold):
    """values (tests, units) of one entry -> activity (tests, units): 0/1; for graded rows 0 .. 1 in steps of 1/255."""
    x = np.asarray(values, np.float32).astype(np.float64)
    sound = np.isfinite(x)
    if how == "raw":
        return (np.where(sound, x, -np.inf) > threshold).astype(np.float64)
    axis = 1 if how.endswith("layer") else 0
    low = np.where(sound, x, np.inf).min(axis, keepdims=True)
    high = np.where(sound, x, -np.inf).max(axis, keepdims=True)
    wide = high > low
    with np.errstate(invalid="ignore"):
        scaled = np.where(
            sound & wide, (np.where(sound, x, 0.0) - np.where(wide, low, 0)) / np.where(wide, high - low, 1), 0.0
        )
    if how.startswith("graded"):
        return np.floor(scaled * 255 + 0.5) / 255
    return (sound & (scaled > threshold)).astype(np.float64)


# ---- counts --------------------------------------------------------------------------------------------------------


def weights(policy, failed, c):
    one = np.ones_like(c)
    f, p = {
        "none": (one, one),
        "confidence": (c, c),
        "failed-only": (c, one),
        "passed-only": (one, c),
        "inverse-passed": (c, 1 - c),
        "inverse-failed": (1 - c, c),
        "inverse": (1 - c, 1 - c),
    }[policy]
    wf, wp = np.where(failed, f, 0.0), np.where(failed, 0.0, p)
    if failed.any() and not wf.sum() > 0:
        wf = failed.astype(float)
    if (~failed).any() and not wp.sum() > 0:
        wp = (~failed).astype(float)
    return wf, wp


def count(activity, wf, wp):
    """activity (tests, neurons); ef, nf, ep, np of every neuron. Extended precision: what is exactly 0 stays 0."""
    wf, wp, a = (np.asarray(v, np.longdouble) for v in (wf, wp, activity))
    ef, ep = (wf[:, None] * a).sum(0), (wp[:, None] * a).sum(0)
    counts = ef, np.maximum(0, wf.sum() - ef), ep, np.maximum(0, wp.sum() - ep)
    return tuple(np.where(c < 1e-15, 0, c).astype(np.float64) for c in counts)


# ---- formulas ------------------------------------------------------------------------------------------------------


def over(a, b):
    """a/b with 0/0 = 0 and positive/0 = inf."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    safe = np.where(b != 0, b, 1.0)
    return np.where(b != 0, a / safe, np.where(a > 0, np.inf, 0.0))


def part(a, b):
    """The same as a term of a sum: nothing where the denominator is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), 0.0)


def minus(a, b):
    """a - b, and 0 where only rounding tells them apart."""
    a, b = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    return np.where(np.abs(a - b) <= 1e-12 * (np.abs(a) + np.abs(b)), 0.0, a - b)


def all_formulas(ef, nf, ep, np_):
    F, P = ef + nf, ep + np_
    N, cov, unc, a, d = F + P, ef + ep, nf + np_, ef + np_, nf + ep
    cross = minus(ef * np_, nf * ep)
    scott = minus(4 * cross, minus(nf, ep) ** 2)
    root = np.sqrt
    inc = minus(part(ef, cov), part(F, N))
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(inc > 0, inc, 1.0)
        big = np.where(ef > 1, ef, 2.0)
        cbi_log = np.where((inc > 0) & (ef > 1), 2 / (1 / up + np.log(np.where(F > 0, F, 1)) / np.log(big)), 0.0)
        some = np.where(ef > 0, ef, 1.0)
        cbi_sqrt = np.where(inc > 0, 2 / (1 / up + root(F) / root(some)), 0.0)
        zoltar = np.where(ef > 0, ef / (ef + d + 10000 * nf * ep / some), 0.0)
        gp13 = np.where(ef > 0, ef * (1 + 1 / np.where(ef > 0, 2 * ep + ef, 1)), 0.0)
    wong3 = ef - np.where(ep <= 2, ep, np.where(ep <= 10, 2 + 0.1 * (ep - 2), 2.8 + 0.001 * (ep - 10)))
    missed = nf > TINY
    return {
        "tarantula": over(part(ef, F), part(ef, F) + part(ep, P)),
        "sbi": over(ef, cov),
        "barinel": np.where(cov > 0, 1 - part(ep, cov), 0.0),
        "cbi-inc": inc,
        "cbi-log": cbi_log,
        "cbi-sqrt": cbi_sqrt,
        "ochiai": over(ef, root(F * cov)),
        "ochiai2": over(ef * np_, root(cov * unc * F * P)),
        "jaccard": over(ef, ef + d),
        "sorensen-dice": over(2 * ef, 2 * ef + d),
        "dice": over(2 * ef, ef + d),
        "anderberg": over(ef, ef + 2 * d),
        "goodman": over(minus(2 * ef, d), 2 * ef + d),
        "kulczynski1": over(ef, d),
        "kulczynski2": (part(ef, F) + part(ef, cov)) / 2,
        "mccon": over(minus(ef**2, nf * ep), F * cov),
        **{f"dstar{k}": over(ef**k, d) for k in range(1, 6)},
        "op1": np.where(missed, -1.0, np_),
        "op2": ef - ep / (P + 1),
        "binary": np.where(missed, 0.0, 1.0),
        "wong1": ef + 0.0,
        "russell-rao": over(ef, N),
        "wong2": minus(ef, ep),
        "wong3": wong3,
        "hamming": a,
        "euclid": root(a),
        "simple-matching": over(a, N),
        "sokal": over(2 * a, 2 * a + d),
        "rogers-tanimoto": over(a, a + 2 * d),
        "hamann": over(minus(a, d), N),
        "m1": over(a, d),
        "m2": over(ef, a + 2 * d),
        "ample": np.abs(minus(part(ef, F), part(ep, P))),
        "ample2": minus(part(ef, F), part(ep, P)),
        "zoltar": zoltar,
        "overlap": over(ef, np.minimum(ef, np.minimum(nf, ep))),
        "rogot1": (part(ef, 2 * ef + d) + part(np_, 2 * np_ + d)) / 2,
        "rogot2": (part(ef, cov) + part(ef, F) + part(np_, P) + part(np_, unc)) / 4,
        "scott": over(scott, (2 * ef + d) * (2 * np_ + d)),
        "fleiss": over(scott, (2 * ef + d) + (2 * np_ + d)),
        "cohen": over(2 * cross, cov * P + F * unc),
        "arithmetic-mean": over(2 * cross, cov * unc + F * P),
        "geometric-mean": over(cross, root(cov * unc * F * P)),
        "harmonic-mean": over(cross * (cov * unc + F * P), cov * unc * F * P),
        "gp02": 2 * (ef + root(np_)) + root(ep),
        "gp03": root(np.abs(ef**2 - root(ep))),
        "gp13": gp13,
        "gp19": ef * root(np.abs(minus(nf, np_))),  # ep - ef + F - P without its cancellation
    }


# ---- aggregation ---------------------------------------------------------------------------------------------------


def finite(scores):
    """+inf becomes the largest finite score of the model + 1."""
    s = np.asarray(scores, np.float64)
    top = np.where(np.isfinite(s), s, -np.inf).max(-1, keepdims=True)
    return np.where(np.isfinite(s), s, np.where(np.isfinite(top), top + 1, 1.0))


def gridded(scores):
    """Finite scores rounded to multiples of 2^-40 of the largest, so that rounding noise is no difference."""
    s = finite(scores)
    raw = np.asarray(scores, np.float64)
    grid = np.where(np.isfinite(raw), np.abs(raw), 0).max(-1, keepdims=True) * 2.0**-40
    steps = s / np.where(grid > 0, grid, 1)
    whole = np.trunc(steps + np.copysign(0.5, steps))
    return np.where(np.isfinite(raw) & (grid > 0), whole * grid + 0.0, s)


def gini(x):
    """Over the last axis."""
    x = np.sort(x, -1)
    x = x + np.maximum(0, -x[..., :1])
    n = x.shape[-1]
    total = x.sum(-1)
    i = np.arange(1, n + 1)
    return np.maximum(0, part(((2 * i - n - 1) * x).sum(-1), n * total))


def unit_scale(f):
    low, high = f.min(-1, keepdims=True), f.max(-1, keepdims=True)
    return np.where(high > low, (f - low) / np.where(high > low, high - low, 1), 0.0)


def all_aggregations(scores, widths):
    """scores (..., neurons) in model order, widths of the entries -> dict of (..., entries)."""
    s = gridded(scores)
    edges = np.concatenate([[0], np.cumsum(widths)])
    n_all = s.shape[-1]
    pool = np.sort(s, -1)
    bar = pool[..., n_all - math.ceil(n_all / 10), None]
    lowest = np.minimum(0, pool[..., 0])
    centre, spread = pool.mean(-1), pool.std(-1)
    flat = spread <= 1e-12 * (1 + np.abs(centre))
    below = np.empty(s.shape)
    upto = np.empty(s.shape)
    rows, places, into = pool.reshape(-1, n_all), s.reshape(-1, n_all), [x.reshape(-1, n_all) for x in (below, upto)]
    for i in range(len(rows)):
        into[0][i] = np.searchsorted(rows[i], places[i], "left")
        into[1][i] = np.searchsorted(rows[i], places[i], "right")
    ranks = (below + upto) / (2 * n_all)
    out = {}

    def put(name, value):
        out.setdefault(name, []).append(value)

    for e, width in enumerate(widths):
        x = np.sort(s[..., edges[e] : edges[e + 1]], -1)
        top = lambda k: x[..., width - max(1, min(width, math.ceil(k))) :].mean(-1)
        mean, most, g = x.mean(-1), x[..., -1], gini(x)
        share = np.arange(n_all + 1) / n_all
        expected = (pool * (share[1:] ** width - share[:-1] ** width)).sum(-1)
        put("mean", mean)
        put("max", most)
        put("median", np.median(x, -1))
        put("topk", top(math.sqrt(width)))
        put("top1pct", top(width / 100))
        put("top10pct", top(width / 10))
        put("rms", lowest + np.sqrt(((x - lowest[..., None]) ** 2).mean(-1)))
        put("gini", mean + g * (mean - lowest))
        put("gini-even", mean - g * (mean - lowest))
        put("inequality", g)
        put("share", (s[..., edges[e] : edges[e + 1]] >= bar).mean(-1))
        put("excess-max", most - expected)
        here = lambda a: a[..., edges[e] : edges[e + 1]]
        put("max-chance", ((here(below).max(-1) / n_all) ** width + (here(upto).max(-1) / n_all) ** width) / 2)
        put("rank-mean", here(ranks).mean(-1))
        put("zscore", np.where(flat, 0.0, (mean - centre) / np.where(flat, 1, spread) * math.sqrt(width)))
    out = {k: np.stack(v, -1) for k, v in out.items()}
    u = {k: unit_scale(out[k]) for k in ("mean", "max", "inequality", "share")}
    out["balanced"] = 1 - np.sqrt(((1 - u["mean"]) ** 2 + (1 - u["share"]) ** 2 + (1 - u["inequality"]) ** 2) / 3)
    for name, a, b in (
        ("mean-max", "mean", "max"),
        ("mean-gini", "mean", "inequality"),
        ("max-gini", "max", "inequality"),
    ):
        out[name] = np.sqrt(u[a] ** 2 + u[b] ** 2)
    return out


# ---- the method ----------------------------------------------------------------------------------------------------


def guider(neurons, judged, coverage, threshold, weighting, confidence, formula, aggregation):
    """neurons: list of (tests, units) in model order -> (scores of entries, list of scores of neurons)."""
    failed = judged["failed"]
    widths = [a.shape[1] for a in neurons]
    if not failed.any():
        return np.zeros(len(neurons)), [np.zeros(w) for w in widths]
    activity = np.concatenate([cover(a, coverage, threshold) for a in neurons], 1)
    counts = count(activity, *weights(weighting, failed, judged["confidence"][confidence]))
    scores = all_formulas(*counts)[formula]
    return all_aggregations(scores, widths)[aggregation], np.split(finite(scores), np.cumsum(widths)[:-1])


def order(scores):
    return sorted(range(len(scores)), key=lambda e: (-scores[e], e))
