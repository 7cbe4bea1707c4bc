"""Helpful votes over HTTP."""

from __future__ import annotations

from reviews.submissions.api import OwnCommandView
from shop.contracts.reviews import VoteReviewHelpful


class VoteReviewHelpfulView(OwnCommandView):
    """``POST /reviews/{reviewId}/helpful``"""

    command = VoteReviewHelpful
    own, when = "customerId", "votedAt"
    filled = ("votedAt",)
    also = (404, 409, 429)
