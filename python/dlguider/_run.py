"""Long calls: in a thread of their own, so that Ctrl-C stops them, and with progress where somebody may want to see it."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, Union

from ._library import PROGRESS

ProgressFunction = Callable[[str, int, int], None]
Progress = Union[None, bool, ProgressFunction]
"""None: shown on a terminal or in a notebook when the work takes over a second; True: always; False: never; or a function
that is called with (stage, done, total) from the calling thread."""

_Result = TypeVar("_Result")
_PATIENCE = 1.0  # seconds before progress is shown unasked


class Watch:
    """What C sees of a running call: a progress callback that never raises, and a flag that stops it."""

    def __init__(self) -> None:
        self.cancel = ctypes.c_int(0)
        self.latest: tuple[str, int, int] | None = None
        self.callback = PROGRESS(self._note)

    def _note(self, _state: Any, stage: bytes, done: int, total: int) -> None:
        self.latest = (stage.decode("utf-8", "replace"), done, total)

    @property
    def members(self) -> dict[str, Any]:
        """For the request's struct; valid as long as this object lives."""
        return {"progress": self.callback, "cancel": ctypes.pointer(self.cancel)}


class _Terminal:
    """One line on standard error that is drawn over, and cleared at the end; off a terminal, a line every ten seconds."""

    def __init__(self) -> None:
        self.tty = sys.stderr.isatty()
        self.shown = -10.0

    def show(self, stage: str, done: int, total: int) -> None:
        if self.tty:
            full = 30 * done // max(total, 1)
            sys.stderr.write(f"\r\x1b[K{stage} [{'#' * full}{' ' * (30 - full)}] {100 * done // max(total, 1)} %")
        elif time.monotonic() - self.shown >= 10:
            self.shown = time.monotonic()
            sys.stderr.write(f"dlguider: {stage}, {done} of {total}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        if self.tty:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class _Bar:
    """One state of the progress, as a notebook shows it."""

    def __init__(self, stage: str = "", done: int = 0, total: int = 0) -> None:
        self.stage, self.done, self.total = stage, done, total

    def __repr__(self) -> str:
        return f"{self.stage}, {self.done} of {self.total}" if self.total else ""

    def _repr_html_(self) -> str:
        from html import escape
        if not self.total:
            return ""
        return f'<progress value="{self.done}" max="{self.total}"></progress> {escape(self.stage)}, {self.done} of {self.total}'


class _Notebook:
    """One output of the cell that is updated in place and empty in the end."""

    def __init__(self, display: Any) -> None:
        self.handle = display(_Bar(), display_id=True)

    def show(self, stage: str, done: int, total: int) -> None:
        self.handle.update(_Bar(stage, done, total))

    def clear(self) -> None:
        self.handle.update(_Bar())


def _notebook_display() -> Any:
    """IPython's display function when this is a kernel; IPython is never imported for it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "kernel", None) is None:
        return None
    from IPython.display import display
    return display


class _Shower:
    """Shows the latest state when it is time to."""

    def __init__(self, progress: Progress) -> None:
        self.function = progress if callable(progress) else None
        self.wanted = progress is None or progress is True
        self.began = time.monotonic() - (_PATIENCE if progress is True else 0)
        self.place: _Terminal | _Notebook | None = None
        self.last: tuple[str, int, int] | None = None
        self.asked = progress is True

    def show(self, latest: tuple[str, int, int] | None) -> None:
        if latest is None or latest == self.last or latest[2] <= 0:
            return
        if self.function:
            self.last = latest
            self.function(*latest)
        elif self.wanted and time.monotonic() - self.began >= _PATIENCE:
            self.last = latest
            if self.place is None:
                display = _notebook_display()
                if display is None and not self.asked and not sys.stderr.isatty():
                    self.wanted = False
                    return
                self.place = _Notebook(display) if display is not None else _Terminal()
            self.place.show(*latest)

    def clear(self) -> None:
        if self.place is not None:
            self.place.clear()


def _wait(thread: threading.Thread, watch: Watch, shower: _Shower) -> BaseException | None:
    """Starts the thread and waits for its end; an exception meanwhile, which may come anywhere in here, stops it and is returned."""
    stopped: BaseException | None = None
    started = False
    while True:
        try:
            if not started:
                started = True
                thread.start()
            while thread.is_alive():
                thread.join(0.1)
                if stopped is None:
                    shower.show(watch.latest)
            if stopped is None and shower.function:
                shower.show(watch.latest)  # the last state, which may have come after the last look
            return stopped
        except BaseException as why:
            watch.cancel.value = 1
            stopped = stopped or why


def run(work: Callable[[Watch], _Result], progress: Progress) -> _Result:
    """work(watch) in a thread. An interrupt, or an exception of the caller's progress function, stops it at the next batch
    and is raised here when it has stopped, so that nothing it borrowed is freed too early."""
    watch, shower = Watch(), _Shower(progress)
    outcome: list[_Result] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            outcome.append(work(watch))
        except BaseException as why:  # handed over to the caller below
            failure.append(why)

    stopped = _wait(threading.Thread(target=body, name="dlguider", daemon=True), watch, shower)
    shower.clear()
    if stopped is not None:
        raise stopped
    if failure:
        raise failure[0]
    return outcome[0]
