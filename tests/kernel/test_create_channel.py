"""`manage.py create_channel` makes a channel once and a key each time."""

import io

import pytest
from django.core.management import CommandError, call_command

from config.kernel import callers, clock, keys, scopes
from config.kernel.models import ApiKey, Channel, LegalEntity
from tests.factories.kernel import LegalEntityFactory

pytestmark = pytest.mark.django_db


def create(*words):
    out = io.StringIO()
    call_command("create_channel", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def test_on_an_empty_system_it_makes_entity_channel_and_a_key_that_works():
    *_, key = create("WEB", "--name", "Web shop", "--currency", "EUR", "--currency", "GBP")

    channel = Channel.objects.get()
    assert (channel.code, channel.name, channel.currencies) == ("WEB", "Web shop", ["EUR", "GBP"])
    assert (channel.entity.code, channel.entity.currency) == ("HOUSE", "EUR")
    caller = callers.identify(key, at=clock.now())
    assert caller is not None
    assert caller.channel.code == "WEB"


def test_again_it_leaves_the_channel_and_makes_a_further_key():
    first, second = create("WEB")[-1], create("WEB", "--name", "Other", "--currency", "USD")[-1]

    assert first != second
    channel = Channel.objects.get()
    assert (channel.name, channel.currencies) == ("WEB", ["GBP"])
    assert ApiKey.objects.filter(revoked_at=None).count() == 2


def test_the_only_entity_is_taken_with_its_currency():
    entity = LegalEntityFactory.create(currency="EUR")
    create("WEB")
    channel = Channel.objects.get()
    assert (channel.entity, channel.currencies) == (entity, ["EUR"])


def test_among_several_entities_one_must_be_named():
    chosen, _ = LegalEntityFactory.create_batch(2)
    with pytest.raises(CommandError, match="legal entity"):
        create("WEB")
    create("WEB", "--entity", chosen.code)
    assert Channel.objects.get().entity == chosen


def test_the_key_may_do_what_is_said_and_by_default_what_a_shop_needs():
    create("WEB")
    create("WEB", "--scope", "stock:write", "--scope", "stock:read", "--warehouse", "NORTH")
    create("WEB", "--scope", "all")

    made = ApiKey.objects.order_by("created_at").values_list("scopes", "warehouses")
    assert list(made) == [
        (list(scopes.USUAL), []),
        (["stock:read", "stock:write"], ["NORTH"]),
        (list(keys.SCOPES), []),
    ]


@pytest.mark.parametrize(
    "words", [["web shop"], ["WEB", "--currency", "eur"], ["WEB", "--entity", "x y"]]
)
def test_a_wrong_word_is_one_line_and_makes_nothing(words):
    with pytest.raises(CommandError):
        create(*words)
    assert not Channel.objects.exists()
    assert not LegalEntity.objects.exists()
    assert not ApiKey.objects.exists()
