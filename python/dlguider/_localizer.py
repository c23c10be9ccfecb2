"""Spectrum-based fault localization on a matrix of one's own: who was active in which test, and which tests failed."""

from __future__ import annotations

import ctypes
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from ._library import CCounts, call
from .errors import InputError, UsageError

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class SpectrumLocalizer:
    """Ranks components (neurons, layers, lines, features) by how their activity goes with failing tests; in scikit-learn's style.

    Args:
        formula: one of `dlguider.formulas()`.
        aggregation: one of `dlguider.aggregations()`: from components to the groups they belong to.
        threshold: a component is active in a test where its value is greater than this.
        groups: the group of each component, in the order of the columns (names of layers); None: no groups.

    Attributes, after `fit`:
        counts_: (components, 4): weight of failed tests active / inactive, of passed tests active / inactive (ef, nf, ep, np).
        scores_: (components,) suspiciousness; the larger the more suspicious, +inf where the formula has no bound.
        ranking_: (components,) indexes, most suspicious first; equal scores keep their order.
        groups_: names of the groups, in order of appearance.
        group_scores_, group_ranking_: the same for groups.
        n_features_in_: how many components.

    >>> localizer = dlguider.SpectrumLocalizer(formula="ochiai").fit([[1, 0], [1, 1], [0, 1]], [True, True, False])
    >>> int(localizer.ranking_[0])
    0
    """

    _parameters = ("formula", "aggregation", "threshold", "groups")

    counts_: Array
    scores_: Array
    ranking_: Array
    groups_: list[Hashable]
    group_scores_: Array
    group_ranking_: Array
    n_features_in_: int

    def __init__(self, formula: str = "ochiai", *, aggregation: str = "mean", threshold: float = 0.5, groups: Sequence[Hashable] | None = None) -> None:
        self.formula, self.aggregation, self.threshold, self.groups = formula, aggregation, threshold, groups

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SpectrumLocalizer:
        """Counts and scores.

        Args:
            X: (tests, components), numbers or bools.
            y: (tests,), truthy where the test FAILED (not the label of the test).
            sample_weight: (tests,) weights, finite and at least 0; None: 1 each.

        Raises:
            InputError: shapes that do not fit; NaN; a negative weight.
            UsageError: no such formula or aggregation.
        """
        import numpy
        matrix = numpy.asarray(X)
        failed = numpy.asarray(y)
        if matrix.ndim != 2:
            raise InputError(f"X has shape {matrix.shape}; (tests, components) is expected", "X")
        if failed.shape != matrix.shape[:1]:
            raise InputError(f"y has shape {failed.shape}; {matrix.shape[:1]} is expected: one verdict for each row of X", "y")
        weight = numpy.ones(len(failed)) if sample_weight is None else numpy.asarray(sample_weight, dtype=numpy.float64)
        if weight.shape != failed.shape or not numpy.isfinite(weight).all() or (weight < 0).any():
            raise InputError("sample_weight must be one finite number of at least 0 for each row of X", "sample_weight")
        if matrix.dtype.kind == "f" and numpy.isnan(matrix).any():
            raise InputError("X holds NaN, which is neither active nor inactive", "X")
        active = matrix if matrix.dtype.kind == "b" else matrix > self.threshold
        self._count(active, failed.astype(bool), weight)
        self._score()
        self._aggregate()
        return self

    def _count(self, active: Array, failed: Array, weight: Array) -> None:
        import numpy
        of_failed, of_passed = weight * failed, weight * ~failed
        ef, ep = of_failed @ active, of_passed @ active
        # a sum over the others, not a difference from the total, which would leave rounding noise
        self.counts_ = numpy.ascontiguousarray(numpy.stack([ef, of_failed @ ~active, ep, of_passed @ ~active], axis=1), dtype=numpy.float64)
        self.n_features_in_ = active.shape[1]

    def _score(self) -> None:
        import numpy
        assert ctypes.sizeof(CCounts) == 4 * self.counts_.itemsize
        self.scores_ = numpy.empty(self.n_features_in_)
        call("dlg_formula_scores", str(self.formula).encode(), self.counts_.ctypes.data, self.n_features_in_, self.scores_.ctypes.data,
             places="formula")
        self.ranking_ = numpy.argsort(-self.scores_, kind="stable")

    def _aggregate(self) -> None:
        import numpy
        self.groups_ = []
        if self.groups is None:
            self.group_scores_ = numpy.empty(0)
        else:
            groups = list(self.groups)
            if len(groups) != self.n_features_in_:
                raise InputError(f"groups names {len(groups)} components; X has {self.n_features_in_}", "groups")
            self.groups_ = list(dict.fromkeys(groups))
            place = {name: at for at, name in enumerate(self.groups_)}
            at = numpy.array([place[name] for name in groups], dtype=numpy.int64)
            order = numpy.argsort(at, kind="stable")
            start = numpy.concatenate([[0], numpy.cumsum(numpy.bincount(at, minlength=len(place)))]).astype(numpy.uintp)
            scores = numpy.ascontiguousarray(self.scores_[order])
            self.group_scores_ = numpy.empty(len(place))
            call("dlg_aggregate", str(self.aggregation).encode(), scores.ctypes.data, start.ctypes.data, len(place), self.group_scores_.ctypes.data,
                 places="aggregation")
        self.group_ranking_ = numpy.argsort(-self.group_scores_, kind="stable")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor by name."""
        return {name: getattr(self, name) for name in self._parameters}

    def set_params(self, **parameters: Any) -> SpectrumLocalizer:
        """Changes arguments of the constructor; returns self."""
        for name, value in parameters.items():
            if name not in self._parameters:
                raise UsageError(f"no parameter {name!r}; there are {', '.join(self._parameters)}", name)
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"SpectrumLocalizer({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"
