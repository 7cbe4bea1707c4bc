"""Where a webhook may go: the public internet and nowhere else, however the address is written and whatever a name answers."""

import socket
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import override_settings

from shop.outward.gateways.addresses import Forbidden, checked, target_of
from shop.outward.gateways.posting import post
from tests.outward.receiver import Partner

PUBLIC, PRIVATE = "93.184.216.34", "10.1.2.3"


class Names:
    """A resolver of the test's own; each lookup gives the next answer, the last one for good."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.5.5", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]",
        "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]", "localhost.",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises(Forbidden, match="not on the public internet"):
        target_of(f"https://{host}/hooks", Names(["127.0.0.1"]))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https:///hooks", "https://user@example.com/", "https://example.com:0/",
        "https://example.com/#here", "file:///etc/passwd", "https://example.com:x/", "https://[::1", "gopher://example.com",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_asking_the_network(url: str) -> None:
    with pytest.raises(Forbidden):
        checked(url)


def test_a_public_name_leads_to_the_address_that_was_judged() -> None:
    target = target_of("https://example.com:8443/hooks?a=1", Names([PUBLIC]))

    assert (target.host, target.port, target.path, target.address) == ("example.com", 8443, "/hooks?a=1", PUBLIC)


@pytest.mark.parametrize("answers", [[PRIVATE], [PUBLIC, PRIVATE], [PRIVATE, PUBLIC]])
def test_a_name_with_any_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(Forbidden):
        target_of("https://example.com/", Names(answers))


@override_settings(WEBHOOK_ALLOWED_NETWORKS=["127.0.0.0/8"])
def test_a_name_that_answers_differently_a_moment_later_leads_nowhere_else(listener: Partner) -> None:
    """It is asked once, and the connection goes to what it answered then; its next answer is judged anew."""
    names = Names(["127.0.0.1"], [PRIVATE])

    first = post(f"http://partner.example:{listener.port}/hooks", b"{}", {}, lookup=names)
    asked = names.asked
    second = post(f"http://partner.example:{listener.port}/hooks", b"{}", {}, lookup=names)

    assert (first.ok, asked) == (True, 1)
    assert listener.got[0].headers["host"] == f"partner.example:{listener.port}"
    assert (second.ok, second.status_code, second.error) == (False, None, "This address is not on the public internet.")
    assert len(listener.got) == 1


@override_settings(WEBHOOK_ALLOWED_NETWORKS=["127.0.0.0/8"])
def test_plain_http_goes_only_where_it_is_allowed_by_name() -> None:
    with pytest.raises(Forbidden, match="Only https"):
        target_of("http://example.com/", Names([PUBLIC]))


def test_without_an_exception_nothing_is_sent_to_this_machine(listener: Partner) -> None:
    outcome = post(listener.url().replace("http://", "https://"), b"{}", {})

    assert (outcome.ok, outcome.error) == (False, "This address is not on the public internet.")
    assert listener.got == []


@override_settings(WEBHOOK_ALLOWED_NETWORKS=["127.0.0.0/8"])
@pytest.mark.parametrize("url", ["https://127.0.0.1:9/", "http://127.0.0.1:9/"])
def test_a_partner_who_is_not_there_is_a_failed_try_and_no_error_of_ours(url: str) -> None:
    outcome = post(url, b"{}", {})

    assert not outcome.ok
    assert outcome.status_code is None
    assert outcome.error


@override_settings(WEBHOOK_ALLOWED_NETWORKS=["127.0.0.0/8"])
def test_a_server_without_a_certificate_is_not_talked_to(listener: Partner) -> None:
    outcome = post(listener.url().replace("http://", "https://"), b"{}", {})

    assert not outcome.ok
    assert "SSL" in outcome.error
    assert listener.got == []


@override_settings(WEBHOOK_ALLOWED_NETWORKS=["127.0.0.0/8"], OUTSIDE_TOTAL_TIMEOUT_SECONDS=0.3)
def test_a_partner_who_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {})

    assert not outcome.ok
    assert "Timeout" in outcome.error
