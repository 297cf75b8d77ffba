"""A place for backups of the tests' own, and what restores leave behind taken away again."""

import pytest
from django.db import connection

from config.kernel import installation
from config.kernel.models import Installation
from config.operations.restores import swapping
from tests.local.conftest import clean_environment, home_folder

__all__ = ["clean_environment", "home_folder"]


@pytest.fixture
def folders(settings, tmp_path):
    """Backups, pictures and private files below the test's folder."""
    settings.BACKUPS_FOLDER = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_ROOT = tmp_path / "private"
    (tmp_path / "media/products").mkdir(parents=True)
    (tmp_path / "media/products/mug.png").write_bytes(b"a mug")
    return tmp_path


@pytest.fixture
def swappable(transactional_db):  # noqa: ARG001 - databases are swapped whole
    """The test database may be restored; those set aside are dropped afterwards."""
    yield
    for name in swapping.former_databases(connection.settings_dict["NAME"]):
        swapping.drop_database(name)
    Installation.objects.all().delete()
    installation.settle()
