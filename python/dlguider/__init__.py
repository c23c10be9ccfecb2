"""dlguider - which layer of a trained deep-learning model is at fault, why, and which line of the program made it.

    >>> import dlguider
    >>> ranking = dlguider.rank(model, X_test, y_test, program="train.py")
    >>> print(ranking)

docs/python.md is the guide. Importing this package imports neither numpy nor any framework.
"""

from __future__ import annotations

from ._choices import Choice, Engine, Option, aggregations, engine, formulas, methods, options, reports
from ._library import load, text
from ._localizer import SpectrumLocalizer
from ._rank import Activations, Mended, ModelInfo, activations, inspect, mend, rank
from ._ranking import Entry, Evidence, Line, Neuron, Ranking
from .errors import DlguiderError, EngineError, InputError, LimitError, ModelError, UnsupportedError, UsageError

__all__ = [
    "Activations", "Choice", "DlguiderError", "Engine", "EngineError", "Entry", "Evidence", "InputError", "LimitError", "Line", "Mended",
    "ModelError", "ModelInfo", "Neuron", "Option", "Ranking", "SpectrumLocalizer", "UnsupportedError", "UsageError", "activations",
    "aggregations", "engine", "explain", "formulas", "inspect", "mend", "methods", "options", "rank", "reports", "version",
]


def version() -> str:
    """Version of the library: "0.1.0"."""
    return text(load().dlg_version())


def explain(ranking: Ranking, layer: str | int = 0) -> str:
    """The same as ``ranking.explain(layer)``."""
    return ranking.explain(layer)


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version()
    raise AttributeError(f"module 'dlguider' has no attribute {name!r}")
