"""The history of customers; that one came is told by the order that brought it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_search"), ("kernel", "0007_audit")]

    operations = [
        migrations.RunSQL(
            "SELECT kernel_audit('customers_customer', 'customers.customer', "
            "left_out => '{email_key,vat_number_valid}', creations => false)",
            migrations.RunSQL.noop,
        ),
    ]
