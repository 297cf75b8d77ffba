"""The history of what channels' SKUs mean."""

from django.db import migrations

TABLES = [
    "SELECT kernel_audit('orders_productmapping', 'orders.productmapping', label => 'sku', "
    "left_out => '{sku_key,went_on,waits}')",
    "SELECT kernel_audit('orders_mappedproduct', 'orders.mappedproduct', "
    "label => 'product_id>inventory_product.sku', subject => 'orders.productmapping', "
    "subject_column => 'mapping_id', left_out => '{position}')",
]


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_product_mappings"),
        ("inventory", "0003_storage"),
        ("kernel", "0007_audit"),
    ]

    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in TABLES]
