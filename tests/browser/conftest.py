"""The customer's browser: complaints in its console fail the test."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

# What Chromium and htmx write of every refusal, which the page shows in words.
EXPECTED = re.compile(
    "Failed to load resource: .* status of (4|503)|Response Status Error Code 503"
)


@pytest.fixture
def expected_complaints() -> list[str]:
    """Regular expressions that a test adds, of what its own mischief makes the browser write."""
    return []


@pytest.fixture(autouse=True)
def no_complaints(page: Page, expected_complaints: list[str]) -> Iterator[None]:
    """No error, no word of the content security policy, and nobody else is ever asked."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            complaints.append(message.text)

    def note_request(request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            complaints.append(f"asked {request.url}")

    page.context.on("console", note)
    page.context.on("request", note_request)
    page.context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield
    expected = [re.compile(pattern) for pattern in expected_complaints]
    assert [c for c in complaints if not any(e.search(c) for e in expected)] == []
