"""A restarted sandbox still knows its money, its keys and what it has yet to tell."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.sandbox import Sandbox, SandboxControl
from config.sandbox.wire import WireServer
from tests.sandbox.conftest import Inbox, SdkFor, provider
from tests.sandbox.payments import authorise

SERVE = """
import pathlib, sys, threading
from config.sandbox import Sandbox
Sandbox(state=pathlib.Path(sys.argv[1])).start()
threading.Event().wait()
"""


def test_stopped_and_started(tmp_path: Path, sdk_for: SdkFor) -> None:
    with Sandbox(state=tmp_path) as before:
        intent = authorise(sdk_for(before.urls["stripe"]), key="k1", metadata={"payment_id": "p1"})
        with provider(before.urls["fraud"]) as fraud:
            check = fraud.post("/v1/checks", json={"paymentId": "p", "orderId": "o", "amount": 1, "currency": "GBP"})
        assert json.loads((tmp_path / "sandbox.json").read_text())["stripe"] == before.urls["stripe"]
    assert not (tmp_path / "sandbox.json").exists()

    with Sandbox(state=tmp_path) as after, SandboxControl(after.urls["stripe"]) as control:
        sdk = sdk_for(after.urls["stripe"])
        assert authorise(sdk, key="k1", metadata={"payment_id": "p1"}).id == intent.id
        assert sdk.v1.payment_intents.search({"query": "metadata['payment_id']:'p1'"}).data[0].id == intent.id
        assert sdk.v1.payment_intents.capture(intent.id).amount_received == 2500
        assert len(control.ledger("stripe")["entries"]) == 2
        with provider(after.urls["fraud"]) as fraud:
            assert fraud.get("/v1/checks/p").json() == check.json()


def test_killed_in_mid_flight_it_forgets_no_answered_payment(tmp_path: Path, sdk_for: SdkFor) -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path)], cwd=Path(__file__).parents[2])
    try:
        sdk = sdk_for(_url(tmp_path / "sandbox.json"))
        ids = [authorise(sdk, key=f"k{number}").id for number in range(20)]
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    with Sandbox(state=tmp_path) as after, SandboxControl(after.urls["stripe"]) as control:
        assert [intent["id"] for intent in control.ledger("stripe")["intents"]] == ids


def test_what_was_not_delivered_is_delivered_after_a_restart(
    tmp_path: Path, sdk_for: SdkFor, shop: WireServer, inbox: Inbox
) -> None:
    with Sandbox(state=tmp_path) as before:
        intent = authorise(sdk_for(before.urls["stripe"]))

    with Sandbox(state=tmp_path, webhook_url=shop.url):
        event = json.loads(inbox.wait(1)[0].body)

    assert event["data"]["object"]["id"] == intent.id


def test_two_sandboxes_cannot_share_their_books(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path), pytest.raises(RuntimeError, match="another sandbox"):
        Sandbox(state=tmp_path)


def _url(path: Path) -> str:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return str(json.loads(path.read_text())["stripe"])
