"""Pictures are found in folders, zips, arrays and tables, with what is known about each."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganclf.data.images import ImageColumns, find_pictures, join_pictures
from ganclf.errors import DataError, MissingColumnError


def picture(value: int, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("L", (16, 16), value).save(stream, kind)
    return stream.getvalue()


def value_of(data: bytes) -> int:
    return int(np.asarray(Image.open(io.BytesIO(data)))[0, 0])


@pytest.fixture
def folder(tmp_path):
    for name, value in (("cat/a.png", 1), ("cat/b.PNG", 2), ("dog/c.png", 3), (".hidden/d.png", 4)):
        file = tmp_path / "pets" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(value))
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("nothing")
    return tmp_path / "pets"


@pytest.fixture
def packed(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"pets/{file.relative_to(folder)}")
    return tmp_path / "pets.zip"


@pytest.mark.parametrize("kind", ["folder", "packed"])
def test_folders_in_a_folder_or_zip_are_labels(request, kind):
    found = find_pictures(request.getfixturevalue(kind))
    assert found.labels == ["cat", "cat", "dog"]
    assert [value_of(found.read(index)) for index in range(3)] == [1, 2, 3]
    assert [value_of(found.take([2, 0]).read(index)) for index in range(2)] == [3, 1]


def test_one_folder_is_no_label(folder):
    assert find_pictures(folder / "cat").labels == ["", ""]


@pytest.mark.parametrize(
    "images",
    [
        np.arange(3, dtype=np.uint8)[:, None, None].repeat(16, 1).repeat(16, 2),
        (np.arange(3)[:, None, None, None] * np.ones((1, 16, 16, 1)) / 255.0).astype(np.float32),
        (np.arange(3)[:, None, None] * np.ones((1, 16, 16)) * 256).astype(np.uint16),
    ],
)
def test_arrays_of_several_types_are_pictures(tmp_path, images):
    np.savez(tmp_path / "a.npz", pictures=images, labels=np.array(["x", "y", "x"]))
    found = find_pictures(tmp_path / "a.npz")
    assert found.labels == ["x", "y", "x"]
    assert [value_of(found.read(index)) for index in range(3)] == [0, 1, 2]


def test_a_table_names_files_texts_and_parts(folder, tmp_path):
    (tmp_path / "table.csv").write_text(
        "file,caption,class,split\npets/cat/b.PNG,a cat,cat,train\nc,a dog,dog,test\nmissing.png,nothing,cat,train\n"
    )
    notes: list[str] = []
    found = find_pictures(tmp_path / "table.csv", on_note=notes.append)
    assert (found.texts, found.labels, found.parts) == (["a cat", "a dog"], ["cat", "dog"], ["train", "test"])
    assert [value_of(found.read(index)) for index in range(2)] == [2, 3]
    assert any("left out: 1 rows" in note for note in notes)
    with pytest.raises(MissingColumnError, match="--image-column"):
        find_pictures(tmp_path / "table.csv", columns=ImageColumns(image="picture"))


def test_a_table_counts_the_pictures_of_an_array(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.arange(4, dtype=np.uint8)[:, None, None].repeat(16, 1).repeat(16, 2))
    (tmp_path / "table.csv").write_text("index,text\n3,three\n1,one\n")
    found = find_pictures(tmp_path / "table.csv", tmp_path / "a.npz")
    assert [value_of(found.read(index)) for index in range(2)] == [3, 1]
    assert found.texts == ["three", "one"]


def test_a_table_may_name_files_by_digits_and_brackets(tmp_path):
    (tmp_path / "pictures").mkdir()
    for name, value in (("0[a].png", 5), ("1.png", 6), ("10.png", 7)):
        (tmp_path / "pictures" / name).write_bytes(picture(value))
    (tmp_path / "table.csv").write_text("file,text\n10,ten\n1,one\n")
    found = find_pictures(tmp_path / "table.csv", tmp_path / "pictures")
    assert [value_of(found.read(index)) for index in range(2)] == [7, 6]


def test_several_sources_are_labels(folder, tmp_path):
    found = join_pictures([find_pictures(folder / "cat"), find_pictures(folder / "dog")])
    assert found.labels == ["cat", "cat", "dog"]
    assert [value_of(found.read(index)) for index in range(3)] == [1, 2, 3]


def test_what_holds_no_pictures_is_refused(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"PK nothing")
    np.savez(tmp_path / "flat.npz", numbers=np.zeros(3))
    np.savez(tmp_path / "range.npz", images=np.full((2, 16, 16), 7.0))
    for name, message in (
        ("empty", "there are no pictures"), ("nowhere", "no such file"), ("broken.zip", "can't be read as a zip"),
        ("flat.npz", "which array"), ("range.npz", "floats from 0 to 1"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            find_pictures(tmp_path / name)
