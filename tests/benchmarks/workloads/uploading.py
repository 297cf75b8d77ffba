"""Uploads: a file of products checked and booked by a worker, all rows new, then all changed."""

import json

from tests.benchmarks.bench import Bench

STEPS = ("check_new", "book_new", "check_change", "book_change")


def run(bench: Bench) -> None:
    """Time each step in a process of its own, and see how much memory it took at most."""
    rows = bench.scale.upload_rows
    told = json.loads(bench.house.run("-m", "tests.benchmarks.kapell.uploading", str(rows)))
    for step in STEPS:
        seconds = told[f"{step}_s"]
        bench.figures.note(**{f"upload_{step}_rows_per_s": round(rows / seconds)})
        bench.say(f"{step}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second")
    both = max(told[f"check_{kind}_s"] + told[f"book_{kind}_s"] for kind in ("new", "change"))
    bench.figures.note(upload_seconds=both, upload_peak_mb=told["peak_mb"])
