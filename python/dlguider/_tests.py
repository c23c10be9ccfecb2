"""Tests for C: paths as they are, arrays as pointers. A C-contiguous numpy array is never copied."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_int64, c_void_p
from typing import Any, TypeGuard, Union

from ._library import CArray, CTestsSource, Handle, encoded, made, sized
from .errors import InputError, UsageError

Numbers = Union[str, "os.PathLike[str]", Any]
"""A path (.npy, .npz, .csv, HDF5, IDX; "FILE.npz:NAME"), or anything numpy.asarray understands, with one row a test:
numpy arrays, lists, pandas objects, torch and TensorFlow tensors."""


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(value, (str, os.PathLike))


def as_array(value: Any, what: str) -> Any:
    """A C-contiguous numpy array of numbers; the caller's own memory where it is that already."""
    import numpy
    if isinstance(value, dict):
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

    def __init__(self, X: Numbers, y: Numbers | None) -> None:
        source = sized(CTestsSource)
        keeps: list[object] = []
        self.places: dict[str, str] = {}  # what C calls a part -> what the caller calls it
        for value, what, member in ((X, "X", "inputs"), (y, "y", "labels")):
            if value is None:
                continue
            if is_path(value):
                setattr(source, f"{member}_path", encoded(value))
                self.places[os.fspath(value)] = os.fspath(value)
                continue
            array = as_array(value, what)
            setattr(source, member, _c_array(array))
            keeps.append(array)
            self.places[member] = what
        if X is None:
            raise UsageError("the tests have no inputs: X is None", "X")
        self.handle: Handle = made("dlg_tests_open", "dlg_tests_free", ctypes.byref(source), keeps=tuple(keeps), places=self.places)
