"""Workers and sweeper die at random under load, and one worker's clock is wrong: every checkout ends once all the same."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import psutil
import pytest
from django.conf import settings
from django.db import connection

from ordering.orders.models import Order
from tests.faults.live import DECLINED, VISA, Live, await_until, one, states_of

pytestmark = [pytest.mark.xdist_group("faults-workers"), pytest.mark.slow]

LOAD = 60
DECLINED_OF_THEM = 12
DEATHS = 6
# Whoever is frozen in the middle of recording keeps its rows locked: those are left to it.
LEASES_END = """
    UPDATE messaging_delivery SET leased_until = now()
    WHERE id IN (SELECT id FROM messaging_delivery WHERE status = 'leased' ORDER BY id FOR UPDATE SKIP LOCKED)
"""


def finished(sessions: list[UUID]) -> int:
    return sum(state in ("COMPLETED", "ABORTED") for state in states_of(sessions).values())


def under_load(live: Live) -> tuple[list[UUID], list[UUID]]:
    good = live.submit_all(live.carts(LOAD - DECLINED_OF_THEM), method=VISA)
    bad = live.submit_all(live.carts(DECLINED_OF_THEM), method=DECLINED)
    return good, bad


def give_leases_back() -> None:
    """A lease of a dead worker runs out, which it would do by itself within a minute."""
    with connection.cursor() as cursor:
        cursor.execute(LEASES_END)


def all_well(live: Live, good: list[UUID], bad: list[UUID]) -> None:
    give_leases_back()
    assert Counter(live.await_end([*good, *bad]).values()) == {"COMPLETED": len(good), "ABORTED": len(bad)}
    assert Order.objects.filter(checkout_session_id__in=[*good, *bad]).count() == len(good)
    live.assert_nothing_wrong()


def test_worker_processes_and_whole_workers_killed_under_load(live: Live) -> None:
    random = Random(3)
    good, bad = under_load(live)
    for death in range(1, DEATHS + 1):
        await_until(lambda least=death: finished([*good, *bad]) >= least * 3)
        worker = live.process("worker")
        if death % 3 == 0:
            worker.kill()
            live.stack.start_worker()
        else:
            children = psutil.Process(worker.pid).children()
            if children:
                os.kill(random.choice(children).pid, signal.SIGKILL)
    all_well(live, good, bad)


def test_sweeper_killed_and_started_again(live: Live) -> None:
    good, bad = under_load(live)
    live.process("sweeper").kill()
    await_until(lambda: finished([*good, *bad]) > 0)
    live.stack.start_sweeper(every=0.5)
    live.process("sweeper").kill()
    live.stack.start_sweeper(every=0.5)
    all_well(live, good, bad)


def test_frozen_and_thawed(live: Live) -> None:
    """A worker that comes back after others have taken over its work."""
    worker = live.process("worker")
    good, bad = under_load(live)
    await_until(lambda: one("SELECT count(*) FROM messaging_delivery WHERE status = 'leased'") > 0)
    worker.pause()
    give_leases_back()
    other = live.stack.start_worker("second")
    await_until(lambda: finished([*good, *bad]) > 0)
    worker.resume()
    all_well(live, good, bad)
    other.stop()


def test_killed_between_commit_and_bell(live: Live, tmp_path: Path) -> None:
    """Nobody was told of what this process committed, so the sweeper tells."""
    live.process("worker").stop()
    mark = tmp_path / "died"
    crash = {"CRASH_AT": "deliver.after_commit:ordering.checkout.saga", "CRASH_ONCE_FILE": str(mark)}
    live.stack.start_worker(env=crash)
    sessions = live.check_out(6)
    live.await_all(sessions, "COMPLETED")
    assert mark.exists()
    live.assert_nothing_wrong()


def with_wrong_clock(seconds: int) -> dict[str, str]:
    folder = Path(__file__).parent / "wrong_clock"
    return {"PYTHONPATH": f"{folder}{os.pathsep}{settings.BASE_DIR}", "CLOCK_SHIFT": str(seconds)}


@pytest.fixture(params=[7200, -7200], ids=["fast", "slow"])
def wrong_clock(request: pytest.FixtureRequest, live: Live) -> Iterator[None]:
    """All mail is carried by a worker whose clock is two hours off."""
    env = with_wrong_clock(request.param)
    told = subprocess.run([sys.executable, "-c", "import time; print(time.time())"], env=env, capture_output=True, check=True)
    assert abs(float(told.stdout) - time.time() - request.param) < 600
    live.process("worker").stop()
    live.stack.start_worker(env=env)
    yield
    live.process("worker").stop()
    live.stack.start_worker()


@pytest.mark.usefixtures("wrong_clock")
def test_a_worker_whose_clock_is_two_hours_off(live: Live) -> None:
    live.control.add_fault("execute_then_timeout", operation="create", times=2, seconds=2)
    sessions = live.check_out(12)
    declined = live.check_out(3, method=DECLINED)
    all_well(live, sessions, declined)

    early, late = "now() - interval '15 minutes'", "now() + interval '30 minutes'"
    held = f"SELECT count(*) FROM fulfilment_reservation WHERE expires_at NOT BETWEEN {early} AND {late}"
    assert one(held) == 0
    assert one(f"SELECT count(*) FROM messaging_delivery WHERE due_at > {late} OR leased_until > {late}") == 0
    assert one("SELECT count(*) FROM fulfilment_reservation WHERE status = 'EXPIRED'") == 0
