"""Uploads files of products as a worker does, and says as JSON how long each step took.

    python -m tests.benchmarks.kapell.uploading ROWS

First all rows are new, then each of them changes; both files have every column of an export.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from config.kernel import clock, exports, ids, jobs  # noqa: E402
from config.kernel.models import Upload, UploadStatus, User  # noqa: E402
from config.kernel.uploads import layouts, starting  # noqa: E402
from config.kernel.uploads.columns import shown  # noqa: E402
from inventory.models import Supplier  # noqa: E402

COLUMNS = ("sku", "name", "is_stocked", "is_active", "tax_category", "weight_grams", "length_mm",
           "width_mm", "height_mm", "hs_code", "origin_country", "supplier",
           "supplier_item_number", "lead_time_days", "pack_multiple", "minimum_order_quantity",
           "cost", "cost_currency")  # fmt: skip


def main(rows: int) -> None:
    """Check and book both files; memory is what the process had at most."""
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
    Supplier.objects.get_or_create(code="BENCH", defaults={"name": "Bench"})
    told: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings.PRIVATE_ROOT = Path(folder)
        for step, price in (("new", "1.25"), ("change", "2.5")):
            content = _file(rows, price)
            began = time.monotonic()
            upload = _hand_in(user, content)
            told[f"check_{step}_s"] = _until(upload, UploadStatus.READY, began)
            began = time.monotonic()
            _book(user, upload)
            told[f"book_{step}_s"] = _until(upload, UploadStatus.DONE, began)
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({name: round(value, 2) for name, value in told.items()}))


def _file(rows: int, cost: str) -> bytes:
    lines = (
        [f"BENCH-{n:06}", f"Product number {n}", "yes", "yes", "standard", n % 900, 100, 200, 300,
         "62114290", "PT", "BENCH", f"TX-{n}", 14, 12, 24, cost, "EUR"]
        for n in range(rows)
    )  # fmt: skip
    return exports.csv_text(COLUMNS, ([shown(cell) for cell in line] for line in lines)).encode()


def _hand_in(user: User, content: bytes) -> Upload:
    return starting.receive(
        layout=layouts.of("products"),
        file=SimpleUploadedFile("bench.csv", content),
        user=user,
        command_id=ids.new(),
        at=clock.now(),
    )


def _book(user: User, upload: Upload) -> None:
    starting.book(
        upload=upload,
        layout=layouts.of("products"),
        user=user,
        skip_bad_rows=False,
        command_id=ids.new(),
        at=clock.now(),
    )


def _until(upload: Upload, status: str, began: float) -> float:
    """Work as a worker does until the upload is in a state."""
    while upload.status != status:
        jobs.work()
        upload.refresh_from_db()
        if time.monotonic() - began > 600 or upload.status == UploadStatus.REFUSED:
            raise RuntimeError(f"{upload.status}: {upload.reason}")
    return time.monotonic() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
