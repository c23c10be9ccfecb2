"""A base: a program with one constructor line per layer, the data it learns, and how it is trained."""
import collections

# number: the first two digits of the ids of its cases; unique over all sets, never used again for another program.
Base = collections.namedtuple("Base", "number name dataset epochs loss body lr optimizer", defaults=["Adam"])

SPARSE = "sparse_categorical_crossentropy"
ONE_HOT = "categorical_crossentropy"
BINARY = "binary_crossentropy"
LOGITS = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
MSE = "mse"



def collect(rows):
    """(number, name, dataset, epochs, loss, text[, learning rate]) -> {name: Base}"""
    out = {}
    for number, name, dataset, epochs, loss, text, *lr in rows:
        if name in out or number in {b.number for b in out.values()}:
            raise ValueError(f"base {number} {name} occurs twice")
        out[name] = Base(number, name, dataset, epochs, loss, text.strip().split("\n"), lr[0] if lr else 0.003)
    return out
