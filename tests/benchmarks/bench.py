"""A benchmark under way: both sides running, how long to measure, and the figures found so far."""

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.benchmarks import interleaved, load, statements
from tests.benchmarks.house import House
from tests.benchmarks.interleaved import Pairs
from tests.benchmarks.load import Call, Flow, Load, Sample, Server
from tests.benchmarks.targets import Figures


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: rounds, seconds a sample, orders in the tables and in adverse order,
    lines to import, seconds of telling webhooks.
    """

    rounds: int = 5
    seconds: float = 3.0
    orders: int = 100_000
    adverse: int = 10_000
    import_lines: int = 20_000
    telling_seconds: int = 20
    upload_rows: int = 100_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What every workload needs; `doors` are API keys by channel and a staff session's cookie."""

    house: House
    floor: Server
    kapell: Server
    doors: Mapping[str, str]
    scale: Scale
    figures: Figures

    def say(self, line: str) -> None:
        """Show progress; standard output is for the result."""
        sys.stderr.write(f"  {line}\n")
        sys.stderr.flush()

    def drive(self, flow: Flow, size: Load) -> Sample:
        return load.drive(self.kapell, flow, size)

    def compare(self, label: str, *, floor: Flow, ours: Flow, clients: int = 8) -> Pairs:
        """Both flows in turn for the usual time."""
        size = Load(clients, seconds=self.scale.seconds)
        return self.compare_runs(
            label,
            floor=lambda: load.drive(self.floor, floor, size),
            ours=lambda: load.drive(self.kapell, ours, size),
        )

    def compare_runs(
        self, label: str, *, floor: Callable[[], Sample], ours: Callable[[], Sample]
    ) -> Pairs:
        pairs = interleaved.measure(
            floor=floor, ours=ours, rounds=self.scale.rounds, label=label, say=self.say
        )
        for sample in (*pairs.floor, *pairs.ours):
            self.tell_faults(label, sample)
        return pairs

    def statements_per_call(self, label: str, flow: Flow, calls: int) -> float:
        """Statements the server counts per call, once connections, plans and keys are known."""
        self.drive(flow, Load(8, limit=max(16, calls // 4)))
        with statements.counted(self.house) as count:
            self.tell_faults(label, self.drive(flow, Load(8, limit=calls)))
        per_call = round(count.total / calls, 2)
        self.say(f"{label}: {per_call:g} statements a call")
        return per_call

    def tell_faults(self, label: str, sample: Sample) -> None:
        for fault in sample.faults:
            self.say(f"{label}: FAILED {fault}")


def getting(path: Callable[[random.Random], str], headers: Mapping[str, str]) -> Flow:
    """Reading; the path is chosen anew for each call."""
    return lambda chance: Call("GET", path(chance), headers=headers)
