"""The history of roles: one line for all the permissions that a statement gives or takes."""

from django.db import migrations

NOTE = """
INSERT INTO kernel_change (model, object_id, subject, subject_id, label, action, changes,
                           actor_kind, actor_id, actor_label)
SELECT 'auth.group', g.id::text, 'auth.group', g.id::text, g.name, 'changed',
       jsonb_build_object('permissions', {pair}), who.kind, who.id, who.label
FROM {rows} line
JOIN auth_permission p ON p.id = line.permission_id JOIN auth_group g ON g.id = line.group_id,
  kernel_actor() who
GROUP BY g.id, g.name, who.kind, who.id, who.label
"""
NAMES = "string_agg(p.name, ', ' ORDER BY p.name)"


def function(name: str, rows: str, pair: str) -> str:
    """Return a trigger function that notes what a statement did to the permissions of roles."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN "
        f"{NOTE.format(rows=rows, pair=pair)}; RETURN NULL; END $$ LANGUAGE plpgsql"
    )


GIVEN = function("people_note_given", "made", f"jsonb_build_array(NULL, {NAMES})")
TAKEN = function("people_note_taken", "gone", f"jsonb_build_array({NAMES}, NULL)")
TRIGGERS = [
    "CREATE TRIGGER kapell_given AFTER INSERT ON auth_group_permissions "
    "REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION people_note_given()",
    "CREATE TRIGGER kapell_taken AFTER DELETE ON auth_group_permissions "
    "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION people_note_taken()",
    "SELECT kernel_audit('auth_group', 'auth.group', label => 'name')",
]


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_audit"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (GIVEN, TAKEN, *TRIGGERS)
    ]
