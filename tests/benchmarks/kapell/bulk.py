"""Holds thousands of orders as staff do: a program, run once under the benchmark's settings.

    python -m tests.benchmarks.kapell.bulk ORDERS

Says as one JSON object how long the request took and how fast the job was; the worker is this
process.
"""

import json
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from config.kernel import ids, jobs  # noqa: E402
from config.kernel.models import Job, Tag, User  # noqa: E402

CHOOSE = """
UPDATE orders_order SET tags = '{Bulk}'
WHERE id IN (SELECT id FROM orders_order WHERE status = 'open' AND NOT is_held ORDER BY id LIMIT %s)
"""
ADDRESS = "/admin/orders/order/bulk-hold/?all=1&view=open&tag=Bulk"


def main(orders: int) -> None:
    Tag.objects.create(name="Bulk", name_key="bulk", colour=Tag.Colour.GREY)
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE, [orders])
        cursor.execute("VACUUM ANALYZE orders_order")
    client = Client(headers={"host": "127.0.0.1", "x-forwarded-proto": "https"})
    client.force_login(User.objects.get(username="benchmark"))
    client.get(ADDRESS)  # what a person has seen before pressing
    began = time.perf_counter()
    answer = client.post(ADDRESS, {"command_id": str(ids.new()), "reason": "Benchmark"})
    request_ms = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    while Job.objects.exclude(status="done").exists():
        jobs.work()
    seconds = time.perf_counter() - began
    job = Job.objects.latest("created_at")  # an upload measured before left jobs of its own
    sys.stdout.write(
        json.dumps(
            {
                "status": answer.status_code,
                "request_ms": round(request_ms, 1),
                "seconds": round(seconds, 1),
                "rows_per_s": round(job.done / seconds, 1),
                "done": job.done,
                "failed": job.failed,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
