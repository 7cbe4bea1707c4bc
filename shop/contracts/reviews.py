"""Reviews: what customers say about products, and what becomes of it. Product and customer ids are plain text here."""

from typing import Annotated, Literal

from pydantic import Field

from shop.contracts.base import Command, Event, Http, Part, Query
from shop.contracts.fields import (
    Count,
    Name,
    Page,
    PageSize,
    Personal,
    Quantity,
    Text,
    UpToMostItems,
    UtcTime,
    Uuid,
)

OWNER = "reviews-platform"

Rating = Annotated[int, Field(ge=1, le=5)]
AverageRating = Annotated[float, Field(ge=0, le=5)]
FlagReason = Literal["spam", "abuse", "off_topic", "inappropriate", "other"]
RejectionReason = Literal["spam", "abuse", "off_topic", "policy_violation"]
# ``submitted`` covers a review a person has to look at, ``published`` one that was flagged.
PublishedStatus = Literal["submitted", "published", "rejected"]


class ReviewView(Part):
    """A published review."""

    review_id: Uuid
    product_id: Name
    rating: Rating
    title: Name | None = None
    body: Text
    helpful_count: Count
    published_at: UtcTime


class ReviewPage(Part):
    """One page of a product's published reviews, with the rating over all of them."""

    total: Count
    page: Page
    page_size: PageSize
    average_rating: AverageRating | None = None
    results: Annotated[list[ReviewView], UpToMostItems]


class ReviewAccepted(Part):
    """The review, flag or vote is on record; what comes of it is decided later."""

    review_id: Uuid
    status: PublishedStatus


class HelpfulVotes(Part):
    """How many customers find a review helpful now."""

    review_id: Uuid
    helpful_count: Count


class SubmitReview(Command):
    """Hand in a review. It is screened before anybody sees it; a repeated ``reviewId`` changes nothing."""

    owner = OWNER
    key = "review_id"
    http = Http("POST", "/products/{productId}/reviews", (202, 400))
    response = ReviewAccepted

    review_id: Uuid
    product_id: Name
    customer_id: Name
    rating: Rating
    title: Annotated[Text, Field(max_length=120), Personal] | None = None
    body: Annotated[Text, Field(max_length=5000), Personal]
    submitted_at: UtcTime


class FlagReview(Command):
    """Report a published review; it is screened again. One reporter counts once per review."""

    owner = OWNER
    key = "review_id"
    http = Http("POST", "/reviews/{reviewId}/flags", (202,))
    response = ReviewAccepted

    review_id: Uuid
    flagged_by: Annotated[Name, Personal]
    reason: FlagReason
    notes: Annotated[Text, Field(max_length=1000), Personal] | None = None
    flagged_at: UtcTime


class VoteReviewHelpful(Command):
    """Say that a review helped, or take that back. One customer has one vote per review."""

    owner = OWNER
    key = "review_id"
    http = Http("POST", "/reviews/{reviewId}/helpful", (200,))
    response = HelpfulVotes

    review_id: Uuid
    customer_id: Name
    vote: Literal["helpful", "remove"]
    voted_at: UtcTime


class ReviewSubmitted(Event):
    """A review is on record and waits to be screened."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    customer_id: Name
    rating: Rating
    title: Annotated[Name, Personal] | None = None
    body: Annotated[Text, Personal] | None = None
    submitted_at: UtcTime


class ReviewPublished(Event):
    """A review can be seen by everybody and counts towards its product's rating."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    customer_id: Name | None = None
    rating: Rating
    published_at: UtcTime


class ReviewRejected(Event):
    """A review will not be seen, or no longer, and does not count."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    reason: RejectionReason
    rejected_at: UtcTime


class ReviewWithdrawn(Event):
    """A published review is not to be seen for now and does not count: whoever published it took that back."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    withdrawn_at: UtcTime


class ReviewFlagged(Event):
    """Somebody reported a review; it stays visible until it is screened again."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    reason: FlagReason
    flag_count: Quantity | None = None
    flagged_at: UtcTime


class ReviewHelpfulVoted(Event):
    """The number of customers who find a review helpful changed to this."""

    owner = OWNER
    key = "review_id"

    review_id: Uuid
    product_id: Name
    helpful_count: Count
    updated_at: UtcTime


class RatingUpdated(Event):
    """A product's rating over all published reviews changed to this."""

    owner = OWNER
    key = "product_id"

    product_id: Name
    average_rating: AverageRating
    review_count: Count
    updated_at: UtcTime


class GetProductReviews(Query):
    """A product's published reviews, page by page."""

    owner = OWNER
    http = Http("GET", "/products/{productId}/reviews", (200,))
    response = ReviewPage

    product_id: Name
    page: Page = 1
    page_size: PageSize = 20
    sort: Literal["newest", "highest", "lowest", "most_helpful"] = "newest"
