"""Suite `mut`: operators on one line of a program, before training.

hard(body) yields faults that mostly bring a model down (the model-level operators of DeepCrime). gentle(body) yields
ladders: the same fault from mild to strong; the maker walks a ladder until 30 to 80 % of the tests pass. Both yield
Change records.

To add an operator: yield it in one of the functions below (per layer family), give it a kind that says what is wrong,
not how it was done; a ladder's rungs go from mild to strong."""
import collections
import re

# line: index in the body; rungs: the new lines, mild to strong, each a list (no lines = the line is removed, two =
# one is added); blame: index of the line that is at fault when all is done, counted in the changed body; sure: high
# or low confidence.
Change = collections.namedtuple("Change", "line kind name rungs blame sure")

INIT, REG, FIX = "keras.initializers.", "keras.regularizers.", "keras.constraints."
WEIGHTY = (r"layers\.(Dense|Conv1D|Conv2D|Conv2DTranspose|LSTM|GRU|Embedding|SeparableConv2D|DepthwiseConv2D"
           r"|MultiHeadAttention)\(")
DENSE_LIKE = r"layers\.(Dense|Conv1D|Conv2D|Conv2DTranspose|SeparableConv2D|DepthwiseConv2D)\("
RECURRENT = r"layers\.(LSTM|GRU)\("
WRAPPED = r"layers\.(Bidirectional|TimeDistributed)\("


def weighty(line):
    return re.search(WEIGHTY, line)


def add_argument(line, argument):
    """Into the innermost constructor of a weighty layer, or of any layer. Replaces an argument of the same name."""
    m = weighty(line) or re.search(r"layers\.\w+\(", line)
    depth, k = 1, m.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(line[k], 0)
        k += 1
    inner = line[m.end():k - 1]
    for name in re.findall(r"(?:^|, )(\w+)=", argument):
        inner = re.sub(rf'(, )?\b{name}=("\w+"|[\w.]+(\([^()]*\))?)', "", inner)
    return line[:m.end()] + inner + (", " if inner.strip() else "") + argument + line[k - 1:]


def set_activation(line, new):
    if 'activation="' in line:
        return re.sub(r'(?<!recurrent_)activation="\w+"', f'activation="{new}"', line)
    if "layers.Activation(" in line:
        return re.sub(r'Activation\("\w+"\)', f'Activation("{new}")', line)
    if re.search(r"layers\.(ReLU|LeakyReLU)\(", line):
        return re.sub(r"layers\.\w+\([^()]*\)", f'layers.Activation("{new}")', line)
    return None


def activation_of(line):
    m = re.search(r'(?<!recurrent_)activation="(\w+)"', line) or re.search(r'Activation\("(\w+)"\)', line)
    return m.group(1) if m else "relu" if "ReLU(" in line else "linear"


def arguments(line):
    """Which initializer, regularizer and constraint argument the layer of this line has."""
    if "Embedding" in line:
        return "embeddings_initializer={0}", "embeddings_regularizer={0}", "embeddings_constraint={0}"
    if "Separable" in line:
        both = "depthwise_initializer={0}, pointwise_initializer={0}"
        return both, "pointwise_regularizer={0}", "pointwise_constraint={0}"
    if "Depthwise" in line:
        return "depthwise_initializer={0}", "depthwise_regularizer={0}", "depthwise_constraint={0}"
    return "kernel_initializer={0}", "kernel_regularizer={0}", "kernel_constraint={0}"


def width_pattern(line):
    m = re.search(r"(layers\.(?:Dense|LSTM|GRU|Conv1D|Conv2D|Conv2DTranspose|SeparableConv2D)\()(\d+)", line)
    return m if m else re.search(r"(layers\.Embedding\(\d+, )(\d+)", line)


def narrowed(line, width):
    m = width_pattern(line)
    return line[:m.start(2)] + str(width) + line[m.end(2):]


def pool_size(line):
    m = re.search(r"Pooling\dD\((\d)", line)
    return int(m.group(1)) if m else 0


def pooled(line, size):
    return re.sub(r"(Pooling\dD)\(\d", rf"\1({size}", line)


def last_weighty(body):
    return [i for i, line in enumerate(body) if weighty(line)][-1]


def output_line(body):
    """The line that has the last activation: the last weighty one or an Activation after it."""
    last = last_weighty(body)
    return next((i for i in range(last + 1, len(body)) if "layers.Activation(" in body[i]), last)


def sequential(body):
    return not any(re.match(r"\w+ = layers\.", line) for line in body)


def one(line, kind, name, text, sure="high"):
    return Change(line, kind, name, [[text]], line, sure)


def argued(i, line, kind, name, argument, values=("",)):
    """A ladder over the values of one argument, which has {0} where the value goes."""
    return ladder(i, kind, name, [add_argument(line, argument.format(v)) for v in values])


def ladder(line, kind, name, texts, sure="high"):
    return Change(line, kind, name, [[t] for t in texts], line, sure)


# ---- hard ----------------------------------------------------------------------------------------------------------
def hard_output(body):
    i = output_line(body)
    line = body[i]
    for a in ("relu", "tanh", "softmax", "sigmoid", "linear"):
        new = set_activation(line, a) or (None if a == "linear" else add_argument(line, f'activation="{a}"'))
        if new and new != line:
            yield one(i, "output-activation", a, new)


def hard_embedding(i, line):
    yield one(i, "width", "1", narrowed(line, 1))
    yield one(i, "initializer", "frozen-zeros", add_argument(line, 'embeddings_initializer="zeros", trainable=False'))
    yield argued(i, line, "initializer", "constant", f"embeddings_initializer={INIT}Constant(0.05), trainable=False")
    yield one(i, "regularizer", "l2", add_argument(line, f"embeddings_regularizer={REG}L2(1.0)"))
    yield one(i, "constraint", "maxnorm", add_argument(line, f"embeddings_constraint={FIX}MaxNorm(0.001)"))
    wide = f"embeddings_initializer={INIT}RandomNormal(stddev=20.0), trainable=False"
    yield argued(i, line, "frozen", "frozen-wide", wide)


def hard_attention(i, line):
    wide = f"kernel_initializer={INIT}RandomNormal(stddev="
    yield one(i, "frozen", "frozen-wide", add_argument(line, wide + "20.0), trainable=False"))
    yield one(i, "initializer", "wide", add_argument(line, wide + "8.0)"))
    yield one(i, "initializer", "bias", add_argument(line, f"bias_initializer={INIT}RandomNormal(stddev=50.0)"))
    yield one(i, "dropout", "0.97", add_argument(line, "dropout=0.97"))
    yield one(i, "initializer", "frozen-zeros", add_argument(line, 'kernel_initializer="zeros", trainable=False'))


def hard_recurrent(i, line):
    if "LSTM" in line:
        closed = f"bias_initializer={INIT}Constant(-12.0), unit_forget_bias=False"
        yield argued(i, line, "recurrent", "closed-gates", closed)
    else:
        yield one(i, "recurrent", "stuck-gates", add_argument(line, f"bias_initializer={INIT}Constant(12.0)"))
    yield one(i, "recurrent", "relu-gates", add_argument(line, 'recurrent_activation="relu"'))
    yield one(i, "recurrent", "softmax", add_argument(line, 'activation="softmax", recurrent_activation="softmax"'))
    wide = "recurrent_initializer=" + INIT + "RandomNormal(stddev={0})"
    yield argued(i, line, "recurrent", "recurrent-wide", wide, (10.0,))
    yield argued(i, line, "recurrent", "frozen-recurrent", wide + ", trainable=False", (4.0,))
    yield one(i, "dropout", "0.97", add_argument(line, "dropout=0.97"))


def hard_weights(i, line, hidden):
    kernel, regular, bound = arguments(line)
    change = lambda kind, name, argument: one(i, kind, name, add_argument(line, argument))
    if hidden and re.search(DENSE_LIKE, line):
        yield change("initializer", "zeros", kernel.format('"zeros"'))
        for a in ("softmax", "sigmoid", "exponential", "linear"):
            new = set_activation(line, a)
            if new and new != line:
                yield one(i, "missing-activation" if a == "linear" else "hidden-activation", a, new)
    if hidden and width_pattern(line):
        for w in (1, 2):
            yield one(i, "filters" if "Conv" in line else "width", str(w), narrowed(line, w))
    if hidden and re.search(r"Conv\dD\(\d+, \d", line) and "strides" not in line and "padding" in line:
        yield change("kernel", "stride4", "strides=4")
    for size in (8.0, 30.0):
        yield change("initializer", f"wide-{size:g}", kernel.format(f"{INIT}RandomNormal(stddev={size})"))
    yield change("frozen", "frozen-tiny", kernel.format(f"{INIT}RandomNormal(stddev=1e-4)") + ", trainable=False")
    yield change("frozen", "frozen-wide", kernel.format(f"{INIT}RandomNormal(stddev=20.0)") + ", trainable=False")
    yield change("frozen", "frozen-constant", kernel.format(f"{INIT}Constant(0.1)") + ", trainable=False")
    yield change("regularizer", "l1", regular.format(f"{REG}L1(0.5)"))
    yield change("regularizer", "l2", regular.format(f"{REG}L2(3.0)"))
    yield change("constraint", "maxnorm", bound.format(f"{FIX}MaxNorm(0.001)"))
    if re.search(DENSE_LIKE, line) and "use_bias=False" not in line:
        yield change("initializer", "dead-bias", f"bias_initializer={INIT}Constant(-10.0)")
        yield change("regularizer", "activity", f"activity_regularizer={REG}L1(1.0)")


def hard_other(i, line):
    if "layers.Activation(" in line or "ReLU(" in line:
        for a in ("softmax", "exponential"):
            yield one(i, "hidden-activation", a, set_activation(line, a))
    if "Dropout(" in line:
        yield one(i, "dropout", "0.97", re.sub(r"Dropout\([\d.]+", "Dropout(0.97", line))
    if "BatchNormalization(" in line:
        yield one(i, "normalization", "momentum", add_argument(line, "momentum=1.0"))
        yield one(i, "normalization", "gamma", add_argument(line, 'gamma_initializer="zeros", trainable=False'))
        yield one(i, "normalization", "beta", add_argument(line, f"beta_initializer={INIT}Constant(-8.0)"))
        strong = f"gamma_regularizer={REG}L2(10.0), beta_regularizer={REG}L2(10.0)"
        yield argued(i, line, "normalization", "gamma-l2", strong)
    if "LayerNormalization(" in line:
        yield one(i, "normalization", "epsilon", add_argument(line, "epsilon=1e6"))
        yield one(i, "normalization", "gamma", add_argument(line, 'gamma_initializer="zeros", trainable=False'))
    if pool_size(line):
        yield one(i, "pooling", "double", pooled(line, 2 * pool_size(line)))


def hard(body):
    last, output = last_weighty(body), output_line(body)
    yield from hard_output(body)
    for i, line in enumerate(body):
        if i != output:
            yield from hard_other(i, line)
        if not weighty(line):
            continue
        if "Embedding" in line:
            yield from hard_embedding(i, line)
        elif "MultiHeadAttention" in line:
            yield from hard_attention(i, line)
        else:
            yield from hard_weights(i, line, i != last)
            if re.search(RECURRENT, line):
                yield from hard_recurrent(i, line)


# ---- gentle --------------------------------------------------------------------------------------------------------
def gentle_weights(i, line, hidden):
    kernel, regular, bound = arguments(line)
    change = lambda *what: argued(i, line, *what)
    attention, bias = "MultiHeadAttention" in line, "use_bias=False" not in line and "Embedding" not in line
    normal = INIT + "RandomNormal(stddev={0})"
    yield change("regularizer", "l2-mild", regular.format(f"{REG}L2({{0}})"), (.01, .03, .1, .3, 1.0, 3.0, 10.0))
    yield change("regularizer", "l1-mild", regular.format(f"{REG}L1({{0}})"), (.001, .003, .01, .03, .1, .3, 1.0))
    if hidden and not attention:
        yield change("initializer", "wide-mild", kernel.format(normal), (1.0, 2.0, 4.0, 8.0, 16.0, 32.0))
        yield change("frozen", "frozen-mild", "trainable=False, " + kernel.format(normal),
                     (.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0))
        yield change("constraint", "maxnorm-mild", bound.format(f"{FIX}MaxNorm({{0}})"),
                     (.5, .25, .12, .06, .03, .015, .007))
        yield change("constraint", "nonneg", bound.format(f"{FIX}NonNeg()"), ("",))
    if hidden and not attention:
        yield change("frozen", "frozen", "trainable=False", ("",))
    if hidden and width_pattern(line):
        had = int(width_pattern(line).group(2))
        texts = [narrowed(line, w) for w in (8, 6, 5, 4, 3, 2, 1) if w < had / 2]
        yield ladder(i, "filters" if "Conv" in line else "width", "narrow", texts)
    if hidden and bias and re.search(DENSE_LIKE, line) and activation_of(line) == "relu":
        yield change("initializer", "bias-mild", f"bias_initializer={INIT}Constant({{0}})",
                     (-1.0, -1.5, -2.0, -3.0, -4.0, -6.0, -9.0))
    if hidden and re.search(DENSE_LIKE, line) and activation_of(line) != "sigmoid":
        yield change("regularizer", "activity-mild", f"activity_regularizer={REG}L1({{0}})",
                     (.01, .03, .1, .3, 1.0, 3.0, 10.0))


def gentle_activation(i, line):
    now = activation_of(line)
    kinds = [a for a in ("sigmoid", "tanh", "softmax", "linear", "exponential", "softplus", "relu") if a != now]
    for a in kinds:
        new = set_activation(line, a)
        if new and new != line:
            yield one(i, "missing-activation" if a == "linear" else "hidden-activation", a + "-mild", new)


def gentle_convolution(i, line):
    m = re.search(r"(Conv\dD(?:Transpose)?\(\d+, |DepthwiseConv2D\()(\d)", line)
    if not m or m.group(2) == "1":
        return
    sized = lambda k: line[:m.start(2)] + k + line[m.end(2):]
    yield one(i, "kernel", "1", sized("1"))
    if "2D" in line and "Depthwise" not in line:
        yield one(i, "kernel", "row", sized(f"(1, {m.group(2)})"))
        yield one(i, "kernel", "column", sized(f"({m.group(2)}, 1)"))
    if 'padding="same"' in line:
        yield one(i, "padding", "valid", line.replace('padding="same"', 'padding="valid"'))
    if "strides" not in line and "dilation" not in line:
        yield ladder(i, "kernel", "stride", [add_argument(line, f"strides={s}") for s in (2, 3, 4)])
        if "Depthwise" not in line and "Transpose" not in line:
            yield ladder(i, "kernel", "dilated", [add_argument(line, f"dilation_rate={s}") for s in (2, 3, 4)])
    if "dilation_rate" in line:
        rates = [re.sub(r"dilation_rate=\d", f"dilation_rate={s}", line) for s in (1, 5, 6)]
        yield ladder(i, "kernel", "dilated", rates)


def gentle_recurrent(i, line):
    for name in ("dropout", "recurrent_dropout"):
        yield ladder(i, "dropout", name, [add_argument(line, f"{name}={r}") for r in (.3, .5, .7, .85, .93)])
    yield one(i, "recurrent", "backwards", add_argument(line, "go_backwards=True"))
    yield one(i, "recurrent", "linear-state", add_argument(line, 'activation="linear"'))
    yield one(i, "recurrent", "tanh-gates", add_argument(line, 'recurrent_activation="tanh"'))
    wide = "recurrent_initializer=" + INIT + "RandomNormal(stddev={0})"
    yield argued(i, line, "recurrent", "recurrent-mild", wide, (.7, 1.5, 3.0, 6.0))
    if "LSTM" in line:
        bias = "bias_initializer=" + INIT + "Constant({0}), unit_forget_bias=False"
        yield argued(i, line, "recurrent", "closed-mild", bias, (-2.0, -4.0, -6.0, -8.0))


def gentle_attention(i, line):
    yield argued(i, line, "dropout", "attention", "dropout={0}", (.3, .5, .7, .9))
    narrow = [re.sub(r"Attention\(\d+, \d+", f"Attention(1, {k}", line) for k in (4, 2, 1)]
    yield ladder(i, "width", "key", narrow)
    yield one(i, "frozen", "frozen", add_argument(line, "trainable=False"))
    wide = "kernel_initializer=" + INIT + "RandomNormal(stddev={0})"
    yield argued(i, line, "initializer", "wide-mild", wide, (1.0, 2.0, 4.0, 8.0, 16.0))


def gentle_normalization(i, line, body):
    batch = "BatchNormalization(" in line
    yield argued(i, line, "normalization", "epsilon-mild", "epsilon={0}", (10.0, 100.0, 1000.0, 1e4, 1e5, 1e6))
    beta = f"beta_initializer={INIT}Constant({{0}}), trainable=False"
    yield argued(i, line, "normalization", "beta-mild", beta, (-1.0, -1.5, -2.0, -3.0, -4.0, -6.0))
    if batch:
        yield argued(i, line, "normalization", "momentum", "momentum={0}", (.997, .999, .9995, .9999))
    if any(re.search(r"Conv|Embedding|LSTM|return_sequences", text) for text in body):
        yield one(i, "normalization", "axis", add_argument(line, "axis=1"))


def gentle_pooling(i, line):
    size = pool_size(line)
    if size:
        yield ladder(i, "pooling", "size", [pooled(line, s) for s in (size + 1, 2 * size, 3 * size)])
        strided = [re.sub(r"(Pooling\dD\(\d)", rf"\1, strides={size + s}", line) for s in (1, 2)]
        yield ladder(i, "pooling", "stride", strided)
    for a, b in (("MaxPooling", "AveragePooling"), ("AveragePooling", "MaxPooling")):
        if a in line:
            yield one(i, "pooling", "other", line.replace(a, b))
            break


def indented_like(line, layer):
    """A line that applies `layer` to what `line` made."""
    m = re.match(r"(\w+) = layers\.", line)
    if m:
        return f"{m.group(1)} = {layer}({m.group(1)})"
    return f"model.add({layer})" if line.startswith("model.add(") else f"    {layer},"


def gentle_added(i, line):
    """A layer too many after this one: it is at fault itself."""
    for name, layer, values in (("added-dropout", "layers.Dropout({0})", (.5, .7, .85, .93, .97)),
                                ("added-noise", "layers.GaussianNoise({0})", (.4, .6, .8, 1.0))):
        yield Change(i, "dropout", name, [[line, indented_like(line, layer.format(v))] for v in values], i + 1, "high")


def gentle_removed(body, i):
    """A normalisation or activation that is missing. A missing activation is the fault of the layer before it; where
    a missing normalisation sits is a matter of opinion, so its confidence is low."""
    line = body[i]
    normal = re.search(r"layers\.(Batch|Layer)Normalization\(", line)
    m = re.match(r"(\w+) = layers\.\w+\([^()]*\)\((\w+)\)", line)
    if not normal and "layers.Activation(" not in line and not re.search(r"layers\.(Leaky)?ReLU\(", line):
        return
    before = [k for k in range(i) if weighty(body[k])]
    if not before or (not sequential(body) and not (m and m.group(1) == m.group(2))):
        return
    kind, sure = ("missing-normalization", "low") if normal else ("missing-activation", "high")
    yield Change(i, kind, "removed", [[]], before[-1], sure)


def gentle_wiring(body):
    """Functional programs: a layer takes another tensor of the program than it should."""
    made = []
    for i, line in enumerate(body):
        m = re.match(r"(\w+) = (.*)\((\w+)\)$", line)
        if m and "layers." in line:
            for other in dict.fromkeys(made):
                if other not in (m.group(3), m.group(1)) or (other == m.group(1) and other != m.group(3)):
                    yield one(i, "wrong-input", other, f"{m.group(1)} = {m.group(2)}({other})")
        m = re.match(r"(\w+) = (.*)\(\[(.*)\]\)$", line)
        if m:
            parts = m.group(3).split(", ")
            for part in parts:
                yield one(i, "shared-input", part, f"{m.group(1)} = {m.group(2)}([{', '.join([part] * len(parts))}])")
        if "=" in line:
            made.append(line.split(" = ")[0])


def gentle(body):
    last, output = last_weighty(body), output_line(body)
    if not sequential(body):
        yield from gentle_wiring(body)
    for i, line in enumerate(body):
        hidden = i < min(last, output)
        if re.search(r"layers\.(Batch|Layer)Normalization\(", line):
            yield from gentle_normalization(i, line, body)
        if "Pooling" in line:
            yield from gentle_pooling(i, line)
        if "Dropout(" in line:
            rates = [re.sub(r"Dropout\([\d.]+", f"Dropout({r}", line) for r in (.6, .75, .85, .93)]
            yield ladder(i, "dropout", "strong", rates)
        if hidden:
            yield from gentle_removed(body, i)
            if re.search(DENSE_LIKE, line) or "layers.Activation(" in line or "ReLU(" in line:
                yield from gentle_activation(i, line)
        if not weighty(line):
            continue
        if "MultiHeadAttention" in line:
            yield from gentle_attention(i, line)
            continue
        yield from gentle_weights(i, line, hidden)
        yield from gentle_convolution(i, line)
        if re.search(RECURRENT, line) and not re.search(WRAPPED, line):
            yield from gentle_recurrent(i, line)
        if hidden and not re.search(r"[ah] = ", line):
            yield from gentle_added(i, line)
