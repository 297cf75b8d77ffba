"""Many orders held from the list by a job that shows by itself how far it is."""

from playwright.sync_api import expect

from config.kernel import jobs
from config.kernel.jobs import running
from config.kernel.models import Job
from orders.models import Order
from tests.browser import pages
from tests.factories.orders import line

ORDERS = "/admin/orders/order/?view=open"


def hold_all(page):
    """Choose every order that matches and ask for a hold."""
    page.goto(ORDERS)
    page.get_by_label("Choose all on this page").check()
    page.get_by_label("all that match, on every page").check()
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_text("6 orders – all that match")).to_be_visible()
    page.get_by_label("Reason").fill("Wrong price feed")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_text("It begins in a moment.")).to_be_visible()


def test_a_job_shows_its_progress_by_itself_and_ends(desktop, shop, monkeypatch):
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)
    shop.put("MUG", 9)
    orders = [shop.place(line()) for _ in range(5)] + [shop.place(line("NOPE"))]
    page = desktop("sales")
    hold_all(page)

    job = Job.objects.get()
    monkeypatch.setattr(running, "SLICE", -1.0)
    jobs.work()

    expect(page.get_by_role("status")).to_have_text("Done")
    expect(page.get_by_text("6 done.")).to_be_visible()
    expect(page.get_by_role("link", name=orders[0].number)).to_be_visible()
    assert page.locator("[data-live]").count() == 0
    job.refresh_from_db()
    assert (job.done, job.failed) == (6, 0)
    assert Order.objects.filter(is_held=True).count() == 6


def test_a_job_is_stopped_from_a_phone(phone, shop, monkeypatch):
    monkeypatch.setattr("config.kernel.wakeup.send", lambda _task: None)
    shop.put("MUG", 9)
    orders = [shop.place(line()) for _ in range(2)]
    page = phone("sales")
    page.goto(ORDERS)
    pages.assert_fits(page)
    page.get_by_label(f"Choose {orders[0].number}").check()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Put on hold").click()
    page.get_by_label("Reason").fill("Wait")
    page.get_by_role("button", name="Put on hold").click()
    pages.assert_fits(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("Cancelled")
    jobs.work()
    assert not Order.objects.filter(is_held=True).exists()
