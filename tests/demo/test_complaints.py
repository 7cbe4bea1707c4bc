"""Out of a long log, what a person wants to see after a failure."""

from __future__ import annotations

from pathlib import Path

from config.demo.complaints import LONGEST_LINE, MOST_LINES, complaints


def test_the_last_complaints_of_every_log_without_colours(tmp_path: Path) -> None:
    noise = ["worker: Warm shutdown (MainProcess)", ""]
    told = [f"\x1b[2m12:00\x1b[0m [\x1b[31merror\x1b[0m] delivery_failed {number}" for number in range(MOST_LINES + 3)]
    (tmp_path / "worker.log").write_text("\n".join([*told, *noise]))
    (tmp_path / "sandbox.log").write_text("stripe  http://127.0.0.1:1\n")
    (tmp_path / "web.log").write_text("RuntimeError: " + "x" * 1_000)

    found = dict(complaints(tmp_path))

    assert found["worker.log"] == [f"12:00 [error] delivery_failed {number}" for number in range(3, MOST_LINES + 3)]
    assert len(found["web.log"][0]) == LONGEST_LINE
    assert "sandbox.log" not in found


def test_no_logs_no_complaints(tmp_path: Path) -> None:
    assert [*complaints(tmp_path)] == []
