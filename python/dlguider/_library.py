"""libdlguider through ctypes: where it lies, its functions and structs as `dlguider.h` has them, errors as exceptions.

The only module that knows C. Structs whose first member is `size` are made by `sized`. Calls release the GIL.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pathlib
import weakref
from collections.abc import Callable, Mapping
from ctypes import POINTER, Structure, c_char, c_char_p, c_double, c_int, c_int64, c_size_t, c_void_p
from typing import Any, TypeVar

from .errors import BY_CODE, EngineError, ModelError

SONAME = "libdlguider.so.0"
INTERRUPTED = 130

PROGRESS = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_int64, c_int64)


class CError(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 1024)]


class CChoice(Structure):
    _fields_ = [("size", c_size_t), ("name", c_char_p), ("about", c_char_p), ("text", c_char_p), ("origin", c_char_p)]


class COption(Structure):
    _fields_ = [("size", c_size_t), ("name", c_char_p), ("help", c_char_p), ("standard", c_char_p), ("automatic", c_char_p),
                ("kind", c_int), ("group", c_int), ("low", c_double), ("high", c_double)]


class CEngine(Structure):
    _fields_ = [("size", c_size_t), ("name", c_char * 32), ("version", c_char * 32), ("path", c_char * 512)]


class CCounts(Structure):
    _fields_ = [("ef", c_double), ("nf", c_double), ("ep", c_double), ("np", c_double)]


class CPage(Structure):
    _fields_ = [("size", c_size_t), ("width", c_int), ("color", c_int), ("utf8", c_int), ("top", c_int), ("fail_above", c_double)]


class CArray(Structure):
    _fields_ = [("data", c_void_p), ("dtype", c_char_p), ("rank", c_int), ("dims", POINTER(c_int64))]


class CInput(Structure):
    _fields_ = [("name", c_char_p), ("path", c_char_p), ("array", CArray)]


class CTestsSource(Structure):
    _fields_ = [("size", c_size_t), ("inputs_path", c_char_p), ("labels_path", c_char_p), ("inputs", CArray), ("labels", CArray),
                ("named", POINTER(CInput)), ("named_count", c_size_t), ("scale", c_char_p), ("normalize", c_char_p), ("layout", c_char_p),
                ("image_size", c_char_p), ("classes", c_char_p)]


class CCollect(Structure):
    _fields_ = [("size", c_size_t), ("model", c_void_p), ("tests", c_void_p), ("options", c_void_p), ("progress", PROGRESS),
                ("progress_state", c_void_p), ("cancel", POINTER(c_int))]


class CMended(Structure):
    _fields_ = [("size", c_size_t), ("fit_tests", c_int64), ("judge_tests", c_int64), ("judge_failed", c_int64),
                ("mended", c_int64), ("broken", c_int64)]


class CRankRequest(Structure):
    _fields_ = [("size", c_size_t), ("spectrum", c_void_p), ("model", c_void_p), ("options", c_void_p), ("program", c_char_p)]


class CActivations(Structure):
    _fields_ = [("size", c_size_t), ("model", c_void_p), ("tests", c_void_p), ("options", c_void_p), ("folder", c_char_p),
                ("layers", c_char_p), ("neurons", c_int), ("progress", PROGRESS), ("progress_state", c_void_p), ("cancel", POINTER(c_int))]


_ERROR, _OUT, _SIZE_OUT, _PAGE = POINTER(CError), POINTER(c_void_p), POINTER(c_size_t), POINTER(CPage)
_DOUBLES = POINTER(c_double)

# name: result, arguments. Only what the package calls.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "dlg_version": (c_char_p, []),
    "dlg_list_get": (c_int, [c_int, c_size_t, POINTER(CChoice)]),
    "dlg_option_get": (c_int, [c_size_t, POINTER(COption)]),
    "dlg_option_choice": (c_int, [c_char_p, c_size_t, POINTER(CChoice)]),
    "dlg_options_new": (c_void_p, []),
    "dlg_options_set": (c_int, [c_void_p, c_char_p, c_char_p, _ERROR]),
    "dlg_options_free": (None, [c_void_p]),
    "dlg_engine_info": (c_int, [POINTER(CEngine), _ERROR]),
    "dlg_formula_scores": (c_int, [c_char_p, c_void_p, c_size_t, c_void_p, _ERROR]),
    "dlg_aggregate": (c_int, [c_char_p, c_void_p, c_void_p, c_size_t, c_void_p, _ERROR]),
    "dlg_model_open": (c_int, [c_char_p, _OUT, _ERROR]),
    "dlg_model_open_bytes": (c_int, [c_char_p, c_void_p, c_size_t, _OUT, _ERROR]),
    "dlg_model_choose_output": (c_int, [c_void_p, c_char_p, _ERROR]),
    "dlg_model_free": (None, [c_void_p]),
    "dlg_model_text": (c_int, [c_void_p, c_char_p, _PAGE, _OUT, _SIZE_OUT, _ERROR]),
    "dlg_tests_open": (c_int, [POINTER(CTestsSource), _OUT, _ERROR]),
    "dlg_tests_free": (None, [c_void_p]),
    "dlg_spectrum_collect": (c_int, [POINTER(CCollect), _OUT, _ERROR]),
    "dlg_spectrum_refit": (c_int, [c_void_p, POINTER(CCollect), _ERROR]),
    "dlg_spectrum_save": (c_int, [c_void_p, c_char_p, _ERROR]),
    "dlg_spectrum_free": (None, [c_void_p]),
    "dlg_model_mend": (c_int, [POINTER(CCollect), c_void_p, c_char_p, c_char_p, POINTER(CMended), _ERROR]),
    "dlg_rank": (c_int, [POINTER(CRankRequest), _OUT, _ERROR]),
    "dlg_ranking_free": (None, [c_void_p]),
    "dlg_ranking_write": (c_int, [c_void_p, c_char_p, _PAGE, c_char_p, _ERROR]),
    "dlg_ranking_write_folder": (c_int, [c_void_p, c_void_p, c_char_p, c_char_p, _ERROR]),
    "dlg_ranking_text": (c_int, [c_void_p, c_char_p, _PAGE, _OUT, _SIZE_OUT, _ERROR]),
    "dlg_ranking_explain_text": (c_int, [c_void_p, c_size_t, c_void_p, _PAGE, _OUT, _SIZE_OUT, _ERROR]),
    "dlg_text_free": (None, [c_void_p]),
    "dlg_activations_write": (c_int, [POINTER(CActivations), _ERROR]),
}


def tree() -> pathlib.Path:
    """The tree of command, library and engine inside the package."""
    return pathlib.Path(__file__).resolve().parent / "_tree"


@functools.cache
def load() -> ctypes.CDLL:
    """The library: the one `DLGUIDER_LIBRARY` names, else the one of the package."""
    path = os.environ.get("DLGUIDER_LIBRARY") or str(tree() / "lib" / SONAME)
    try:
        library = ctypes.CDLL(path)
    except OSError as why:
        raise EngineError(f"cannot load the library of dlguider ({why}); install the package again, or set DLGUIDER_LIBRARY to the path of a {SONAME}",
                          "DLGUIDER_LIBRARY") from None
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name, None)
        if function is None:
            raise EngineError(f"{path} has no function {name}: it is not of the same version as the Python package", "DLGUIDER_LIBRARY")
        function.restype, function.argtypes = result, arguments
    return library


_S = TypeVar("_S", bound=Structure)


def sized(kind: type[_S], **members: Any) -> _S:
    return kind(size=ctypes.sizeof(kind), **members)


def text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


def encoded(path: str | os.PathLike[str]) -> bytes:
    """A path for C."""
    return os.fsencode(path)


def call(name: str, *arguments: Any, places: Mapping[str, str] | str | None = None, of_model: bool = False) -> None:
    """Calls a function that returns a dlg_status and takes a dlg_error last.

    places: what a sentence begins with -> the place that is; of a sentence that begins with none of them, the first. Or one place.
    of_model: bad input is a ModelError.
    """
    error = CError()
    code = getattr(load(), name)(*arguments, ctypes.byref(error))
    if code == 0:
        return
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    sentence = escaped(text(error.message)) or f"{name} failed"
    known = {places: places} if isinstance(places, str) else places or {}
    place = next((known[p] for p in known if sentence.startswith(p + ":")), next(iter(known.values()), None))
    kind = ModelError if of_model and code == ModelError.code else BY_CODE.get(code, EngineError)
    raise kind(sentence, place)


def escaped(sentence: str) -> str:
    """Without control and other hidden characters, which file names and layer names may hold."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in sentence)


class Handle:
    """A pointer from the library, freed with its owner. `keeps`: what it borrows."""

    def __init__(self, pointer: int | None, free: str, *keeps: object) -> None:
        if not pointer:
            raise MemoryError("dlguider: not enough memory")
        self.pointer: int = pointer
        self.keeps = keeps
        weakref.finalize(self, getattr(load(), free), pointer).atexit = False  # a thread may still be at work with it then

    @property
    def _as_parameter_(self) -> int:
        return self.pointer


def made(name: str, free: str, *arguments: Any, keeps: tuple[object, ...] = (), **more: Any) -> Handle:
    """Calls a function whose last argument before the error is the place for a handle."""
    out = c_void_p()
    call(name, *arguments, ctypes.byref(out), **more)
    return Handle(out.value, free, *keeps)


def written(name: str, *arguments: Any, **more: Any) -> str:
    """Calls a function that gives text in memory."""
    out, length = c_void_p(), c_size_t()
    call(name, *arguments, ctypes.byref(out), ctypes.byref(length), **more)
    try:
        return ctypes.string_at(out.value, length.value).decode("utf-8", "replace") if out.value else ""
    finally:
        load().dlg_text_free(out)


def rows(function: Callable[[int, Any], int], kind: type[_S]) -> list[_S]:
    """All rows of a list of the library, which ends where the function returns 0."""
    found: list[_S] = []
    while True:
        row = sized(kind)
        if not function(len(found), ctypes.byref(row)):
            return found
        found.append(row)
