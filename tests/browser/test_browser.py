"""The browser itself: it signs in, it fits, and it notices what goes wrong on a page."""

import pytest
from playwright.sync_api import expect

from tests.browser import chromium, pages
from tests.factories.kernel import UserFactory


def test_staff_sign_in_with_name_and_password(desktop):
    user = UserFactory(username="ann", is_superuser=True)
    user.set_password("a long pass phrase")
    user.save()
    page = desktop(None)
    page.goto("/admin/")
    page.get_by_label("E-mail address or user name").fill("ann")
    page.get_by_label("Password").fill("a long pass phrase")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_the_first_page_fits_a_phone(phone):
    page = phone("administrator")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    pages.assert_fits(page)


@pytest.fixture
def watch():
    """Return a watch that lets complaints pass; the tests below cause them."""
    return chromium.Watch()


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("console.error('broken')", "console: broken"),
        ("setTimeout(() => { throw new Error('thrown') })", "uncaught: thrown"),
        (
            "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
            "Content Security Policy",
        ),
        ("new Image().src = 'http://outside.example/x.png'", "outside.example"),
    ],
)
def test_a_fault_on_a_page_is_noticed(desktop, watch, fault, complaint):
    page = desktop("sales")
    page.goto("/admin/")
    page.evaluate(fault)
    for _moment in range(100):
        if watch.complaints:
            break
        page.wait_for_timeout(50)  # what a page says arrives while playwright waits
    assert any(complaint in one for one in watch.complaints), watch.complaints


def test_a_refused_form_is_no_fault(desktop, watch):
    page = desktop("sales")
    assert page.goto("/admin/kernel/user/").status == 403
    assert watch.complaints == []
