"""The history of what is sold and where it lies; stock itself has its ledger."""

from django.db import migrations

OF_PRODUCT = "subject => 'inventory.product', subject_column => 'product_id'"
OF_WAREHOUSE = "subject => 'inventory.warehouse', subject_column => 'warehouse_id'"

TABLES = [
    "SELECT kernel_audit('inventory_supplier', 'inventory.supplier', label => 'name')",
    "SELECT kernel_audit('inventory_product', 'inventory.product', label => 'sku', "
    "left_out => '{sku_key}')",
    f"SELECT kernel_audit('inventory_barcode', 'inventory.barcode', label => 'code', {OF_PRODUCT})",
    f"SELECT kernel_audit('inventory_price', 'inventory.price', label => 'currency', {OF_PRODUCT})",
    "SELECT kernel_audit('inventory_reorderrule', 'inventory.reorderrule', "
    f"label => 'warehouse_id>inventory_warehouse.code', {OF_PRODUCT})",
    "SELECT kernel_audit('inventory_warehouse', 'inventory.warehouse', label => 'code')",
    f"SELECT kernel_audit('inventory_holiday', 'inventory.holiday', label => 'date', {OF_WAREHOUSE})",
    "SELECT kernel_audit('inventory_bin', 'inventory.bin', label => 'code')",
    "SELECT kernel_audit_members('inventory_warehouse_staff', 'kernel.user', "
    "'user_id>kernel_user.username', 'user_id', 'warehouses', "
    "'warehouse_id>inventory_warehouse.code')",
]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_storage"), ("kernel", "0007_audit")]

    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in TABLES]
