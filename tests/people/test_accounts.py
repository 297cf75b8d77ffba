"""Invited by mail, a forgotten password, deactivated: links that work once and tell nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail.backends import smtp

from config.kernel import belongings, clock
from config.kernel.actors import Actor
from config.kernel.belongings import Belonging
from config.kernel.models import Change, SavedView, User
from config.people import emails, errands
from config.people.errors import LastAdministrator
from config.people.models import AccessLink, Notice
from config.people.services import accounts, links
from tests.console import pages
from tests.factories.inventory import WarehouseFactory
from tests.factories.kernel import ChannelFactory, UserFactory
from tests.people import desk

pytestmark = pytest.mark.django_db

USERS = "/admin/kernel/user/"


def invitation(**changes):
    return {
        "first_name": "Wes", "last_name": "Oak", "email": "wes@example.test",
        "language": "en-gb", "time_zone": "Europe/Warsaw", **changes,
    }  # fmt: skip


@pytest.fixture
def boss(as_role):
    return as_role("administrator", first_name="Ann", last_name="Boss")


def choose(client, path, password=desk.PASSWORD):
    assert client.get(path).headers["Location"] == "/admin/welcome/"
    return client.post("/admin/welcome/", {"password": password, "again": password})


class TestInviting:
    def test_the_invited_chooses_a_password_and_is_in(self, boss, client):
        channel, warehouse = ChannelFactory(), WarehouseFactory()
        role = Group.objects.get(name="sales")
        answer = boss.post(
            f"{USERS}add/",
            invitation(groups=[role.pk], channels=[channel.pk], warehouses=[warehouse.pk]),
            follow=True,
        )
        wes = User.objects.get(email="wes@example.test")
        assert answer.redirect_chain[-1][0] == pages.page_of(wes)
        assert "Invited" in pages.text(answer)
        assert (wes.username, wes.is_staff, wes.time_zone) == (wes.email, True, "Europe/Warsaw")
        assert list(wes.channels.all()) == [channel]
        assert list(warehouse.staff.all()) == [wes]
        path = desk.link_in_mail()
        (message,) = mail.outbox
        assert (message.to, message.subject) == (["wes@example.test"], "Your account in Kapell")
        assert "Ann Boss invites you to Kapell" in message.body
        assert path in message.alternatives[0].content
        answer = choose(client, path)
        assert answer.headers["Location"] == "/admin/"
        assert client.get(pages.ORDERS).status_code == 200
        assert client.get(path).status_code == 410

    def test_the_mail_speaks_the_language_of_the_invited(self, boss, monkeypatch):
        spoken = []
        keep = emails.render_to_string
        monkeypatch.setattr(
            emails,
            "render_to_string",
            lambda *args: spoken.append(emails.translation.get_language()) or keep(*args),
        )
        boss.post(f"{USERS}add/", invitation(language="fr"))
        desk.link_in_mail()
        assert spoken == ["fr", "fr"]

    def test_an_address_that_somebody_has_is_refused(self, boss):
        UserFactory(email="Wes@Example.test")
        answer = boss.post(f"{USERS}add/", invitation())
        assert "Somebody else has this e-mail address." in answer.content.decode()
        assert User.objects.filter(email__iexact="wes@example.test").count() == 1

    def test_inviting_again_ends_the_first_link(self, boss, client):
        boss.post(f"{USERS}add/", invitation())
        first = desk.link_in_mail()
        wes = User.objects.get(email="wes@example.test")
        pages.press(boss, wes, "invite-again")
        second = desk.link_in_mail()
        assert first != second
        assert client.get(first).status_code == 410
        assert choose(client, second).status_code == 302

    def test_a_revoked_or_old_link_lets_nobody_in(self, boss, client):
        boss.post(f"{USERS}add/", invitation())
        path = desk.link_in_mail()
        wes = User.objects.get(email="wes@example.test")
        AccessLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        assert client.get(path).status_code == 410
        AccessLink.objects.update(expires_at=clock.now() + timedelta(days=1))
        assert client.get(path).status_code == 302
        pages.press(boss, wes, "revoke-link")
        answer = client.post("/admin/welcome/", {"password": desk.PASSWORD, "again": desk.PASSWORD})
        assert answer.status_code == 410
        assert "expired or was revoked. Ask for a new one." in answer.content.decode()

    @pytest.mark.parametrize(
        ("password", "again", "told"),
        [
            ("short", "short", "too short"),
            ("passwordpassword", "different-one-now", "The two passwords differ."),
            ("wes@example.test", "wes@example.test", "too similar to the"),
        ],
    )
    def test_a_weak_password_is_refused(self, boss, client, password, again, told):
        boss.post(f"{USERS}add/", invitation())
        client.get(desk.link_in_mail())
        answer = client.post("/admin/welcome/", {"password": password, "again": again})
        assert told in pages.text(answer)
        assert not User.objects.get(email="wes@example.test").has_usable_password()

    def test_without_mail_the_administrator_hands_the_link_over(self, boss, client, settings):
        boss.post(f"{USERS}add/", invitation())
        wes = User.objects.get(email="wes@example.test")
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        page = pages.text(boss.get(pages.page_of(wes)))
        assert "Mail is not set up: show the link and hand it over." in page
        assert "/admin/welcome/" not in page
        shown = pages.press(boss, wes, "show-link").content.decode()
        link = AccessLink.objects.get()
        assert links.address(link) in shown
        assert (
            choose(client, links.address(link).removeprefix("http://testserver")).status_code == 302
        )

    def test_a_wrong_secret_is_like_a_link_that_is_over(self, boss, client):
        boss.post(f"{USERS}add/", invitation())
        path = desk.link_in_mail()
        assert client.get(path[:-3] + "xx/").status_code == 410
        other = "01900000-0000-7000-8000-000000000000"
        assert client.get(f"/admin/welcome/{other}/kapell_x/").status_code == 410

    def test_the_table_of_links_holds_no_secret(self, boss):
        boss.post(f"{USERS}add/", invitation())
        secret = desk.link_in_mail().split("/")[-2]
        row = str(AccessLink.objects.values().get()) + str(Notice.objects.values().get())
        assert secret.removeprefix("kapell_") not in row


class TestForgottenPasswords:
    def ask(self, client, email):
        return client.post("/admin/login/forgotten/", {"email": email})

    def test_the_answer_is_the_same_for_an_address_nobody_has(self, client):
        desk.person(username="wes")
        known, unknown = self.ask(client, "WES@example.test"), self.ask(client, "no@example.test")
        assert pages.text(known) == pages.text(unknown)
        assert Notice.objects.count() == 1

    def test_by_the_link_a_new_password_is_chosen(self, client):
        wes = desk.person(username="wes")
        self.ask(client, "wes@example.test")
        assert choose(client, desk.link_in_mail(), "four-green-kettles").status_code == 302
        wes.refresh_from_db()
        assert wes.check_password("four-green-kettles")
        errands.send_notices(at=clock.now())
        assert mail.outbox[-1].subject == "Your Kapell password was changed"

    def test_the_second_factor_is_still_asked_for(self, client):
        desk.with_factor(desk.person(username="wes"))
        self.ask(client, "wes@example.test")
        answer = choose(client, desk.link_in_mail(), "four-green-kettles")
        assert answer.headers["Location"] == "/admin/login/code/"
        assert not desk.is_in(client)

    def test_a_mailbox_is_not_flooded(self, client):
        desk.person(username="wes")
        for number in range(4):
            self.ask(client, "wes@example.test")
            client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        assert Notice.objects.count() == 3
        for _ in range(5):
            answer = self.ask(client, "no@example.test")
        assert self.ask(client, "no@example.test").status_code == 429
        assert answer.status_code == 200

    def test_a_deactivated_person_gets_no_mail(self, client):
        desk.person(username="wes", is_active=False)
        self.ask(client, "wes@example.test")
        assert Notice.objects.count() == 0


class TestMails:
    def test_a_mail_goes_out_after_the_commit_only(self, boss):
        boss.post(f"{USERS}add/", invitation())
        assert mail.outbox == []
        assert errands.send_notices(at=clock.now()) == 1
        assert errands.send_notices(at=clock.now()) == 0

    def test_a_mail_that_fails_is_tried_again_and_shown(self, boss, monkeypatch, settings):
        boss.post(f"{USERS}add/", invitation())
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        sent = []

        def refuse(_self, _messages):
            raise OSError("no route to host")

        monkeypatch.setattr(smtp.EmailBackend, "send_messages", refuse)
        at = clock.now()
        assert errands.send_notices(at=at) == 0
        assert errands.send_notices(at=at + timedelta(seconds=5)) == 0
        Notice.objects.update(made_at=at - timedelta(minutes=2))
        wes = User.objects.get(email="wes@example.test")
        assert "could not be sent yet" in pages.text(boss.get(pages.page_of(wes)))
        monkeypatch.setattr(smtp.EmailBackend, "send_messages", lambda _s, m: sent.extend(m) or 1)
        assert errands.send_notices(at=at + timedelta(minutes=3)) == 1
        assert len(sent) == 1

    def test_a_mail_about_a_dead_link_is_not_sent(self, boss):
        boss.post(f"{USERS}add/", invitation())
        links.revoke(user=User.objects.get(email="wes@example.test"), at=clock.now())
        assert errands.send_notices(at=clock.now()) == 0
        assert Notice.objects.get().given_up_at is not None


class TestChanging:
    def test_roles_and_limits_are_changed_and_told(self, boss):
        wes = desk.person(username="wes")
        warehouse = WarehouseFactory(code="NORTH")
        role = Group.objects.get(name="warehouse")
        form = invitation(username="wes", groups=[role.pk], warehouses=[warehouse.pk])
        answer = boss.post(pages.page_of(wes), form, follow=True)
        assert answer.redirect_chain, pages.text(answer)
        assert list(wes.groups.all()) == [role]
        told = pages.text(boss.get(pages.page_of(wes).replace("change/", "history/")))
        for part in ("Roles: – → Warehouse", "Limited to warehouses: – → NORTH", "Ann Boss"):
            assert part in told

    def test_nobody_changes_their_own_rights(self, boss):
        me = boss.user
        page = boss.get(pages.page_of(me), {"edit": 1}).content.decode()
        assert 'name="first_name"' in page
        assert 'name="groups"' not in page
        form = invitation(username=me.username, email="me@example.test", is_superuser="on")
        boss.post(pages.page_of(me), form)
        me.refresh_from_db()
        assert (me.is_superuser, me.email) == (False, "me@example.test")
        assert list(me.groups.values_list("name", flat=True)) == ["administrator"]

    def test_superusers_are_changed_by_superusers_only(self, boss, as_role):
        root = as_role("superuser")
        assert "edit=1" not in boss.get(pages.page_of(root.user)).content.decode()
        assert boss.post(pages.page_of(root.user), invitation(username="x")).status_code == 403
        page = boss.get(f"{USERS}add/").content.decode()
        assert 'name="is_superuser"' not in page
        form = invitation(is_superuser="on")
        boss.post(f"{USERS}add/", form)
        assert not User.objects.get(email="wes@example.test").is_superuser
        assert 'name="is_superuser"' in root.get(f"{USERS}add/").content.decode()

    def test_who_sees_a_part_only_manages_nobody(self, as_role):
        limited = as_role("administrator", channels=[ChannelFactory()])
        assert limited.get(USERS).status_code == 200
        assert limited.get(f"{USERS}add/").status_code == 403
        assert limited.post(pages.page_of(limited.user), invitation()).status_code == 403
        address = pages.page_of(limited.user).replace("change/", "deactivate/")
        assert limited.get(address).status_code == 403

    def test_sensitive_acts_ask_for_the_password(self, boss):
        wes = desk.person(username="wes")
        boss.user.set_password(desk.PASSWORD)
        boss.user.save()
        boss.force_login(boss.user)
        for address in (
            f"{USERS}add/",
            f"{pages.page_of(wes)}?edit=1",
            pages.page_of(wes).replace("change/", "deactivate/"),
            "/admin/sign-in-rules/",
        ):
            answer = boss.get(address)
            assert answer.headers["Location"].startswith("/admin/confirm/?next="), address
        asked = answer.headers["Location"]
        form = {"next": "/admin/sign-in-rules/", "password": "wrong"}
        assert "This is not your password." in pages.text(boss.post(asked, form))
        answer = boss.post(asked, {**form, "password": desk.PASSWORD})
        assert answer.headers["Location"] == "/admin/sign-in-rules/"
        assert boss.get("/admin/sign-in-rules/").status_code == 200

    def test_who_has_a_second_factor_confirms_by_it(self, boss):
        boss.user.set_password(desk.PASSWORD)
        boss.user.save()
        boss.force_login(boss.user)
        key = desk.with_factor(boss.user)
        form = {"next": "/admin/", "password": desk.PASSWORD, "code": "000000"}
        assert boss.post("/admin/confirm/", form).status_code == 422
        form["code"] = desk.next_code(key)
        assert boss.post("/admin/confirm/", form).headers["Location"] == "/admin/"


class TestLeaving:
    @pytest.fixture
    def wes(self):
        return desk.person(username="wes", first_name="Wes")

    def test_a_leaver_is_out_and_their_history_stays(self, boss, wes, client):
        answer = pages.press(boss, wes, "deactivate")
        assert "Wes cannot sign in any more." in pages.text(answer)
        assert desk.sign_in(client).status_code == 422
        change = Change.objects.filter(subject_id=str(wes.pk)).latest("id")
        assert change.changes == {"is_active": [True, False]}
        assert change.actor_label == "Ann Boss"
        pages.press(boss, wes, "activate")
        assert desk.sign_in(client).status_code == 302

    def test_what_a_leaver_owns_is_shown_and_handed_over(self, boss, wes, monkeypatch):
        given = []
        monkeypatch.setattr(belongings, "_kinds", {})
        belongings.register(
            "views",
            title="Saved views",
            of=lambda user: [Belonging("My late orders", "/admin/")] if user == wes else [],
            hand_over=lambda *, user, to, actor, at: given.append((user, to, actor.label)),  # noqa: ARG005
        )
        address = pages.page_of(wes).replace("change/", "deactivate/")
        page = pages.text(boss.get(address))
        assert "Saved views go to whom you choose below My late orders" in page
        pages.press(boss, wes, "deactivate", to=str(boss.user.pk))
        assert given == [(wes, boss.user, "Ann Boss")]

    def test_saved_views_go_to_the_heir_and_keep_their_names_apart(self, boss, wes):
        for owner in (wes, boss.user):
            SavedView.objects.create(owner=owner, page="orders", name="Late")
        SavedView.objects.create(owner=wes, page="orders", name="Mine")
        pages.press(boss, wes, "deactivate", to=str(boss.user.pk))
        names = SavedView.objects.filter(owner=boss.user).values_list("name", flat=True)
        assert sorted(names) == ["Late", "Late (Wes 1)", "Mine"]

    def test_keys_a_leaver_has_seen_are_named(self, boss, shop):
        pages.press(boss, shop.channel, "create-key", name="Till", scopes=["orders:read"])
        other = pages.page_of(boss.user).replace("change/", "deactivate/")
        root = boss.user
        root.is_superuser = True
        root.save()
        assert "API keys they have seen" in boss.get(other).content.decode()
        assert "Till" in pages.text(boss.get(other))

    def test_nobody_deactivates_themselves(self, boss):
        answer = pages.press(boss, boss.user, "deactivate")
        assert answer.status_code == 409
        assert "Somebody else has to do this to your account." in pages.text(answer)

    def test_somebody_stays_who_can_manage_people(self, as_role):
        only = as_role("administrator").user
        with pytest.raises(LastAdministrator):
            accounts.change(user=only, person={}, rights=accounts.Rights(), by=UserFactory())
        with pytest.raises(LastAdministrator):
            accounts.deactivate(
                user=only, by=UserFactory(), to=None, actor=Actor.system("test"), at=clock.now()
            )
        only.refresh_from_db()
        assert only.is_active
        assert only.groups.get().name == "administrator"


def test_an_administrator_removes_a_lost_factor(boss, client):
    wes = desk.person(username="wes")
    desk.with_factor(wes)
    pages.press(boss, wes, "reset-factor")
    assert desk.sign_in(client).headers["Location"] == "/admin/"
    told = pages.text(boss.get(pages.page_of(wes).replace("change/", "history/")))
    assert "Second factor wes: Deleted" in told
