"""What outsiders cost the shop when there are none: nothing."""

import pytest
from django.conf import settings

from config.switchboard import SWITCHBOARD, TAPS
from shop.messaging.invariants import run_all
from shop.messaging.models import Delivery
from tests.outward.tools import happen


def test_without_the_settings_nobody_taps_the_events() -> None:
    assert (settings.EVENT_STREAM, settings.PARTNER_WEBHOOKS) == (False, False)
    assert TAPS == []
    assert not [entry for entry in SWITCHBOARD.timetable if entry.name == "RelayEventStream"]


@pytest.mark.django_db
def test_an_event_that_nobody_listens_to_has_no_delivery() -> None:
    happen()

    assert Delivery.objects.count() == 0


@pytest.mark.django_db
def test_switching_them_on_makes_no_violation_of_what_was_said_before(request: pytest.FixtureRequest) -> None:
    happen()
    board = request.getfixturevalue("outsiders")

    assert run_all(board.all_invariants()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("outsiders")
def test_with_them_it_has_one_each() -> None:
    happen()

    assert sorted(Delivery.objects.values_list("subscriber", flat=True)) == [
        "shop.outward.collect_webhooks_when_event_happened",
        "shop.outward.note_event_for_stream_when_it_happened",
    ]
