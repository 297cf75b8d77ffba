"""Sessions: whose they are, when they end, and that they end at once when they must."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from config.kernel import clock
from config.kernel.actors import Actor
from config.people.models import StaffSession
from config.people.services import accounts, sessions
from config.people.services.accounts import Rights
from tests.console import pages
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.people import desk

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def wes():
    return desk.person(username="wes")


@pytest.fixture
def boss():
    return UserFactory(is_superuser=True)


def enter(user, **headers):
    client = Client(headers=headers)
    assert desk.sign_in(client, user.username).status_code == 302
    return client


def the_door(client):
    answer = client.get(pages.ORDERS)
    return answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/")


def test_a_deactivated_users_next_click_is_the_login_page(wes, boss):
    client = enter(wes)
    assert not the_door(client)
    accounts.deactivate(user=wes, by=boss, to=None, actor=Actor.staff(boss), at=clock.now())
    assert the_door(client)
    assert StaffSession.objects.filter(user=wes).count() == 0


@pytest.mark.parametrize(
    "less", [{"roles": False}, {"channels": True}, {"superuser": False}], ids=str
)
def test_who_loses_a_right_signs_in_anew(wes, boss, less):
    sales = Group.objects.create(name="sales")
    accounts.change(user=wes, person={}, rights=Rights([sales], is_superuser=True), by=boss)
    client = enter(wes)
    accounts.change(
        user=wes,
        person={},
        rights=Rights(
            roles=[sales] if less.get("roles", True) else [],
            channels=[ChannelFactory()] if "channels" in less else [],
            is_superuser=less.get("superuser", True),
        ),
        by=boss,
    )
    assert the_door(client)


def test_who_gains_a_right_stays(wes, boss):
    channel = ChannelFactory()
    accounts.change(user=wes, person={}, rights=Rights(channels=[channel]), by=boss)
    client = enter(wes)
    more = Rights(roles=[Group.objects.create(name="sales")])
    accounts.change(user=wes, person={"first_name": "Wes"}, rights=more, by=boss)
    assert not the_door(client)


def test_a_new_password_ends_the_other_sessions(wes):
    here, there = enter(wes), enter(wes)
    answer = here.post(
        "/admin/password_change/",
        {"current": desk.PASSWORD, "password": "four-green-kettles", "again": "four-green-kettles"},
        follow=True,
    )
    assert "The password is changed." in pages.text(answer)
    assert not the_door(here)
    assert the_door(there)
    assert desk.sign_in(Client(), password="four-green-kettles").status_code == 302


def test_an_idle_session_ends_and_clicking_puts_that_off(wes, settings):
    client = enter(wes)
    row = StaffSession.objects.get(user=wes)
    assert row.expire_date - row.seen_at == settings.SESSION_IDLE
    earlier = clock.now() - timedelta(minutes=100)
    StaffSession.objects.update(seen_at=earlier, expire_date=earlier + settings.SESSION_IDLE)
    assert not the_door(client)
    moved = StaffSession.objects.get(user=wes)
    assert moved.expire_date - moved.seen_at == settings.SESSION_IDLE
    assert clock.now() - moved.seen_at < timedelta(minutes=1)
    StaffSession.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert the_door(client)


def test_a_session_ends_for_good_however_busy_it_is(wes):
    client = enter(wes)
    ends = clock.now() + timedelta(minutes=5)
    StaffSession.objects.update(ends_at=ends, seen_at=clock.now() - timedelta(minutes=2))
    client.get(pages.ORDERS)
    assert StaffSession.objects.get(user=wes).expire_date == ends
    client.post("/admin/profile/", {"language": "de", "time_zone": "Europe/Berlin"})
    assert StaffSession.objects.get(user=wes).ends_at == ends


def test_the_profile_lists_sessions_and_ends_them(wes):
    here, there = enter(wes), enter(wes, **{"User-Agent": FIREFOX})
    told = pages.text(here.get("/admin/profile/"))
    assert "Firefox, Windows" in told
    assert "this one" in told
    other = StaffSession.objects.get(user=wes, agent=FIREFOX)
    here.post(f"/admin/profile/sessions/{other.number}/end/")
    assert the_door(there)
    third = enter(wes)
    here.post("/admin/profile/sessions/end/")
    assert the_door(third)
    assert not the_door(here)


def test_somebody_elses_session_cannot_be_ended(wes, as_role):
    client, other = enter(wes), as_role("sales")
    number = StaffSession.objects.get(user=wes).number
    other.post(f"/admin/profile/sessions/{number}/end/")
    assert not the_door(client)


def test_an_administrator_signs_somebody_out(wes, as_role):
    client = enter(wes)
    pages.press(as_role("administrator"), wes, "end-sessions")
    assert the_door(client)


def test_sessions_long_over_are_deleted(wes):
    enter(wes)
    sessions.forget_old(at=clock.now() + timedelta(hours=13))
    assert StaffSession.objects.count() == 0


def test_the_key_of_a_session_is_on_no_page(wes):
    client = enter(wes)
    key = client.cookies["sessionid"].value
    assert key not in client.get("/admin/profile/").content.decode()
