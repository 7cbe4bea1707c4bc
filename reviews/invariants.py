"""What must always be true of reviews: states follow from decisions, ratings from reviews, numbers from rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shop.messaging.invariants import Violation
from shop.messaging.sets import fetch_rows

# Mail may be under way for this long before a rating that lacks a review is wrong.
BUDGET: Final = "interval '5 minutes'"

RULES: Final = (
    (
        "a rating is the sum of the reviews it counts",
        """
        SELECT COALESCE(s.product_id, r.product_id), concat_ws(' ', 'says', COALESCE(s.review_count, 0), 'reviews and',
               COALESCE(s.rating_sum, 0), 'stars, they are', COALESCE(r.reviews, 0), 'and', COALESCE(r.stars, 0))
        FROM reviews_ratingsummary s FULL JOIN (
            SELECT product_id, count(*) AS reviews, sum(rating) AS stars FROM reviews_review WHERE counted GROUP BY product_id
        ) r ON r.product_id = s.product_id
        WHERE COALESCE(s.review_count, 0) <> COALESCE(r.reviews, 0) OR COALESCE(s.rating_sum, 0) <> COALESCE(r.stars, 0)
        LIMIT 100
        """,
    ),
    (
        "a rating counts what can be seen and nothing else",
        f"""
        SELECT id, concat_ws(' ', 'is', state, CASE WHEN counted THEN 'and counted' ELSE 'and not counted' END)
        FROM reviews_review WHERE counted <> (state IN ('PUBLISHED', 'FLAGGED')) AND updated_at < now() - {BUDGET} LIMIT 100
        """,
    ),
    (
        "a decided review is as its last decision left it, or was flagged since",
        """
        SELECT r.id, concat_ws(' ', 'is', r.state, 'and was left', COALESCE(d.state_after, 'undecided'))
        FROM reviews_review r LEFT JOIN LATERAL (
            SELECT state_after FROM reviews_moderationdecision WHERE review_id = r.id ORDER BY id DESC LIMIT 1
        ) d ON true
        WHERE NOT (r.state = COALESCE(d.state_after, 'SUBMITTED')
                   OR (r.state = 'FLAGGED' AND r.flag_count > 0 AND d.state_after = 'PUBLISHED')) LIMIT 100
        """,
    ),
    (
        "decisions follow from one another",
        """
        SELECT review_id, concat_ws(' ', 'decision', id, 'began at', state_before, 'after', earlier) FROM (
            SELECT review_id, id, state_before, lag(state_after, 1, 'SUBMITTED') OVER w AS earlier
            FROM reviews_moderationdecision WINDOW w AS (PARTITION BY review_id ORDER BY id)
        ) d WHERE state_before <> earlier AND NOT (state_before = 'FLAGGED' AND earlier = 'PUBLISHED') LIMIT 100
        """,
    ),
    (
        "nothing is rejected by the machine without two kinds of evidence",
        """
        SELECT review_id, concat_ws(' ', 'decision', id) FROM reviews_moderationdecision
        WHERE verdict = 'REJECT' AND NOT by_person AND (
            SELECT count(DISTINCT s->>'kind') FROM jsonb_array_elements(signals) s WHERE (s->>'evidence')::bool) < 2 LIMIT 100
        """,
    ),
    (
        "open flags are as many as the review says, and only what can be seen has them",
        """
        SELECT r.id, concat_ws(' ', 'says', r.flag_count, 'open flags, there are', COALESCE(f.flags, 0)) FROM reviews_review r
        FULL JOIN (SELECT review_id, count(*) AS flags FROM reviews_reviewflag WHERE outcome = 'OPEN' GROUP BY review_id) f
          ON f.review_id = r.id
        WHERE r.flag_count <> COALESCE(f.flags, 0) OR (r.flag_count > 0 AND r.state NOT IN ('PUBLISHED', 'FLAGGED'))
           OR (r.state = 'FLAGGED' AND r.flag_count = 0) LIMIT 100
        """,
    ),
    (
        "helpful votes are as many as the review says",
        """
        SELECT r.id, concat_ws(' ', 'says', r.helpful_count, 'votes, there are', COALESCE(v.votes, 0)) FROM reviews_review r
        LEFT JOIN (SELECT review_id, count(*) AS votes FROM reviews_reviewvote GROUP BY review_id) v ON v.review_id = r.id
        WHERE r.helpful_count <> COALESCE(v.votes, 0) LIMIT 100
        """,
    ),
    (
        "a submitted review is screened in time",
        f"""
        SELECT id, concat_ws(' ', 'waits since', submitted_at) FROM reviews_review
        WHERE state = 'SUBMITTED' AND submitted_at < now() - {BUDGET} ORDER BY submitted_at LIMIT 100
        """,
    ),
)


def review_violations() -> Iterator[Violation]:
    """Whatever contradicts itself, at most 100 per rule."""
    for rule, sql in RULES:
        for subject, detail in fetch_rows(sql):
            yield Violation(rule, str(subject), detail)
