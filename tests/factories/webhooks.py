"""Makes endpoints that hear of a channel, and things that happen there."""

from typing import Any

from config.kernel import clock, commands, event_types, events, ids
from config.kernel.actors import Actor
from config.kernel.models import Channel, Event, WebhookEndpoint
from config.kernel.webhooks import endpoints
from tests.factories.kernel import ChannelFactory

TYPES = ("thing.made", "thing.sold")


def endpoint(url: str = "https://shop.example/hook", **given: Any) -> WebhookEndpoint:
    """Return an active endpoint; its secret is kept on it as `shown`."""
    channel = given.pop("channel", None) or ChannelFactory()
    name = given.pop("name", "Web shop, live")
    made, secret = endpoints.create(channel=channel, name=name, url=url, **given)
    made.shown = secret
    return made


def happen(channel: Channel | None, number: int = 1, **given: Any) -> list[Event]:
    """Let things happen in a channel, each to a thing of its own."""
    rows = [
        events.row(
            **{
                "type": "thing.made",
                "aggregate": "thing",
                "aggregate_id": ids.new(),
                "version": 1,
                "at": clock.now(),
                "actor": Actor.system("test"),
                "command_id": ids.new(),
                "channel_id": channel and channel.pk,
                "payload": {"quantity": 2, "sku": "MUG"},
                **given,
            }
        )
        for _ in range(number)
    ]
    commands.command(events.publish_many)(rows)
    return list(Event.objects.filter(pk__in=[row["id"] for row in rows]).order_by("pk"))


def declare() -> None:
    """Make the tests' event types known."""
    event_types.declare(*(event_types.EventType(name, name, is_told=True) for name in TYPES))
