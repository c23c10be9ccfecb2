#!/usr/bin/env python3
"""Make benchmark cases whose answer is known for certain: suites `mut`, `seed` and `outside`.

    make_cases.py --out DIR [--suite mut|seed|outside ...] [--set given|more|drawn|held|held2 ...] [--base NAME ...] [--seed N]

`mut`: one layer's line of a program is changed before training, hard (most of it breaks) or gently (30 to 80 % of the
tests still pass). `seed`: the weights of one layer of the trained clean model are damaged. `outside`: the model is
clean, or what is wrong lies in no layer: the tests, their labels, their scale, the training. A program is text with
one constructor line per layer; the text that trains the model is the text that is written as program.py, so the lines
in truth.json are exact.

A base depends on nothing but its number, the seed and the counts asked for: each can be made alone. Finished bases
are passed over unless --again is given. Needs keras with tensorflow, and scikit-learn; one core, some 10 s (seed), 90
s (mut), 15 s (outside) a base."""
import argparse
import collections
import copy
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np

from cases import data, drawn, given, held, held2, more, operators, outside, training
from cases.damages import damages
from cases.writer import Writer

SETS = {"given": given.BASES, "more": more.BASES, "held": held.BASES, "drawn": drawn.BASES, "held2": held2.BASES}
SUITES = ["seed", "mut", "outside"]
DROP = .10                      # the least loss of score that makes a fault a case
GENTLE = (.30, .80, .15)        # share of passing tests from, to; and the least loss against the clean model
# A model that is trained to the end makes up for most mild faults, so `mut` trains as short as the clean model allows:
SHORT = (.08, .12, .2, .35, .6)  # the first share of the epochs at which the clean model still ...
SHORT_LOSS = .06                 # ... passes nearly as many tests as with all of them.

# Operators that nearly always show: tried first, for a training costs seconds.
SURE = {"zeros", "dead-bias", "activity", "1", "relu", "tanh", "softmax", "closed-gates", "constant", "frozen-zeros",
        "gamma", "beta", "0.97"}
LIKELY = {"l1", "maxnorm", "frozen-tiny", "frozen-wide", "wide-30", "epsilon", "2", "linear", "sigmoid", "stride4",
          "exponential", "frozen-recurrent", "recurrent-wide", "momentum"}


class Bench:
    """One base with its data split, ready to be trained any number of times."""

    def __init__(self, base, seed, tests):
        self.base, self.seed = base, seed
        x, y, self.task = data.load(base.dataset)
        order = np.random.default_rng([seed, base.number]).permutation(len(x))
        self.test, self.fit = (x[order[:tests]], y[order[:tests]]), (x[order[tests:]], y[order[tests:]])
        self.tests = tests
        self.text, self.clean, (self.score, self.passed) = self.build(base.body)
        y = self.test[1].argmax(1) if self.task == "multiclass" and y.ndim == 2 else self.test[1]
        guess = np.unique(y, return_counts=True)[1].max() / tests if self.task in ("binary", "multiclass") else 0
        self.floor = max(GENTLE[0], guess + .05)            # below it the model may as well guess
        print(f"{base.name}: clean {self.score:.3f}, passed {self.passed:.3f}", flush=True)

    def weak(self):
        """The clean model of a drawn base may learn too little to be called sound."""
        return self.base.number >= drawn.FIRST and min(self.score, self.passed) < max(.5, self.floor + .1)

    def shorten(self):
        """The same bench with the least epochs that the clean model needs."""
        for share in SHORT:
            short = copy.copy(self)
            short.base = self.base._replace(epochs=max(1, round(share * self.base.epochs)))
            short.text, short.clean, (short.score, short.passed) = short.build(self.base.body)
            if short.passed >= self.passed - SHORT_LOSS and short.score >= self.score - SHORT_LOSS:
                print(f"  {short.base.epochs} epochs: clean {short.score:.3f}, passed {short.passed:.3f}", flush=True)
                return short
        return self

    def build(self, body, seed=None, **changes):
        text = training.program(self.base, body, self.seed if seed is None else seed, **changes)
        model = training.train(text, *self.fit, steps=self.base.epochs * len(self.fit[0]) // 64)
        return text, model, self.outcome(model)

    def outcome(self, model, test=None):
        return training.outcome(model, *(test or self.test), self.task)

    def truth(self, model, faulty, kind, outcome, why, **more_facts):
        metric = {"name": "r2" if self.task == "regression" else "accuracy",
                  "value": round(outcome[0], 4), "fixed_or_clean": round(self.score, 4),
                  "passed": round(outcome[1], 4), "passed_clean": round(self.passed, 4)}
        facts = dict(faulty=faulty, answer="layer", kind=kind, metric=metric, why=why, base=self.base.name,
                     lines=training.layer_lines(model), confidence="high")
        return dict(facts, **more_facts)

    def write(self, writer, model, text, truth, **how):
        writer.case(model, self.task, text, truth, self.tests if "data" not in how else len(how["data"][0]), **how)


def depth(model, name):
    own = [layer.name for layer in model.layers if layer.get_weights()]
    return own.index(name) / max(1, len(own) - 1) if name in own else None


def spread(candidates, place, rng, strength=lambda c: 0):
    """Candidates so ordered that the thirds of the depth and the last layer take turns; within each the strong ones
    come first."""
    bins = {}
    for c in sorted(rng.permutation(len(candidates)), key=lambda c: strength(candidates[c])):
        p = place(candidates[c])
        bins.setdefault(3 if p >= 1 else min(2, int(p * 3)), []).append(candidates[c])
    out = []
    while any(bins.values()):
        for b in sorted(bins):
            if bins[b]:
                out.append(bins[b].pop())
    return out


def make_seed(bench, writer, wanted, rng):
    writer.shared_program(bench.text)
    model, per_layer, per_kind = bench.clean, {}, {}
    found = [(layer, *d) for layer in model.layers if layer.get_weights() for d in damages(layer, rng)]
    for layer, kind, columns, new in spread(found, lambda c: depth(model, c[0].name), rng):
        if sum(per_layer.values()) >= wanted:
            break
        place = depth(model, layer.name)
        if per_kind.get(kind, 0) >= 2 or (place == 1 and per_layer.get(layer.name, 0) >= max(1, wanted // 4)):
            continue
        old = layer.get_weights()
        layer.set_weights(new)
        outcome = bench.outcome(model)
        if max(bench.score - outcome[0], bench.passed - outcome[1]) >= DROP and outcome[1] >= .08:
            per_layer[layer.name] = per_layer.get(layer.name, 0) + 1
            per_kind[kind] = per_kind.get(kind, 0) + 1
            facts = {"position": round(place, 3)}
            if columns is not None:
                facts["columns"] = columns
            why = f"the weights of {layer.name} were damaged after training ({kind})"
            truth = bench.truth(model, [layer.name], kind, outcome, why, **facts)
            bench.write(writer, model, bench.text, truth, shared_program=True)
        layer.set_weights(old)
    print(f"  seed {sum(per_layer.values())}: {per_layer}", flush=True)


class Mutants:
    """Trains changed programs and keeps count of what was kept, so that no kind and no layer takes over."""

    def __init__(self, bench, writer):
        self.bench, self.writer, self.seen, self.trained = bench, writer, collections.Counter(), 0
        self.own = [i for i, line in enumerate(bench.base.body) if operators.weighty(line)]

    def place(self, line):
        return sum(i < line for i in self.own) / max(1, len(self.own) - 1)

    def train(self, change, rung):
        body = list(self.bench.base.body)
        body[change.line:change.line + 1] = change.rungs[rung]
        self.trained += 1
        try:
            text, model, outcome = self.bench.build(body)
        except (ValueError, TypeError, RuntimeError, KeyError) as error:      # the change does not fit the shapes
            print(f"    {change.kind} {change.name} does not fit: {type(error).__name__}", flush=True)
            return None
        where = f"line {training.FIRST_LINE + change.line} {change.kind} {change.name}/{rung}"
        print(f"    {where}: {outcome[0]:.3f}, passed {outcome[1]:.3f}", flush=True)
        if not all(np.isfinite(w).all() for w in model.get_weights()):
            return text, model, (-1.0, 0.0)
        return text, model, outcome

    def keep(self, change, rung, text, model, outcome, strength):
        at = training.FIRST_LINE + change.blame
        faulty = [name for name, line in training.layer_lines(model).items() if line == at]
        if not faulty:
            return False
        self.seen.update([change.kind, (change.kind, change.name), change.blame])
        why = f"{faulty[0]}: {change.kind} ({change.name}) put in before training"
        facts = dict(position=round(min(1, self.place(change.blame)), 3), strength=strength, operator=change.name,
                     confidence=change.sure)
        self.bench.write(self.writer, model, text, self.bench.truth(model, faulty, change.kind, outcome, why, **facts))
        return True


def make_hard(mutants, wanted, rng):
    bench, body = mutants.bench, mutants.bench.base.body
    last, kept, tried, last_kept, tries = mutants.own[-1], 0, 0, 0, collections.Counter()

    def strength(c):
        return -1 if c.line == last and c.kind != "output-activation" else 2 * (c.name in SURE) + (c.name in LIKELY)
    for c in spread(list(operators.hard(body)), lambda c: mutants.place(c.line), rng, strength):
        if kept >= wanted or tried >= 3 * wanted:
            break
        if mutants.seen[c.kind] >= max(2, wanted // 3) or tries[c.kind, c.name] >= 2:
            continue
        if c.line >= last and last_kept >= max(1, wanted // 4):
            continue
        tries[c.kind, c.name] += 1
        tried += 1
        made = mutants.train(c, 0)
        if made and bench.score - made[2][0] >= DROP and made[2][0] > -1 and mutants.keep(c, 0, *made, "hard"):
            kept += 1
            last_kept += c.line >= last
    print(f"  hard {kept} of {tried} tried", flush=True)


def walk(mutants, change):
    """(rung, text, model, outcome, strength) of a ladder, at which the share of passing tests lies within GENTLE; None
    when there is none. The strongest rung is tried first, for often even that does little ("mild"); then by halving."""
    bench, top = mutants.bench, len(change.rungs) - 1
    low, high, rung = 0, top, top
    while low <= high:
        made = mutants.train(change, rung)
        if made is None:
            return None
        passed = made[2][1]
        if passed > min(GENTLE[1], bench.passed - GENTLE[2]):
            if rung == top:
                return (rung, *made, "mild") if bench.passed - passed >= DROP else None
            low = rung + 1
        elif passed < bench.floor:
            high = rung - 1
        else:
            return rung, *made, "gentle"
        rung = (low + high) // 2
    return None


def make_gentle(mutants, wanted, rng):
    body, kept, mild, start, tries = mutants.bench.base.body, 0, 0, mutants.trained, collections.Counter()
    groups = {}
    for c in operators.gentle(body):           # one candidate of each kind and third of the depth at a time
        groups.setdefault((c.kind, int(mutants.place(c.line) * 2.99)), []).append(c)
    order = [groups[k] for k in sorted(groups)]
    rng.shuffle(order)
    while kept < wanted and any(order) and mutants.trained - start < 3 * wanted:
        for group in order:
            if kept >= wanted or mutants.trained - start >= 3 * wanted:
                break
            if not group:
                continue
            ladders = [k for k, c in enumerate(group) if len(c.rungs) > 1]
            k = int(rng.choice(ladders)) if ladders and rng.random() < .6 else int(rng.integers(len(group)))
            c = group.pop(k)
            seen = mutants.seen
            if seen[c.kind, c.name] or seen[c.kind] >= 3 or seen[c.blame] >= 3 or tries[c.kind, c.name] >= 2:
                continue
            tries[c.kind, c.name] += 1
            found = walk(mutants, c)
            if found and mutants.keep(c, *found):
                kept, mild = kept + (found[-1] == "gentle"), mild + (found[-1] == "mild")
    print(f"  gentle {kept}, mild {mild}, {mutants.trained - start} trained", flush=True)


def make_mut(bench, writer, counts, rng):
    bench = bench.shorten()
    truth = bench.truth(bench.clean, [], "clean", (bench.score, bench.passed), "the clean model", answer="none")
    bench.write(writer, bench.clean, bench.text, truth)
    mutants = Mutants(bench, writer)
    make_gentle(mutants, counts.gentle, rng)
    make_hard(mutants, counts.hard, rng)


def make_outside(bench, writer, counts, rng):
    about = outside.About(bench.task, bench.test[1], bench.test[0], rng)
    tests, trainings = outside.choose(bench.base.number)
    kept = []

    def keep(model, text, outcome, kind, why, **how):
        answer = "none" if kind == "clean" else "outside"
        bench.write(writer, model, text, bench.truth(model, [], kind, outcome, why, answer=answer), **how)
        kept.append(kind)
    for kind in tests:
        if len(kept) >= counts.causes[0]:
            break
        test = outside.TESTS[kind](*bench.test, about)
        if test is None:
            continue
        outcome = bench.outcome(bench.clean, test)
        if bench.passed - outcome[1] >= DROP:
            keep(bench.clean, bench.text, outcome, kind, f"the model is sound, its tests are not: {kind}", data=test)
    for kind in trainings:
        if len(kept) >= sum(counts.causes):
            break
        if not outside.training_fits(kind, about):
            continue
        text, model, outcome = bench.build(bench.base.body, **outside.TRAINING[kind])
        if bench.passed - outcome[1] >= .08:
            keep(model, text, outcome, kind, f"the layers are sound, the training was not: {kind}")
    if bench.base.number % 2:
        text, model, outcome = bench.build(bench.base.body, seed=bench.seed + 100)
        keep(model, text, outcome, "clean", "the clean model, trained from another seed")
    print(f"  outside {kept}", flush=True)


def make(base, suite, a, bench):
    """Returns the bench, so that the base's clean model is trained once for all its suites."""
    writer = Writer(a.out, suite, base)
    if writer.done() and not a.again:
        return bench
    begin = time.monotonic()
    writer.clear()
    bench = bench or Bench(base, a.seed, a.tests)
    writer.data(*bench.test)
    rng = np.random.default_rng([a.seed, base.number, SUITES.index(suite)])
    if bench.weak():
        print("  too weak: no cases", flush=True)
    elif suite == "seed":
        make_seed(bench, writer, a.damages, rng)
    else:
        {"mut": make_mut, "outside": make_outside}[suite](bench, writer, a, rng)
    writer.finish()
    print(f"  {base.name} {suite}: {writer.count} cases, {time.monotonic() - begin:.0f} s", flush=True)
    return bench


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True)
    p.add_argument("--suite", nargs="+", choices=SUITES, default=SUITES)
    p.add_argument("--set", nargs="+", choices=list(SETS), default=["more"])
    p.add_argument("--base", nargs="+", help="only these bases of the set")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--tests", type=int, default=240)
    p.add_argument("--hard", type=int, default=3, help="hard faults a base")
    p.add_argument("--gentle", type=int, default=4, help="gentle faults a base")
    p.add_argument("--damages", type=int, default=8, help="damages a base")
    p.add_argument("--causes", type=int, nargs=2, default=[2, 1],
                   help="causes outside the layers a base: in the tests, in the training")
    p.add_argument("--again", action="store_true", help="make finished bases again")
    a = p.parse_args()
    where = {name: SETS[s] for s in a.set for name in SETS[s]}
    for name in a.base or where:
        bench = None
        for suite in a.suite:
            bench = make(where[name][name], suite, a, bench)


if __name__ == "__main__":
    main()
