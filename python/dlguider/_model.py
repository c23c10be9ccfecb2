"""What a user may call a model, opened by C: a path, the bytes of a model file, a Keras model, a PyTorch module."""

from __future__ import annotations

import contextlib
import mmap
import os
import pathlib
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from ctypes import addressof, c_char
from typing import Any, Union

from ._library import Handle, call, encoded, made
from ._tests import is_path
from .errors import InputError, ModelError, UnsupportedError, UsageError

Model = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, Any]
"""A path to a .keras, .h5 or .onnx file, the bytes of one, a Keras model, or a torch.nn.Module."""


class Opened:
    """A model that C has opened. program: the file of its source, where the model itself tells; else None."""

    def __init__(self, handle: Handle, name: str, program: str | None = None) -> None:
        self.handle, self.name, self.program = handle, name, program


def _comes_from(value: object, *packages: str) -> bool:
    """Whether a class of the value was defined in one of the packages; none of them is imported for the question."""
    return any(kind.__module__.split(".", 1)[0] in packages for kind in type(value).__mro__)


def is_torch(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def is_keras(value: object) -> bool:
    return _comes_from(value, "keras", "tf_keras") and hasattr(value, "save") and hasattr(value, "layers")


def _from_bytes(name: str, raw: Any) -> Handle:
    """raw: a writable buffer, borrowed as long as the model lives."""
    view = (c_char * len(raw)).from_buffer(raw)
    return made("dlg_model_open_bytes", "dlg_model_free", name.encode("utf-8", "replace"), addressof(view), len(raw),
                keeps=(view, raw), places=name, of_model=True)


def _from_temporary(name: str, path: pathlib.Path) -> Handle:
    """A file that is about to vanish; its pages stay mapped with the model."""
    if path.stat().st_size == 0:
        raise ModelError(f"{name}: was saved as an empty file", name)
    with open(path, "rb") as file:
        return _from_bytes(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))


@contextlib.contextmanager
def _folder() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="dlguider-") as folder:
        yield pathlib.Path(folder)


def _open_keras(model: Any) -> Opened:
    name = str(getattr(model, "name", None) or "model")
    if not getattr(model, "built", True):
        raise ModelError(f"{name}: has no weights yet; build it, call it or train it before it is ranked", "model")
    legacy = _comes_from(model, "tf_keras") or not hasattr(sys.modules.get("keras"), "ops")  # Keras 2 has no keras.ops
    with _folder() as folder:
        path = folder / ("model.h5" if legacy else "model.keras")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that .h5 is legacy
                model.save(path)
        except Exception as why:
            raise ModelError(f"{name}: Keras could not save it ({type(why).__name__}: {why})", "model") from why
        return Opened(_from_temporary(name, path), name)


def _source_of(module: Any) -> str | None:
    """The program that makes the module, as far as it can be told: the file of its class, else the one that is running, if it calls
    the class."""
    kind = type(module)
    if kind.__module__.split(".", 1)[0] == "torch":
        return None
    files = [getattr(sys.modules.get(name), "__file__", None) for name in (kind.__module__, "__main__")]
    for file in files:
        try:
            text = pathlib.Path(file).read_text("utf-8") if file and file.endswith(".py") else ""
        except (OSError, ValueError):
            continue
        if re.search(rf"(?<!class )\b{re.escape(kind.__name__)}\(", text):
            return file
    return None


def _open_torch(module: Any, X: Any) -> Opened:
    from .torch import export
    name = type(module).__name__
    if X is None:
        raise UsageError("a torch module is exported with a sample of the tests: give X", "X")
    sample = {name: _sample(value) for name, value in X.items()} if isinstance(X, Mapping) else _sample(X)
    with _folder() as folder:
        path = folder / "model.onnx"
        export(module, sample, path)
        if any(other != path for other in folder.iterdir()):
            raise UnsupportedError(f"{name}: PyTorch wrote its weights beside the model; export it with dlguider.torch.export and give the path", "model")
        return Opened(_from_temporary(name, path), name, _source_of(module))


def _sample(X: Any) -> Any:
    """The first rows of the tests, as a tensor."""
    import numpy
    import torch
    if is_path(X):
        if not os.fspath(X).endswith(".npy"):
            raise UsageError("a torch module needs X as an array or a .npy file: a sample of it is exported", "X")
        try:
            X = numpy.load(X, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as why:
            raise InputError(f"{X}: {why}", os.fspath(X)) from None
    rows = X[:2]
    if isinstance(rows, torch.Tensor):
        return rows.detach().cpu()
    rows = numpy.array(rows)
    if rows.dtype.kind == "f":
        rows = rows.astype(numpy.float32)
    elif rows.dtype.kind in "iub":
        rows = rows.astype(numpy.int64)
    return torch.from_numpy(rows)


def open_model(model: Model, X: Any = None, output: str | None = None) -> Opened:
    """output: of a model with several, the one that the labels are for."""
    opened = _open(model, X)
    if output is not None:
        call("dlg_model_choose_output", opened.handle, output.encode("utf-8", "replace"), places="output")
    return opened


def _open(model: Model, X: Any) -> Opened:
    if is_path(model):
        path = os.fspath(model)
        return Opened(made("dlg_model_open", "dlg_model_free", encoded(path), places=path, of_model=True), path)
    if isinstance(model, (bytes, bytearray, memoryview)):
        if len(model) == 0:
            raise ModelError("the model is no bytes at all", "model")
        return Opened(_from_bytes("model", bytearray(model)), "model")
    if is_torch(model):
        return _open_torch(model, X)
    if is_keras(model):
        return _open_keras(model)
    if hasattr(model, "SerializeToString"):  # an onnx.ModelProto
        return Opened(_from_bytes("model", bytearray(model.SerializeToString())), "model")
    raise UsageError(f"a {type(model).__name__} is no model that dlguider knows; give a path to a .keras, .h5 or .onnx file, its bytes, "
                     "a Keras model or a torch.nn.Module", "model")
