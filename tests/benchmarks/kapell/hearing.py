"""Lets addresses hear what happens in the benchmark's channel: a program under its settings.

python -m tests.benchmarks.kapell.hearing URL …       without an address: nobody hears any more
"""

import sys

import django

django.setup()

from config.kernel.models import Channel, WebhookEndpoint  # noqa: E402
from config.kernel.webhooks import endpoints  # noqa: E402


def main(addresses: list[str]) -> None:
    channel = Channel.objects.get(code="BENCH")
    for one in WebhookEndpoint.objects.exclude(status="removed"):
        endpoints.remove(endpoint_id=one.pk)
    for number, url in enumerate(addresses, 1):
        endpoints.create(channel=channel, name=f"Receiver {number}", url=url)


if __name__ == "__main__":
    main(sys.argv[1:])
