"""One function per command of the votes."""

from __future__ import annotations

from reviews.votes import voting
from shop.contracts.reviews import HelpfulVotes, VoteReviewHelpful


def vote_review_helpful(command: VoteReviewHelpful) -> HelpfulVotes:
    """One customer's vote, or its withdrawal. Publishes ``ReviewHelpfulVoted`` when the number changes."""
    return voting.vote(command)
