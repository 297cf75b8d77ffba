"""Runs the benchmark: `make bench`, or `python -m tests.benchmarks --only w1,w3 --rounds 3`.

Progress goes to standard error, the table and the JSON line to standard output. The exit status is
0 unless a workload broke off; `--strict` makes a missed target an error as well.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.production"

from tests.benchmarks import house
from tests.benchmarks.bench import Bench, Scale
from tests.benchmarks.kapell import books
from tests.benchmarks.targets import Figures
from tests.benchmarks.workloads import (
    bare,
    contending,
    desk,
    importing,
    placing,
    reading,
    telling,
    uploading,
)

FLOOR = Path(__file__).parent / "floor"
WORKLOADS: dict[str, Callable[[Bench], None]] = {
    "f1": bare.run,
    "w3": reading.run,
    "console": reading.run_console,
    "w1": placing.run,
    "w2": contending.run,
    "import": importing.run,
    "webhooks": telling.run,
    "upload": uploading.run,
}
# Asked for by name only: they take long, and `million` a database of its own size.
BY_NAME: dict[str, Callable[[Bench], None]] = {"bulk": desk.run_bulk, "million": desk.run_million}
MILLION = 1_000_000
QUICK = Scale(
    rounds=2,
    seconds=1.0,
    orders=10_000,
    adverse=1_000,
    import_lines=5_000,
    telling_seconds=8,
    upload_rows=5_000,
)


def main() -> int:
    options = _options()
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a shell's background ignores INT
        signal.signal(number, _interrupt)
    figures = Figures()
    began = time.monotonic()
    try:
        _measure(options, figures)
    except KeyboardInterrupt:
        sys.stderr.write("\nbench: stopped\n")
        return 130
    figures.note(seconds=round(time.monotonic() - began))
    sys.stdout.write(f"\n{figures.table()}\n\n{figures.json()}\n")
    broken = any(name.endswith("_broke_off") for name in figures.values)
    return 1 if broken or (options.strict and figures.missed()) else 0


def _measure(options: argparse.Namespace, figures: Figures) -> None:
    scale: Scale = options.scale
    with ExitStack() as stack:
        with _step("PostgreSQL and Redis of our own, durable settings"):
            servers = stack.enter_context(house.running())
        with _step("the floor's tables"):
            _fill_floor(servers, scale)
        with _step("Kapell's schema and static files"):
            servers.run("manage.py", "furnish")
        with _step(f"Kapell's tables, {scale.orders:,} orders"):
            doors = json.loads(servers.run("-m", "tests.benchmarks.kapell.fill", str(scale.orders)))
        with _step("web servers, two processes of four threads each"):
            floor = stack.enter_context(
                servers.serve("tests.benchmarks.floor.application:application")
            )
            kapell = stack.enter_context(servers.serve("config.wsgi:application"))
        bench = Bench(servers, floor, kapell, doors, scale, figures)
        for name in options.only:
            _run(name, {**WORKLOADS, **BY_NAME}[name], bench)
        _run("books", books.check, bench)


def _run(name: str, workload: Callable[[Bench], None], bench: Bench) -> None:
    """Measure one workload; when it breaks off, say so and go on with the next."""
    sys.stderr.write(f"bench: {name}\n")
    try:
        workload(bench)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other figures are worth having
        bench.say(f"BROKE OFF: {error!r}")
        bench.figures.note(**{f"{name}_broke_off": type(error).__name__})


def _fill_floor(servers: house.House, scale: Scale) -> None:
    with servers.connect(house.FLOOR) as connection:
        connection.execute("SET ROLE kapell")
        orders = str(min(scale.orders, Scale().orders))
        connection.execute("SELECT set_config('floor.orders', %s, false)", [orders])
        for script in ("schema.sql", "hot.sql"):
            connection.execute((FLOOR / script).read_text())
        connection.execute("RESET ROLE")
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    sys.stderr.write(f"bench: {name} …")
    sys.stderr.flush()
    yield
    sys.stderr.write(f" {time.monotonic() - began:.0f} s\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", type=_names, default=",".join(WORKLOADS), metavar="w1,w2,…")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each sample")
    parser.add_argument("--quick", action="store_true", help="a minute; the figures mean little")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    options = parser.parse_args()
    chosen = {"rounds": options.rounds, "seconds": options.seconds}
    base = QUICK if options.quick else Scale()
    if "million" in options.only:
        base = replace(base, orders=MILLION)
    options.scale = replace(base, **{name: value for name, value in chosen.items() if value})
    return options


def _names(text: str) -> list[str]:
    chosen = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = [*WORKLOADS, *BY_NAME]
    if set(chosen) - set(known):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}")
    return [name for name in known if name in chosen]


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
