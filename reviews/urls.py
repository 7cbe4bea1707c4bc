"""The addresses of reviews."""

from django.urls import URLPattern, path

from reviews.flags.api import FlagReviewView
from reviews.submissions.api import GetProductReviewsView, SubmitReviewView
from reviews.votes.api import VoteReviewHelpfulView
from shop.http.routing import resource

urlpatterns: list[URLPattern] = [
    path("products/<str:product_id>/reviews", resource(GetProductReviewsView, SubmitReviewView)),
    path("reviews/<str:review_id>/flags", resource(FlagReviewView)),
    path("reviews/<str:review_id>/helpful", resource(VoteReviewHelpfulView)),
]
