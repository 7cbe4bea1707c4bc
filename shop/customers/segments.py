"""Segments that operators fill, customer by customer. Which carts a segment is good for is decided by promotions."""

from __future__ import annotations

from uuid import UUID

from shop.contracts.accounts import AssignSegment, GetSegments, RemoveFromSegment, SegmentsView
from shop.customers.locking import locked_customer
from shop.customers.models import SegmentMember
from shop.customers.segment_names import RULES, SENTENCE, is_segment_name
from shop.messaging.context import current_actor
from shop.messaging.errors import Invalid, Refused

MOST_SEGMENTS = 50


def assign_segment(command: AssignSegment) -> SegmentsView:
    """Put the customer in. Raises ``Invalid`` (400) for a segment that is a rule or no name, ``Refused`` (409) for the 51st."""
    if not is_segment_name(command.segment):
        raise Invalid("invalid_segment", SENTENCE, errors={"segment": [SENTENCE]})
    if command.segment in RULES:
        raise Invalid("segment_is_a_rule", f"{command.segment} follows from what a customer has bought; nobody assigns it.")
    customer_id = locked_customer(command.customer_id).pk
    view = segments_of(customer_id)
    if command.segment in view.segments:
        return view
    if len(view.segments) >= MOST_SEGMENTS:
        raise Refused("too_many_segments", f"A customer is in at most {MOST_SEGMENTS} segments.")
    SegmentMember.objects.create(customer_id=customer_id, segment=command.segment, assigned_by=current_actor())
    return segments_of(customer_id)


def remove_from_segment(command: RemoveFromSegment) -> SegmentsView:
    """Take the customer out."""
    customer_id = locked_customer(command.customer_id).pk
    SegmentMember.objects.filter(customer=customer_id, segment=command.segment).delete()
    return segments_of(customer_id)


def get_segments(query: GetSegments) -> SegmentsView:
    """What this customer was put into."""
    return segments_of(query.customer_id)


def segments_of(customer_id: UUID) -> SegmentsView:
    """The segments of a customer, in alphabetical order."""
    rows = SegmentMember.objects.filter(customer=customer_id).order_by("segment")
    return SegmentsView(customer_id=customer_id, segments=list(rows.values_list("segment", flat=True)))
