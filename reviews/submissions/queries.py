"""What the reviews department tells about published reviews."""

from __future__ import annotations

from reviews.ratings.reading import rating_of
from reviews.submissions.models import Review
from reviews.submissions.pages import rows_of
from reviews.submissions.submitting import product_of
from shop.contracts.personal_data import GetReviewsOfCustomer, ReviewOfCustomer, ReviewsOfCustomer
from shop.contracts.reviews import GetProductReviews, ReviewPage, ReviewView
from shop.messaging.sets import select

# The review it goes on after is looked up by the same index that gives the next ones.
OF_CUSTOMER = """
    WHERE customer_id = %s AND (%s::uuid IS NULL OR (submitted_at, id) > (
        SELECT submitted_at, id FROM reviews_review WHERE id = %s AND customer_id = %s))
    ORDER BY submitted_at, id LIMIT %s
"""
MOST = 200


def get_product_reviews(query: GetProductReviews) -> ReviewPage:
    """One page of a product's published reviews, and the rating over all of them. A product without reviews has an empty page.

    ``total`` is the rating's count, not a count of rows: a review published this very moment is on the page before it is in the
    total. Raises ``Missing`` for what cannot be a product id.
    """
    product_id = product_of(query.product_id)
    rating = rating_of(product_id)
    rows = rows_of(product_id, query.sort, query.page, query.page_size, rating.count)
    return ReviewPage(
        total=rating.count,
        page=query.page,
        page_size=query.page_size,
        average_rating=rating.average,
        results=[_view(*row) for row in rows],
    )


def get_reviews_of_customer(query: GetReviewsOfCustomer) -> ReviewsOfCustomer:
    """Everything a customer wrote, also what nobody sees; ``status`` is the published word."""
    asked = [query.customer_id, query.after, query.after, query.customer_id, min(query.limit, MOST)]
    reviews = [
        ReviewOfCustomer(
            review_id=one.pk,
            product_id=str(one.product_id),
            rating=one.rating,
            title=one.title or None,
            body=one.body,
            status=one.status,
            submitted_at=one.submitted_at,
        )
        for one in select(Review, OF_CUSTOMER, asked)
    ]
    return ReviewsOfCustomer(reviews=reviews)


def _view(*row: object) -> ReviewView:
    review_id, product_id, rating, title, body, helpful_count, published_at = row
    return ReviewView.model_validate(
        {
            "review_id": review_id,
            "product_id": str(product_id),
            "rating": rating,
            "title": title or None,
            "body": body,
            "helpful_count": helpful_count,
            "published_at": published_at,
        }
    )
