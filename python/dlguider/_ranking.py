"""A ranking as Python objects. It is read from the JSON that C writes (docs/ranking.schema.json), so it holds what that holds."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Union, overload

from ._library import CPage, Handle, call, encoded, escaped, sized, written
from .errors import InputError, UsageError

if TYPE_CHECKING:
    import matplotlib.axes
    import pandas


@dataclass(frozen=True)
class Line:
    """A line of the program. confidence: 0 to 1, how sure it is that this line made the layer; None: not stated."""

    file: str | None
    line: int
    text: str | None
    confidence: float | None = None

    def __str__(self) -> str:
        return f"{os.path.basename(self.file) if self.file else 'line'}:{self.line}"


@dataclass(frozen=True)
class Neuron:
    """A unit of a layer, from 0, and its suspiciousness (of no fixed range: it compares neurons of one ranking)."""

    index: int
    score: float | None


@dataclass(frozen=True)
class Evidence:
    """A sign that the layer is at fault. term: its share in the logit of the score; value: the figure seen; member and line: the
    layer of the entry that it is about and its line, where that is not the first. docs/evidence.md explains each id."""

    id: str
    message: str
    term: float | None
    value: float | None = None
    mend: str | None = None
    member: str | None = None
    line: Line | None = None


@dataclass(frozen=True)
class Entry:
    """A row of a ranking.

    Attributes:
        rank: from 1, most suspicious first.
        index: place among the entries of the model, from 0.
        name: the layer, as the model calls it.
        kind: its class, "Dense".
        members: names of all layers of the entry, this one included.
        units: how many neurons it has.
        score: by method "fused" the estimated probability, 0 to 1, that this layer is at fault; None: not a number.
        line: where the program makes it; None: not known.
        neurons: the ten most suspicious ones, highest first.
        evidence: strongest first.
    """

    rank: int
    index: int
    name: str
    kind: str
    members: tuple[str, ...]
    units: int
    score: float | None
    line: Line | None
    neurons: tuple[Neuron, ...]
    evidence: tuple[Evidence, ...]


def _line(row: dict[str, Any] | None) -> Line | None:
    return Line(row["file"], row["line"], row["text"], row.get("confidence")) if row else None


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        rank=row["rank"], index=row["index"], name=row["name"], kind=row["kind"], members=tuple(row["members"]), units=row["units"],
        score=row["score"],
        line=_line(row["line"]),
        neurons=tuple(Neuron(n["index"], n["score"]) for n in row["neurons"]),
        evidence=tuple(Evidence(e["id"], e["message"], e["term"], e.get("value"), e.get("mend"), e.get("member"), _line(e.get("line"))) for e in row["evidence"]))


class Ranking(Sequence[Entry]):
    """The layers of a model by suspicion: what `dlguider.rank` returns.

    It is a sequence of `Entry`, most suspicious first; ``ranking["dense_1"]`` finds an entry by the name of any of its layers.
    ``print(ranking)`` shows the command's table; a notebook shows it as HTML.

    Attributes:
        entries: all rows.
        model: path or name of the model.
        total, failed, accuracy: the tests; accuracy is the share that passed, None without tests.
        task: "binary", "multiclass", "multilabel" or "regression".
        method: "fused", "guider" ...
        verdict: "layer"; "none" when no layer stands out; "outside" when the cause seems to lie outside the layers.
        notes: sentences about what was assumed or left out.
    """

    def __init__(self, document: dict[str, Any], table: str = "", handle: Handle | None = None, spectrum: Handle | None = None) -> None:
        self._document, self._table, self._handle, self._spectrum = document, table, handle, spectrum
        self.entries: tuple[Entry, ...] = tuple(_entry(row) for row in document["layers"])
        self.model: str = document["model"]["path"]
        self.total: int = document["tests"]["total"]
        self.failed: int = document["tests"]["failed"]
        self.accuracy: float | None = document["tests"]["accuracy"]
        self.task: str = document["tests"]["task"]
        self.method: str = document["method"]["name"]
        self.verdict: str = document["verdict"]
        self.notes: tuple[str, ...] = tuple(document["notes"])

    @classmethod
    def _from_handle(cls, handle: Handle, spectrum: Handle) -> Ranking:
        document = json.loads(written("dlg_ranking_text", handle, b"json", None))
        return cls(document, written("dlg_ranking_text", handle, b"table", _page(top=10)), handle, spectrum)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Ranking:
        """A ranking that was saved as .json, by `save` or by ``dlguider rank --json``.

        Raises:
            InputError: the file is missing, or holds no ranking.
        """
        name = os.fspath(path)
        try:
            document = json.loads(pathlib.Path(path).read_text("utf-8"))
            if document["schema"] != "dlguider.ranking/1":
                raise InputError(f"{name}: is of schema {document['schema']}; dlguider.ranking/1 is read", name)
            return cls(document)
        except OSError as why:
            raise InputError(f"{name}: cannot be read ({why.strerror})", name) from None
        except (ValueError, KeyError, TypeError, AttributeError) as why:
            if isinstance(why, InputError):
                raise
            raise InputError(f"{name}: is no ranking as dlguider rank --json writes it", name) from None

    @property
    def top(self) -> Entry:
        """The most suspicious row."""
        return self.entries[0]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @overload
    def __getitem__(self, at: Union[int, str]) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...

    def __getitem__(self, at: Union[int, str, slice]) -> Union[Entry, Sequence[Entry]]:
        """By place from 0, or by the name of a layer.

        Raises:
            KeyError: no layer has that name.
        """
        if isinstance(at, str):
            return self.entries[self._find(at)]
        return self.entries[at]

    def _find(self, layer: str) -> int:
        for at, entry in enumerate(self.entries):
            if layer in entry.members:
                return at
        raise KeyError(f"no layer is called {layer!r}; there are {', '.join(e.name for e in self.entries)}")

    def above(self, score: float) -> list[Entry]:
        """The rows with a score greater than this: what ``--fail-on`` looks at."""
        return [e for e in self.entries if e.score is not None and e.score > score]

    def explain(self, layer: Union[str, int] = 0) -> str:
        """Everything about one layer, as ``dlguider explain`` prints it: evidence in full, mends, neurons, failed tests.

        Args:
            layer: name of a layer, or place in the ranking from 0.

        Raises:
            KeyError, IndexError: there is no such layer.
            UsageError: the ranking was loaded from a file, or unpickled.
        """
        at = self._find(layer) if isinstance(layer, str) else range(len(self.entries))[layer]
        return written("dlg_ranking_explain_text", self._own("explained"), at, self._spectrum, _page())

    def to_dict(self) -> dict[str, Any]:
        """The content of ``dlguider rank --json`` (docs/ranking.schema.json), a copy."""
        copy: dict[str, Any] = json.loads(json.dumps(self._document))
        return copy

    def to_dataframe(self) -> pandas.DataFrame:
        """One row an entry, indexed by rank: layer, kind, score, units, file, line, text, evidence (the first sentence), mend.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas
        columns = ["layer", "kind", "score", "units", "file", "line", "text", "evidence", "mend"]
        rows = [[e.name, e.kind, e.score, e.units, e.line.file if e.line else None, e.line.line if e.line else None,
                 e.line.text if e.line else None, e.evidence[0].message if e.evidence else None,
                 e.evidence[0].mend if e.evidence else None] for e in self.entries]
        frame = pandas.DataFrame(rows, columns=columns, index=pandas.Index([e.rank for e in self.entries], name="rank"))
        return frame.astype({"score": "float64", "line": "Int64"})

    def plot(self, ax: matplotlib.axes.Axes | None = None, top: int = 20) -> matplotlib.axes.Axes:
        """A bar a layer, most suspicious on top.

        Args:
            ax: axes of matplotlib to draw on; None makes new ones.
            top: how many layers at most.

        Raises:
            ImportError: matplotlib is not installed.
        """
        if ax is None:
            from matplotlib import pyplot
            _, ax = pyplot.subplots(figsize=(7, 1 + 0.32 * min(top, len(self.entries))), layout="constrained")
        shown = self.entries[:top]
        names = [f"{e.name}  {e.line}" if e.line else e.name for e in shown]
        scores = [e.score or 0.0 for e in shown]
        largest = max(scores, default=0.0) or 1.0
        colors = ["#c0392b" if s >= 0.75 * largest else "#d68910" if s >= 0.4 * largest else "#7f8c8d" for s in scores]
        ax.barh(range(len(shown)), scores, color=colors)
        ax.set_yticks(range(len(shown)), [n.replace("$", r"\$") for n in names])
        ax.invert_yaxis()
        ax.set_xlabel("estimated probability of being at fault" if self.method == "fused" else f"suspiciousness ({self.method})")
        ax.set_title(escaped(os.path.basename(self.model)).replace("$", r"\$"))
        return ax

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Writes the ranking as one of the command's reports; the file is complete or untouched.

        Args:
            path: where to. Without a format its ending says what: .json, .csv, .sarif, .txt (the table), and what else
                `dlguider.reports()` lists; .spectrum keeps what the tests showed, for ``dlguider rank --spectrum``. The report
                "gzoltar" is a folder, which must not exist or be empty.
            format: name of a report, or "spectrum".

        Raises:
            UsageError: no such report; or the ranking was loaded from a file and is to be saved as anything but JSON.
            EngineError: the file cannot be written.
        """
        report = format or _report_of(os.fspath(path))
        if report == "spectrum":
            self._own("saved as a spectrum")
            call("dlg_spectrum_save", self._spectrum, encoded(path), places=os.fspath(path))
        elif report == "json" and self._handle is None:
            pathlib.Path(path).write_text(json.dumps(self._document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        elif report in _folders():
            call("dlg_ranking_write_folder", self._own(f"saved as {report}"), self._spectrum, report.encode(), encoded(path), places=os.fspath(path))
        else:
            call("dlg_ranking_write", self._own(f"saved as {report}"), report.encode(), _page(), encoded(path),
                 places="format" if format else os.fspath(path))

    def _own(self, what: str) -> Handle:
        if self._handle is None:
            raise UsageError(f"a ranking that was loaded or unpickled cannot be {what}; rank the model again", "ranking")
        return self._handle

    def __reduce__(self) -> tuple[type[Ranking], tuple[dict[str, Any], str]]:
        return type(self), (self._document, self._table)

    def __repr__(self) -> str:
        top = self.entries[0] if self.entries else None
        first = f", first {top.name}{f' {top.score:.3f}' if top.score is not None else ''}{f' ({top.line})' if top.line else ''}" if top else ""
        return f"<Ranking of {os.path.basename(self.model)}: {len(self)} layers, {self.failed} of {self.total} tests failed{first}>"

    def __str__(self) -> str:
        """The table of the command, 80 columns wide."""
        return self._table.rstrip("\n") if self._table else repr(self)

    def _repr_html_(self) -> str:
        return _html(self)


def _folders() -> list[str]:
    """Reports that are a folder of files."""
    from ._choices import reports
    return [report.name for report in reports() if "/" in report.endings]


def _report_of(path: str) -> str:
    """The report whose ending the path has; the longest counts."""
    from ._choices import reports
    endings = {"spectrum": "spectrum", **{ending: report.name for report in reports() for ending in report.endings if ending != "/"}}
    for ending in sorted(endings, key=len, reverse=True):
        if path.lower().endswith("." + ending):
            return endings[ending]
    raise UsageError(f"{path}: what is to be written? It may end in {', '.join('.' + e for e in endings)}; or give format=", path)


def _page(top: int = 0) -> Any:
    return ctypes.byref(sized(CPage, width=80, color=0, utf8=1, top=top))


_CELL = 'style="text-align:left;vertical-align:top"'


def _html_row(entry: Entry, largest: float) -> str:
    score = "-" if entry.score is None else f"{entry.score:.3f}"
    share = max(0.0, min(1.0, (entry.score or 0.0) / largest)) if largest > 0 else 0.0
    why = "<br>".join(escape(escaped(e.message)) + (f" <em>mend: {escape(escaped(e.mend))}</em>" if e.mend else "") for e in entry.evidence[:3])
    line = ""
    if entry.line:
        line = f"{escape(escaped(str(entry.line)))}<br><code>{escape(escaped((entry.line.text or '').strip()))}</code>"
    return (f"<tr><td>{entry.rank}</td><th scope=\"row\" {_CELL}>{escape(escaped(entry.name))}</th><td {_CELL}>{escape(escaped(entry.kind))}</td>"
            f"<td>{score}</td><td><meter value=\"{share:.4f}\">{score}</meter></td><td {_CELL}>{line}</td><td {_CELL}>{why}</td></tr>")


def _html(ranking: Ranking, top: int = 20) -> str:
    """A static table: no script, no ids, everything that comes from a file escaped."""
    largest = max((e.score or 0.0 for e in ranking.entries), default=0.0)
    accuracy = "" if ranking.accuracy is None else f" ({'passed' if ranking.task == 'regression' else 'accuracy'} {ranking.accuracy:.3f})"
    head = (f"{escape(escaped(os.path.basename(ranking.model)))}: {len(ranking)} layers, {ranking.total} tests, {ranking.failed} failed{accuracy}, "
            f"{escape(ranking.task)}, {escape(ranking.method)}")
    verdict = {"none": "<p>No layer stands out.</p>", "outside": "<p>The cause seems to lie outside the layers.</p>"}.get(ranking.verdict, "")
    left = f"<p>{len(ranking) - top} more layers are not shown.</p>" if len(ranking) > top else ""
    notes = "".join(f"<li>{escape(escaped(note))}</li>" for note in ranking.notes)
    titles = "".join(f'<th scope="col" {_CELL}>{t}</th>' for t in ("#", "layer", "kind", "score", "", "line", "why"))
    return (f'<div class="dlguider"><table><caption {_CELL}>{head}</caption><thead><tr>{titles}</tr></thead><tbody>'
            + "".join(_html_row(e, largest) for e in ranking.entries[:top])
            + f"</tbody></table>{verdict}{left}" + (f"<ul>{notes}</ul>" if notes else "") + "</div>")
