"""Suite `seed`: damage to the weights of one layer of a trained model, the whole layer or some of its output columns.

damages(layer, rng) yields (kind, columns or None, new weights). Columns are output units: of a recurrent layer its
units (the columns of every gate), of a transposed convolution its filters; where a weight's last axis is no output of
the layer (attention, wrappers), only whole-layer damage is done.

To add one: yield it in the function of its family; whatever is drawn comes from `rng`.
"""
import numpy as np

GATES = {"LSTM": 4, "GRU": 3}
NO_COLUMNS = {"MultiHeadAttention", "Bidirectional", "TimeDistributed", "LayerNormalization"}


def main_weight(layer):
    """Index of the weight that is damaged: the kernel; of a separable convolution the pointwise one."""
    shapes = [tuple(v.shape) for v in layer.weights]
    named = [k for k, v in enumerate(layer.weights) if "pointwise" in v.path]
    return named[0] if named else max(range(len(shapes)), key=lambda k: len(shapes[k]) * 1e9 + np.prod(shapes[k]))


class Kernel:
    """The kernel with the outputs on the last axis, and the way back."""

    def __init__(self, layer):
        self.kind = type(layer).__name__
        self.weights = layer.get_weights()
        self.index = main_weight(layer)
        kernel = self.weights[self.index]
        self.shape = kernel.shape
        self.axis = 2 if self.kind in ("Conv2DTranspose", "DepthwiseConv2D") else kernel.ndim - 1
        self.values = np.moveaxis(kernel, self.axis, -1).astype(float)
        self.outputs = self.values.shape[-1]
        self.gates = GATES.get(self.kind, 1)
        self.units = self.outputs // self.gates
        self.std = self.values.std() + 1e-9

    def bias(self):
        for k, w in enumerate(self.weights):
            if k != self.index and w.ndim == 1 and w.shape[0] == self.outputs:
                return k
        return None

    def columns(self, units):
        return np.concatenate([units + g * self.units for g in range(self.gates)])

    def out(self, values, change_bias=None):
        new = [w.copy() for w in self.weights]
        new[self.index] = np.moveaxis(values, -1, self.axis).reshape(self.shape).astype(self.weights[self.index].dtype)
        if change_bias is not None:
            k = self.bias()
            new[k] = change_bias(new[k].astype(float)).astype(self.weights[k].dtype)
        return new


def normalization(layer, rng):
    w = [a.copy() for a in layer.get_weights()]
    if type(layer).__name__ == "BatchNormalization":
        gamma, beta, mean, var = w
        yield "bn-mean", None, [gamma, beta, mean + 4 * np.sqrt(var), var]
        yield "bn-mean-mild", None, [gamma, beta, mean + 1.2 * np.sqrt(var) * rng.choice([-1, 1], len(mean)), var]
        yield "bn-var", None, [gamma, beta, mean, var * 400]
        yield "bn-var-mild", None, [gamma, beta, mean, var * np.exp(rng.normal(0, 3, len(var)))]
    else:
        gamma, beta = w
        yield "ln-beta", None, [gamma, beta + 2 * rng.standard_normal(len(beta))]
    rest = w[2:]
    yield "bn-gamma", None, [rng.permutation(gamma) * rng.choice([-1, 1], len(gamma)), beta, *rest]
    yield "norm-gamma-small", None, [gamma * .1, beta, *rest]


def whole(k, rng):
    a, flat = k.values, k.values.reshape(-1, k.outputs)
    for s in (.5, 1.0, 2.0, 4.0):
        yield f"noise-{s:g}", None, k.out(a + s * k.std * rng.standard_normal(a.shape))
    yield "reinit", None, k.out(rng.uniform(-1, 1, a.shape) * np.sqrt(6 / (flat.shape[0] + k.outputs)))
    yield "scale-0.1", None, k.out(a * .1)
    yield "scale-5", None, k.out(a * 5)
    yield "negated", None, k.out(-a)
    yield "quantised-1bit", None, k.out(np.sign(a) * np.abs(a).mean())
    step = 1.2 * k.std
    yield "quantised-2bit", None, k.out(np.clip(np.round(a / step), -1, 2) * step)
    yield "clipped", None, k.out(np.clip(a, -.4 * k.std, .4 * k.std))
    yield "pruned", None, k.out(np.where(rng.random(a.shape) < .7, 0, a))
    u, s, vt = np.linalg.svd(flat, full_matrices=False)
    r = max(1, len(s) // 8)
    yield "low-rank", None, k.out(((u[:, :r] * s[:r]) @ vt[:r]).reshape(a.shape))
    if k.outputs > 2 and k.kind not in NO_COLUMNS:
        yield "permuted", None, k.out(a[..., rng.permutation(k.outputs)])
    if a.ndim >= 2 and a.shape[-2] > 2:
        yield "permuted-inputs", None, k.out(a[..., rng.permutation(a.shape[-2]), :])
        rows = rng.random(a.shape[-2]) < .5
        yield "lost-inputs", None, k.out(np.where(rows[:, None], 0, a))
    if k.kind.startswith(("Conv", "Depthwise")) and a.shape[0] > 1:
        yield "kernel-flip", None, k.out(a[::-1, ::-1] if a.ndim == 4 else a[::-1])
    if k.bias() is not None:
        size = np.abs(flat).sum(0).mean() * .3 + .5
        yield "bias-shift", None, k.out(a, lambda b: b - 3 * size)
        yield "bias-noise", None, k.out(a, lambda b: b + size * rng.standard_normal(b.shape))
        yield "bias-lost", None, k.out(a, lambda b: b * 0)


def some_columns(k, rng):
    """Damage to a share of the output units; every kind draws its own units."""
    def on(kind, share, change, change_bias=None):
        units = np.sort(rng.choice(k.units, max(1, int(round(share * k.units))), replace=False))
        c, a = k.columns(units), k.values.copy()
        a[..., c] = change(a[..., c])
        return kind, [int(u) for u in units], k.out(a, None if change_bias is None else lambda b: change_bias(b, c))

    def stuck(b, c):
        b[c] = 3 + np.abs(b).max()
        return b
    for share in (.3, .6, .9):
        yield on(f"zeroed-{share:g}", share, lambda v: v * 0)
    yield on("sign-columns", .5, lambda v: -v)
    yield on("noise-columns", .4, lambda v: v + 3 * k.std * rng.standard_normal(v.shape))
    yield on("permuted-columns", .5, lambda v: np.roll(v, 1, -1))
    yield on("outlier-column", .02, lambda v: v * 30)
    yield on("weak-columns", .6, lambda v: v * .1)
    yield on("copied-columns", .6, lambda v: np.repeat(v[..., :1], v.shape[-1], -1))
    if k.bias() is not None:
        yield on("stuck-columns", .25, lambda v: v * 0, stuck)


def damages(layer, rng):
    if "Normalization" in type(layer).__name__:
        yield from normalization(layer, rng)
        return
    k = Kernel(layer)
    yield from whole(k, rng)
    if k.kind not in NO_COLUMNS and k.units >= 4:
        yield from some_columns(k, rng)
