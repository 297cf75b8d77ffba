"""Room on the pages of the counters for heap-only updates, and the numbers of transfers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_stocklevel SET (fillfactor = 70)",
            "ALTER TABLE inventory_stocklevel RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_binstock SET (fillfactor = 70)",
            "ALTER TABLE inventory_binstock RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE inventory_transfer_number START 1001",
            "DROP SEQUENCE inventory_transfer_number",
        ),
    ]
