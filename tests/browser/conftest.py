"""The traveller's browser: complaints in its console fail the test."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

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
    """Neither an error nor a word of the content security policy on any page."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            complaints.append(message.text)

    page.context.on("console", note)
    page.context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield
    expected = [re.compile(pattern) for pattern in expected_complaints]
    assert [c for c in complaints if not any(e.search(c) for e in expected)] == []
