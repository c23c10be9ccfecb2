"""What there is to choose from: the library's own tables."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Union

from ._library import CChoice, COption, CEngine, Handle, call, load, rows, sized, text
from .errors import UsageError

_FORMULAS, _AGGREGATIONS, _METHODS, _REPORTS = range(4)
_CHOICE = 0

OptionValue = Union[str, int, float]


@dataclass(frozen=True)
class Choice:
    """name as typed; about: one line; formula and origin: of formulas, the mathematics and who published it, else ""; endings: of
    reports, how the names of such files end ("/": a folder)."""

    name: str
    about: str
    formula: str = ""
    origin: str = ""
    endings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """An option of `dlguider.rank`. default as typed; choices: allowed words; low, high: bounds of a number, else None."""

    name: str
    help: str
    default: str
    choices: tuple[str, ...]
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Engine:
    """The library that runs models."""

    name: str
    version: str
    path: str


def _list(which: int) -> tuple[Choice, ...]:
    found = rows(lambda at, out: load().dlg_list_get(which, at, out), CChoice)
    if which == _REPORTS:
        return tuple(Choice(text(c.name), text(c.about), endings=tuple(text(c.text).split())) for c in found)
    return tuple(Choice(text(c.name), text(c.about), text(c.text), text(c.origin)) for c in found)


def formulas() -> tuple[Choice, ...]:
    """All formulas of suspiciousness, for ``formula=``."""
    return _list(_FORMULAS)


def aggregations() -> tuple[Choice, ...]:
    """All ways from neurons to their layer, for ``aggregation=``."""
    return _list(_AGGREGATIONS)


def methods() -> tuple[Choice, ...]:
    """All methods of ranking, for ``method=``."""
    return _list(_METHODS)


def reports() -> tuple[Choice, ...]:
    """All forms `Ranking.save` can write."""
    return _list(_REPORTS)


def options() -> tuple[Option, ...]:
    """All options that `dlguider.rank` takes by keyword; docs/commands.md has them with their meaning."""
    library = load()
    return tuple(
        Option(text(o.name), text(o.help), text(o.standard),
               tuple(text(c.name) for c in rows(lambda at, out: library.dlg_option_choice(o.name, at, out), CChoice)),
               None if o.kind == _CHOICE else o.low, None if o.kind == _CHOICE else o.high)
        for o in rows(library.dlg_option_get, COption))


def engine() -> Engine:
    """The engine that is or would be used.

    Raises:
        EngineError: there is none; the sentence says how to get one.
    """
    found = sized(CEngine)
    call("dlg_engine_info", ctypes.byref(found))
    return Engine(text(found.name), text(found.version), text(found.path))


def chosen(given: dict[str, Any]) -> Handle:
    """Options for C; None means the default."""
    handle = Handle(load().dlg_options_new(), "dlg_options_free")
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise UsageError(f"{name}={value!r}: a word or a number is expected", name)
        call("dlg_options_set", handle, name.replace("_", "-").encode("utf-8", "replace"),
             (value if isinstance(value, str) else repr(value)).encode("utf-8", "replace"), places=name)
    return handle
