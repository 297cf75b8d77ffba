"""Wants the table of orders for itself for a moment."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE orders_order ADD COLUMN late integer",
            "ALTER TABLE orders_order DROP COLUMN late",
        )
    ]
