"""Payments, what the provider said of them, refunds, and the provider's webhooks."""

from __future__ import annotations

from typing import Final

# What was given back: everything of a cancelled order, now and then something else.
REFUNDED: Final = """CASE WHEN c.stage = 'cancelled' THEN c.subtotal - c.discount
    WHEN c.stage IN ('completed', 'archived') AND mod(c.n, 40) = 3 THEN (c.subtotal - c.discount) / 4 ELSE 0 END"""
PAYMENTS: Final = f"""
    INSERT INTO payments_payment (id, order_id, cart_id, checkout_session_id, customer_id, amount, currency, method_token, status,
        captured_amount, refunded_amount, intent_id, failure_reason, message, capture_requested, asked, asked_since, ask_again_at,
        last_error, requested_at, authorized_at, closed_at, capture_asked_at)
    SELECT payment_id, order_id, cart_id, session_id, customer_id, subtotal - discount, 'EUR', 'pm_card_visa', payment_state,
           CASE payment_state WHEN 'SUCCEEDED' THEN subtotal - discount ELSE 0 END, {REFUNDED},
           CASE payment_state WHEN 'UNKNOWN' THEN '' ELSE 'pi_past_' || n END,
           CASE payment_state WHEN 'FAILED' THEN 'CARD_DECLINED' ELSE '' END,
           CASE payment_state WHEN 'FAILED' THEN 'Your card was declined.' ELSE '' END, payment_state = 'SUCCEEDED',
           CASE payment_state WHEN 'UNKNOWN' THEN 3 ELSE 1 END, CASE payment_state WHEN 'UNKNOWN' THEN at END,
           CASE payment_state WHEN 'UNKNOWN' THEN now() + interval '1 day' END,
           CASE payment_state WHEN 'UNKNOWN' THEN 'Timeout: the provider did not answer' ELSE '' END, at + interval '1 s',
           CASE WHEN payment_state IN ('AUTHORIZED', 'SUCCEEDED') THEN at + interval '2 s' END,
           CASE WHEN payment_state IN ('SUCCEEDED', 'FAILED', 'VOIDED') THEN at + interval '4 s' END,
           CASE payment_state WHEN 'SUCCEEDED' THEN at + interval '4 s' END
    FROM past_case c ORDER BY n
"""
INTENTS: Final = """
    INSERT INTO payments_paymentauthorization (id, provider_intent_id, status, amount, currency, captured_amount, capture_before,
        created_at, updated_at, payment_id)
    SELECT pg_temp.id_at(at), 'pi_past_' || n,
           CASE payment_state WHEN 'SUCCEEDED' THEN 'CAPTURED' WHEN 'AUTHORIZED' THEN 'HELD' WHEN 'VOIDED' THEN 'RELEASED'
                ELSE 'DECLINED' END,
           subtotal - discount, 'EUR', CASE payment_state WHEN 'SUCCEEDED' THEN subtotal - discount ELSE 0 END,
           GREATEST(at, now()) + interval '6 days', at + interval '2 s', at + interval '4 s', payment_id
    FROM past_case WHERE payment_state <> 'UNKNOWN' ORDER BY n
"""
VERDICTS: Final = """
    INSERT INTO payments_fraudcheck (payment_id, verdict, score, checked_at)
    SELECT payment_id, 'pass', 0.1, at + interval '2 s' FROM past_case
"""
CALLS: Final = """
    INSERT INTO payments_providercall (payment_id, operation, idempotency_key, outcome, detail, milliseconds, recorded_at)
    SELECT payment_id, 'authorize', 'past-' || n, CASE payment_state WHEN 'UNKNOWN' THEN 'unknown' ELSE 'ok' END, '', 180,
           at + interval '2 s'
    FROM past_case
"""
REFUNDS: Final = f"""
    INSERT INTO payments_refund (id, amount, currency, status, reason, provider_refund_id, requested_by, requested_at, closed_at,
        payment_id, kind)
    SELECT pg_temp.id_at(ended_at), amount, 'EUR', 'PROCESSED', 'Asked for by the customer', 're_past_' || n, 'staff:past',
        ended_at,
           ended_at + interval '1 minute', payment_id, CASE stage WHEN 'cancelled' THEN 'ORDER_CANCELLED' ELSE 'GOODWILL' END
    FROM (SELECT c.*, {REFUNDED} AS amount FROM past_case c) c WHERE amount > 0 ORDER BY n
"""
# The tenth part, so that they fit whatever else was given back.
UNDECIDED_REFUNDS: Final = """
    INSERT INTO payments_refund (id, amount, currency, status, reason, requested_by, requested_at, closed_at, payment_id, kind,
        needs_approval, error)
    SELECT pg_temp.id_at(ended_at), GREATEST((subtotal - discount) / 10, 1), 'EUR', status, 'Goodwill after a complaint',
        'staff:past',
           ended_at, CASE status WHEN 'FAILED' THEN ended_at END, payment_id, 'GOODWILL', status = 'REQUESTED',
           CASE status WHEN 'FAILED' THEN 'The card is closed.' ELSE '' END
    FROM (SELECT *, CASE WHEN mod(n / %(stage_count)s, 2) = 0 THEN 'REQUESTED' ELSE 'FAILED' END AS status FROM past_case
          WHERE stage = 'completed' AND (n > %(cases)s - %(open_cases)s OR mod(n, 3000) IN (77, 78))) c ORDER BY n
"""
WEBHOOKS: Final = """
    INSERT INTO payments_webhookevent (id, provider, event_id, type, body, received_at, status, attempts, did, worked_at)
    SELECT pg_temp.id_at(at + interval '5 s'), 'stripe', 'evt_past_' || n,
           CASE payment_state WHEN 'SUCCEEDED' THEN 'payment_intent.succeeded' WHEN 'FAILED' THEN 'payment_intent.payment_failed'
                ELSE 'payment_intent.amount_capturable_updated' END,
           convert_to('{"id": "evt_past_' || n || '", "object": {"id": "pi_past_' || n || '"}}', 'UTF8'), at + interval '5 s',
           status, 1, CASE status WHEN 'PARKED' THEN 'We know nothing of this intent.' WHEN 'IGNORED' THEN 'We knew it already.'
                      ELSE 'The payment was brought up to date.' END, at + interval '6 s'
    FROM (SELECT *, CASE WHEN mod(n, 5000) = 11 OR n = %(cases)s THEN 'PARKED' WHEN mod(n, 4) = 0 THEN 'IGNORED' ELSE 'APPLIED'
        END
                    AS status
          FROM past_case WHERE payment_state <> 'UNKNOWN') c ORDER BY n
"""
PARTS: Final = (
    ("payments", (PAYMENTS, INTENTS, VERDICTS, CALLS)),
    ("refunds", (REFUNDS, UNDECIDED_REFUNDS)),
    ("webhooks", (WEBHOOKS,)),
)
TABLES: Final = (
    "payments_payment", "payments_paymentauthorization", "payments_fraudcheck", "payments_providercall", "payments_refund",
    "payments_webhookevent",
)  # fmt: skip
