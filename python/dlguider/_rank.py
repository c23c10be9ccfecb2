"""The functions people call."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from . import _choices
from ._choices import OptionValue
from ._library import CActivations, CCollect, CMended, CPage, CRankRequest, Handle, call, encoded, made, sized, written
from ._model import Model, Opened, open_model
from ._ranking import Ranking
from ._run import Progress, Watch, run
from ._tests import PREPARATION, Numbers, Tests, is_path
from .errors import UsageError

if TYPE_CHECKING:
    import numpy

Program = Union[str, "os.PathLike[str]", None, bool]


class _Pass:
    """Model, tests and options of a pass over the tests, and the request that C takes."""

    def __init__(self, model: Model, X: Numbers, y: Numbers | None, given: dict[str, Any]) -> None:
        output = given.pop("output", None)
        preparation = {name: given.pop(name) for name in PREPARATION if given.get(name) is not None}
        for name, value in {"output": output or "", **preparation}.items():
            if not isinstance(value, str):
                raise UsageError(f"{name}={value!r}: text is expected, as the command takes it", name)
        self.options = _choices.chosen(given)  # a wrong option is said before any file is read
        self.model: Opened = open_model(model, X, output)
        self.tests = Tests(X, y, preparation)
        self.places = {**self.tests.places, self.model.name: self.model.name}

    def request(self, watch: Watch) -> Any:
        return ctypes.byref(sized(CCollect, model=self.model.handle.pointer, tests=self.tests.handle.pointer,
                                  options=self.options.pointer, **watch.members))

    def collect(self, watch: Watch) -> Handle:
        return made("dlg_spectrum_collect", "dlg_spectrum_free", self.request(watch), places=self.places)


def _needs_labels(X: Numbers, y: Numbers | None, what: str) -> None:
    """A folder of images has labels in the names of its subfolders."""
    if y is None and not (is_path(X) and os.path.isdir(X)):
        raise UsageError(f"{what} needs labels: y is None", "y")


def _program(program: Program, model: Opened) -> bytes | None:
    if program is None or program is True:
        return encoded(model.program) if model.program else None
    return encoded(program) if program else None


def rank(model: Model, X: Numbers, y: Numbers | None = None, *, task: str | None = None, program: Program = None, method: str | None = None,
         budget: float | None = None, output: str | None = None, threads: int | None = None, progress: Progress = None,
         **options: OptionValue | None) -> Ranking:
    """Which layer of a trained model is most likely at fault.

    Args:
        model: path to a .keras, .h5 or .onnx file; the bytes of one; a Keras model; or a torch.nn.Module (then PyTorch exports it).
        X: inputs of the tests: an array of shape (tests, ...) as the model takes it, or a path. C-contiguous numpy arrays are
            read where they lie. Of a model with several inputs: a dict of arrays or paths by name.
        y: labels: class numbers (tests,), one-hot or several labels (tests, classes), numbers to be met (tests, outputs), or a path.
            None: only where X is a folder of images in subfolders, one a class.
        task: "auto" (default: told from model and labels), "binary", "multiclass", "multilabel" or "regression".
        program: path of the Python program that made the model; it is parsed, never run, and each row says its line. None: the file
            of a torch module's own class, if any; False: no lines.
        method: "fused" (default) or another of `dlguider.methods()`.
        budget: seconds for re-fitting one layer at a time, the best but slowest evidence; 0: none. Default: see `dlguider.options()`.
        output: of a model with several outputs, the one that y is for.
        threads: of the engine; None: as many as the process may use. No result depends on it.
        progress: None shows progress on a terminal or in a notebook when the work takes over a second; True always, False never; or
            a function (stage, done, total), called from the calling thread.
        **options: any other of `dlguider.options()`, with ``_`` for ``-``: formula="ochiai", aggregation="mean", threshold=0.5 ...; and
            what is done to the tests before the model, as the command takes it (docs/data.md): scale="1/255", normalize="0.5,0.25",
            layout="nchw", image_size="32x32", classes="cat,dog".

    Returns:
        The ranking, most suspicious layer first.

    Raises:
        UsageError: an argument or option is wrong.
        ModelError: the model cannot be read.
        InputError: a file is missing or damaged, or shapes and labels do not fit the model.
        UnsupportedError: the model uses something dlguider does not know; the sentence names the layer.
        LimitError, EngineError: memory ran out; the engine is missing or failed.
        KeyboardInterrupt: Ctrl-C, within a batch or a step of a re-fit; everything is given back.
    """
    _needs_labels(X, y, "a ranking")
    work = _Pass(model, X, y, {"task": task, "method": method, "budget": budget, "output": output, "threads": threads, **options})
    source = _program(program, work.model)
    places = {**({os.fsdecode(source): os.fsdecode(source)} if source else {}), **work.places}

    def body(watch: Watch) -> Ranking:
        spectrum = work.collect(watch)
        call("dlg_spectrum_refit", spectrum, work.request(watch), places=work.places)
        request = sized(CRankRequest, spectrum=spectrum.pointer, model=work.model.handle.pointer, options=work.options.pointer, program=source)
        ranking = made("dlg_rank", "dlg_ranking_free", ctypes.byref(request), places=places)
        return Ranking._from_handle(ranking, spectrum)

    return run(body, progress)


@dataclass(frozen=True)
class ModelInfo:
    """What `inspect` says. document: as ``dlguider inspect --json`` writes it (dlguider.model/1): layers with settings, shapes and
    weights, the entries of a ranking, training."""

    document: dict[str, Any]
    table: str

    def __str__(self) -> str:
        return self.table.rstrip("\n")

    @property
    def layers(self) -> list[str]:
        """Names of all layers, in model order."""
        return [layer["name"] for layer in self.document["layers"]]


def inspect(model: Model, sample: Any = None) -> ModelInfo:
    """Layers, shapes and entries of a model, without running it.

    Args:
        model: as for `rank`.
        sample: a batch of inputs, which only a torch module needs.
    """
    opened = open_model(model, sample)
    page = ctypes.byref(sized(CPage, width=80, color=0, utf8=1, top=0))
    return ModelInfo(json.loads(written("dlg_model_text", opened.handle, b"json", None, places=opened.name)),
                     written("dlg_model_text", opened.handle, b"table", page, places=opened.name))


@dataclass(frozen=True)
class Activations:
    """Values of layers for tests.

    Attributes:
        values: name of the layer -> array of shape (tests, ...), in the framework's layout.
        failed: (tests,), True where the test failed; None without labels.
        confidence: (tests, 4): max, margin, gini, entropy, each 0 to 1; None without labels.
    """

    values: dict[str, numpy.ndarray[Any, Any]]
    failed: numpy.ndarray[Any, Any] | None
    confidence: numpy.ndarray[Any, Any] | None


def activations(model: Model, X: Numbers, y: Numbers | None = None, *, layers: str | None = None, neurons: bool = False,
                folder: str | os.PathLike[str] | None = None, progress: Progress = None, **options: OptionValue | None) -> Activations:
    """What the layers of a model compute for tests.

    Args:
        model, X, y, progress, **options: as for `rank`; y may be None.
        layers: a pattern with ``*`` and ``?`` for names; None: all.
        neurons: one number a neuron and test, as a ranking sees them, shape (tests, units), instead of whole outputs.
        folder: keep the .npy files there and map them; must not exist or be empty. None: everything in memory.
    """
    import numpy
    work = _Pass(model, X, y, dict(options))

    def write(folder: pathlib.Path) -> None:
        def body(watch: Watch) -> None:
            request = sized(CActivations, model=work.model.handle.pointer, tests=work.tests.handle.pointer, options=work.options.pointer,
                            folder=encoded(folder), layers=layers.encode() if layers else None, neurons=int(neurons), **watch.members)
            call("dlg_activations_write", ctypes.byref(request), places=work.places)
        run(body, progress)

    def read(folder: pathlib.Path, mapped: bool) -> Activations:
        index = json.loads((folder / "index.json").read_text("utf-8"))

        def array(file: str) -> Any:
            return numpy.load(folder / file, mmap_mode="r" if mapped else None, allow_pickle=False)
        values = {row["layer"]: array(row["file"]) for row in index["arrays"]}
        judged = index.get("verdict") is not None
        return Activations(values, array("verdict.npy") if judged else None, array("confidence.npy") if judged else None)

    if folder is not None:
        write(pathlib.Path(folder))
        return read(pathlib.Path(folder), True)
    with tempfile.TemporaryDirectory(prefix="dlguider-") as temporary:
        write(pathlib.Path(temporary) / "values")
        return read(pathlib.Path(temporary) / "values", False)


@dataclass(frozen=True)
class Mended:
    """What re-fitting one layer did to the tests that were not used for it: judge_failed of judge_tests failed before; mended of
    them pass now, and broken that passed fail now."""

    layer: str
    fit_tests: int
    judge_tests: int
    judge_failed: int
    mended: int
    broken: int


def mend(model: Model, X: Numbers, y: Numbers | None, layer: str, path: str | os.PathLike[str], *, progress: Progress = None,
         **options: OptionValue | None) -> Mended:
    """Writes the model with one layer re-fitted on some of the tests, as ONNX. A diagnosis aid: mend the program and train again.

    Args:
        model, X, y, progress, **options: as for `rank`.
        layer: the layer to re-fit, as `inspect` and `rank` name it.
        path: where the model goes.
    """
    _needs_labels(X, y, "mending")
    work = _Pass(model, X, y, dict(options))
    outcome = sized(CMended)

    def body(watch: Watch) -> None:
        spectrum = work.collect(watch)
        call("dlg_model_mend", work.request(watch), spectrum, layer.encode(), encoded(path), ctypes.byref(outcome), places=work.places)

    run(body, progress)
    return Mended(layer, outcome.fit_tests, outcome.judge_tests, outcome.judge_failed, outcome.mended, outcome.broken)
