"""The numbers of orders, and room on the pages of what changes often."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE orders_order_number START 100001",
            "DROP SEQUENCE orders_order_number",
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_order SET (fillfactor = 85)",
            "ALTER TABLE orders_order RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_orderline SET (fillfactor = 85)",
            "ALTER TABLE orders_orderline RESET (fillfactor)",
        ),
    ]
