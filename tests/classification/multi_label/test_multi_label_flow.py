"""Several labels a text, the whole path: file → train → report → SavedModel → server, over gRPC and REST."""

import json
import urllib.request
from dataclasses import replace

import numpy as np
import pytest

from ganclf import GANClassifier, contract
from ganclf.classification.pipeline import run
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.export.published import PublishedModel
from serving.client import Client
from serving.local import LocalServer

SENTENCES = {"delivery": "the parcel came late {}", "fault": "the lamp was broken {}", "praise": "kind people {}"}
NAMES = sorted(SENTENCES)
SMALL = {"steps": 12, "batch_size": 16, "labeled_batch_size": 8, "width": 16}


def write(file, count, labeled, offset=0):
    rows = []
    for number in range(offset, offset + count):
        names = [NAMES[number % 3]] + ([NAMES[(number // 3) % 3]] if number % 2 else [])
        text = ". ".join(SENTENCES[name].format(number) for name in sorted(set(names)))
        rows.append({"text": text, "label": sorted(set(names)) if number - offset < labeled else []})
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("several")


def configs(folder):
    """Files of the run, and where it publishes."""
    data = DataConfig(data=(folder / "rows.jsonl",), test=folder / "test.jsonl")
    return data, RunConfig(output=folder / "models" / "several", typos=0.1)


@pytest.fixture(scope="module")
def version(folder):
    """The version's folder."""
    write(folder / "rows.jsonl", 90, 40)
    write(folder / "test.jsonl", 30, 30, offset=200)
    data, output = configs(folder)
    return run(data, EncoderConfig(size=32), GameConfig(**SMALL), output)


@pytest.fixture(scope="module")
def report(version):
    return json.loads((version / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))


def test_the_report_has_the_figures_of_all_methods(report):
    assert report["multi_label"] is True
    assert set(report["results"]) == {
        "published", "game", "game_off", "features_logistic_regression", "tfidf_logistic_regression",
    }  # fmt: skip
    for result in report["results"].values():
        low, high = result["micro_f1_interval"]
        assert low <= result["micro_f1"] <= high
        assert result["texts"] == 30
        assert set(result["per_class"]) == set(NAMES)
        assert result["per_class"]["fault"]["average_precision"] > 0.3
    assert set(report["published"]["thresholds"]) == set(NAMES)
    assert set(report["robustness"]["published"]) == {"replaced", "dropped", "swapped"}
    assert "micro F1" in report["verdict"]


def test_reader_s_files_speak_of_several_labels(version, report):
    extra = version / contract.ASSETS_EXTRA
    card = (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")
    assert "any of 3 labels" in card
    assert "always predicts one" not in card
    page = (extra / contract.HTML_REPORT_FILE).read_text(encoding="utf-8")
    assert "average precision" in page
    assert (extra / contract.CLASSES_PLOT_FILE).stat().st_size > 5000
    assert not (extra / contract.CONFUSION_PLOT_FILE).exists()
    assert f"{report['data']['labeled_rows']} labeled and" in card


def test_the_published_model_decides_in_its_graph(version, report):
    texts = ["late parcel", "broken lamp, kind people", ""]
    published, loaded = PublishedModel(version), GANClassifier.load(version)
    assert published.multi_label
    assert dict(zip(published.classes, published.thresholds.tolist(), strict=True)) == report["published"]["thresholds"]
    probabilities, _ = published.answers(texts)
    output = published._run(texts)[contract.LABELS]
    assert output.dtype == bool
    np.testing.assert_array_equal(output, published.decide(probabilities))
    np.testing.assert_array_equal(output, loaded.predict(texts) == 1)
    for prediction, row in zip(published.predictions(texts), probabilities, strict=True):
        assert set(prediction.labels) == {
            name for name, p, t in zip(NAMES, row, published.thresholds, strict=True) if p >= t
        }
        assert prediction.label == NAMES[row.argmax()]


def test_the_server_gives_the_same_labels_over_grpc_and_rest(version, free_port):
    texts = ["late parcel 3", "the lamp was broken 7. kind people 7"]
    expected = PublishedModel(version).predictions(texts)
    with LocalServer(model_name="several", base_path=version.parent, port=0, rest_api_port=free_port()) as server:
        with Client(server.address, model="several") as client:
            answered = client.predict(texts).predictions
        body = json.dumps({"instances": texts}).encode()
        url = f"http://{server.rest_address}/v1/models/several:predict"
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as response:
            rest = json.load(response)["predictions"]
    for there, here, row in zip(answered, expected, rest, strict=True):
        assert there.labels == here.labels
        assert there.probabilities == pytest.approx(here.probabilities, abs=1e-5)
        names = tuple(name for name, has in zip(row["classes"], row["labels"], strict=True) if has)
        assert set(names) == set(here.labels)


def test_the_next_version_is_compared_with_the_one_before(folder, version, report):
    data, output = configs(folder)
    quick = replace(output, compare="none", typos=0.0)
    second = run(data, EncoderConfig(size=32), GameConfig(**SMALL, calibration="none", game="off"), quick)
    previous = json.loads((second / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))[
        "previous"
    ]
    assert previous["version"] == 1
    assert previous["micro_f1"] == pytest.approx(report["results"]["published"]["micro_f1"])
    assert 0.0 < previous["p_value"] <= 1.0
    assert "micro F1" in previous["sentence"]


@pytest.mark.parametrize(("labeled", "kind"), [(12, "cross_validation"), (60, "hold_out")])
def test_without_a_test_file_labeled_rows_are_held_out(labeled, kind, tmp_path):
    output = RunConfig(output=tmp_path / "model", compare="none")
    data = DataConfig(data=(write(tmp_path / "rows.jsonl", 70, labeled),))
    version = run(
        data, EncoderConfig(size=16), GameConfig(**SMALL | {"steps": 5}, calibration="none", game="off"), output
    )
    report = json.loads((version / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert report["evaluation"]["kind"] == kind
    assert 0.0 < report["results"]["published"]["micro_f1"] <= 1.0
    assert report["results"]["published"]["texts"] == report["evaluation"]["texts"] > 4
