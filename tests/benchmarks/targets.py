"""The figures of a run, what is expected of each, and how they are shown."""

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, field

Value = float | str


@dataclass(frozen=True, slots=True)
class Target:
    """What must be reached and what is aimed at."""

    sign: str
    meets: Callable[[float, float], bool]
    limit: float
    aim: float | None = None

    def __str__(self) -> str:
        aim = "" if self.aim is None else f", aim {self.aim:g}"
        return f"{self.sign} {self.limit:g}{aim}"


def at_least(limit: float, aim: float | None = None) -> Target:
    return Target("≥", operator.ge, limit, aim)


def at_most(limit: float, aim: float | None = None) -> Target:
    return Target("≤", operator.le, limit, aim)


def exactly(limit: float) -> Target:
    return Target("=", operator.eq, limit)


TARGETS = {
    "w1_8_ratio": at_least(0.35, 0.45),
    "w1_cpu_ratio": at_most(3.5, 2.5),
    "w1_round_trips": at_most(8, 6),
    "w1_50_lines_round_trips": at_most(8, 6),
    "w1_500_lines_round_trips": at_most(8, 6),
    "w1_failed": exactly(0),
    "w1_rows_wrong": exactly(0),
    "w2_sold": exactly(500),
    "w2_failed": exactly(0),
    "w2_ratio": at_least(0.30, 0.45),
    "w2_backorder_reserved": exactly(500),
    "w2_backorder_failed": exactly(0),
    "w2_adverse_failed": exactly(0),
    "w2_adverse_deadlocks": exactly(0),
    "w3_list_ratio": at_least(0.20, 0.5),
    "w3_list_queries": at_most(4),
    "w3_detail_ratio": at_least(0.25, 0.5),
    "w3_detail_queries": at_most(4),
    "w3_list_failed": exactly(0),
    "w3_detail_failed": exactly(0),
    "console_list_failed": exactly(0),
    "console_list_queries": at_most(8),
    "console_list_p95_ms": at_most(300),
    "console_list_extra_cpu_ms": at_most(12),
    "million_list_p95_ms": at_most(300),
    "million_filters_p95_ms": at_most(300),
    "million_search_p95_ms": at_most(300),
    "million_list_queries": at_most(15),
    "bulk_request_ms": at_most(1000),
    "bulk_failed": exactly(0),
    "import_lines_per_s": at_least(2000),
    "import_real_lines_per_s": at_least(2000),
    "webhook_p95_ms": at_most(2000, 1000),
    "webhook_lost": exactly(0),
    "webhook_failed": exactly(0),
    "upload_seconds": at_most(60, 20),
    "upload_peak_mb": at_most(300),
    "books_differences": exactly(0),
    "reconcile_differences": exactly(0),
}


@dataclass(slots=True)
class Figures:
    """Figures by name, in the order in which they were found."""

    values: dict[str, Value] = field(default_factory=dict)

    def note(self, **values: Value) -> None:
        self.values.update(values)

    def missed(self) -> list[str]:
        """The names of figures that are worse than what must be reached."""
        return [name for name in self.values if self._verdict(name) == "MISSED"]

    def table(self) -> str:
        """The figures for people: what was found, what was asked, whether it was reached."""
        width = max(map(len, self.values), default=0)
        rows = [
            f"{name:<{width}}  {_shown(value):>12}  {self._target(name):<18}  {self._verdict(name)}"
            for name, value in self.values.items()
        ]
        head = f"{'figure':<{width}}  {'found':>12}  {'asked':<18}  "
        return "\n".join([head, "-" * len(head), *(row.rstrip() for row in rows)])

    def json(self) -> str:
        """The figures for programs, on one line."""
        return json.dumps({**self.values, "missed": self.missed()})

    def _target(self, name: str) -> str:
        return str(TARGETS.get(name, ""))

    def _verdict(self, name: str) -> str:
        target, value = TARGETS.get(name), self.values[name]
        if target is None:
            return ""
        if isinstance(value, str):
            return "not measured"
        if not target.meets(value, target.limit):
            return "MISSED"
        reached = target.aim is None or target.meets(value, target.aim)
        return "ok" if reached else "ok, short of the aim"


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if value == int(value) else f"{value:,.3f}".rstrip("0")
