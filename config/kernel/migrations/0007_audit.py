"""The triggers that keep the history of master data, and what puts a table under them."""

from django.db import migrations

# Who acts, as told by `config.kernel.audit`; otherwise the program that is connected.
ACTOR = """
CREATE FUNCTION kernel_actor(OUT kind text, OUT id text, OUT label text) AS $$
DECLARE
  told text := current_setting('kapell.actor', true);
BEGIN
  IF told IS NULL OR told = '' THEN
    kind := 'system'; id := ''; label := current_setting('application_name');
  ELSE
    kind := told::jsonb ->> 'kind'; id := told::jsonb ->> 'id'; label := told::jsonb ->> 'label';
  END IF;
END $$ LANGUAGE plpgsql STABLE
"""

# What a row is called: a column, or `column>table.column` for what it points to.
LABEL = """
CREATE FUNCTION kernel_label(line jsonb, label text) RETURNS text AS $$
DECLARE
  way text[]; found text;
BEGIN
  IF position('>' IN label) = 0 THEN
    RETURN coalesce(line ->> label, '');
  END IF;
  way := regexp_split_to_array(label, '[>.]');
  EXECUTE format('SELECT %I FROM %I WHERE id::text = $1', way[3], way[2])
    INTO found USING line ->> way[1];
  RETURN coalesce(found, '');
END $$ LANGUAGE plpgsql STABLE
"""

# Arguments of the three: model, label, subject, its column, columns left out, columns never shown.
MADE = """
CREATE FUNCTION kernel_note_made() RETURNS trigger AS $$
DECLARE
  who record;
BEGIN
  who := kernel_actor();
  INSERT INTO kernel_change (model, object_id, subject, subject_id, label, action, changes,
                             actor_kind, actor_id, actor_label)
  SELECT TG_ARGV[0], line ->> 'id', TG_ARGV[2], line ->> TG_ARGV[3],
         kernel_label(line, TG_ARGV[1]), 'created', '{}', who.kind, who.id, who.label
  FROM (SELECT to_jsonb(made) AS line FROM made) lines;
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""

CHANGED = """
CREATE FUNCTION kernel_note_changed() RETURNS trigger AS $$
DECLARE
  before jsonb := to_jsonb(OLD) - TG_ARGV[4]::text[];
  after jsonb := to_jsonb(NEW) - TG_ARGV[4]::text[];
  found jsonb;
  who record;
BEGIN
  IF before = after THEN
    RETURN NULL;
  END IF;
  SELECT jsonb_object_agg(was.key, CASE WHEN was.key = ANY (TG_ARGV[5]::text[]) THEN '[]'::jsonb
                                        ELSE jsonb_build_array(was.value, after -> was.key) END)
    INTO found FROM jsonb_each(before) was WHERE was.value IS DISTINCT FROM after -> was.key;
  who := kernel_actor();
  INSERT INTO kernel_change (model, object_id, subject, subject_id, label, action, changes,
                             actor_kind, actor_id, actor_label)
  VALUES (TG_ARGV[0], NEW.id::text, TG_ARGV[2], to_jsonb(NEW) ->> TG_ARGV[3],
          kernel_label(to_jsonb(NEW), TG_ARGV[1]), 'changed', found, who.kind, who.id, who.label);
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""

GONE = """
CREATE FUNCTION kernel_note_gone() RETURNS trigger AS $$
DECLARE
  line jsonb := to_jsonb(OLD);
  found jsonb;
  who record;
BEGIN
  SELECT coalesce(jsonb_object_agg(was.key, jsonb_build_array(was.value, NULL)), '{}')
    INTO found FROM jsonb_each(line - TG_ARGV[4]::text[] - TG_ARGV[5]::text[]) was
    WHERE was.value NOT IN ('null', '""', '[]', '{}');
  who := kernel_actor();
  INSERT INTO kernel_change (model, object_id, subject, subject_id, label, action, changes,
                             actor_kind, actor_id, actor_label)
  VALUES (TG_ARGV[0], OLD.id::text, TG_ARGV[2], line ->> TG_ARGV[3],
          kernel_label(line, TG_ARGV[1]), 'deleted', found, who.kind, who.id, who.label);
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""

# Arguments: model, label and column of the owner; field, label and column of the member.
MEMBER = """
CREATE FUNCTION kernel_note_member() RETURNS trigger AS $$
DECLARE
  line jsonb := CASE WHEN TG_OP = 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
  name jsonb := to_jsonb(kernel_label(line, TG_ARGV[4]));
  pair jsonb := CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_array(NULL, name)
                     ELSE jsonb_build_array(name, NULL) END;
  who record;
BEGIN
  who := kernel_actor();
  INSERT INTO kernel_change (model, object_id, subject, subject_id, label, action, changes,
                             actor_kind, actor_id, actor_label)
  VALUES (TG_ARGV[0], line ->> TG_ARGV[2], TG_ARGV[0], line ->> TG_ARGV[2],
          kernel_label(line, TG_ARGV[1]), 'changed', jsonb_build_object(TG_ARGV[3], pair),
          who.kind, who.id, who.label);
  RETURN NULL;
END $$ LANGUAGE plpgsql
"""

AUDIT = """
CREATE FUNCTION kernel_audit(
  audited regclass, model text, label text DEFAULT '', subject text DEFAULT NULL,
  subject_column text DEFAULT 'id', left_out text[] DEFAULT '{}', hidden text[] DEFAULT '{}',
  creations boolean DEFAULT true
) RETURNS void AS $$
DECLARE
  arguments text := format('%L, %L, %L, %L, %L, %L', model, label, coalesce(subject, model),
    subject_column, left_out || '{id,version,created_at,updated_at}'::text[], hidden);
BEGIN
  IF creations THEN
    EXECUTE format('CREATE TRIGGER kapell_made AFTER INSERT ON %s REFERENCING NEW TABLE AS made '
      'FOR EACH STATEMENT EXECUTE FUNCTION kernel_note_made(%s)', audited, arguments);
  END IF;
  EXECUTE format('CREATE TRIGGER kapell_changed AFTER UPDATE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION kernel_note_changed(%s)', audited, arguments);
  EXECUTE format('CREATE TRIGGER kapell_gone AFTER DELETE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION kernel_note_gone(%s)', audited, arguments);
END $$ LANGUAGE plpgsql
"""

AUDIT_MEMBERS = """
CREATE FUNCTION kernel_audit_members(
  audited regclass, model text, label text, owner text, field text, member text
) RETURNS void AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER kapell_member AFTER INSERT OR DELETE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION kernel_note_member(%L, %L, %L, %L, %L)',
    audited, model, label, owner, field, member);
END $$ LANGUAGE plpgsql
"""

TABLES = [
    "SELECT kernel_audit('kernel_legalentity', 'kernel.legalentity', label => 'name')",
    "SELECT kernel_audit('kernel_channel', 'kernel.channel', label => 'name')",
    "SELECT kernel_audit('kernel_apikey', 'kernel.apikey', label => 'name', "
    "left_out => '{digest,last_used_at}')",
    "SELECT kernel_audit('kernel_user', 'kernel.user', label => 'username', "
    "left_out => '{last_login,date_joined}', hidden => '{password}')",
    "SELECT kernel_audit_members('kernel_user_groups', 'kernel.user', "
    "'user_id>kernel_user.username', 'user_id', 'groups', 'group_id>auth_group.name')",
    "SELECT kernel_audit_members('kernel_user_channels', 'kernel.user', "
    "'user_id>kernel_user.username', 'user_id', 'channels', 'channel_id>kernel_channel.name')",
]


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_changes")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (
            ACTOR, LABEL, MADE, CHANGED, GONE, MEMBER, AUDIT, AUDIT_MEMBERS, *TABLES
        )
    ]  # fmt: skip
