"""A callback for Keras 3: ranks the layers when training ends.

    model.fit(x, y, callbacks=[dlguider.keras.RankAtEnd(x_test, y_test)])

Needs Keras, which is imported here and nowhere else in the package.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Callable

import keras

from ._rank import Program, rank
from ._ranking import Ranking
from ._run import Progress
from .errors import DlguiderError

if TYPE_CHECKING:
    class _Base:
        model: Any
else:
    _Base = keras.callbacks.Callback


def main_program() -> str | None:
    """The program that Python was started with, when it is a file."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return path if path and path.endswith(".py") and os.path.isfile(path) else None


class RankAtEnd(_Base):
    """Ranks the layers of the model when training ends, and prints the table.

    A failure of dlguider never breaks a training: it is printed as one line, and kept in `error`.

    Args:
        X, y: the tests, as for `dlguider.rank`. Use data the model was not trained on.
        program: path of the program that makes the model; None: the one that is running, when it is a file; False: no lines.
        below: rank only when less than this share of the tests pass, 0 to 1; None: always.
        show: what is done with the ranking; default: print. None: nothing.
        progress, **options: as for `dlguider.rank`.

    Attributes:
        ranking: the ranking; None before the end of a training, and where `below` or an error left it out.
        error: why there is none, if so.
    """

    def __init__(self, X: Any, y: Any, *, program: Program = None, below: float | None = None, show: Callable[[Ranking], Any] | None = print,
                 progress: Progress = None, **options: Any) -> None:
        super().__init__()
        self._x, self._y, self._program, self._below, self._show, self._progress, self._options = X, y, program, below, show, progress, options
        self.ranking: Ranking | None = None
        self.error: DlguiderError | None = None

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras."""
        self.ranking = self.error = None
        try:
            program = main_program() if self._program is None else self._program
            ranking = rank(self.model, self._x, self._y, program=program, progress=self._progress, **self._options)
        except DlguiderError as why:
            self.error = why
            print(f"dlguider: {why}", file=sys.stderr)
            return
        if self._below is not None and ranking.accuracy is not None and ranking.accuracy >= self._below:
            return
        self.ranking = ranking
        if self._show:
            self._show(ranking)
