"""A real browser: the Chromium of this machine, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # A browser that asks the network for nothing but the pages under test.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The list of suggestions below the address bar is two pages of its own: made for every window,
    # and so for every test, in twice the time of the page under test. The last list counts, so
    # Playwright's own is in it, as far as it matters here.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"
    ",AimEnabled,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades"
    ",LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding"
    ",PreconnectToSearch,ThirdPartyStoragePartitioning",
]


def chromium_path() -> str | None:
    """CHROMIUM from the environment, or what is found on PATH."""
    found = (shutil.which(name) for name in NAMES)
    return os.environ.get("CHROMIUM") or next((path for path in found if path), None)


def pytest_configure() -> None:
    if os.environ.get("REQUIRE_BROWSER") and not chromium_path():
        raise pytest.UsageError("REQUIRE_BROWSER is set, but there is no Chromium on PATH.")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests of a file stay together; without Chromium all skip."""
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    for item in browser_tests:
        item.add_marker(pytest.mark.xdist_group(f"browser, {item.path.stem}"))
    if not chromium_path():
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped}
    if skipped:
        terminalreporter.write_line(f"Skipped {len(skipped)} tests: {'; '.join(sorted(reasons))}.")


class Chromium:
    """This machine's Chromium: one for all browser tests that come one after the other.

    While it runs, an event loop runs in this thread: Django would take us for async code, and a
    test without a browser could not run a loop of its own.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._open = ExitStack()
        self._browser: Browser | None = None

    def start(self) -> Browser:
        if self._browser is None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
            playwright = self._open.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=self._path, args=FLAGS)
            self._open.callback(self._browser.close)
        return self._browser

    def stop(self) -> None:
        self._open.close()
        self._browser = None
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


_CHROMIUM = pytest.StashKey[Chromium]()


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Chromium]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine")
    chromium = request.config.stash[_CHROMIUM] = Chromium(path)
    yield chromium
    del request.config.stash[_CHROMIUM]
    chromium.stop()


@pytest.hookimpl(tryfirst=True)  # before any fixture: they would speak to Postgres in its loop
def pytest_runtest_setup(item: pytest.Item) -> None:
    chromium = item.config.stash.get(_CHROMIUM, None)
    if chromium and not item.get_closest_marker("browser"):
        chromium.stop()


@pytest.fixture
def browser(chromium: Chromium) -> Browser:
    """A browser in which no page is open."""
    return chromium.start()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing remembered, for one customer."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
