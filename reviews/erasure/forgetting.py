"""Forgetting who wrote, reported and voted. What readers rely on stays; what nobody sees goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from shop.contracts.fields import MOST_ITEMS
from shop.contracts.messaging import RedactMessages
from shop.messaging.bus import send
from shop.messaging.envelope import Envelope
from shop.messaging.sets import fetch_rows, run

REASON: Final = "customer erased"
# The reviews whose messages say something of these customers: what they wrote, and what they reported.
KEYS: Final = """
    SELECT customer_id, id FROM reviews_review WHERE customer_id = ANY(%(customers)s)
    UNION SELECT flagged_by, review_id FROM reviews_reviewflag WHERE flagged_by = ANY(%(customers)s) ORDER BY 1, 2
"""

# Locked in key order, as everybody locks reviews. A rejected review speaks to nobody any more, so its text goes.
REVIEWS: Final = """
    UPDATE reviews_review r SET customer_id = NULL,
        title = CASE WHEN r.state = 'REJECTED' THEN '' ELSE r.title END,
        body = CASE WHEN r.state = 'REJECTED' THEN '' ELSE r.body END,
        essence = CASE WHEN r.state = 'REJECTED' THEN '' ELSE r.essence END,
        text_hash = CASE WHEN r.state = 'REJECTED' THEN '' ELSE r.text_hash END,
        version = r.version + 1, updated_at = now()
    FROM (SELECT id FROM reviews_review WHERE customer_id = ANY(%s) ORDER BY id FOR UPDATE) theirs WHERE r.id = theirs.id
"""
FLAGS: Final = "UPDATE reviews_reviewflag SET flagged_by = NULL, notes = '' WHERE flagged_by = ANY(%s)"
# A vote keeps counting under a name that is nobody's.
VOTES: Final = "UPDATE reviews_reviewvote SET customer_id = gen_random_uuid() WHERE customer_id = ANY(%s)"
PURCHASES: Final = "DELETE FROM reviews_purchase WHERE customer_id = ANY(%s)"


def forget(causes: Mapping[UUID, Envelope[Any]]) -> None:
    """Reviews lose their author, flags their reporter and notes, votes their voter, and published messages what these said.

    Repeating it finds nothing left.
    """
    wanted = sorted(causes)
    keys: dict[UUID, list[str]] = defaultdict(list)
    for customer, review in fetch_rows(KEYS, {"customers": wanted}):
        keys[customer].append(str(review))
    for statement in (REVIEWS, FLAGS, VOTES, PURCHASES):
        run(statement, [wanted])
    for customer, reviews in keys.items():
        for start in range(0, len(reviews), MOST_ITEMS):
            some = reviews[start : start + MOST_ITEMS]
            send(RedactMessages(customer_id=customer, keys=some, reason=REASON), cause=causes[customer])
