"""Roles come from a table in code and can be written as often as one likes."""

import pytest
from django.contrib.auth.models import Group, Permission

from config.kernel import roles
from tests.factories.kernel import UserFactory

pytestmark = pytest.mark.django_db


def person(role):
    user = UserFactory.create()
    user.groups.add(Group.objects.get(name=role))
    return user


def test_every_permission_of_the_table_exists_and_each_role_gets_exactly_its_own():
    roles.sync()
    for role in set(roles.ROLES) - {"administrator"}:
        assert person(role).get_all_permissions() == set(roles.ROLES[role])


def test_the_administrator_may_do_everything():
    roles.sync()
    group = Group.objects.get(name="administrator")
    assert group.permissions.count() == Permission.objects.count()


def test_syncing_again_restores_the_table_and_leaves_other_groups_alone():
    roles.sync()
    own = Group.objects.create(name="night shift")
    own.permissions.set(Permission.objects.all()[:3])
    sales = Group.objects.get(name="sales")
    before = set(sales.permissions.all())
    sales.permissions.clear()

    roles.sync()

    assert set(sales.permissions.all()) == before
    assert own.permissions.count() == 3
    assert Group.objects.count() == len(roles.ROLES) + 1


def test_an_unknown_permission_is_named_and_nothing_is_written(monkeypatch):
    monkeypatch.setattr(roles, "ROLES", {"sales": ("orders.fly_order", "orders.view_order")})
    with pytest.raises(roles.UnknownPermission, match=r"orders\.fly_order$"):
        roles.sync()
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("sales", "orders.cancel_order", "inventory.change_stocklevel"),
        ("sales", "customers.merge_customer", "kernel.add_apikey"),
        ("warehouse", "inventory.change_stocklevel", "orders.cancel_order"),
        ("warehouse", "orders.hold_order", "inventory.repair_stockdifference"),
        ("finance", "orders.release_hold", "orders.cancel_order"),
        ("manager", "inventory.repair_stockdifference", "kernel.change_user"),
        ("administrator", "kernel.add_apikey", "kernel.fly_apikey"),
    ],
)
def test_a_role_may_do_its_work_and_no_more(role, may, may_not):
    roles.sync()
    user = person(role)
    assert user.has_perm(may)
    assert not user.has_perm(may_not)


def test_what_the_apps_allow_apart_is_allowed_to_somebody() -> None:
    usual = ("add_", "change_", "delete_", "view_")
    apart = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
        if app in {"kernel", "customers", "inventory", "orders", "fulfillment"}
        and not codename.startswith(usual)
    }
    given = {name for names in roles.ROLES.values() for name in names}
    assert apart
    assert apart <= given
