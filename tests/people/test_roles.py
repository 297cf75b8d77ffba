"""Roles in the console: those of the house are fixed, the company's own are made and told."""

import pytest
from django.contrib.auth.models import Group, Permission

from tests.console import pages
from tests.factories.kernel import ChannelFactory

pytestmark = pytest.mark.django_db

ROLES = "/admin/auth/group/"


def test_a_company_makes_a_role_of_its_own(as_role):
    client = as_role("administrator")
    view = Permission.objects.get(codename="view_order")
    cancel = Permission.objects.get(codename="cancel_order")
    answer = client.post(f"{ROLES}add/", {"name": "Night shift", "permissions": [view.pk]})
    assert answer.status_code == 302, pages.text(answer)
    role = Group.objects.get(name="Night shift")
    client.post(pages.page_of(role), {"name": "Night shift", "permissions": [cancel.pk]})
    assert list(role.permissions.all()) == [cancel]
    told = pages.text(client.get(pages.page_of(role).replace("change/", "history/")))
    for part in ("May: – → Can view order", "May: Can view order → –", "Created"):
        assert part in told
    assert client.get(f"{pages.page_of(role)}").status_code == 200
    client.post(pages.page_of(role).replace("change/", "delete/"), {"post": "yes"})
    assert not Group.objects.filter(name="Night shift").exists()


def test_the_roles_of_the_house_are_read_only(as_role):
    client = as_role("administrator")
    role = Group.objects.get(name="sales")
    page = client.get(pages.page_of(role))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    before = set(role.permissions.values_list("pk", flat=True))
    assert client.post(pages.page_of(role), {"name": "sales", "permissions": []}).status_code == 403
    assert set(role.permissions.values_list("pk", flat=True)) == before
    address = pages.page_of(role).replace("change/", "delete/")
    assert client.post(address, {"post": "yes"}).status_code == 403
    listed = pages.text(client.get(ROLES))
    assert "Sales Built in" in listed


def test_a_role_somebody_has_stays(as_role):
    client = as_role("administrator")
    role = Group.objects.create(name="Night shift")
    client.user.groups.add(role)
    address = pages.page_of(role).replace("change/", "delete/")
    assert client.post(address, {"post": "yes"}).status_code == 403


def test_who_sees_a_part_only_makes_no_roles(as_role):
    client = as_role("administrator", channels=[ChannelFactory()])
    assert client.get(ROLES).status_code == 200
    assert client.get(f"{ROLES}add/").status_code == 403


@pytest.mark.parametrize("role", ["sales", "warehouse", "finance", "manager"])
def test_others_have_no_business_there(as_role, role):
    assert as_role(role).get(ROLES).status_code == 403
