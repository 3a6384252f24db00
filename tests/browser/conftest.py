"""The traveller's browser: complaints in its console fail the test."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

# What Chromium and htmx write of every refusal, which the page shows in words.
EXPECTED = re.compile(
    "Failed to load resource: .* status of (4|503)|Response Status Error Code 503"
)


@pytest.fixture(autouse=True)
def no_complaints(page: Page) -> Iterator[None]:
    """Neither an error nor a word of the content security policy on any page."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield
    assert complaints == []
