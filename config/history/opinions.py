"""Reviews of what was bought, decisions about them, flags, and ratings; and the words that screening looks for."""

from __future__ import annotations

from typing import Final

REVIEW: Final = """
    CREATE TEMP TABLE past_review (k int, id uuid, product_id uuid, customer_id uuid, rating int, at timestamptz, state text)
    ON COMMIT DROP
"""
# The newest one of a hundred still waits.
WRITTEN: Final = """
    INSERT INTO past_review
    SELECT k, pg_temp.id_at(at), product_id, customer_id, 1 + floor(5 * sqrt(pg_temp.chance(k, 601)))::int, at,
           CASE WHEN back <= 3 + total / 100 THEN 'QUEUED' WHEN mod(k, 200) = 5 OR back = 4 + total / 100 THEN 'FLAGGED'
                WHEN mod(k, 30) = 7 OR back = 5 + total / 100 THEN 'REJECTED' ELSE 'PUBLISHED' END
    FROM (SELECT *, row_number() OVER (ORDER BY at) AS k, row_number() OVER (ORDER BY at DESC) AS back, count(*) OVER () AS total
          FROM (SELECT DISTINCT ON (c.customer_id, t.id) c.customer_id, t.id AS product_id, c.ended_at AS at
                FROM past_case c JOIN past_product t ON t.p = c.p1
                WHERE c.stage IN ('completed', 'archived') AND NOT c.erased AND pg_temp.chance(c.n, 602) < 0.25
                ORDER BY c.customer_id, t.id, c.ended_at) d) r
    ORDER BY k
"""
REVIEWS: Final = """
    INSERT INTO reviews_review (id, product_id, customer_id, rating, title, body, state, verified, score, counted, flag_count,
        submitted_at, waiting_since, decided_at, published_at, updated_at)
    SELECT id, product_id, customer_id, rating, 'Review ' || k, repeat('It works well. ', 1 + mod(k, 12)::int), state, true, 0,
           state IN ('PUBLISHED', 'FLAGGED'), CASE state WHEN 'FLAGGED' THEN 1 ELSE 0 END, at,
           CASE WHEN state IN ('QUEUED', 'FLAGGED') THEN at END, at, CASE WHEN state IN ('PUBLISHED', 'FLAGGED') THEN at END,
           at - interval '5 minutes'
    FROM past_review ORDER BY k
"""
FIRST_DECISIONS: Final = """
    INSERT INTO reviews_moderationdecision (verdict, state_before, state_after, score, signals, decided_by, by_person, decided_at,
        review_id)
    SELECT CASE WHEN state IN ('QUEUED', 'REJECTED') THEN 'QUEUE' ELSE 'PUBLISH' END, 'SUBMITTED',
           CASE WHEN state IN ('QUEUED', 'REJECTED') THEN 'QUEUED' ELSE 'PUBLISHED' END, 0, '[]', 'system:screening', false, at,
           id
    FROM past_review ORDER BY k
"""
# Some of what a person decides is taken back, and decided again.
VERDICTS: Final = """
    INSERT INTO reviews_moderationdecision (verdict, state_before, state_after, reason, signals, decided_by, by_person,
        decided_at,
        review_id)
    SELECT 'REJECT', 'QUEUED', 'REJECTED', 'spam', '[]', 'staff:past', true, at + interval '1 hour', id
    FROM past_review WHERE state = 'REJECTED' ORDER BY k
"""
TAKEN_BACK: Final = """
    INSERT INTO reviews_moderationdecision (verdict, state_before, state_after, reason, signals, decided_by, by_person,
        decided_at,
        review_id, undoes_id)
    SELECT 'UNDO', 'REJECTED', 'QUEUED', '', '[]', 'staff:past', true, d.decided_at + interval '5 s', d.review_id, d.id
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS nr FROM reviews_moderationdecision
          WHERE verdict = 'REJECT' AND decided_by = 'staff:past') d
    WHERE mod(nr, 9) = 1 ORDER BY d.id
"""
AND_AGAIN: Final = """
    INSERT INTO reviews_moderationdecision (verdict, state_before, state_after, reason, signals, decided_by, by_person,
        decided_at,
        review_id)
    SELECT 'REJECT', 'QUEUED', 'REJECTED', 'abuse', '[]', 'staff:past', true, d.decided_at + interval '9 s', d.review_id
    FROM reviews_moderationdecision d WHERE d.verdict = 'UNDO' AND d.decided_by = 'staff:past' ORDER BY d.id
"""
FLAGS: Final = """
    INSERT INTO reviews_reviewflag (flagged_by, reason, flagged_at, review_id)
    SELECT (SELECT id FROM past_customer WHERE c = 1), 'spam', at, id FROM past_review WHERE state = 'FLAGGED'
"""
RATINGS: Final = """
    INSERT INTO reviews_ratingsummary (product_id, one, two, three, four, five)
    SELECT product_id, count(*) FILTER (WHERE rating = 1), count(*) FILTER (WHERE rating = 2), count(*) FILTER (WHERE rating = 3),
           count(*) FILTER (WHERE rating = 4), count(*) FILTER (WHERE rating = 5)
    FROM past_review WHERE state IN ('PUBLISHED', 'FLAGGED') GROUP BY product_id
"""
DENY_WORDS: Final = """
    INSERT INTO reviews_denyword (id, word, category, severity, added_by, added_at)
    SELECT pg_temp.id_at(now() - interval '300 days'), word, (ARRAY['spam', 'abuse', 'off_topic'])[1 + mod(k, 3)], 'SUSPECT',
           'staff:past', now() - interval '300 days'
    FROM (SELECT word, row_number() OVER (ORDER BY word)::int AS k
          FROM (SELECT DISTINCT lower(b) || 'ish' AS word FROM unnest(%(brands)s::text[]) b LIMIT 120) w) w
    ON CONFLICT DO NOTHING
"""
PARTS: Final = (
    ("reviews", (REVIEW, WRITTEN, "ANALYZE past_review", REVIEWS, FLAGS, RATINGS)),
    ("decisions", (FIRST_DECISIONS, VERDICTS, TAKEN_BACK, AND_AGAIN, DENY_WORDS)),
)
TABLES: Final = (
    "reviews_review",
    "reviews_moderationdecision",
    "reviews_reviewflag",
    "reviews_ratingsummary",
    "reviews_denyword",
)
