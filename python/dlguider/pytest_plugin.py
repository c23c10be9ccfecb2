"""pytest plugin: a test fails, with the ranking as its report, when a layer of a model is under suspicion.

Loaded by pytest on its own once dlguider is installed; it does nothing unless asked. Two ways: the fixture `dlguider_rank` in a
test of one's own, or a model named in the configuration (``dlguider_model`` ...) and ``--dlguider-fail-on``, which adds one test.
"""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._ranking import Ranking

_INI = {
    "dlguider_model": "model file that --dlguider-fail-on ranks",
    "dlguider_inputs": "inputs of its tests",
    "dlguider_labels": "labels of its tests",
    "dlguider_program": "program that made it, to say the lines",
    "dlguider_options": "options of the ranking, as NAME=VALUE ..., for example: budget=0 method=guider",
    "dlguider_fail_on": "score above which a layer fails the test, unless --dlguider-fail-on says another",
}


class SuspiciousLayer(AssertionError):
    """A layer's score is above the limit. ranking: the whole of it."""

    def __init__(self, ranking: Ranking, limit: float) -> None:
        first = ranking.above(limit)[0]
        place = f" ({first.line})" if first.line else ""
        super().__init__(f"layer {first.name}{place} has a score of {first.score:.3f}, above {limit:g}\n\n{ranking}")
        self.ranking = ranking


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dlguider")
    group.addoption("--dlguider-fail-on", type=float, metavar="SCORE", default=None,
                    help="fail when a layer's score is above SCORE, 0 to 1; ranks the model of the configuration, and is the limit of dlguider_rank")
    for name, about in _INI.items():
        parser.addini(name, about, default=None)


def _limit(config: pytest.Config) -> float | None:
    asked: float | None = config.getoption("--dlguider-fail-on")
    if asked is not None:
        return asked
    text = config.getini("dlguider_fail_on")
    try:
        return float(text) if text else None
    except ValueError:
        raise pytest.UsageError(f"dlguider_fail_on is {text!r}; a number is expected") from None


def _configured(config: pytest.Config, name: str) -> str | None:
    """A file of the configuration, relative to the folder of the configuration's own file."""
    text = config.getini(f"dlguider_{name}")
    base = config.inipath.parent if config.inipath else config.rootpath
    return str(base / pathlib.Path(text)) if text else None


def _options(config: pytest.Config) -> dict[str, str]:
    words = shlex.split(config.getini("dlguider_options") or "")
    if any("=" not in word for word in words):
        raise pytest.UsageError("dlguider_options: NAME=VALUE is expected, with blanks between")
    return {name.replace("-", "_"): value for name, value in (word.split("=", 1) for word in words)}


def _ranked(config: pytest.Config, model: Any, X: Any, y: Any, limit: float | None, options: dict[str, Any]) -> Ranking:
    __tracebackhide__ = True
    from . import rank
    chosen: dict[str, Any] = {"program": _configured(config, "program"), **_options(config), **options}
    given = {name: _configured(config, name) if value is None else value for name, value in (("model", model), ("inputs", X), ("labels", y))}
    for name, value in given.items():
        if value is None:
            raise pytest.UsageError(f"no {name} to rank: give it, or dlguider_{name} in the configuration")
    ranking = rank(given["model"], given["inputs"], given["labels"], progress=False, **chosen)
    if limit is not None and ranking.above(limit):
        raise SuspiciousLayer(ranking, limit)
    return ranking


@pytest.fixture
def dlguider_rank(request: pytest.FixtureRequest) -> Callable[..., Ranking]:
    """Ranks a model and fails the test when a layer is above the limit.

    ``dlguider_rank(model, X, y, fail_on=0.5, **options)``: arguments as of `dlguider.rank`; what is left out comes from the
    configuration (``dlguider_model``, ``dlguider_inputs``, ``dlguider_labels``). The limit: fail_on, else ``--dlguider-fail-on``, else
    ``dlguider_fail_on``; without any, the ranking is returned and nothing fails.
    """
    def ranked(model: Any = None, X: Any = None, y: Any = None, *, fail_on: float | None = None, **options: Any) -> Ranking:
        __tracebackhide__ = True
        return _ranked(request.config, model, X, y, _limit(request.config) if fail_on is None else fail_on, options)

    return ranked


class ModelItem(pytest.Item):
    """The test that the configuration stands for."""

    def runtest(self) -> None:
        _ranked(self.config, None, None, None, _limit(self.config), {})

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        from . import DlguiderError
        if isinstance(excinfo.value, (SuspiciousLayer, DlguiderError, pytest.UsageError)):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[pathlib.Path, int | None, str]:
        return self.config.rootpath, None, self.name


@pytest.hookimpl(tryfirst=True)  # before -k and the like choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    model = config.getini("dlguider_model")
    if model and config.getoption("--dlguider-fail-on") is not None:
        items.append(ModelItem.from_parent(session, name=f"dlguider[{pathlib.Path(model).name}]", nodeid=f"dlguider[{pathlib.Path(model).name}]"))
