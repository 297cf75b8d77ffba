"""F1: the same order in hand-written SQL, run by pgbench: what PostgreSQL itself can do here."""

from pathlib import Path

from tests.benchmarks.bench import Bench

SCRIPTS = Path(__file__).parents[1] / "floor"
NAMES = {
    "f1a": "14 statements",
    "f1batch": "8 statements",
    "f1b": "one function",
    "f1c": "one statement",
}


def run(bench: Bench) -> None:
    """Each script for a sample's time; for orientation, nothing is compared with it."""
    seconds = max(1, round(bench.scale.seconds))
    for name, what in NAMES.items():
        per_second = bench.house.pgbench(SCRIPTS / f"{name}.sql", clients=8, seconds=seconds)
        bench.say(f"F1 {what}: {per_second:,.0f}/s")
        bench.figures.note(**{f"floor_{name}_per_s": round(per_second, 1)})
