"""A base becomes a program text, the text becomes a trained model, the model gets a score."""
import sys
import types

import numpy as np

HEADER = ['"""Train a model on {data}."""', "import keras", "from keras import layers", "from dataset import load_data",
          "keras.utils.set_random_seed({seed})", "features, targets = load_data()", ""]
FIRST_LINE = len(HEADER) + 1                    # of the body, counted from 1
FIT = "model.fit(features, targets, epochs={epochs}, batch_size={batch}, verbose=0)"


def program(base, body, seed, batch=64, lr=None, prepare=(), fit=FIT, imports=()):
    """The text that is trained and written as program.py. `imports` and `prepare` would move the lines of the body,
    so they stand between the body and compile()."""
    loss = base.loss if "(" in base.loss else f'"{base.loss}"'
    fill = dict(data=base.dataset, seed=seed, epochs=base.epochs, batch=batch)
    compiled = f"model.compile(optimizer=keras.optimizers.{base.optimizer}({base.lr if lr is None else lr!r}), loss={loss})"
    head = [line.format(**fill) for line in HEADER]
    return "\n".join([*head, *body, "", *imports, *prepare, compiled, fit.format(**fill)]) + "\n"


def watch_lines():
    """Let every Keras object remember the line of program.py that constructed it: exact for dropped and shared layers
    as well."""
    from keras.src.ops.operation import Operation
    if hasattr(Operation, "_bench_new"):
        return
    Operation._bench_new = Operation.__new__

    def new(cls, *args, **kwargs):
        made = Operation._bench_new(cls, *args, **kwargs)
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != "program.py":
            frame = frame.f_back
        if frame is not None:
            object.__setattr__(made, "_bench_line", frame.f_lineno)
        return made
    Operation.__new__ = new


STEPS_A_CALL = 8
MANY_STEPS = 800        # from here on the slower start of a loop within the graph pays


def quicken(steps):
    """Nothing of this changes the arithmetic: no XLA (compiling costs more than it saves here), and in a long training
    several steps in each call from Python."""
    import keras
    import keras.src.trainers.trainer as trainer
    trainer.model_supports_jit = lambda model: False
    keras.Model._bench_steps = STEPS_A_CALL if steps > MANY_STEPS else 1
    if hasattr(keras.Model, "_bench_compile"):
        return
    keras.Model._bench_compile = keras.Model.compile

    def compile_(self, *args, **kwargs):
        kwargs.setdefault("steps_per_execution", keras.Model._bench_steps)
        return keras.Model._bench_compile(self, *args, **kwargs)
    keras.Model.compile = compile_


def train(text, x, y, steps=0):
    """`steps` is about how many training steps the text takes."""
    import keras
    keras.backend.clear_session()
    watch_lines()
    quicken(steps)
    stand_in = types.ModuleType("dataset")
    stand_in.load_data = lambda: (x.copy(), y.copy())
    sys.modules["dataset"] = stand_in
    scope = {}
    exec(compile(text, "program.py", "exec"), scope)
    return scope["model"]


def layer_lines(model):
    """{layer name: line of its constructor in program.py}"""
    return {layer.name: layer._bench_line for layer in model.layers if type(layer).__name__ != "InputLayer"}


def outcome(model, x, y, task):
    """(score, share of the tests that pass): R2 for regression, else accuracy (of the single labels for multilabel)."""
    p = np.nan_to_num(np.asarray(model.predict(x, verbose=0, batch_size=240), float))
    if task == "regression":
        p = p.reshape(len(y), -1)
        q = y.reshape(p.shape)
        r2 = 1 - ((p - q) ** 2).sum() / ((q - q.mean(0)) ** 2).sum()
        return float(max(-1, r2)), float((np.abs(p - q).mean(1) <= .25 * q.std()).mean())
    if task == "multilabel":
        ok = (p > .5) == (y > .5)
        return float(ok.mean()), float(ok.all(1).mean())
    c = y.argmax(1) if y.ndim == 2 else y
    ok = (p[:, 0] > .5).astype(int) == c if p.shape[1] == 1 else p.argmax(1) == c
    return float(ok.mean()), float(ok.mean())
