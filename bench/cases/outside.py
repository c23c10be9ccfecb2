"""Suite `outside`: what is wrong lies in no layer. faulty is empty; `answer` is "none" (the model is as it should be)
or "outside".

Two families: TESTS gives the trained clean model other tests than it was made for, TRAINING trains the same layers in
a wrong way. To add a cause: a row in one of the tables. A test cause is a function of (x, y, about) that gives (x, y)
or None where it does not fit; a training cause is a dict of changes for training.program()."""
import numpy as np

# About the base and its clean model: task; number of classes; rng of the case; whether x holds tokens.
class About:
    def __init__(self, task, y, x, rng):
        self.task, self.rng = task, rng
        self.tokens = np.issubdtype(x.dtype, np.integer)
        self.one_hot = task == "multiclass" and y.ndim == 2
        self.classes = int(y.shape[1] if self.one_hot else y.max() + 1) if task in ("multiclass", "binary") else 0


def relabel(y, about, change):
    """Class labels changed, whatever their coding."""
    new = change(y.argmax(1) if about.one_hot else y)
    return np.eye(about.classes, dtype=y.dtype)[new] if about.one_hot else new.astype(y.dtype)


def numbers(change):
    def apply(x, y, about):
        return None if about.tokens else (np.asarray(change(x.astype(float), about)).astype("float32"), y)
    return apply


def columns_like(x, about, low, high):
    return np.exp(about.rng.uniform(np.log(low), np.log(high), x.shape[-1]))


def unnormalised(x, about):
    return x * columns_like(x, about, 5, 500) + columns_like(x, about, 10, 1000)


def off_by_one(x, y, about):
    if about.classes > 2:
        return x, relabel(y, about, lambda c: (c + 1) % about.classes)
    return None


def permuted_classes(x, y, about):
    if about.classes < 2:
        return None
    order = np.roll(about.rng.permutation(about.classes), 1)
    while (order == np.arange(about.classes)).any():
        order = about.rng.permutation(about.classes)
    return x, relabel(y, about, lambda c: order[c])


def shuffled_labels(x, y, about):
    return x, y[about.rng.permutation(len(y))]


def contradictory(x, y, about):
    """Every test of the second half repeats one of the first half with the label of another test."""
    half = len(x) // 2
    pick = about.rng.permutation(half)
    return np.concatenate([x[:half], x[:half][pick]]), np.concatenate([y[:half], y[:half][about.rng.permutation(half)]])


def one_label(x, y, about):
    return (x, relabel(y, about, lambda c: c * 0 + int(about.rng.integers(about.classes)))) if about.classes else None


def targets_scaled(x, y, about):
    return (x, (y * 100).astype("float32")) if about.task == "regression" else None


def targets_shifted(x, y, about):
    return (x, (y + 4 * y.std()).astype("float32")) if about.task == "regression" else None


def channels_swapped(x, y, about):
    return (x[..., ::-1].copy(), y) if not about.tokens and x.ndim == 4 and x.shape[-1] > 1 else None


def transposed(x, y, about):
    return (x.swapaxes(1, 2).copy(), y) if not about.tokens and x.ndim == 4 and x.shape[1] == x.shape[2] else None


def turned_round(x, y, about):
    return (x[:, ::-1].copy(), y) if x.ndim >= 3 else None


def columns_permuted(x, y, about):
    if about.tokens or x.ndim != 2 or x.shape[1] < 3:
        return None
    return x[:, about.rng.permutation(x.shape[1])], y


def vocabulary_shifted(x, y, about):
    if not about.tokens:
        return None
    top = int(x.max()) + 1
    return ((x + top // 3) % top).astype(x.dtype), y


def vocabulary_permuted(x, y, about):
    return (about.rng.permutation(int(x.max()) + 1)[x].astype(x.dtype), y) if about.tokens else None


TESTS = {
    "inputs-x255": numbers(lambda x, about: x * 255),
    "labels-off-by-one": off_by_one,
    "inputs-unnormalised": numbers(unnormalised),
    "labels-shuffled": shuffled_labels,
    "inputs-divided": numbers(lambda x, about: x / 255),
    "classes-permuted": permuted_classes,
    "inputs-shifted": numbers(lambda x, about: x + 3 * x.std()),
    "channels-swapped": channels_swapped,
    "vocabulary-shifted": vocabulary_shifted,
    "targets-scaled": targets_scaled,
    "labels-contradictory": contradictory,
    "inputs-transposed": transposed,
    "steps-reversed": turned_round,
    "columns-permuted": columns_permuted,
    "vocabulary-permuted": vocabulary_permuted,
    "targets-shifted": targets_shifted,
    "labels-all-one": one_label,
}

SHUFFLE = "targets = numpy.random.default_rng(1).permutation(targets)"
UNSEEN = "features, targets = features[targets > 0], targets[targets > 0]"

TRAINING = {
    "untrained": dict(fit="model.fit(features, targets, epochs=0, batch_size={batch}, verbose=0)"),
    "one-step": dict(fit="model.fit(features[:{batch}], targets[:{batch}], epochs=1, batch_size={batch}, verbose=0)"),
    "rate-zero": dict(lr=0.0),
    "rate-huge": dict(lr=20.0),
    "rate-tiny": dict(lr=1e-6),
    "rate-large": dict(lr=0.5),
    "training-labels-shuffled": dict(imports=["import numpy"], prepare=[SHUFFLE]),
    "training-inputs-scaled": dict(prepare=["features = features * 255"]),
    "few-samples": dict(prepare=["features, targets = features[:12], targets[:12]"]),
    "class-unseen": dict(prepare=[UNSEEN]),
}


def training_fits(kind, about):
    if kind == "training-inputs-scaled":
        return not about.tokens
    if kind == "class-unseen":
        return about.classes > 2 and not about.one_hot
    return True


def choose(number):
    """The causes that a base tries, in order: each base starts elsewhere in the tables, so that all kinds come up."""
    tests, training = list(TESTS), list(TRAINING)
    turn = lambda row, by: row[by % len(row):] + row[:by % len(row)]
    return turn(tests, 5 * number), turn(training, 3 * number)
