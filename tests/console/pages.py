"""How tests read the console's pages and press its buttons."""

import html
import re

from django.urls import reverse

ORDERS = "/admin/orders/order/"


def text(answer) -> str:
    """Return what a reader sees: no tags, blanks as one."""
    assert answer.status_code in {200, 409, 422}, answer
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def numbers(answer) -> list[str]:
    """Return the order numbers a list shows, in its order."""
    return re.findall(r">(SO-\d+)</a>", answer.content.decode())


def page_of(record) -> str:
    """Return the address of a record's page."""
    opts = record._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])


def press(client, record, button, **answers):
    """Open a button's page, answer it and return what follows."""
    address = page_of(record).replace("change/", f"{button}/")
    opened = client.get(address)
    assert opened.status_code == 200, opened
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened.content.decode()))
    return client.post(address, {**fixed, **answers}, follow=True)
