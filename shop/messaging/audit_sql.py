"""The functions behind the audit trail's triggers, as migrations make them."""

from __future__ import annotations

from typing import Final

from shop.messaging.audited import FUNCTION, MASK

APPEND_ONLY: Final = ("messaging_operatoraction", "messaging_objectchange")
YOUNGEST_PRUNED_DAYS: Final = 30  # nothing younger goes, whatever the retention says

# Arguments: the column with the id of the thing, then ignored and secret columns, each list with commas.
# An application that has not said who acts has set shop.watch all the same; whoever has not is not the application.
RECORD: Final = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ignored text[] := string_to_array(TG_ARGV[1], ',');
    secret text[] := string_to_array(TG_ARGV[2], ',');
    mask jsonb := to_jsonb('{MASK}'::text);
    said text := current_setting('shop.acting', true);
    who jsonb := CASE WHEN said LIKE '{{%' THEN said::jsonb ELSE '{{}}' END;
    was jsonb := '{{}}';
    becomes jsonb := '{{}}';
    old_values jsonb;
    new_values jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN becomes := to_jsonb(NEW) - ignored; END IF;
    IF was = becomes THEN RETURN NULL; END IF;
    SELECT coalesce(jsonb_object_agg(w.key, CASE WHEN w.key = ANY (secret) THEN mask ELSE w.value END), '{{}}')
        INTO old_values FROM jsonb_each(was) w WHERE becomes -> w.key IS DISTINCT FROM w.value;
    SELECT coalesce(jsonb_object_agg(b.key, CASE WHEN b.key = ANY (secret) THEN mask ELSE b.value END), '{{}}')
        INTO new_values FROM jsonb_each(becomes) b WHERE was -> b.key IS DISTINCT FROM b.value;
    INSERT INTO messaging_objectchange (at, table_name, object_id, operation, actor, via, verb, reason, before, after,
                                        correlation_id, request_id, transaction_id)
    VALUES (statement_timestamp(), TG_TABLE_NAME,
            left(coalesce(becomes ->> TG_ARGV[0], was ->> TG_ARGV[0], ''), 64), lower(TG_OP),
            left(coalesce(nullif(who ->> 'actor', ''),
                          CASE WHEN current_setting('shop.watch', true) IN ('on', 'off') THEN 'system'
                               ELSE 'database:' || session_user END), 120),
            left(current_setting('application_name'), 64), left(coalesce(who ->> 'verb', ''), 60),
            left(coalesce(who ->> 'reason', ''), 500), old_values, new_values,
            (who ->> 'correlation')::uuid, left(coalesce(who ->> 'request', ''), 64), pg_current_xact_id()::text::bigint);
    RETURN NULL;
END $$
"""

GUARD: Final = f"""
CREATE OR REPLACE FUNCTION shop_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    permit text := coalesce(current_setting('shop.audit_permit', true), '');
    text_only text[] := ARRAY['reason', 'before', 'after'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF permit = 'erase' AND to_jsonb(NEW) - text_only = to_jsonb(OLD) - text_only THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF permit = 'prune' AND OLD.at < now() - interval '{YOUNGEST_PRUNED_DAYS} days' THEN RETURN OLD; END IF;
    ELSIF permit = 'truncate' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation',
        HINT = 'Retention is pruned by manage.py prune_audit; a person is forgotten by erasing the customer.';
END $$
"""


def guards() -> list[str]:
    """The triggers that keep both tables append-only."""
    return [
        statement
        for table in APPEND_ONLY
        for statement in (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION shop_audit_guard()",
            f"CREATE TRIGGER not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION shop_audit_guard()",
        )
    ]
