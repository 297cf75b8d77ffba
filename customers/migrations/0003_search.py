"""Finds customers by the beginning of a name without reading them all."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_initial")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("company"), name="text_pattern_ops"
                ),
                condition=models.Q(("company", ""), _negated=True),
                name="customer_company",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="text_pattern_ops"
                ),
                condition=models.Q(("name", ""), _negated=True),
                name="customer_name",
            ),
        ),
    ]
