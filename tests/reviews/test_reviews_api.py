"""Reviews over HTTP: in one's own name only, accepted and decided later, nothing half-done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from reviews.models import Review, ReviewFlag, ReviewVote
from tests.http.calls import bearer, log_in, post, register, send
from tests.reviews.desk import ANGRY, FINE, SPAM, product, reviewed, words, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words() -> None:
    words()


@pytest.fixture
def ada(client: Client) -> dict[str, str]:
    """A customer's header."""
    register(client, "ada@example.com")
    return bearer(log_in(client, "ada@example.com"))


@pytest.fixture
def bob(client: Client) -> dict[str, str]:
    """Another customer's header."""
    register(client, "bob@example.com")
    return bearer(log_in(client, "bob@example.com"))


def body(**more: Any) -> dict[str, Any]:
    return {"reviewId": str(uuid7()), "rating": 4, "body": FINE, **more}


def test_a_review_is_accepted_and_later_read_by_everybody(client: Client, ada: dict[str, str]):
    lamp, sent = product(), body(title="Good")

    accepted = post(client, f"/products/{lamp}/reviews", sent, **ada)
    before = client.get(f"/products/{lamp}/reviews").json()
    work()
    after = client.get(f"/products/{lamp}/reviews").json()
    again = post(client, f"/products/{lamp}/reviews", sent, **ada)

    assert (accepted.status_code, accepted.json()) == (202, {"reviewId": sent["reviewId"], "status": "submitted"})
    assert before == {"total": 0, "page": 1, "pageSize": 20, "results": []}
    assert (after["total"], after["averageRating"], after["results"][0]["title"]) == (1, 4.0, "Good")
    assert set(after["results"][0]) == {"reviewId", "productId", "rating", "title", "body", "helpfulCount", "publishedAt"}
    assert (again.status_code, again.json()["status"]) == (202, "published")


@pytest.mark.parametrize(("text", "status"), [(ANGRY, "submitted"), (SPAM, "rejected"), (FINE, "published")])
def test_the_public_words_say_neither_queue_nor_flag(client: Client, ada: dict[str, str], text: str, status: str):
    lamp, sent = product(), body(body=text)
    post(client, f"/products/{lamp}/reviews", sent, **ada)
    work()

    assert post(client, f"/products/{lamp}/reviews", sent, **ada).json()["status"] == status


def test_a_second_review_is_a_409_with_the_first_ones_id(client: Client, ada: dict[str, str]):
    lamp, sent = product(), body()
    post(client, f"/products/{lamp}/reviews", sent, **ada)

    answer = post(client, f"/products/{lamp}/reviews", body(), **ada)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_reviewed")
    assert answer.json()["data"] == {"reviewId": sent["reviewId"]}
    assert Review.objects.count() == 1


def test_nothing_is_done_in_somebody_elses_name(client: Client, ada: dict[str, str]):
    review, other = reviewed(product()), str(uuid7())

    answers = [
        post(client, f"/products/{product()}/reviews", body(customerId=other), **ada),
        post(client, f"/reviews/{review.pk}/flags", {"reason": "spam", "flaggedBy": other}, **ada),
        post(client, f"/reviews/{review.pk}/helpful", {"vote": "helpful", "customerId": other}, **ada),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "customer_not_found")}
    assert (Review.objects.count(), ReviewFlag.objects.count(), ReviewVote.objects.count()) == (1, 0, 0)


def test_what_cannot_be_seen_looks_like_what_is_not_there(client: Client, ada: dict[str, str]):
    hidden = reviewed(product(), ANGRY)
    for path, sent in (("flags", {"reason": "spam"}), ("helpful", {"vote": "helpful"})):
        there = post(client, f"/reviews/{hidden.pk}/{path}", sent, **ada)
        missing = post(client, f"/reviews/{uuid7()}/{path}", sent, **ada)
        assert (there.status_code, there.content) == (404, missing.content)


def test_flags_and_votes_are_answered_and_repeatable(client: Client, bob: dict[str, str]):
    review = reviewed(product())

    flags = [post(client, f"/reviews/{review.pk}/flags", {"reason": "abuse", "notes": "rude"}, **bob) for _ in range(2)]
    votes = [post(client, f"/reviews/{review.pk}/helpful", {"vote": vote}, **bob) for vote in ("helpful", "helpful", "remove")]

    assert {(answer.status_code, answer.json()["status"]) for answer in flags} == {(202, "published")}
    assert [(answer.status_code, answer.json()["helpfulCount"]) for answer in votes] == [(200, 1), (200, 1), (200, 0)]
    assert ReviewFlag.objects.get().notes == "rude"


def test_whoever_says_too_much_in_an_hour_waits(client: Client, ada: dict[str, str], settings: Any):
    settings.REVIEWS_PER_CUSTOMER_PER_HOUR = 2
    settings.REVIEW_FLAGS_PER_CUSTOMER_PER_HOUR = 1
    first, second = reviewed(product()), reviewed(product(), "Quiet, light, easy to clean.")

    reviews = [post(client, f"/products/{product()}/reviews", body(), **ada) for _ in range(3)]
    flags = [post(client, f"/reviews/{one.pk}/flags", {"reason": "spam"}, **ada) for one in (first, second)]

    assert [answer.status_code for answer in reviews] == [202, 202, 429]
    assert [answer.status_code for answer in flags] == [202, 429]
    assert int(reviews[2]["Retry-After"]) > 3_000


def test_strangers_only_read(client: Client):
    for address in (f"/products/{product()}/reviews", f"/reviews/{uuid7()}/flags", f"/reviews/{uuid7()}/helpful"):
        assert post(client, address, body(reason="spam", vote="helpful")).status_code == 401, address


WRONG: list[dict[str, Any]] = [
    {"rating": 0}, {"rating": 6}, {"rating": 4.5}, {"rating": "4"}, {"rating": None}, {"body": ""}, {"body": "   "},
    {"body": "x" * 5_001}, {"title": "x" * 121}, {"body": "a\x00b"}, {"reviewId": "1"}, {"reviewId": None}, {"body": ["x"]},
]  # fmt: skip


def test_what_makes_no_sense_is_a_400(client: Client, ada: dict[str, str]):
    lamp = product()
    for wrong in WRONG:
        answer = post(client, f"/products/{lamp}/reviews", body(**wrong), **ada)
        assert answer.status_code == 400, wrong
        assert {"code", "message"} <= answer.json().keys()
    assert Review.objects.count() == 0


def test_only_products_can_be_reviewed(client: Client, ada: dict[str, str]):
    for product_id in ("x", "%00", "0" * 300, "💥", str(uuid7())):
        assert post(client, f"/products/{product_id}/reviews", body(), **ada).status_code in {400, 404}, product_id
    assert Review.objects.count() == 0


def test_a_page_that_cannot_be_is_a_400(client: Client):
    for query in ("page=0", "pageSize=101", "pageSize=1000000000", "page=1.5", "sort=best", "page=%00"):
        assert client.get(f"/products/{uuid7()}/reviews?{query}").status_code == 400, query


def test_an_idempotency_key_is_answered_again(client: Client, ada: dict[str, str]):
    lamp, sent = product(), body()

    answers = [post(client, f"/products/{lamp}/reviews", sent, Idempotency_Key="one", **ada) for _ in range(2)]
    other = post(client, f"/products/{lamp}/reviews", body(), Idempotency_Key="one", **ada)

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert other.status_code == 422


def test_a_name_is_the_same_product_however_it_is_written(client: Client, ada: dict[str, str]):
    lamp = product()
    post(client, f"/products/{str(lamp).upper()}/reviews", body(), **ada)
    work()

    assert send(client, "GET", f"/products/{lamp}/reviews").json()["total"] == 1
    assert post(client, f"/products/{lamp}/reviews", body(), **ada).status_code == 409
