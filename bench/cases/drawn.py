"""Bases drawn by number: programs and data that a generator of random numbers chose, so that what is fitted meets many architectures.

base(n) is always the same for the same n. What is drawn: the kind of data and its size, depth, widths, kinds of layers, activations,
initializers, normalisation, skips, the head, optimizer, rate and epochs. Numbers from 100 on are drawn bases; one whose clean model
learns too little (Bench.weak) gives no cases.

To add a family: a function that returns the lines of the program, in the table FAMILIES beside the data it takes.
"""
import numpy as np

from .base import BINARY, LOGITS, MSE, ONE_HOT, SPARSE, Base

FIRST = 100
HIDDEN = ["relu"] * 5 + ["tanh", "elu", "gelu", "swish", "selu", "sigmoid", "softplus"]
INITIALIZERS = ["glorot_uniform"] * 4 + ["he_normal", "he_uniform", "lecun_normal", "glorot_normal", "orthogonal", "random_normal"]
OPTIMIZERS = [("Adam", .003), ("Adam", .003), ("Adam", .005), ("RMSprop", .002), ("Nadam", .003), ("Adamax", .008), ("SGD", .1)]


class Draw:
    """One program in the making. `x` names the tensor; sequential programs and functional ones come from the same calls."""

    def __init__(self, rng, shape, dtype=""):
        self.rng, self.functional = rng, bool(rng.random() < .5)
        self.act = self.pick(HIDDEN)
        self.mixed, self.init = rng.random() < .2, self.pick(INITIALIZERS)
        given = f"{shape!r}" + (f', dtype="{dtype}"' if dtype else "")
        self.lines = [f"inputs = keras.Input({given})"] if self.functional else ["model = keras.Sequential([", f"    keras.Input({given}),"]
        self.last = "inputs"

    def pick(self, options):
        return options[int(self.rng.integers(len(options)))]

    def chance(self, p):
        return bool(self.rng.random() < p)

    def add(self, layer, to="x", of=None):
        if self.functional:
            self.lines.append(f"{to} = layers.{layer}({of or self.last})")
            self.last = to
        else:
            self.lines.append(f"    layers.{layer},")

    def activation(self):
        return self.pick(HIDDEN) if self.mixed else self.act

    def options(self, active=True, bias=True):
        """Arguments that all layers with a kernel may have."""
        text = f', activation="{self.activation()}"' if active else ""
        if self.init != "glorot_uniform":
            text += f', kernel_initializer="{self.init}"'
        return text if bias else text + ", use_bias=False"

    def weighted(self, layer, norm=None):
        """A layer, or the layer, a normalisation and an activation."""
        if norm is None:
            self.add(layer + self.options() + ")")
            return
        self.add(layer + self.options(False, self.chance(.6)) + ")")
        self.add(norm + "()")
        self.add(f'Activation("{self.activation()}")')

    def head(self, outputs, task):
        """Last line and loss."""
        if task == "regression":
            self.add(f"Dense({outputs})", "outputs")
            loss = MSE
        elif task in ("binary", "multilabel"):
            self.add(f'Dense({outputs}, activation="sigmoid")', "outputs")
            loss = BINARY
        elif self.chance(.15):
            self.add(f"Dense({outputs})", "outputs")
            loss = LOGITS
        elif self.chance(.2):
            self.add(f"Dense({outputs})")
            self.add('Activation("softmax")', "outputs")
            loss = SPARSE
        else:
            self.add(f'Dense({outputs}, activation="softmax")', "outputs")
            loss = SPARSE
        self.lines.append("model = keras.Model(inputs, outputs)" if self.functional else "])")
        return loss


def widths(d, least, most, depth):
    shape = d.pick(["even", "funnel", "any", "bottle"])
    top = int(np.exp(d.rng.uniform(np.log(least * 1.5), np.log(most))))
    if shape == "even":
        return [top] * depth
    if shape == "funnel":
        return [max(least, int(top * .7 ** k)) for k in range(depth)]
    if shape == "bottle":
        return [max(least, top // 2) if k == depth // 2 else top for k in range(depth)]
    return [int(np.exp(d.rng.uniform(np.log(least), np.log(most)))) for _ in range(depth)]


def dense_part(d, depth, least=10, most=72):
    norm = d.pick([None] * 5 + ["BatchNormalization", "LayerNormalization"])
    skip, drop = d.functional and d.chance(.35), d.pick([0] * 4 + [.1, .2, .3])
    w = widths(d, least, most, depth)
    if skip:
        w = [w[0]] * depth
    for k in range(depth):
        if skip and 0 < k and d.chance(.6):
            kept = d.last
            d.add(f"Dense({w[k]}{d.options()})", "y", kept)
            if d.chance(.5):
                d.add(f"Dense({w[k]}{d.options(False)})", "y", "y")
            d.lines.append(f"x = layers.{d.pick(['Add', 'Add', 'Concatenate'])}()([{kept}, y])")
            d.last = "x"
        else:
            d.weighted(f"Dense({w[k]}", norm)
        if drop and d.chance(.5):
            d.add(f"Dropout({drop})")


def mlp(d, shape):
    if d.functional and d.chance(.2):       # two towers
        a, b = d.pick([16, 24, 32]), d.pick([12, 20])
        d.add(f"Dense({a}{d.options()})", "a", "inputs")
        d.add(f"Dense({a}{d.options()})", "a", "a")
        d.add(f"Dense({b}{d.options()})", "b", "inputs")
        d.lines.append("x = layers.Concatenate()([a, b])")
        d.last = "x"
        dense_part(d, 1 + int(d.rng.integers(2)))
    else:
        dense_part(d, 1 + int(d.rng.integers(6)))


def cnn(d, shape):
    size, norm = shape[0], d.pick([None, None, None, "BatchNormalization"])
    depth, wide, skip = 1 + int(d.rng.integers(4)), d.pick([8, 12, 16, 24]), d.functional and d.chance(.35)
    for k in range(depth):
        kind = d.pick(["Conv2D"] * 5 + ["SeparableConv2D"]) if k else "Conv2D"
        step = size > 8 and k and d.chance(.25)
        text = f"{kind}({wide}, {d.pick([3, 3, 3, 5, 2])}, " + ("strides=2, " if step else "") + 'padding="same"'
        if kind != "Conv2D":
            d.add(f'{text}, activation="{d.activation()}")')
        elif skip and k and not step:
            kept = d.last
            before = d.lines[-1]
            d.add(f'Conv2D({wide}, 3, padding="same"{d.options()})', "y", kept)
            d.add(f'Conv2D({wide}, 3, padding="same"{d.options(False)})', "y", "y")
            same = f"({wide}," in before
            d.lines.append(f"x = layers.{'Add' if same else 'Concatenate'}()([{kept}, y])")
            d.add(f'Activation("{d.activation()}")', "x", "x")
        else:
            d.weighted(text, norm)
        size = (size + 1) // 2 if step else size
        if size >= 6 and d.chance(.5):
            d.add(f"{d.pick(['MaxPooling2D', 'MaxPooling2D', 'AveragePooling2D'])}(2)")
            size //= 2
            wide = int(wide * d.pick([1, 1.5, 2]))
    d.add(d.pick(["Flatten()", "Flatten()", "GlobalAveragePooling2D()", "GlobalMaxPooling2D()"]) if size <= 6
          else d.pick(["GlobalAveragePooling2D()", "GlobalMaxPooling2D()"]))
    dense_part(d, int(d.rng.integers(3)), 16, 48)


def recurrent(d, depth, wide):
    for k in range(depth):
        kind = d.pick(["LSTM", "GRU", "GRU", "Bidirectional"])
        keep = ", return_sequences=True" if k < depth - 1 else ""
        inner = f"{d.pick(['LSTM', 'GRU'])}({wide}{keep})"
        d.add(f"Bidirectional(layers.{inner})" if kind == "Bidirectional" else f"{kind}({wide}{keep})")


def convolved(d, steps, depth, wide):
    norm = d.pick([None, None, None, "BatchNormalization"])
    for _ in range(depth):
        d.weighted(f'Conv1D({wide}, {d.pick([3, 4, 5, 7])}, padding="{d.pick(["same", "same", "causal"])}"', norm)
        if steps >= 16 and d.chance(.5):
            d.add("MaxPooling1D(2)")
            steps //= 2
            wide = int(wide * d.pick([1, 1.5]))


def attended(d, wide):
    """A transformer block; only in functional programs."""
    kept = d.last
    d.lines.append(f"a = layers.MultiHeadAttention({d.pick([1, 2])}, {d.pick([8, 12])})({kept}, {kept})")
    d.lines.append(f"x = layers.Add()([{kept}, a])")
    d.last = "x"
    if d.chance(.6):
        d.add("LayerNormalization()")
    if d.chance(.6):
        kept = d.last
        d.add(f"Dense({2 * wide}{d.options()})", "f", kept)
        d.add(f"Dense({wide}{d.options(False)})", "f", "f")
        d.lines.append(f"x = layers.Add()([{kept}, f])")
        d.last = "x"


def sequence(d, steps, wide):
    way = d.pick(["recurrent", "conv", "both", "attention"])
    if way == "attention" and not d.functional:
        way = "conv"
    if way in ("conv", "both"):
        convolved(d, steps, 1 + int(d.rng.integers(3)) if way == "conv" else 1, wide)
    if way in ("recurrent", "both"):
        recurrent(d, 1 + int(d.rng.integers(2)), d.pick([12, 16, 20, 24]))
    if way == "attention":
        attended(d, wide)
    if way in ("conv", "attention"):
        d.add(d.pick(["GlobalAveragePooling1D()", "GlobalMaxPooling1D()", "Flatten()"]))
    dense_part(d, int(d.rng.integers(3)), 12, 40)


def series(d, shape):
    wide = d.pick([12, 16, 24])
    if d.functional:                        # so that attention can add what enters
        d.add(f"Dense({wide}{d.options(False)})" if d.chance(.3) else f'Conv1D({wide}, 3, padding="same"{d.options()})')
    sequence(d, shape[0], wide)


def text(d, shape, vocabulary=64):
    wide = d.pick([6, 8, 12, 16, 24])
    d.add(f"Embedding({vocabulary}, {wide})")
    if d.chance(.25):
        d.add(d.pick(["GlobalAveragePooling1D()", "Flatten()"]))
        dense_part(d, 1 + int(d.rng.integers(3)), 12, 48)
    else:
        sequence(d, shape[0], wide)


# data set (see data.py) -> family, chance
FAMILIES = [("table", mlp, .30), ("curve", mlp, .13), ("flags", mlp, .07), ("picture", cnn, .24), ("series", series, .14), ("text", text, .12)]


def base(number):
    from . import data
    rng = np.random.default_rng([7919, number])
    kind, family, _ = FAMILIES[int(rng.choice(len(FAMILIES), p=[c for *_, c in FAMILIES]))]
    name = f"{kind}/{number}"
    x, y, task = data.load(name)
    d = Draw(rng, tuple(int(s) for s in x.shape[1:]), "int32" if kind == "text" else "")
    family(d, x.shape[1:])
    outputs = 1 if task == "binary" else (y.shape[1] if y.ndim == 2 else 1) if task in ("multilabel", "regression") else int(y.max()) + 1
    loss = d.head(outputs, task)
    optimizer, rate = d.pick(OPTIMIZERS)
    epochs = int(rng.integers(15, 40)) if family is mlp else int(rng.integers(10, 20))
    return Base(number, f"drawn{number}", name, epochs, loss, d.lines, rate, optimizer)


class Bases(dict):
    """name -> base for FIRST .. FIRST + count - 1; made when asked for."""

    def __init__(self, count, first=FIRST):
        super().__init__({f"drawn{n}": None for n in range(first, first + count)})

    def __getitem__(self, name):
        if self.setdefault(name, None) is None:
            self[name] = base(int(name[len("drawn"):]))
        return super().__getitem__(name)

    def items(self):
        return [(name, self[name]) for name in self]


BASES = Bases(200)
