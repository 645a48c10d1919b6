"""The hash of a cell: stored measurements are found again, whatever was renamed or released since."""

import json
import re
import shlex
from pathlib import Path

import pytest

from benchmarks.__main__ import configuration, parse
from benchmarks.methods import is_game
from benchmarks.plan import plan

RESULTS = Path(__file__).parents[2] / "docs" / "results"
FINGERPRINTS = {  # of the data sets, which are not in the repository
    "thucnews_ngram": "thucnews 317863ab8e87ffff",
    "thucnews_fused": "thucnews 317863ab8e87ffff",
    "trec_minilm": "trec 96d3d395cdede87f",
    "trec_fine_minilm": "trec_fine ead117dcad6a1149",
}


def command_of(name):
    """The words of the command with which a stored page can be made again."""
    page = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    found = re.search(r"```sh\npython -m \S+ (.*)\n```", page)
    assert found
    return shlex.split(found[1])


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_stored_cells_are_found_again(name):
    words = command_of(name)
    planned = plan(configuration(parse(words), words))
    lines = (RESULTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    stored = {cell["configuration"]: cell for cell in map(json.loads, lines)}
    found = {cell.key(FINGERPRINTS[name]): cell for cell in planned if not is_game(cell.method)}
    of_games = {cell.key(FINGERPRINTS[name]) for cell in planned if is_game(cell.method)}
    assert found
    assert set(found) == {key for key, cell in stored.items() if not is_game(cell["method"])}
    assert not of_games & set(stored)  # they were measured before a pupil taught the game
    for key, cell in found.items():
        assert (cell.method, cell.labels, cell.seed) == tuple(
            stored[key][each] for each in ("method", "labels", "seed")
        )


def test_another_setting_is_another_cell():
    words = command_of("thucnews_ngram")
    keys = [
        {cell.key("x") for cell in plan(configuration(parse(each), each))}
        for each in (words, [*words, "--size", "64"], [*words, "--steps", "5"])
    ]
    assert not keys[0] & keys[1]
    games = {cell.key("x") for cell in plan(configuration(parse(words), words)) if cell.method.startswith("game")}
    assert games <= keys[0]
    assert not games & keys[2]
