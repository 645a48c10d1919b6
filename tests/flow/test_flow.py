"""The whole path on the bundled sample: CSV → train → publish → serve → predict → page."""

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ganclf import contract, predict, train
from ganclf.data import sample_path
from serving.client import Client
from serving.local import LocalServer

ROOT = Path(__file__).parents[2]
SMALL = ["--steps", "60", "--size", "64"]


def run(module: str, *words: str, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, **more)


@pytest.fixture
def run_here(capsys):
    """Run a command's main in this process, which has imported TensorFlow already."""

    def run_here(main, *words: str) -> subprocess.CompletedProcess:
        code = main(words)
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, printed.out, printed.err)

    return run_here


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What `python -m ganclf.train` published from the sample, and what it printed."""
    base = tmp_path_factory.mktemp("saved_models") / "messages"
    done = run("ganclf.train", "--output", str(base), *SMALL)
    assert done.returncode == 0, done.stderr
    return base, done


@pytest.fixture(scope="module")
def server(trained):
    with LocalServer(model_name="messages", base_path=trained[0], port=0) as running:
        yield running


def test_training_publishes_a_version_with_its_report(trained):
    base, done = trained
    extra = base / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert set(report["results"]) == {
        "published", "game", "game_off", "features_logistic_regression", "tfidf_logistic_regression",
    }  # fmt: skip
    assert report["results"]["published"]["method"] in ("game", "stack", "features_logistic_regression")
    assert 0.0 < report["results"]["published"]["calibration_error"] < 0.5
    assert report["published"]["sentence"] in done.stdout
    assert report["configuration"]["adversarial_weight"] == 0.5  # eight classes, ten labels of each
    assert 0.2 <= report["configuration"]["unlabeled_weight"] <= 1.0
    assert report["evaluation"]["kind"] == "test_file"
    assert sum(report["data"]["labeled"].values()) == 80
    for result in report["results"].values():
        assert 1 / 8 < result["accuracy"] < 0.85  # better than chance; a sample that is solved shows nothing
        assert sum(map(sum, result["confusion_matrix"])) == report["evaluation"]["texts"]
    assert report["resources"]["peak_memory_bytes"] < 4 * 2**30
    for name in (contract.MODEL_CARD_FILE, contract.HTML_REPORT_FILE, contract.CONFUSION_PLOT_FILE,
                 contract.CURVES_PLOT_FILE):  # fmt: skip
        assert (extra / name).stat().st_size > 500
    assert shlex.join(["--model", str(base)]) in done.stdout
    assert f"{100 * report['results']['game']['accuracy']:.1f}" in done.stdout


def test_no_training_text_travels_with_the_model(trained):
    texts = [line.split(",")[0].strip('"') for line in sample_path().read_text(encoding="utf-8").splitlines()[1:]]
    long_texts = [text.encode() for text in texts if len(text) > 40]
    assert len(long_texts) > 100
    published = b"".join(file.read_bytes() for file in (trained[0] / "1").rglob("*") if file.is_file())
    assert not [text for text in long_texts if text in published]


def test_the_folder_and_the_server_answer_alike(trained, server, run_here):
    texts = ["I was charged twice for my order", "快递怎么还没到", "**bold** <script>"]
    from_folder = run_here(predict.main, "--model", str(trained[0]), *texts)
    from_server = run_here(predict.main, "--server", server.address, "--model-name", "messages", *texts)
    assert from_folder.returncode == from_server.returncode == 0, from_folder.stderr + from_server.stderr
    here, there = ([json.loads(line) for line in done.stdout.splitlines()] for done in (from_folder, from_server))
    assert [row["text"] for row in here] == texts
    assert [row["label"] for row in here] == [row["label"] for row in there]
    for one, other in zip(here, there, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)
        assert sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-4)
        assert one["in_scope"] == pytest.approx(other["in_scope"], abs=0.01)


def test_predict_reads_a_file_and_standard_input(trained, tmp_path, run_here):
    table = tmp_path / "in.csv"
    table.write_text("id,content\n1,where is my parcel\n2,密码忘了登录不了\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    done = run_here(predict.main, "--model", str(trained[0]), "--input", str(table), "--output", str(out))
    assert done.returncode == 0, done.stderr
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "id,content,label,probability,in_scope"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]
    unsure = run_here(predict.main, "--model", str(trained[0]), "--abstain-below", "1", "where is my parcel")
    assert json.loads(unsure.stdout)["label"] is None
    piped = run("ganclf.predict", "--model", str(trained[0]), input="where is my parcel\n\nrefund\n")
    assert len(piped.stdout.splitlines()) == 3


def test_the_page_shows_what_the_server_answers(server, monkeypatch):
    monkeypatch.setenv("GANCLF_SERVER", server.address)
    monkeypatch.setenv("GANCLF_MODEL", "messages")
    text = "My card was charged two times"
    page = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=30).run()
    page.text_area[0].input(text)
    page.button[0].click().run()
    assert not page.exception
    with Client(server.address, model="messages") as client:
        label = client.predict([text]).predictions[0].label
    assert label in [shown.value for shown in page.text]


def test_a_second_run_publishes_the_next_version_and_the_server_moves_to_it(trained, server, tmp_path, run_here):
    quick = ["--compare", "none", "--calibration", "none", "--steps", "5"]
    output = ["--output", str(trained[0]), "--tensorboard", str(tmp_path)]
    done = run_here(train.main, *output, *SMALL, *quick, "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("events.out.tfevents.*"))
    report = json.loads((trained[0] / "2" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert list(report["results"]) == ["published", "game"]
    with Client(server.address, model="messages", timeout=30) as client:
        assert _wait_for_version(client, 2)


def _wait_for_version(client: Client, version: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if client.predict(["parcel"]).version == version:
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize(
    ("labels", "kind"), [(3, "cross_validation"), (1, "none")], ids=["few labels", "one label per class"]
)
def test_without_a_test_file_the_report_says_how_it_was_estimated(tmp_path, labels, kind, run_here):
    data = tmp_path / "data.csv"
    words = {"sport": "match goal team win league", "money": "stock bank price market trade"}
    rows = ["text,label"]
    for number in range(40):
        for name, vocabulary in words.items():
            chosen = vocabulary.split()[number % 5], vocabulary.split()[(number // 5) % 5]
            rows.append(f"{' '.join(chosen)} {number},{name if number < labels else ''}")
    data.write_text("\n".join(rows) + "\n", encoding="utf-8")
    where = ["--data", str(data), "--output", str(tmp_path / "model")]
    quick = ["--game", "off", "--calibration", "none", "--steps", "5", "--compare", "none"]
    done = run_here(train.main, *where, *SMALL, *quick)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "model" / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text())
    assert report["evaluation"]["kind"] == kind
    assert report["evaluation"]["texts"] == (0 if kind == "none" else 6)


def test_with_fifteen_labels_a_class_a_part_is_held_out(tmp_path, run_here):
    data = tmp_path / "data.jsonl"
    rows = [{"text": f"{'red apple' if n % 2 else 'blue sky'} {n}", "label": str(n % 2)} for n in range(40)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    where = ["--data", str(data), "--output", str(tmp_path / "model")]
    quick = ["--game", "off", "--calibration", "none", "--steps", "5", "--compare", "none"]
    done = run_here(train.main, *where, *SMALL, *quick, "--typos", "0.2")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "model" / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text())
    assert report["evaluation"]["kind"] == "hold_out"
    assert report["evaluation"]["texts"] == 8
    assert {kind: figures["rate"] for kind, figures in report["robustness"]["published"].items()} == {
        "replaced": 0.2, "dropped": 0.2, "swapped": 0.2,
    }  # fmt: skip
    assert "letters swapped, 20 %" in done.stdout


def test_ctrl_c_keeps_what_was_published_before(start, tmp_path):
    base = tmp_path / "model"
    running = start("-m", "ganclf.train", "--output", base, "--steps", "100000", PYTHONUNBUFFERED="1")
    for line in running.stderr:
        if line.startswith("encode"):
            break
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert list(base.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", [], "empty"),
        ("text,label\n", [], "no rows"),
        ("text,topic\na,b\nc,d\n", ["--label-column", "label"], "no column 'label'"),
        ("text,label\na,\nb,\n", [], "label"),
        ("text,label\na,x\nb,x\n", [], "class"),
        ("text,label\na,x\nb,y\n", ["--labels-per-class", "5"], "5"),
        ("text,label\na,x\nb,y\n", ["--steps", "0"], "--steps"),
        ("text,label\na,x\nb,y\n", ["--output", "/dev/null/model"], "--output"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_code_2(tmp_path, content, options, message, run_here):
    data = tmp_path / "data.csv"
    data.write_text(content)
    done = run_here(train.main, "--data", str(data), "--output", str(tmp_path / "out"), *options)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr.splitlines()[-1]
    assert not list(tmp_path.rglob("saved_model.pb"))
