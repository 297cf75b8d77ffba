"""Foreign keys and migrations point down the arrow, never up."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field

from tests.architecture.code import LAYERS

OURS = [config for config in apps.get_app_configs() if config.label in LAYERS]
FRAMEWORK = {"auth", "contenttypes"}


def relations():
    return [
        field
        for config in OURS
        for model in config.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, Field) and field.is_relation and field.remote_field
    ]


@pytest.mark.parametrize("field", relations(), ids=str)
def test_a_relation_stays_in_its_app_or_points_down(field):
    own = field.model._meta.app_label
    other = field.related_model._meta.app_label
    assert other == own or other in FRAMEWORK or LAYERS[other] < LAYERS[own]


@pytest.mark.parametrize("field", relations(), ids=str)
def test_across_apps_a_lower_model_grows_no_upward_attribute(field):
    own = field.model._meta.app_label
    other = field.related_model._meta.app_label
    if other != own and other not in FRAMEWORK:
        assert field.remote_field.hidden or field.model._meta.auto_created


@pytest.fixture(scope="module")
def loader():
    return MigrationLoader(None)


def test_migrations_depend_down_the_arrow(loader):
    wrong = [
        f"{app}.{name} → {on[0]}.{on[1]}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in LAYERS
        for on in migration.dependencies
        if on[0] in LAYERS and on[0] != app and LAYERS[on[0]] >= LAYERS[app]
    ]
    assert wrong == []


@pytest.mark.parametrize("app", sorted(LAYERS))
def test_an_apps_migrations_end_in_one(loader, app):
    assert len(loader.graph.leaf_nodes(app)) <= 1


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
