"""What happens at the door stands in the log; passwords, codes, keys and links never do."""

import io
import json
import logging

import pytest
from django.conf import settings

from config import logs
from config.kernel import keys
from config.people.services import factors
from tests.console import pages
from tests.factories.kernel import ChannelFactory
from tests.people import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    """Return what reads the lines written since, as production writes them."""
    stream = io.StringIO()
    config = logs.configuration(level="DEBUG", as_json=True)
    logs.configure(config)
    handler = logging.getLogger().handlers[0]
    handler.setStream(stream)
    yield lambda: [json.loads(one) for one in stream.getvalue().splitlines()]
    logs.configure(settings.LOGGING)


def test_the_door_is_logged_and_no_secret_with_it(client, as_role, written):
    boss = as_role("administrator")
    wes = desk.person(username="wes")
    planted = ["planted-wrong-password", desk.PASSWORD, "654321"]
    desk.sign_in(client, password="planted-wrong-password")
    desk.sign_in(client, "planted-password-as-name", "x")
    planted.append("planted-password-as-name")
    key = desk.with_factor(wes)
    codes = factors.renew_codes(user=wes)
    desk.sign_in(client)
    client.post("/admin/login/code/", {"code": "654321"})
    client.post("/admin/login/code/", {"code": codes[0]})
    client.post("/admin/login/forgotten/", {"email": "wes@example.test"})
    link = desk.link_in_mail()
    client.get(link)
    _record, api_key = keys.create(channel=ChannelFactory(), name="Till")
    logging.getLogger("somewhere").error("GET %s with %s", link, api_key)
    pages.press(boss, wes, "deactivate")
    planted += [factors.as_text(key), key.hex(), *codes, link.split("/")[-2], api_key]
    lines = written()
    text = json.dumps(lines)
    assert [one for one in planted if one in text] == []
    assert "wes@example.test" not in text
    said = {one["event"] for one in lines if one.get("logger") == "kapell.security"}
    assert said >= {
        "sign_in_failed", "second_factor_failed", "signed_in", "factor_added", "link_made",
        "recovery_codes_made", "recovery_code_used", "deactivated", "key_made",
    }  # fmt: skip
