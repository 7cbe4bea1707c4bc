"""What the database knows about reviews that are to be screened: three statements however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from reviews.screening.draft import Background, Report, Twin
from reviews.screening.models import DenyWord
from reviews.screening.states import Severity
from reviews.screening.wording import Lexicon, Word
from shop.messaging.sets import fetch_rows

# Each count stops where it would change nothing any more.
AUTHORS: Final = """
    SELECT r.id,
        EXISTS (SELECT 1 FROM reviews_purchase p WHERE p.customer_id = r.customer_id AND p.product_id = r.product_id),
        (SELECT count(*) FROM (SELECT 1 FROM reviews_review o WHERE o.customer_id = r.customer_id AND o.id <> r.id
            AND o.state IN ('PUBLISHED', 'FLAGGED') LIMIT 100) AS published),
        (SELECT count(*) FROM (SELECT 1 FROM reviews_review o WHERE o.customer_id = r.customer_id AND o.id <> r.id
            AND o.state = 'REJECTED' LIMIT 10) AS rejected),
        (SELECT count(*) FROM (SELECT 1 FROM reviews_review o WHERE o.customer_id = r.customer_id AND o.id <> r.id
            AND o.submitted_at BETWEEN r.submitted_at - interval '1 hour' AND r.submitted_at LIMIT 100) AS recent)
    FROM reviews_review r WHERE r.id = ANY(%s)
"""
# Compared with a bounded choice of earlier reviews: the same text anywhere, the author's latest, the product's latest, and what
# was rejected last. Nobody is held to be the copy of what came later.
TWINS: Final = """
    SELECT r.id, t.id, t.near, t.own, t.rejected
    FROM reviews_review r CROSS JOIN LATERAL (
        SELECT c.id, similarity(c.essence, r.essence) AS near, COALESCE(c.customer_id = r.customer_id, false) AS own,
               c.state = 'REJECTED' AS rejected
        FROM (
            (SELECT * FROM reviews_review WHERE text_hash = r.text_hash AND text_hash <> '' LIMIT 10)
            UNION
            (SELECT * FROM reviews_review WHERE customer_id = r.customer_id ORDER BY submitted_at DESC LIMIT 20)
            UNION
            (SELECT * FROM reviews_review WHERE product_id = r.product_id ORDER BY submitted_at DESC LIMIT 50)
            UNION
            (SELECT * FROM reviews_review WHERE state = 'REJECTED' ORDER BY decided_at DESC LIMIT 50)
        ) c
        WHERE c.id <> r.id AND c.essence <> '' AND (c.submitted_at, c.id) < (r.submitted_at, r.id)
        ORDER BY near DESC LIMIT 5
    ) t
    WHERE r.id = ANY(%s) AND r.essence <> '' AND t.near >= 0.6
"""
# A report is doubtful whose author has raised three that did not hold, and none that did.
FLAGS: Final = """
    SELECT f.review_id, f.reason,
        (SELECT count(*) FROM (SELECT 1 FROM reviews_reviewflag o WHERE o.flagged_by = f.flagged_by AND o.outcome = 'DISMISSED'
            LIMIT 3) AS dismissed) >= 3
        AND NOT EXISTS (SELECT 1 FROM reviews_reviewflag o WHERE o.flagged_by = f.flagged_by AND o.outcome = 'UPHELD')
    FROM reviews_reviewflag f WHERE f.review_id = ANY(%s) AND f.outcome = 'OPEN' ORDER BY f.id
"""
MOST_FLAGS: Final = 20


def backgrounds(ids: Collection[UUID]) -> dict[UUID, Background]:
    """What is known of each of these reviews beside its text."""
    twins: dict[UUID, list[Twin]] = defaultdict(list)
    for review_id, other, near, own, rejected in fetch_rows(TWINS, [list(ids)]):
        twins[review_id].append(Twin(str(other), float(near), own, rejected))
    reports: dict[UUID, list[Report]] = defaultdict(list)
    for review_id, reason, doubtful in fetch_rows(FLAGS, [list(ids)]):
        reports[review_id].append(Report(reason, doubtful))
    return {
        review_id: Background(
            verified, published, rejected, recent, tuple(twins[review_id]), tuple(reports[review_id][:MOST_FLAGS])
        )
        for review_id, verified, published, rejected, recent in fetch_rows(AUTHORS, [list(ids)])
    }


def lexicon() -> Lexicon:
    """The deny words as they are now."""
    rows: Any = DenyWord.objects.values_list("word", "category", "severity")
    return Lexicon.of(Word(text, category, severity == Severity.SEVERE) for text, category, severity in rows)
