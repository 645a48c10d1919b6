"""A real server with a tiny model, and the page in front of it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import client

APP = Path(client.__file__).with_name("app.py")
NO_SERVER = "127.0.0.1:1"


@pytest.fixture(scope="session")
def server_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of `classifier` in version 7, `several`, of several labels a text, `writer`, `replier`, `restyler`,
    `enlarger`, `illustrator`, `drawer`, `translator`."""
    from multi_label import publish_multi_label
    from tiny_generator import (
        EchoDrawings,
        EchoGenerator,
        EchoIllustrations,
        EchoPictures,
        EchoReplies,
        EchoStyle,
        EchoTranslator,
        publish_generator,
    )
    from tiny_model import publish

    from serving.local import LocalServer

    folder = tmp_path_factory.mktemp("models")
    models = {"classifier": publish(folder / "classifier"), "several": publish_multi_label(folder / "several")}
    models["writer"] = publish_generator(folder / "writer", EchoGenerator())
    models["replier"] = publish_generator(folder / "replier", EchoReplies())
    models["restyler"] = publish_generator(folder / "restyler", EchoStyle())
    models["enlarger"] = publish_generator(folder / "enlarger", EchoPictures())
    models["illustrator"] = publish_generator(folder / "illustrator", EchoIllustrations())
    models["drawer"] = publish_generator(folder / "drawer", EchoDrawings())
    models["translator"] = publish_generator(folder / "translator", EchoTranslator())
    entries = [
        f'config {{ name: "{name}" base_path: "{path}" model_platform: "tensorflow" }}' for name, path in models.items()
    ]
    (folder / "models.config").write_text(f"model_config_list {{ {' '.join(entries)} }}")
    with LocalServer(model_config_file=folder / "models.config", port=0) as server:
        yield server.address


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the page as a browser with that locale would, started with that server."""

    def open_page(server: str, locale: str = "en-US", model: str = "classifier") -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", "--server", server, "--model", model])
        page = AppTest.from_file(APP, default_timeout=30)
        page.context["locale"] = locale
        return page.run()

    return open_page


@pytest.fixture
def page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page in English, its server up."""
    return open_page(server_address)


@pytest.fixture
def page_without_server(open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page in English, its server down."""
    monkeypatch.setattr(client, "TEXT_TIMEOUT", 0.3)
    monkeypatch.setattr(client, "FILE_TIMEOUT", 0.3)
    return open_page(NO_SERVER)
