"""What can go wrong. Every error carries `code`, the exit code the command would have, and `place`, what it is about."""

from __future__ import annotations


class DlguiderError(Exception):
    """Base of all errors of dlguider. Its text is one sentence: what was seen, what was expected, the mend.

    Attributes:
        code: the exit code of the command for the same failure: 2 to 6.
        place: the file or argument that the sentence is about (``"model.keras"``, ``"X"``, ``"program"``); None: no single one.
    """

    code: int = 6

    def __init__(self, message: str, place: str | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.place = place
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[type[DlguiderError], tuple[str, str | None, int]]:
        return type(self), (str(self), self.place, self.code)


class UsageError(DlguiderError, ValueError):
    """A wrong argument or option (code 2)."""

    code = 2


class InputError(DlguiderError, ValueError):
    """A file is missing or damaged, or model, tests and labels do not fit together (code 3)."""

    code = 3


class ModelError(InputError):
    """The model itself cannot be read: missing, damaged, or no model (code 3)."""


class UnsupportedError(DlguiderError, NotImplementedError):
    """A sound model or file that uses something dlguider does not know (code 4)."""

    code = 4


class LimitError(DlguiderError):
    """Memory, time or a stated limit ran out (code 5)."""

    code = 5


class EngineError(DlguiderError, RuntimeError):
    """The engine that runs models, the system, or a fault of dlguider (code 6)."""

    code = 6


BY_CODE: dict[int, type[DlguiderError]] = {2: UsageError, 3: InputError, 4: UnsupportedError, 5: LimitError, 6: EngineError}
