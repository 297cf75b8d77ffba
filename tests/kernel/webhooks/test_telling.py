"""Those who can mend it are told once that a webhook was switched off."""

import smtplib

import pytest
from django.contrib.auth.models import Group

from config.kernel import roles
from config.kernel.models import WebhookEndpoint
from config.kernel.webhooks import errands
from tests.factories import webhooks
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.kernel.webhooks.conftest import send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def switched_off(endpoint, receiver):
    receiver.answers = [410]
    webhooks.happen(endpoint.channel)
    send()
    return endpoint


def person(role, **given):
    roles.sync()
    user = UserFactory(**given)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_administrators_of_the_channel_get_one_mail(switched_off, mailoutbox):
    person("administrator", email="ann@example.test")
    person("administrator", email="")
    person("administrator", email="gone@example.test", is_active=False)
    person("administrator", email="other@example.test").channels.add(ChannelFactory())
    person("sales", email="sales@example.test")
    assert errands.tell_switched_off() == 1
    assert errands.tell_switched_off() == 0
    (mail,) = mailoutbox
    assert mail.to == ["ann@example.test"]
    assert mail.subject == "Webhook switched off: Web shop, live"
    assert "It answered that it is gone for good (410)." in mail.body
    assert switched_off.channel.name in mail.body
    assert switched_off.url not in mail.body


def test_what_could_not_be_sent_is_tried_again_later(switched_off, monkeypatch):
    person("administrator", email="ann@example.test")

    def broken(*_):
        raise smtplib.SMTPException

    with monkeypatch.context() as patched:
        patched.setattr(errands.EmailMessage, "send", broken)
        assert errands.tell_switched_off() == 0
    assert errands.tell_switched_off() == 0
    WebhookEndpoint.objects.update(telling_until=None)
    assert errands.tell_switched_off() == 1
    switched_off.refresh_from_db()
    assert switched_off.told_at is not None


def test_nobody_is_told_of_one_that_staff_paused(endpoint, mailoutbox):
    person("administrator", email="ann@example.test")
    errands.endpoints.pause(endpoint_id=endpoint.pk)
    assert errands.tell_switched_off() == 0
    assert mailoutbox == []
