"""The second factor in the browser: set up by the picture's key, asked for, lost and replaced."""

import base64
import re

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from config.people.models import SecondFactor
from config.people.services import factors
from tests.browser import pages
from tests.people import desk

NAME, CODE = "E-mail address or user name", "Code"


@pytest.fixture
def ann():
    return desk.person(username="ann", is_superuser=True)


def give_password(page):
    page.goto("/admin/")
    page.get_by_label(NAME).fill("ann")
    page.get_by_label("Password").fill(desk.PASSWORD)
    page.keyboard.press("Enter")


def key_on(page):
    """Read the key beside the picture, as somebody types it who cannot scan."""
    expect(page.get_by_role("img", name="QR code with the key below")).to_be_visible()
    return base64.b32decode(page.get_by_label("Key", exact=True).inner_text().replace(" ", ""))


def is_today(page):
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


@pytest.mark.usefixtures("ann")
def test_it_is_set_up_used_and_replaced_by_a_recovery_code(desktop):
    page = desktop(None)
    give_password(page)
    is_today(page)
    key, codes = set_up(page)
    for proof in (desk.next_code(key), codes[0]):
        other = desktop(None)
        give_password(other)
        other.get_by_label(CODE).fill(proof)
        other.keyboard.press("Enter")
        is_today(other)
    other.goto("/admin/profile/")
    expect(other.get_by_text("9 recovery codes are left.")).to_be_visible()
    other.get_by_role("button", name="Sign out everywhere else").click()
    page.goto("/admin/profile/")
    expect(page.get_by_label(NAME)).to_be_visible()


def set_up(page):
    """Set up an app from one's own page; return its key and the recovery codes."""
    page.goto("/admin/profile/")
    page.get_by_role("link", name="Set up").click()
    key = key_on(page)
    page.get_by_label("Code that the app shows").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code is wrong or was used already.")).to_be_visible()
    assert key_on(page) == key
    page.get_by_label("Code that the app shows").fill(desk.code(key))
    page.keyboard.press("Enter")
    shown = page.get_by_label("Recovery codes", exact=True).inner_text()
    codes = re.findall(r"(?:\w{4}-){3}\w{4}", shown)
    assert len(codes) == factors.CODES
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
    return key, codes


def test_on_a_phone_a_role_that_requires_it_sets_it_up_at_the_door(phone, ann):
    administrator, _made = Group.objects.get_or_create(name="administrator")
    factors.require_for(groups=[administrator])
    page = phone(None)
    give_password(page)
    key = key_on(page)
    pages.assert_fits(page)
    page.get_by_label("Code that the app shows").fill(desk.code(key))
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    pages.assert_fits(page)
    page.get_by_role("link", name="I have kept them").click()
    is_today(page)
    assert SecondFactor.objects.filter(user=ann).exists()


def test_too_many_wrong_codes_have_to_wait(desktop, ann):
    desk.with_factor(ann)
    page = desktop(None)
    give_password(page)
    for number in range(5):
        page.get_by_label(CODE).fill(f"00000{number}")
        page.keyboard.press("Enter")
        expect(page.get_by_text("This code is wrong or was used already.")).to_be_visible()
    page.get_by_label(CODE).fill("000009")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Too many wrong attempts.")).to_be_visible()
