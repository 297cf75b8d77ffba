"""D15: the machine is lost; from the backup's file alone everything goes on where it was."""

import json
import shutil

import pytest

from config.local import servers
from tests.local.conftest import python

pytestmark = [pytest.mark.slow, pytest.mark.flow]

FURNISH = """
from django.conf import settings
from django.core.management import call_command
settings.STATICFILES_DIRS = []
settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
call_command("furnish", administrator=True, demo=True, stdout=sys.stderr)
"""
# The old server's transactions get numbers the new one's will not reach for long.
BURN = """
from django.db import connection
connection.cursor().execute('''DO $$ BEGIN
  FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$''')
"""
MAKE_A_SHOP = """
key = io.StringIO()
call_command("create_channel", "WEB", scope=["all"], stdout=key, stderr=sys.stderr)
KEY = key.getvalue().splitlines()[-1]
call_command("import_stock", STOCK, warehouse="MAIN", stdout=sys.stderr)
"""
TALK = """
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
client = Client(headers={"Authorization": "Bearer " + KEY})
def place(reference):
    return client.post("/api/v1/orders/", json.dumps({
        "reference": reference, "currency": "GBP",
        "customer": {"reference": "1", "name": "Ann Example"},
        "shipping_address": {"name": "Ann Example", "line1": "1 High Street", "city": "London",
                             "postal_code": "SW1A 1AA", "country": "GB"},
        "lines": [{"sku": "MUG", "quantity": 1, "unit_price": "10.00", "tax_rate": "20.00"}],
    }), content_type="application/json").json()["number"]
numbers = [place(reference) for reference in REFERENCES]
feed = client.get("/api/v1/events/?limit=200").json()["results"]
books = io.StringIO()
call_command("reconcile", stdout=books)
print(json.dumps({"key": KEY, "numbers": numbers, "events": [event["id"] for event in feed],
                  "books": books.getvalue()}))
"""


class Machine:
    """A home and what is typed there."""

    def __init__(self, home_folder, environment):
        self.home = home_folder
        self.environment = {**environment, "KAPELL_ROLE": "command", "KAPELL_DEMO": "0"}

    def manage(self, *words):
        process = python("manage.py", *words, environment=self.environment)
        said, complaint = process.communicate(timeout=240)
        assert process.returncode == 0, complaint
        return said

    def run(self, *scripts, **facts):
        given = "".join(f"{name} = {value!r}\n" for name, value in facts.items())
        whole = "\n".join(["import io, json, sys", given, *scripts])
        return json.loads(self.manage("shell", "-v", "0", "-c", whole).splitlines()[-1])

    def wipe(self):
        servers.leave(self.home)
        shutil.rmtree(self.home)
        self.home.mkdir(mode=0o711)


@pytest.fixture
def machine(home_folder, clean_environment):
    servers.join(home_folder)  # keeps the servers up between the commands
    return Machine(home_folder, clean_environment)


def test_backup_wipe_restore_and_everything_goes_on(machine, tmp_path):
    stock = tmp_path / "stock.csv"
    stock.write_text("sku,quantity\nMUG,50\n")
    before = machine.run(
        FURNISH.replace("demo=True", "demo=False"), BURN, MAKE_A_SHOP, TALK,
        STOCK=str(stock), REFERENCES=["A-1", "A-2", "A-3"],
    )  # fmt: skip
    login = (machine.home / "secrets/staff_login").read_text()
    kept = shutil.copy(machine.manage("backup").split()[1], tmp_path)

    machine.wipe()
    servers.join(machine.home)
    said = machine.manage("restore", kept)
    after = machine.run(FURNISH, TALK, KEY=before["key"], REFERENCES=["A-4"])

    assert "no differences in the books of stock" in said
    assert after["books"] == "no differences\n"
    assert (machine.home / "secrets/staff_login").read_text() == login
    last, following = before["numbers"][-1], after["numbers"][0]
    assert int(following.removeprefix("SO-")) == int(last.removeprefix("SO-")) + 1
    assert after["events"][: len(before["events"])] == before["events"]
    assert len(after["events"]) == len(before["events"]) * 4 // 3
