"""Floor, ours, floor, ours …: each ratio is against the mean of its neighbours, then the median.

What else the machine does so moves both sides alike.
"""

import itertools
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.load import Sample

Measure = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Samples of both sides; the floor's are one more."""

    floor: Sequence[Sample]
    ours: Sequence[Sample]

    @property
    def rate_ratios(self) -> list[float]:
        """Ours to the floor's: 1 is as many a second."""
        return self._ratios(lambda sample: sample.per_second)

    @property
    def rate(self) -> float:
        return statistics.median(self.rate_ratios)

    @property
    def cpu(self) -> float:
        """CPU of application and database per call, ours to the floor's."""
        return statistics.median(self._ratios(lambda sample: sample.cpu_ms))

    def median(self, figure: Callable[[Sample], float]) -> float:
        """The median of one of our figures."""
        return statistics.median(map(figure, self.ours))

    def floor_median(self, figure: Callable[[Sample], float]) -> float:
        return statistics.median(map(figure, self.floor))

    def _ratios(self, figure: Callable[[Sample], float]) -> list[float]:
        around = [
            (figure(before) + figure(after)) / 2 for before, after in itertools.pairwise(self.floor)
        ]
        return [figure(mine) / base for mine, base in zip(self.ours, around, strict=True)]


def measure(
    *, floor: Measure, ours: Measure, rounds: int, label: str, say: Callable[[str], None]
) -> Pairs:
    """Take the samples in turn, saying each ratio as it is known."""
    floors, mine = [floor()], []
    for number in range(1, rounds + 1):
        mine.append(ours())
        floors.append(floor())
        latest = Pairs(floors[-2:], mine[-1:])
        say(
            f"{label} {number}/{rounds}: {mine[-1].per_second:,.0f}/s beside "
            f"{floors[-1].per_second:,.0f}/s, ratio {latest.rate:.2f}, CPU {latest.cpu:.1f}×"
        )
    return Pairs(floors, mine)
