"""The commands of the stack's processes."""

import os

import pytest

from flightbooking import processes


def workers() -> int:
    command = processes.commands()["web"]
    return int(command[command.index("--workers") + 1])


@pytest.mark.parametrize(("processors", "web"), [(1, 1), (2, 1), (4, 2), (8, 4), (96, 6)])
def test_every_second_processor_gets_a_web_process(
    monkeypatch: pytest.MonkeyPatch, processors: int, web: int
) -> None:
    monkeypatch.delenv("WEB_PROCESSES", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert workers() == web


def test_whoever_knows_better_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PROCESSES", "3")
    assert workers() == 3
