"""The tables of the reviews department, system by system."""

from reviews.flags.models import ReviewFlag
from reviews.moderation.models import ModerationDecision
from reviews.purchases.models import Purchase
from reviews.ratings.models import RatingSummary
from reviews.screening.models import DenyWord
from reviews.submissions.models import Review
from reviews.votes.models import ReviewVote

__all__ = ["DenyWord", "ModerationDecision", "Purchase", "RatingSummary", "Review", "ReviewFlag", "ReviewVote"]
