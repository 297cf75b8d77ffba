"""Puts the orders of a file that could not be read whole among the failed ones."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands, sql
from orders import states

# A file that is wrong throughout would bury everything else; its report is complete in any case.
MOST_OF_A_FILE = 500
CODE = "rows_refused"

KEEP = """
INSERT INTO orders_failedorder AS kept (id, channel_id, known_by, reference, digest, origin, status,
  code, cause, detail, faults, params, payload, is_whole, attempts, first_at, last_at, closed_by,
  reason)
SELECT gen_random_uuid(), run.channel_id, 'r:' || failed.reference, failed.reference,
  run.file_digest, %(origin)s::text, 'open', %(code)s::text, %(code)s || ' ' || failed.errors[1],
  run.file_name, failed.faults, jsonb_build_object('run', run.id, 'file', run.file_name), '', false,
  1, %(at)s::timestamptz, %(at)s::timestamptz, '', ''
FROM orders_importrun run CROSS JOIN LATERAL (
  SELECT reference, array_agg(error ORDER BY row_number) AS errors, jsonb_agg(jsonb_build_object(
      'row', row_number, 'code', error, 'path', coalesce(data ->> 'field', ''),
      'value', coalesce(data ->> 'value', '')) ORDER BY row_number) AS faults
  FROM orders_importrow
  WHERE run_id = run.id AND error NOT IN ('', 'rule') AND reference <> ''
  GROUP BY reference ORDER BY min(row_number) LIMIT %(most)s) failed
WHERE run.id = %(run)s
ON CONFLICT (channel_id, known_by) DO UPDATE SET status = 'open', closed_at = NULL, closed_by = '',
  reason = '', attempts = kept.attempts + 1, last_at = excluded.last_at, digest = excluded.digest,
  origin = excluded.origin, code = excluded.code, http_status = NULL, cause = excluded.cause,
  detail = excluded.detail, faults = excluded.faults, params = excluded.params, payload = '',
  is_whole = false
WHERE kept.digest <> excluded.digest
"""


@commands.command
def keep(*, run_id: UUID, is_history: bool, at: datetime) -> int:
    """Keep every order of a run with rows that could not be read or booked; return how many.

    The same file again changes nothing; at most so many of a file are kept, the first ones.
    """
    return sql.run(
        KEEP,
        {
            "run": run_id,
            "code": CODE,
            "origin": states.Origin.HISTORY if is_history else states.Origin.IMPORT,
            "most": MOST_OF_A_FILE,
            "at": at,
        },
    )
