"""The history of second factors and of who must have one; never their keys."""

from django.db import migrations

TABLES = [
    "SELECT kernel_audit('people_secondfactor', 'people.secondfactor', "
    "label => 'user_id>kernel_user.username', subject => 'kernel.user', "
    "subject_column => 'user_id', left_out => '{sealed,last_step,user_id}')",
    "SELECT kernel_audit('people_requiredrole', 'people.requiredrole', "
    "label => 'group_id>auth_group.name')",
]


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("kernel", "0007_audit")]

    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in TABLES]
