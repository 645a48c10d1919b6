"""One atlas for all tests of glyphs, in a cache that no other test sees."""

import pytest

from ganclf.rendering.atlas import Atlas, load_atlas


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the atlas is kept."""
    return tmp_path_factory.mktemp("glyphs")


@pytest.fixture(scope="session")
def atlas(folder) -> Atlas:
    """Of the default font, 16 pixels."""
    pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
    return load_atlas(folder=folder)
