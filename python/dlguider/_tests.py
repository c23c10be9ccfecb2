"""Tests for C: paths as they are, arrays as pointers. A C-contiguous numpy array is never copied."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from ctypes import c_int64, c_void_p
from typing import Any, TypeGuard, Union

from ._library import CArray, CInput, CTestsSource, Handle, encoded, made, sized
from .errors import InputError, UsageError

Numbers = Union[str, "os.PathLike[str]", Any]
"""A path (.npy, .npz, .csv, HDF5, IDX; "FILE.npz:NAME"; a folder of images), or anything numpy.asarray understands, with one row a test:
numpy arrays, lists, pandas objects, torch and TensorFlow tensors. Inputs of a model with several: a dict of these by name."""

PREPARATION = ("scale", "normalize", "layout", "image_size", "classes")
"""Options that say what is done to the tests before the model (docs/data.md), as the command takes them."""


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(value, (str, os.PathLike))


def as_array(value: Any, what: str) -> Any:
    """A C-contiguous numpy array of numbers; the caller's own memory where it is that already."""
    import numpy
    if isinstance(value, Mapping):
        raise UsageError(f"{what} is a dict; give one array", what)
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # torch
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    elif hasattr(value, "to_numpy"):  # pandas and its like
        value = value.to_numpy()
    try:
        array = numpy.asarray(value)
    except ValueError as why:  # rows of different length
        raise InputError(f"{what} is no array of numbers ({why}); give one row a test, all of the same shape", what) from None
    if array.ndim == 0:
        raise InputError(f"{what} is a single {type(value).__name__}; give an array with one row a test, or a path", what)
    if not array.dtype.isnative and array.dtype.byteorder == ">":
        return numpy.ascontiguousarray(array)  # C reads both byte orders
    return numpy.ascontiguousarray(array)


def _c_array(array: Any) -> CArray:
    dims = (c_int64 * array.ndim)(*array.shape)
    return CArray(array.ctypes.data_as(c_void_p), array.dtype.str.encode(), array.ndim, ctypes.cast(dims, ctypes.POINTER(c_int64)))


class Tests:
    """Opened inputs and labels, and the memory they borrow."""

    def __init__(self, X: Numbers, y: Numbers | None, preparation: Mapping[str, str] | None = None) -> None:
        if X is None or (isinstance(X, Mapping) and not X):
            raise UsageError("the tests have no inputs", "X")
        self.places: dict[str, str] = {}  # what C calls a part -> what the caller calls it
        self._keeps: list[object] = []
        source = sized(CTestsSource, **{name: value.encode("utf-8", "replace") for name, value in (preparation or {}).items()})
        if isinstance(X, Mapping):
            inputs = (CInput * len(X))(*(self._named(str(name), value) for name, value in X.items()))
            source.named, source.named_count = ctypes.cast(inputs, ctypes.POINTER(CInput)), len(X)
            self._keeps.append(inputs)
        else:
            source.inputs_path, source.inputs = self._part(X, "inputs", "X")
        if y is not None:
            source.labels_path, source.labels = self._part(y, "labels", "y")
        self.handle: Handle = made("dlg_tests_open", "dlg_tests_free", ctypes.byref(source), keeps=tuple(self._keeps), places=self.places)

    def _part(self, value: Numbers, called: str, place: str) -> tuple[bytes | None, CArray]:
        if is_path(value):
            self.places[os.fspath(value)] = os.fspath(value)
            return encoded(value), CArray()
        array = as_array(value, place)
        self._keeps.append(array)
        self.places[called] = place
        return None, _c_array(array)

    def _named(self, name: str, value: Numbers) -> CInput:
        path, array = self._part(value, f"inputs of {name}", f"X[{name!r}]")
        return CInput(name.encode("utf-8", "replace"), path, array)
