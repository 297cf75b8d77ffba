"""Getting in: by name or address, with the second step, slowed down when guessing."""

import base64
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from config.kernel import clock
from config.kernel.models import User
from config.people.models import Guess, RequiredRole, StaffSession
from config.people.pages import entering
from config.people.services import factors, guessing
from tests.console import pages
from tests.people import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def wes():
    return desk.person(username="wes", first_name="Wes")


@pytest.mark.parametrize("name", ["wes", "wes@example.test", " WES@Example.test "])
def test_somebody_gets_in_by_name_or_address(client, wes, name):
    answer = desk.sign_in(client, name)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert desk.is_in(client)
    session = StaffSession.objects.get(user=wes)
    assert session.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "password"),
    [("wes", "wrong"), ("WES", desk.PASSWORD), ("nobody", desk.PASSWORD), ("\0", "x")],
)
@pytest.mark.usefixtures("wes")
def test_everybody_else_reads_the_same(client, name, password):
    answer = desk.sign_in(client, name, password)
    assert answer.status_code == 422
    if "\0" not in name:
        assert "Name and password do not match." in pages.text(answer)
    assert not desk.is_in(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_may_not_come_in_does_not(client, wes, change):
    User.objects.filter(pk=wes.pk).update(**change)
    assert desk.sign_in(client).status_code == 422


@pytest.mark.usefixtures("wes")
def test_the_way_on_is_one_of_our_pages(client):
    for wanted, led in (
        ("/admin/orders/order/?view=late", "/admin/orders/order/?view=late"),
        ("https://elsewhere.test/", "/admin/"),
        ("//elsewhere.test/admin/", "/admin/"),
        ("/api/v1/orders/", "/admin/"),
    ):
        form = {"username": "wes", "password": desk.PASSWORD, "next": wanted}
        assert client.post(desk.LOGIN, form).headers["Location"] == led
        client.logout()


@pytest.mark.usefixtures("wes")
def test_a_page_asked_for_in_vain_is_where_one_gets_to(client):
    door = client.get("/admin/profile/").headers["Location"]
    assert door == "/admin/login/?next=/admin/profile/"
    assert 'name="next" value="/admin/profile/"' in client.get(door).content.decode()


class TestTheSecondStep:
    def test_the_password_alone_lets_nobody_in(self, client, wes):
        key = desk.with_factor(wes)
        answer = desk.sign_in(client)
        assert answer.headers["Location"] == "/admin/login/code/"
        assert not desk.is_in(client)
        assert StaffSession.objects.filter(user=wes).count() == 0
        answer = client.post("/admin/login/code/", {"code": desk.next_code(key)})
        assert answer.headers["Location"] == "/admin/"
        assert desk.is_in(client)

    def test_a_code_is_taken_once(self, client, wes):
        key = desk.with_factor(wes)
        code = desk.next_code(key)
        desk.sign_in(client)
        client.post("/admin/login/code/", {"code": code})
        other = Client()
        desk.sign_in(other)
        answer = other.post("/admin/login/code/", {"code": code})
        assert "This code is wrong or was used already." in pages.text(answer)
        assert not desk.is_in(other)

    def test_a_recovery_code_stands_in_once(self, client, wes):
        desk.with_factor(wes)
        code = factors.renew_codes(user=wes)[3]
        desk.sign_in(client)
        client.post("/admin/login/code/", {"code": code.upper().replace("-", " ")})
        assert desk.is_in(client)
        other = Client()
        desk.sign_in(other)
        assert other.post("/admin/login/code/", {"code": code}).status_code == 422
        assert factors.codes_left(wes) == 9

    @pytest.mark.parametrize("address", ["/admin/login/code/", "/admin/login/second-factor/"])
    def test_without_the_password_there_is_no_second_step(self, client, address):
        assert client.get(address).headers["Location"] == "/admin/login/"

    def test_the_second_step_waits_ten_minutes(self, client, wes):
        desk.with_factor(wes)
        desk.sign_in(client)
        session = client.session
        kept = session[entering.PENDING]
        session[entering.PENDING] = {**kept, "at": kept["at"] - 601}
        session.save()
        assert client.get("/admin/login/code/").headers["Location"] == "/admin/login/"

    def test_a_password_changed_meanwhile_ends_it(self, client, wes):
        desk.with_factor(wes)
        desk.sign_in(client)
        wes.set_password("quite-another-one")
        wes.save()
        assert client.get("/admin/login/code/").headers["Location"] == "/admin/login/"

    def test_a_role_that_requires_it_sets_it_up_first(self, client, wes):
        sales = Group.objects.create(name="sales")
        wes.groups.add(sales)
        factors.require_for(groups=[sales])
        assert desk.sign_in(client).headers["Location"] == "/admin/login/second-factor/"
        page = client.get("/admin/login/second-factor/")
        assert "<svg" in page.content.decode()
        assert not desk.is_in(client)
        key = _shown_key(page)
        wrong = client.post("/admin/login/second-factor/", {"code": "000000"})
        assert wrong.status_code == 422
        answer = client.post("/admin/login/second-factor/", {"code": desk.code(key)})
        assert "shown this once" in pages.text(answer)
        assert "no-store" in answer.headers["Cache-Control"]
        assert desk.is_in(client)
        assert factors.has(wes)

    def test_the_administrators_rule_holds_for_superusers(self, wes):
        factors.require_for(groups=[Group.objects.create(name="administrator")])
        assert not factors.is_required(wes)
        wes.is_superuser = True
        assert factors.is_required(wes)
        factors.require_for(groups=[])
        assert RequiredRole.objects.count() == 0


def _shown_key(page) -> bytes:
    text = re.search(r'aria-label="Key">([^<]+)<', page.content.decode()).group(1)
    return base64.b32decode(text.replace(" ", ""))


class TestGuessing:
    @pytest.mark.usefixtures("wes")
    def test_after_five_wrong_ones_the_right_one_waits_too(self, client):
        for _ in range(5):
            assert desk.sign_in(client, password="wrong").status_code == 422
        answer = desk.sign_in(client)
        assert answer.status_code == 429
        assert "Too many wrong attempts. Try again in 1 minute" in answer.content.decode()
        assert not desk.is_in(client)

    @pytest.mark.usefixtures("wes")
    def test_another_spelling_or_the_user_name_is_the_same_account(self, client):
        for name in ("wes", "wes@example.test", "WES@example.test", "wes", "wes"):
            desk.sign_in(client, name, "wrong")
        assert desk.sign_in(client).status_code == 429

    @pytest.mark.usefixtures("wes")
    def test_another_address_is_not_locked_out(self, client):
        for _ in range(6):
            desk.sign_in(client, password="wrong")
        assert desk.sign_in(client, REMOTE_ADDR="198.51.100.7").status_code == 302

    def test_wrong_codes_count_and_the_password_does_not_clear_them(self, client, wes):
        desk.with_factor(wes)
        for _ in range(4):
            desk.sign_in(client)
            assert client.post("/admin/login/code/", {"code": "000000"}).status_code == 422
        desk.sign_in(client)
        client.post("/admin/login/code/", {"code": "000001"})
        assert client.post("/admin/login/code/", {"code": "000002"}).status_code == 429
        assert desk.sign_in(client).status_code == 429

    def test_getting_in_clears_the_count(self, client, wes):
        for _ in range(4):
            desk.sign_in(client, password="wrong")
        desk.sign_in(client)
        assert not Guess.objects.filter(account=str(wes.pk)).exists()

    def test_an_administrator_unlocks(self, client, wes, as_role):
        for _ in range(6):
            desk.sign_in(client, password="wrong")
        administrator = as_role("administrator")
        assert "Locked out from 127.0.0.1" in pages.text(administrator.get(pages.page_of(wes)))
        answer = pages.press(administrator, wes, "unlock")
        assert "can try again at once." in pages.text(answer)
        assert desk.sign_in(client).status_code == 302

    def test_names_nobody_has_are_counted_and_not_kept(self, client):
        for _ in range(5):
            assert desk.sign_in(client, "ghost", "wrong").status_code == 422
        assert desk.sign_in(client, "GHOST", "wrong").status_code == 429
        assert not Guess.objects.filter(account__icontains="ghost").exists()

    def test_waiting_doubles_up_to_an_hour_and_a_quiet_day_forgets(self):
        at, waits = clock.now(), []
        for _ in range(14):
            guessing.book(account="a", address="x", at=at)
            row = Guess.objects.get(account="a")
            waits.append((row.locked_until - at).total_seconds())
            at = max(at, row.locked_until)
        assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
        guessing.book(account="a", address="x", at=at + timedelta(days=1, seconds=1))
        assert Guess.objects.get(account="a").failures == 1

    def test_fifty_accounts_from_one_address_are_too_many(self, client):
        for number in range(50):
            assert desk.sign_in(client, f"name{number}", "wrong").status_code == 422
        assert desk.sign_in(client, "name50", "wrong").status_code == 429
        guessing.forget_old(at=clock.now() + timedelta(days=2))
        assert Guess.objects.count() == 0

    def test_it_works_while_redis_is_away(self, client, wes, settings):
        settings.CACHES = {
            "default": {
                "BACKEND": "config.cache.FailOpenRedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
                "OPTIONS": {"socket_connect_timeout": 0.2},
            }
        }
        for _ in range(5):
            desk.sign_in(client, password="wrong")
        assert desk.sign_in(client).status_code == 429
        guessing.forget(user=wes)
        assert desk.sign_in(client).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "passed", "counted"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
    ],
)
def test_an_address_is_what_our_own_proxy_says(client, settings, proxies, passed, counted):
    settings.TRUSTED_PROXIES = proxies
    desk.sign_in(client, "ghost", "wrong", headers={"X-Forwarded-For": passed})
    assert set(Guess.objects.values_list("address", flat=True)) == {counted}
