"""Data sets by name: load(name) -> (x, y, task), always the same for the same name.

Everything is made here or comes with scikit-learn; nothing is downloaded. The shape, the scale and the difficulty
vary on purpose: a data set whose clean model is right nearly always, but only through its depth, its order or its
non-linearity, is what lets a mild fault show in some of the tests and not in all.

To add one: write a function below under @dataset that takes a numpy Generator of its own and returns (x, y, task);
name it in a base."""
import zlib

import numpy as np

DATASETS = {}


def dataset(function):
    DATASETS[function.__name__] = function
    return function


def load(name):
    """A name may have a number behind a slash: then the function draws another data set for every number."""
    return DATASETS[name.split("/")[0]](np.random.default_rng(zlib.crc32(name.encode())))


def scaled(x):
    return ((x - x.mean(0)) / (x.std(0) + 1e-9)).astype("float32")


def classes(x, y):
    return x.astype("float32"), y.astype("int64"), "multiclass"


def binary(x, y):
    return x.astype("float32"), y.astype("int64"), "binary"


def regression(x, y):
    return x.astype("float32"), y.astype("float32"), "regression"


# The data of the given bases: their generators stay as they were, so that the given cases can be made again. --------
@dataset
def wine(rng):
    from sklearn.datasets import make_classification
    x, y = make_classification(2400, 13, n_informative=9, n_classes=3, n_clusters_per_class=1, class_sep=1.3,
                               random_state=3)
    return classes(scaled(x), y)


@dataset
def cancer(rng):
    from sklearn.datasets import make_classification
    x, y = make_classification(2600, 30, n_informative=14, n_redundant=10, n_classes=2, class_sep=1.4, random_state=5)
    return binary(scaled(x), y)


@dataset
def digits(rng):
    from sklearn.datasets import load_digits
    d = load_digits()
    return classes(d.data / 16, d.target)


@dataset
def digits_image(rng):
    from sklearn.datasets import load_digits
    d = load_digits()
    return classes(d.images[..., None] / 16, d.target)


@dataset
def friedman(rng):
    from sklearn.datasets import make_friedman1
    x, y = make_friedman1(2600, 10, noise=0.3, random_state=2)
    return regression(x, (y - y.mean()) / y.std())


@dataset
def multilabel(_):
    rng = np.random.default_rng(7)
    x = rng.standard_normal((2800, 24))
    w = rng.standard_normal((24, 5)) * (rng.random((24, 5)) < .25)
    y = x @ w + 1.2 * x[:, :5] * x[:, 5:10] > 0
    return scaled(x), y.astype("float32"), "multilabel"


@dataset
def waves(_):
    """Which of four wave shapes, with noise and phase."""
    rng = np.random.default_rng(7)
    n, t = 2400, np.arange(40)
    y = rng.integers(0, 4, n)
    f = rng.uniform(.15, .35, n)[:, None]
    p = rng.uniform(0, 6, n)[:, None]
    a = f * t + p
    s = np.stack([np.sin(a), np.sign(np.sin(a)), 2 * (a / 6.283 % 1) - 1, np.sin(a) * np.sin(3 * f * t)])
    x = s[y, np.arange(n)] + .15 * rng.standard_normal((n, 40))
    return classes(x[..., None], y)


@dataset
def steps(_):
    """Which of three features has the largest sum over the sequence."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((2600, 16, 3))
    return classes(x, x.sum(1).argmax(1))


@dataset
def tokens(_):
    """The group of tokens that is in the majority."""
    rng = np.random.default_rng(7)
    n = 2600
    y = rng.integers(0, 3, n)
    g = rng.integers(0, 3, (n, 20))
    g = np.where(rng.random((n, 20)) < .45, y[:, None], g)
    x = 1 + g * 15 + rng.integers(0, 15, (n, 20))
    return x.astype("int32"), np.stack([(g == k).sum(1) for k in range(3)], 1).argmax(1).astype("int64"), "multiclass"


# Tables -------------------------------------------------------------------------------------------------------------
@dataset
def breast(rng):
    from sklearn.datasets import load_breast_cancer
    d = load_breast_cancer()
    x = np.repeat(scaled(d.data), 4, 0)
    return binary(x + .25 * rng.standard_normal(x.shape), np.repeat(d.target, 4))


@dataset
def wine_real(rng):
    from sklearn.datasets import load_wine
    d = load_wine()
    x = np.repeat(scaled(d.data), 12, 0)
    return classes(x + .35 * rng.standard_normal(x.shape), np.repeat(d.target, 12))


@dataset
def spirals(rng):
    """Three arms in the plane: nothing but a non-linear model tells them apart."""
    n = 2700
    y = rng.integers(0, 3, n)
    r = np.sqrt(rng.uniform(.02, 1, n))
    a = 3.6 * r + y * 2 * np.pi / 3
    x = np.stack([r * np.cos(a), r * np.sin(a)], 1) * 2 + .05 * rng.standard_normal((n, 2))
    return classes(x, y)


@dataset
def moons(rng):
    from sklearn.datasets import make_moons
    x, y = make_moons(2400, noise=.12, random_state=11)
    return binary(x, y)


@dataset
def shells(rng):
    """Four nested shells in five dimensions."""
    from sklearn.datasets import make_gaussian_quantiles
    x, y = make_gaussian_quantiles(n_samples=3000, n_features=5, n_classes=4, random_state=4)
    return classes(x, y)


@dataset
def checker(rng):
    """A checkerboard of four by four fields in two of six columns; the other four mean nothing."""
    x = rng.uniform(-1, 1, (3200, 6))
    y = (np.floor((x[:, 0] + 1) * 1.5) + np.floor((x[:, 1] + 1) * 1.5)) % 2
    return binary(x * 1.7, y)


@dataset
def clusters(rng):
    """Six classes of two clusters each in eighteen columns, labels one-hot."""
    from sklearn.datasets import make_classification
    x, y = make_classification(3000, 18, n_informative=12, n_classes=6, n_clusters_per_class=2, class_sep=2.2,
                               random_state=21)
    return scaled(x), np.eye(6, dtype="float32")[y], "multiclass"


@dataset
def blobs(rng):
    """Eight noisy blobs in ten dimensions."""
    from sklearn.datasets import make_blobs
    x, y = make_blobs(2600, 10, centers=8, cluster_std=3.2, random_state=8)
    return classes(scaled(x), y)


@dataset
def circuit(rng):
    """The impedance of an alternating-current circuit (Friedman's second function), y of unit scale."""
    from sklearn.datasets import make_friedman2
    x, y = make_friedman2(2600, noise=5.0, random_state=6)
    return regression(scaled(x), (y - y.mean()) / y.std())


@dataset
def surface(rng):
    """Two targets over a plane."""
    x = rng.uniform(-2, 2, (3000, 2))
    y = np.stack([np.sin(1.5 * x[:, 0]) * np.cos(x[:, 1]), np.tanh(2 * x[:, 0] * x[:, 1])], 1)
    return regression(x, y + .03 * rng.standard_normal(y.shape))


@dataset
def prices(rng):
    """Positive targets of some tens, from eight columns with interactions."""
    x = rng.standard_normal((2800, 8))
    y = 30 + 8 * x[:, 0] + 6 * x[:, 1] * (x[:, 2] > 0) + 5 * np.abs(x[:, 3]) - 4 * x[:, 4] * x[:, 5]
    return regression(x, y + rng.standard_normal(2800))


@dataset
def topics_multilabel(rng):
    from sklearn.datasets import make_multilabel_classification
    x, y = make_multilabel_classification(2800, 30, n_classes=4, n_labels=2, length=400, allow_unlabeled=False,
                                          random_state=9)
    return scaled(x), y.astype("float32"), "multilabel"


@dataset
def latent(rng):
    """Rebuild twenty observed values from four causes."""
    z = rng.standard_normal((2800, 4))
    x = np.tanh(z @ rng.standard_normal((4, 20)) * .7) + .02 * rng.standard_normal((2800, 20))
    return regression(x, x.copy())


# Images -------------------------------------------------------------------------------------------------------------
@dataset
def digits_noisy(rng):
    """Digits with noise; the target is the image without it."""
    from sklearn.datasets import load_digits
    clean = load_digits().images[..., None] / 16
    return regression(clean + .15 * rng.standard_normal(clean.shape), clean)


@dataset
def digits_colour(rng):
    """Digits drawn in a random colour over a random background."""
    from sklearn.datasets import load_digits
    d = load_digits()
    ink = rng.uniform(.5, 1, (len(d.images), 1, 1, 3))
    ground = rng.uniform(0, .4, (len(d.images), 1, 1, 3))
    a = d.images[..., None] / 16
    return classes(a * ink + (1 - a) * ground + .05 * rng.standard_normal(a.shape), d.target)


@dataset
def textures(rng):
    """Stripes of five directions in 12 x 12 points, with noise and phase."""
    n = 2200
    y = rng.integers(0, 5, n)
    a = y * np.pi / 5 + rng.uniform(-.12, .12, n)
    f = rng.uniform(.8, 1.5, n)
    i, j = np.mgrid[0:12, 0:12]
    each = lambda values: values[:, None, None]
    wave = each(f) * (each(np.cos(a)) * i + each(np.sin(a)) * j) + each(rng.uniform(0, 6.3, n))
    return classes((np.sin(wave) + .6 * rng.standard_normal((n, 12, 12)))[..., None], y)


@dataset
def shapes(rng):
    """Square, cross, diagonal cross or ring, anywhere in 12 x 12 points."""
    n = 2200
    y = rng.integers(0, 4, n)
    stamp = np.zeros((4, 5, 5))
    stamp[0] = 1
    stamp[0, 1:4, 1:4] = 0
    stamp[1, 2, :] = stamp[1, :, 2] = 1
    stamp[2] = np.clip(np.eye(5) + np.eye(5)[::-1], 0, 1)
    stamp[3, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], [1, 3, 0, 4, 0, 4, 0, 4, 1, 3]] = 1
    x = .25 * rng.standard_normal((n, 12, 12))
    for k in range(n):
        r, c = rng.integers(0, 8, 2)
        x[k, r:r + 5, c:c + 5] += stamp[y[k]] * rng.uniform(.7, 1.3)
    return classes(x[..., None], y)


@dataset
def patches(rng):
    """Bytes 0..255 in three channels; the class is the corner that holds the reddest patch."""
    n = 2200
    y = rng.integers(0, 4, n)
    x = rng.uniform(0, 160, (n, 8, 8, 3))
    for k in range(n):
        r, c = divmod(int(y[k]), 2)
        x[k, 4 * r:4 * r + 4, 4 * c:4 * c + 4, 0] += 70
        other = (int(y[k]) + 1 + int(rng.integers(0, 3))) % 4
        r, c = divmod(other, 2)
        x[k, 4 * r:4 * r + 4, 4 * c:4 * c + 4, 1] += 70
    return classes(np.clip(x, 0, 255).round(), y)


@dataset
def spots(rng):
    """How many bright spots (1 to 4)."""
    n = 2400
    y = rng.integers(0, 4, n)
    x = .12 * rng.standard_normal((n, 12, 12))
    cells = [(r, c) for r in (1, 5, 9) for c in (1, 5, 9)]
    for k in range(n):
        for m in rng.choice(9, int(y[k]) + 1, replace=False):
            r, c = cells[m][0] + rng.integers(-1, 2), cells[m][1] + rng.integers(-1, 2)
            x[k, r:r + 2, c:c + 2] += 1
    return classes(x[..., None], y)


# Sequences ----------------------------------------------------------------------------------------------------------
@dataset
def order(rng):
    """Two pulses of opposite channels: which comes first, or the same channel twice."""
    n = 2400
    y = rng.integers(0, 3, n)
    x = .2 * rng.standard_normal((n, 18, 2))
    for k in range(n):
        a, b = np.sort(rng.choice(18, 2, replace=False))
        first, second = ((0, 1), (1, 0), (0, 0))[y[k]]
        x[k, a, first] += 2
        x[k, b, second] += 2
    return classes(x, y)


@dataset
def recall(rng):
    """The symbol that stood at the marked step, one of four, among others."""
    n, t = 2600, 12
    s = rng.integers(0, 4, (n, t))
    at = rng.integers(0, t, n)
    x = np.concatenate([np.eye(4)[s], np.eye(t)[at][..., None]], 2)
    return classes(x + .1 * rng.standard_normal(x.shape), s[np.arange(n), at])


@dataset
def motif(rng):
    """Which of four motifs of eight points is hidden in a noisy signal of 48."""
    n = 2400
    y = rng.integers(0, 4, n)
    shape = np.array([[0, 1, 2, 1, 0, -1, -2, -1], [2, 2, 2, 2, -2, -2, -2, -2], [2, -2, 2, -2, 2, -2, 2, -2],
                      [0, .5, 1, 1.5, 2, 2.5, 3, -3]])
    x = .6 * rng.standard_normal((n, 48))
    for k in range(n):
        at = rng.integers(0, 40)
        x[k, at:at + 8] += shape[y[k]]
    return classes(x[..., None], y)


@dataset
def gestures(rng):
    """Five movements of a pen in three channels, of random speed and size."""
    n, t = 2400, np.linspace(0, 1, 24)
    y = rng.integers(0, 5, n)
    s = rng.uniform(.7, 1.4, n)[:, None]
    p = 2 * np.pi * s * t
    o = np.ones_like(p)
    path = [(np.cos(p), np.sin(p), o * 0), (np.cos(p), -np.sin(p), o * 0), (t * o, t * o, np.sin(p)),
            (t * o, -t * o, np.sin(p)), (np.sin(2 * p), np.sin(p), np.cos(p))]
    x = np.stack([np.stack(c, 2) for c in path])[y, np.arange(n)] * rng.uniform(.6, 1.4, (n, 1, 1))
    return classes(x + .25 * rng.standard_normal(x.shape), y)


@dataset
def forecast(rng):
    """The next value of a sum of two sines."""
    n, t = 2800, np.arange(25)
    f = rng.uniform(.2, .9, (n, 2))
    p = rng.uniform(0, 6.3, (n, 2))
    s = np.sin(f[:, :1] * t + p[:, :1]) + .5 * np.sin(f[:, 1:] * t + p[:, 1:])
    return regression((s[:, :24] + .02 * rng.standard_normal((n, 24)))[..., None], s[:, 24])


@dataset
def spectra(rng):
    """Four mixtures of peaks over 64 channels, intensities not of unit scale."""
    n, t = 2200, np.arange(64)
    y = rng.integers(0, 4, n)
    peaks = [(12, 30), (20, 42), (30, 50), (12, 50)]
    x = np.zeros((n, 64))
    for k in range(n):
        for at in peaks[y[k]]:
            x[k] += rng.uniform(1, 3) * np.exp(-((t - at - rng.normal(0, 2)) / 2.5) ** 2)
        x[k] += rng.uniform(0, .8) * np.exp(-((t - rng.uniform(0, 64)) / 2.5) ** 2)
    return classes((x + .15 * rng.standard_normal(x.shape))[..., None] * 2, y)


# Tokens -------------------------------------------------------------------------------------------------------------
@dataset
def topics(rng):
    """Five topics of twelve words each, mixed with words of all topics."""
    n, t = 2600, 18
    y = rng.integers(0, 5, n)
    g = np.where(rng.random((n, t)) < .48, y[:, None], rng.integers(0, 5, (n, t)))
    return (1 + g * 12 + rng.integers(0, 12, (n, t))).astype("int32"), y.astype("int64"), "multiclass"


@dataset
def bigrams(rng):
    """Which of three ordered pairs of words occurs side by side; each word occurs in every text."""
    n, t = 2600, 16
    y = rng.integers(0, 3, n)
    x = rng.integers(4, 30, (n, t))
    pair = np.array([[1, 2], [2, 3], [3, 1]])
    for k in range(n):
        at = rng.choice(np.arange(0, t - 1, 3), 2, replace=False)
        x[k, at[0]:at[0] + 2] = pair[y[k]]
        x[k, at[1]] = ({1, 2, 3} - set(pair[y[k]].tolist())).pop()
    return x.astype("int32"), y.astype("int64"), "multiclass"


@dataset
def opinions(rng):
    """Binary: the sum of the values of the words; a word of negation turns the next one around."""
    n, t = 2800, 14
    value = np.concatenate([[0, 0], rng.normal(0, 1, 48)])
    x = rng.integers(2, 50, (n, t))
    x[rng.random((n, t)) < .08] = 1
    v = value[x] * np.where(np.roll(x, 1, 1) == 1, -1, 1)
    s = v.sum(1)
    keep = np.abs(s) > .8
    return x[keep].astype("int32"), (s[keep] > 0).astype("int64"), "binary"


@dataset
def valence(rng):
    """Regression: the mean value of the words of a text."""
    n, t = 2800, 12
    value = rng.normal(0, 1, 40)
    x = rng.integers(0, 40, (n, t))
    return x.astype("int32"), (value[x].mean(1) * 3).astype("float32"), "regression"


@dataset
def pairing(rng):
    """Which of four words occurs twice in a text of otherwise different words."""
    n, t = 2800, 10
    y = rng.integers(0, 4, n)
    x = np.empty((n, t), "int32")
    for k in range(n):
        row = np.concatenate([[0, 1, 2, 3], [y[k]], rng.choice(np.arange(4, 24), t - 5, replace=False)])
        x[k] = rng.permutation(row)
    return x, y.astype("int64"), "multiclass"


# Drawn: another data set for every number ---------------------------------------------------------------------------
def shown(rng, x):
    """Numbers as people feed them: mostly standardised, at times from 0 to 1, or of other scales."""
    way = rng.integers(6)
    if way == 0:
        return (x - x.min(0)) / (np.ptp(x, 0) + 1e-9)
    if way == 1:
        return x * rng.uniform(.5, 3, x.shape[1]) + rng.uniform(-1, 2, x.shape[1])
    return scaled(x)


def teacher(rng, x, outputs):
    """A random network of one hidden layer, or sums of products and sines: something that has to be learned."""
    f = x.shape[1]
    h = int(rng.integers(4, 14))
    z = np.tanh(x @ rng.normal(0, 1.3 / np.sqrt(f), (f, h)) * 1.5 + rng.normal(0, .5, h))
    if rng.random() < .4:
        a, b = rng.integers(0, f, (2, outputs))
        return z @ rng.normal(0, .5, (h, outputs)) + x[:, a] * x[:, b] + np.sin(2 * x[:, b])
    return z @ rng.normal(0, 1, (h, outputs))


@dataset
def table(rng):
    from sklearn.datasets import make_classification
    n, f, c = int(rng.integers(1300, 2400)), int(rng.integers(3, 36)), int(rng.choice([2, 2, 3, 3, 4, 5, 7, 10]))
    if rng.random() < .5 and f >= 5:
        good = max(int(np.ceil(np.log2(2 * c))) + 1, int(f * rng.uniform(.4, .9)))
        x, y = make_classification(n, f, n_informative=min(good, f), n_redundant=0, n_classes=c, n_clusters_per_class=1 if c > 4 else 2,
                                   class_sep=rng.uniform(1.2, 2), random_state=int(rng.integers(1 << 30)))
    else:
        x = rng.standard_normal((n, f))
        score = teacher(rng, x, c) if c > 2 else teacher(rng, x, 1)
        y = score.argmax(1) if c > 2 else (score[:, 0] > np.median(score[:, 0])).astype(int)
    return (binary if c == 2 else classes)(shown(rng, x), y)


@dataset
def curve(rng):
    n, f, o = int(rng.integers(1300, 2400)), int(rng.choice([1, 2, 3, 5, 8, 12, 20])), int(rng.choice([1, 1, 1, 2, 4]))
    x = rng.uniform(-2, 2, (n, f)) if rng.random() < .5 else rng.standard_normal((n, f))
    y = scaled(teacher(rng, x, o)) + rng.uniform(0, .15) * rng.standard_normal((n, o))
    return regression(shown(rng, x), (y * rng.choice([1, 1, 1, 3, .2]) + rng.choice([0, 0, 2]))[:, 0 if o == 1 else slice(None)])


@dataset
def flags(rng):
    n, f, o = int(rng.integers(1400, 2400)), int(rng.integers(6, 30)), int(rng.integers(3, 7))
    x = rng.standard_normal((n, f))
    score = teacher(rng, x, o)
    y = score > np.quantile(score, rng.uniform(.4, .8, o), axis=0).diagonal()
    return shown(rng, x).astype("float32"), y.astype("float32"), "multilabel"


@dataset
def picture(rng):
    """Stamps of a few points somewhere in a noisy picture, or classes that differ in texture."""
    n, size, ch, c = int(rng.integers(1200, 1900)), int(rng.integers(7, 15)), int(rng.choice([1, 1, 3, 2])), int(rng.integers(3, 9))
    y, noise = rng.integers(0, c, n), rng.uniform(.1, .5)
    x = noise * rng.standard_normal((n, size, size, ch))
    if rng.random() < .7:
        k = int(rng.integers(3, 6))
        stamp = (rng.random((c, k, k, ch)) < .5) * rng.uniform(.8, 1.6)
        at = rng.integers(0, size - k + 1, (n, 2))
        for i in range(n):
            x[i, at[i, 0]:at[i, 0] + k, at[i, 1]:at[i, 1] + k] += stamp[y[i]]
    else:
        i, j = np.mgrid[0:size, 0:size]
        way, turn = rng.uniform(.5, 2.2, (c, 2)), rng.uniform(0, 6.3, (n, 1, 1))
        x += np.sin(i * way[y, 0][:, None, None] + j * way[y, 1][:, None, None] + turn)[..., None]
    return classes((x - x.min()) / np.ptp(x) if rng.random() < .4 else x, y)


@dataset
def series(rng):
    """Classes that differ in frequency, in a motif hidden somewhere, or in the order of two events."""
    n, t, ch, c = int(rng.integers(1300, 2000)), int(rng.integers(14, 40)), int(rng.integers(1, 4)), int(rng.integers(3, 6))
    y, way = rng.integers(0, c, n), rng.integers(3)
    x = rng.uniform(.2, .5) * rng.standard_normal((n, t, ch))
    if way == 0:
        speed, mix = np.sort(rng.uniform(.25, 2.2, c)), rng.normal(0, 1, (c, ch))
        x += np.sin(np.arange(t) * speed[y][:, None] + rng.uniform(0, 6.3, (n, 1)))[..., None] * (.6 + np.abs(mix[y])[:, None])
    elif way == 1:
        m = rng.normal(0, 1.3, (c, 6, ch))
        at = rng.integers(0, t - 5, n)
        for i in range(n):
            x[i, at[i]:at[i] + 6] += m[y[i]]
    else:
        c = 3
        y = rng.integers(0, c, n)
        for i in range(n):
            a, b = np.sort(rng.choice(t, 2, replace=False))
            x[i, a, 0] += (2, -2, 2)[y[i]]
            x[i, b, -1] += (-2, 2, 2)[y[i]]
    return classes(x, y)


@dataset
def text(rng):
    """Words of 64: the topic in the majority, the sign of the sum of the words' values, or which pair stands side by side."""
    n, t, way = int(rng.integers(1500, 2300)), int(rng.integers(8, 22)), rng.integers(3)
    if way == 0:
        c = int(rng.integers(3, 6))
        y = rng.integers(0, c, n)
        topic = np.where(rng.random((n, t)) < .55, y[:, None], rng.integers(0, c, (n, t)))
        return (1 + topic * 12 + rng.integers(0, 12, (n, t))).astype("int32"), y.astype("int64"), "multiclass"
    if way == 1:
        value, x = rng.normal(0, 1, 64), rng.integers(1, 64, (2 * n, t))
        s = value[x].sum(1)
        keep = np.abs(s) > .4 * s.std()
        return x[keep].astype("int32"), (s[keep] > 0).astype("int64"), "binary"
    y, x = rng.integers(0, 3, n), rng.integers(4, 64, (n, t))
    for i in range(n):
        at = rng.integers(0, t - 1)
        x[i, at:at + 2] = ((1, 2), (2, 3), (3, 1))[y[i]]
    return x.astype("int32"), y.astype("int64"), "multiclass"


# Held back: data of the bases that nothing is fitted on -------------------------------------------------------------
@dataset
def hastie(rng):
    """Inside or outside a sphere in ten dimensions."""
    from sklearn.datasets import make_hastie_10_2
    x, y = make_hastie_10_2(3200, random_state=14)
    return binary(x, y > 0)


@dataset
def rings(rng):
    """The radius of a ring in two channels of 10 x 10 points; the second channel has the noise of the first."""
    n = 2200
    y = rng.integers(0, 4, n)
    i, j = np.mgrid[0:10, 0:10]
    centre = rng.uniform(3.5, 5.5, (2, n, 1, 1))
    r = np.sqrt((i - centre[0]) ** 2 + (j - centre[1]) ** 2)
    noise = .4 * rng.standard_normal((n, 10, 10))
    x = np.exp(-(r - (.6 + 1.1 * y)[:, None, None]) ** 2 * 2) + noise
    return classes(np.stack([x, .6 * noise + .4 * rng.standard_normal(x.shape)], 3), y)


@dataset
def traces(rng):
    """Steps and ramps of 32 points under noise; the target is the trace without noise."""
    n, t = 2400, np.arange(32)
    at = rng.integers(4, 28, (n, 2))
    h = rng.normal(0, 1, (n, 3))
    clean = h[:, :1] * (t > at[:, :1]) + h[:, 1:2] * (t > at[:, 1:]) + h[:, 2:] * (t / 31 - .5)
    return regression((clean + .25 * rng.standard_normal(clean.shape))[..., None], clean[..., None])


@dataset
def events(rng):
    """Four classes: how many large events in a sequence of 20 steps are followed by a small one (0 to 3)."""
    n = 2600
    y = rng.integers(0, 4, n)
    x = .3 * rng.standard_normal((n, 20, 3))
    for k in range(n):
        slots = rng.choice(6, 4, replace=False) * 3
        for m, s in enumerate(slots):
            x[k, s, 0] += 2
            x[k, s + 1, 1 if m < y[k] else 2] += 2
    return classes(x, y)


@dataset
def quilts(rng):
    """Sixteen patches of twelve values: which of five prototypes is sewn in most often."""
    n = 2600
    y = rng.integers(0, 5, n)
    proto = rng.standard_normal((5, 12))
    g = np.where(rng.random((n, 16)) < .35, y[:, None], rng.integers(0, 5, (n, 16)))
    most = np.stack([(g == k).sum(1) for k in range(5)], 1).argmax(1)
    return classes(proto[g] + .7 * rng.standard_normal((n, 16, 12)), most)


@dataset
def echo(rng):
    """The delay of an echo of a noise burst: 2, 5, 8 or 11 steps."""
    n = 2800
    y = rng.integers(0, 4, n)
    s = rng.standard_normal((n, 36))
    x = s.copy()
    for k in range(4):
        d = 2 + 3 * k
        x[y == k, d:] += .9 * s[y == k, :-d]
    return classes(x[..., None] * .8, y)


@dataset
def tags(rng):
    """Which of four tags a text deserves: each is called for by any of three words."""
    n, t = 2800, 16
    x = rng.integers(1, 36, (n, t))
    y = np.stack([np.isin(x, [3 * k + 1, 3 * k + 2, 3 * k + 3]).any(1) for k in range(4)], 1)
    return x.astype("int32"), y.astype("float32"), "multilabel"


@dataset
def phase(rng):
    """The phase of a circuit (Friedman's third function)."""
    from sklearn.datasets import make_friedman3
    x, y = make_friedman3(3000, noise=.02, random_state=15)
    x[:, 1:3] = np.log(x[:, 1:3] + .05)
    return regression(scaled(x), (y - y.mean()) / y.std())


@dataset
def glyphs(rng):
    """Six glyphs of 4 x 4 points, turned by quarters, in 9 x 9 points and three channels of random ink."""
    n = 2400
    y = rng.integers(0, 6, n)
    stamp = (np.random.default_rng(77).random((6, 4, 4)) < .5).astype(float)
    x = .15 * rng.standard_normal((n, 9, 9, 3))
    for k in range(n):
        r, c = rng.integers(0, 6, 2)
        g = np.rot90(stamp[y[k]], int(rng.integers(0, 2)))
        x[k, r:r + 4, c:c + 4] += g[..., None] * rng.uniform(.4, 1.2, 3)
    return classes(x, y)


# Held back a second time --------------------------------------------------------------------------------------------
@dataset
def digit_rows(rng):
    """Digits as sequences of eight rows."""
    from sklearn.datasets import load_digits
    d = load_digits()
    return classes(d.images / 16 + .05 * rng.standard_normal(d.images.shape), d.target)


@dataset
def iris_spread(rng):
    from sklearn.datasets import load_iris
    d = load_iris()
    x = np.repeat(scaled(d.data), 14, 0)
    return classes(x + .12 * rng.standard_normal(x.shape), np.repeat(d.target, 14))


@dataset
def swiss_roll(rng):
    """Where on the rolled sheet a point lies: along it and across it."""
    from sklearn.datasets import make_swiss_roll
    x, t = make_swiss_roll(2600, noise=.15, random_state=21)
    return regression(scaled(x), scaled(np.stack([t, x[:, 1]], 1)))


@dataset
def olives(rng):
    """Faces of 16 x 16 points: two eyes, a mouth of one of three shapes, with or without a hat."""
    n = 2000
    mouth, hat = rng.integers(0, 3, n), rng.integers(0, 2, n)
    i, j = np.mgrid[0:16, 0:16]
    x = .3 * rng.standard_normal((n, 16, 16))
    for k in range(n):
        r, c = 7.5 + rng.integers(-2, 3, 2)
        for side in (-3, 3):
            x[k] += np.exp(-((i - r + 2) ** 2 + (j - c - side) ** 2) / 2)
        bend = (0, .2, -.2)[mouth[k]]
        x[k] += (np.abs(i - r - 3.5 - bend * ((j - c) ** 2 - 4)) < .7) * (np.abs(j - c) < 4)
        if hat[k]:
            x[k] += (np.abs(i - r + 5.5) < .7) * (np.abs(j - c) < 5)
    return classes(x[..., None], mouth * 2 + hat)


@dataset
def lookup(rng):
    """The word behind the query word, which stands once in each of the texts: one of five."""
    n, t = 2800, 12
    y, x = rng.integers(0, 5, n), rng.integers(10, 40, (n, t))
    for k in range(n):
        at = int(rng.integers(0, t - 1))
        x[k, at:at + 2] = 1, 2 + y[k]
        other = rng.choice([i for i in range(t) if not at - 1 <= i <= at + 1], 2, replace=False)
        x[k, other] = rng.integers(2, 7, 2)
    return x.astype("int32"), y.astype("int64"), "multiclass"


@dataset
def quantiles(rng):
    """Nested shells of a Gaussian cloud in the first five of twelve columns; the classes alternate."""
    from sklearn.datasets import make_gaussian_quantiles
    x, y = make_gaussian_quantiles(n_samples=3000, n_features=5, n_classes=2, random_state=22)
    return binary(np.concatenate([x, rng.standard_normal((3000, 7))], 1), y)


@dataset
def sensors(rng):
    """Four sensors over 50 steps: what a wearer does, five kinds, each with a rhythm of its own in two sensors."""
    n, t = 2200, np.arange(50)
    y = rng.integers(0, 5, n)
    speed = np.array([.3, .5, .8, .5, .3])[y][:, None] * rng.uniform(.85, 1.15, (n, 1))
    wave = np.sin(t * speed + rng.uniform(0, 6.3, (n, 1)))
    beat = np.sign(np.sin(t * speed * 2 + rng.uniform(0, 6.3, (n, 1))))
    x = .7 * rng.standard_normal((n, 50, 4))
    x[..., 0] += wave
    x[..., 1] += np.where((y % 2)[:, None], beat, wave ** 3)
    x[..., 2] += np.where((y > 2)[:, None], .6 * beat, 0)
    return classes(x, y)
