"""CPU seconds of process trees, read from /proc: what work costs, apart from other load here."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PARENT, FIRST_TIME, LAST_TIME = 1, 11, 15  # utime, stime, and both of the children that ended


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return user and system seconds of these processes and all they started."""
    children, ticks = _snapshot()
    waiting, total = list(roots), 0
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting += children.get(pid, [])
    return total / TICKS_PER_SECOND


def peak_megabytes(pid: int) -> float:
    """Return the most memory a running process has held."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _snapshot() -> tuple[dict[int, list[int]], dict[int, int]]:
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[PARENT]), []).append(int(folder.name))
        ticks[int(folder.name)] = sum(map(int, fields[FIRST_TIME:LAST_TIME]))
    return children, ticks
