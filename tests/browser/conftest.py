"""The real page in a real Chromium: `python -m ui` as its own process, in front of a real server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "ui"))  # tiny_model
HOST = "127.0.0.1"
START_SECONDS = 60.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed after the module, because its event loop disturbs other tests."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page, whose server serves version 7 of `classifier`."""
    from tiny_model import publish

    from serving.local import LocalServer

    folder = publish(tmp_path_factory.mktemp("classifier"))
    with LocalServer(base_path=folder, port=0) as server, started(server.address, folder) as url:
        yield url


@pytest.fixture(scope="module")
def several_page_url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of a model of several labels per text."""
    from multi_label import publish_multi_label

    from serving.local import LocalServer

    folder = publish_multi_label(tmp_path_factory.mktemp("several"))
    with LocalServer(base_path=folder, port=0) as server, started(server.address, folder) as url:
        yield url


@pytest.fixture(scope="module")
def lonely_page_url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page, whose server is down."""
    with started(f"{HOST}:1", tmp_path_factory.mktemp("lonely")) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address; afterwards nothing may have gone to another host, nor an error to the console."""
    contexts, requests, errors = [], [], []

    def open_page(url: str, locale: str = "en-US", width: int = 1280) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda websocket: requests.append(websocket.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(url)
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert {urlsplit(url).hostname for url in requests if not url.startswith(("data:", "blob:"))} <= {HOST}


@contextmanager
def started(server: str, folder: Path) -> Iterator[str]:
    """Start `python -m ui` in a folder of no meaning and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "ui", "--port", str(port), "--server", server]
    # The environment asks for usage statistics: the page's own settings must win.
    settings = {"PYTHONPATH": str(ROOT), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true", "HOME": str(folder)}
    log = folder / "ui.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | settings, stdout=output, stderr=output)
    try:
        url = f"http://{HOST}:{port}"
        wait_until_healthy(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the page's server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"python -m ui does not answer: {log.read_text()}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
