"""Endpoints: who hears what happens in a channel, their secrets, and whether they are sent to.

Nothing here asks the network; an address is judged by `errands` before it comes here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now

from config.kernel import commands, errors, event_types, sealing, states
from config.kernel.models import Channel, WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import deliveries, signing

PURPOSE = "webhook secret"
ROTATION = timedelta(hours=24)
MOST = 20


class TooManyEndpoints(errors.DomainError):
    """A channel has as many webhooks as it may have."""

    code, status = "too_many_webhooks", 409
    title = "A sales channel has at most 20 webhooks; remove one first."


class UnknownEvents(errors.DomainError):
    """Events are asked for that channels never hear of."""

    code, status = "unknown_events", 422
    title = "Some of these events do not exist."


@commands.command
def create(
    *, channel: Channel, name: str, url: str, types: Sequence[str] = ()
) -> tuple[WebhookEndpoint, str]:
    """Create an endpoint and return it with its secret, which is never shown again.

    Without `types` it hears of everything, also of what will be invented later. Raises
    `TooManyEndpoints`, `UnknownEvents`.
    """
    _check(types)
    present = WebhookEndpoint.objects.exclude(status=WebhookEndpoint.Status.REMOVED)
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if present.filter(channel=channel).count() >= MOST:
        raise TooManyEndpoints
    secret = signing.new_secret()
    endpoint = WebhookEndpoint(
        channel=channel, name=name, url=url, types=sorted(types), secret=_sealed(secret)
    )
    endpoint.save(force_insert=True)
    return endpoint, secret


@commands.command
def change(*, endpoint_id: UUID, name: str, url: str, types: Sequence[str]) -> WebhookEndpoint:
    """Change what an endpoint is called, where it is and what it hears; raises `UnknownEvents`.

    What waits for it goes to the new address.
    """
    _check(types)
    endpoint = _locked(endpoint_id)
    endpoint.name, endpoint.url, endpoint.types = name, url, sorted(types)
    endpoint.version += 1
    endpoint.save(update_fields=["name", "url", "types", "version", "updated_at"])
    return endpoint


@commands.command
def rotate(*, endpoint_id: UUID, at: datetime) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint a new secret and return it; for 24 hours both sign."""
    endpoint = _locked(endpoint_id)
    secret = signing.new_secret()
    endpoint.previous_secret, endpoint.secret = endpoint.secret, _sealed(secret)
    endpoint.previous_until = at + ROTATION
    endpoint.version += 1
    endpoint.save(
        update_fields=["secret", "previous_secret", "previous_until", "version", "updated_at"]
    )
    return endpoint, secret


@commands.command
def pause(*, endpoint_id: UUID) -> WebhookEndpoint:
    """Send nothing to an endpoint; what happens meanwhile is held for it, for 30 days."""
    endpoint = _locked(endpoint_id)
    if endpoint.status != WebhookEndpoint.Status.PAUSED:
        states.transition(endpoint, WebhookEndpoint.Status.PAUSED)
        deliveries.hold(endpoint_ids=[endpoint_id])
    return endpoint


@commands.command
def resume(*, endpoint_id: UUID) -> int:
    """Send to a paused or switched-off endpoint again; return how many deliveries were held.

    Its failures are forgotten; what was held goes out from the first attempt on.
    """
    endpoint = _locked(endpoint_id)
    if endpoint.status != WebhookEndpoint.Status.ACTIVE:
        states.transition(
            endpoint,
            WebhookEndpoint.Status.ACTIVE,
            failures=0,
            failing_since=None,
            rest_until=None,
            disabled_at=None,
            disabled_cause="",
        )
    return deliveries.let_go(endpoint_id=endpoint_id)


@commands.command
def remove(*, endpoint_id: UUID) -> None:
    """Take an endpoint away for good; what waits for it is not sent. Its log stays 30 days."""
    endpoint = _locked(endpoint_id)
    if endpoint.status == WebhookEndpoint.Status.REMOVED:
        return
    states.transition(
        endpoint, WebhookEndpoint.Status.REMOVED, secret="", previous_secret="", previous_until=None
    )
    open_ones = WebhookDelivery.objects.filter(endpoint=endpoint, state__in=["pending", "held"])
    open_ones.update(state=WebhookDelivery.State.PARKED, last_error="removed", state_since=Now())


def secrets_at(secret: str, previous: str, until: datetime | None, at: datetime) -> list[str]:
    """Return the secrets that sign at that moment, the newest first; raises `Unreadable`."""
    sealed = [secret, previous] if previous and until and at < until else [secret]
    return [sealing.unseal(one, purpose=PURPOSE) for one in sealed]


def _locked(endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise errors.NotFound
    return endpoint


def _sealed(secret: str) -> str:
    return sealing.seal(secret, purpose=PURPOSE)


def _check(types: Sequence[str]) -> None:
    unknown = event_types.unknown(types)
    if unknown:
        raise UnknownEvents(unknown=unknown)
