"""Reporting a review over HTTP."""

from __future__ import annotations

from reviews.submissions.api import OwnCommandView
from shop.contracts.reviews import FlagReview


class FlagReviewView(OwnCommandView):
    """``POST /reviews/{reviewId}/flags``: accepted, and looked at later."""

    command = FlagReview
    own, when = "flaggedBy", "flaggedAt"
    filled = ("flaggedAt",)
    also = (404, 409, 429)
