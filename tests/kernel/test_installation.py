"""The events feed and the webhooks' pause after the data has moved to another database server."""

import pytest

from config.kernel import clock, commands, events, ids, installation, sql, wakeup
from config.kernel.actors import Actor, ActorKind
from config.kernel.api import feed
from config.kernel.models import Event, Installation
from tests import feeds
from tests.factories.kernel import ChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)
FAR = 10**12  # a number this server's transactions will not reach


@pytest.fixture(autouse=True)
def first_epoch(monkeypatch):
    """Leave the table's default as it was found."""
    monkeypatch.setattr(wakeup, "dispatch", lambda: None)
    yield
    Installation.objects.all().delete()
    installation.settle()


@pytest.fixture
def channel():
    return ChannelFactory()


def publish(channel, *, transaction_id=None):
    """Write one event, as another server numbered it if a number is given."""
    row = events.row(
        type="thing.made",
        aggregate="thing",
        aggregate_id=ids.new(),
        version=1,
        at=clock.now(),
        actor=Actor(ActorKind.SYSTEM, "", "test"),
        command_id=ids.new(),
        channel_id=channel.pk,
    )
    numbered = {"transaction_id": transaction_id} if transaction_id else {}
    commands.command(events.publish_many)([row | numbered])
    return str(row["id"])


def poll(channel, cursor=None):
    """Return the ids behind a cursor and where to go on, once all that is committed may show."""
    feeds.settle()
    page = feed.page(channel_id=channel.pk, params={"cursor": cursor} if cursor else {})
    return [str(event["id"]) for event in page["results"]], page["next"]


def move():
    """The rows lie on another server now: there, transactions have other numbers."""
    Installation.objects.update(cluster="another/1")
    return installation.settle()


def test_the_same_server_stays_in_its_epoch():
    first = installation.settle()
    again = installation.settle()

    assert first.cluster
    assert (again.cluster, again.epoch) == (first.cluster, 0)
    assert Installation.objects.count() == 1


def test_what_another_server_numbered_is_shown_first_and_in_its_order(channel):
    installation.settle()
    second = publish(channel, transaction_id=FAR + 1)
    first = publish(channel, transaction_id=FAR)
    assert poll(channel)[0] == []  # higher than any transaction that runs here

    assert move().epoch == 1
    new = [publish(channel), publish(channel)]

    assert poll(channel)[0] == [first, second, *new]


def test_a_poller_goes_on_where_it_was_and_sees_all_that_is_new(channel):
    installation.settle()
    publish(channel, transaction_id=FAR)
    move()
    _, cursor = poll(channel)

    move()
    new = publish(channel)

    assert poll(channel, cursor)[0] == [new]
    assert poll(channel, poll(channel, cursor)[1])[0] == []


def test_a_restore_is_an_epoch_of_its_own_even_on_the_same_server(channel):
    at = clock.now()
    installation.settle()
    old = publish(channel)

    here = installation.note_restore(at=at, to=at)
    new = publish(channel)

    assert (here.epoch, here.restored_to) == (1, at)
    assert list(Event.objects.order_by("epoch").values_list("epoch", flat=True)) == [0, 1]
    assert poll(channel)[0] == [old, new]


def test_webhooks_wait_after_a_restore_until_they_are_resumed():
    installation.settle()
    assert not installation.webhooks_paused()

    installation.note_restore(at=clock.now(), to=clock.now())

    assert installation.webhooks_paused()
    assert installation.resume_webhooks() is True
    assert installation.resume_webhooks() is False
    assert not installation.webhooks_paused()


def test_a_default_that_was_lost_is_set_again(channel):
    installation.settle()
    move()
    commands.command(sql.run)("ALTER TABLE kernel_event ALTER COLUMN epoch SET DEFAULT 0")

    installation.settle()
    publish(channel)

    assert Event.objects.get().epoch == 1


def test_a_system_never_furnished_has_an_installation_too():
    Installation.objects.all().delete()

    assert installation.read().epoch == 0
    assert not installation.webhooks_paused()
