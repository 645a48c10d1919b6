"""python -m serving.admin against real servers: each change is on the server and in the file, or in neither."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import text_format
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import UserError
from serving.admin.__main__ import main
from serving.admin.fleet import Fleet
from serving.client import Client
from serving.local import LocalServer

QUICK = 0.05  # seconds between looks


@pytest.fixture(scope="module")
def folders(tmp_path_factory, float_model, publish):
    """Model `a` with versions 1 to 4, of which 4 is broken, and model `b` with version 7."""
    base = tmp_path_factory.mktemp("admin")
    for name, numbers in (("a", (1, 2, 3)), ("b", (7,))):
        (base / name).mkdir()
        for number in numbers:
            publish(float_model, base / name, number)
    return base


@pytest.fixture(scope="module")
def two_servers(folders):
    """Two replicas over the same list of models."""
    file = folders / "models.config"
    file.write_text(config(folders, "specific { versions: 2 versions: 3 }"))
    options = {"model_config_file": file, "port": 0, "file_system_poll_wait_seconds": QUICK}
    with LocalServer(**options) as first, LocalServer(**options) as second:
        yield first, second


def config(folders: Path, policy: str, labels: str = "") -> str:
    a = f'name: "a" base_path: "{folders}/a" model_platform: "tensorflow" model_version_policy {{ {policy} }} {labels}'
    b = f'name: "b" base_path: "{folders}/b" model_platform: "tensorflow"'
    return f"# The models.\n# Two of them.\nmodel_config_list {{ config {{ {a} }} config {{ {b} }} }}\n"


@pytest.fixture
def admin(folders, two_servers, tmp_path, capsys):
    """Run the command with versions 2 and 3 served; returns the exit code and what was printed."""
    file = tmp_path / "models.config"
    addresses = [part for server in two_servers for part in ("--server", server.address)]

    def admin(*arguments: object, config: Path = file) -> tuple[int, str]:
        code = main([*addresses, "--config", str(config), "--timeout", "20", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    file.write_text(config(folders, "specific { versions: 2 versions: 3 }"))
    admin.file = file
    assert admin("versions", "a", 2, 3)[0] == 0
    return admin


def served(servers, name: str = "a") -> list[list[int]]:
    """The versions that each server has available."""
    found = []
    for server in servers:
        with Client(server.address, model=name) as client:
            found.append(sorted(each.version for each in client.status() if each.state == "AVAILABLE"))
    return found


def labels(file: Path) -> dict[str, int]:
    parsed = text_format.Parse(file.read_text(), ModelServerConfig())
    return dict(parsed.model_config_list.config[0].version_labels)


def test_status_shows_versions_states_and_labels_of_every_server(admin, two_servers):
    admin("label", "a", "stable", 2)
    code, out = admin("status")
    assert code == 0
    for server in two_servers:
        assert server.address in out
    assert out.count("2  AVAILABLE  stable") == 2
    assert out.count("  a: serves 2, 3\n") == 2
    assert out.count("  b: serves 7\n") == 2
    assert out.count(f"    {admin.file}: versions 2, 3; the server agrees\n") == 2
    assert out.count(f"    {admin.file}: the newest version; the server agrees\n") == 2
    assert "b:" not in admin("status", "a")[1]


def test_status_shows_what_is_served_and_names_what_the_file_has_otherwise(admin, folders):
    admin.file.write_text(
        config(folders, "specific { versions: 1 versions: 2 }", 'version_labels { key: "stable" value: 1 }')
    )
    code, out = admin("status", "a")
    assert code == 0
    assert out.count("  a: serves 2, 3\n") == 2
    assert "stable\n" not in out
    assert (
        out.count(
            "versions 1, 2; version 1 is not served; version 3 is served, and not in the file; the label stable of "
            "version 1 points nowhere\n"
        )
        == 2
    )


def test_status_of_a_model_that_only_one_side_has(admin, folders):
    admin.file.write_text(admin.file.read_text().replace('name: "a"', 'name: "c"'))
    out = admin("status", "a", "c", "d")[1]
    assert out.count("  a: serves 2, 3\n       3  AVAILABLE\n       2  AVAILABLE\n") == 2
    assert (
        out.count(f"  c: unknown to this server\n    {admin.file}: versions 2, 3 of {folders}/a; `reload` sends") == 2
    )
    assert out.count(f"  d: unknown to this server\n    not in {admin.file}\n") == 2


def test_status_needs_no_file(two_servers, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    address = two_servers[0].address
    assert main(["--server", address, "status", "b"]) == 0
    assert capsys.readouterr().out == f"{address}\n  b: serves 7\n       7  AVAILABLE\n"
    assert main(["--server", address, "status"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{address}\n  classifier: unknown to this server\nOnly 'classifier' was asked for: servers")
    assert out.endswith(" status NAME\n")
    assert main(["--server", address, "versions", "b"]) == 2
    assert "there is no file models.config. Give the file that the servers have" in capsys.readouterr().err


def test_a_file_in_the_working_directory_is_compared(two_servers, folders, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.config").write_text(config(folders, "specific { versions: 3 }"))
    assert main(["--server", two_servers[0].address, "status", "b"]) == 0
    assert "    models.config: the newest version; the server agrees\n" in capsys.readouterr().out


def test_versions_are_chosen_on_every_server_and_in_the_file(admin, two_servers, eventually):
    assert admin("versions", "a", 1, 3) == (0, "a: versions 1, 3; served now: 1, 3\n")
    eventually(lambda: served(two_servers) == [[1, 3]] * 2)
    assert admin.file.read_text().startswith("# The models.\n# Two of them.\n")
    assert admin("versions", "a", "--latest", 2)[0] == 0
    eventually(lambda: served(two_servers) == [[2, 3]] * 2)
    assert admin("versions", "a") == (0, "a: the newest 2 versions; served now: 2, 3\n")


@pytest.mark.parametrize("chosen", [(3,), ("--latest", 1)])
def test_no_label_is_left_pointing_at_nothing(admin, two_servers, chosen):
    admin("label", "a", "stable", 2)
    code, said = admin("versions", "a", *chosen)
    assert code == 2
    assert "stable (2). Name these versions too, or move or remove the labels first." in said
    assert served(two_servers) == [[2, 3]] * 2


def test_a_label_moves_and_goes(admin, two_servers):
    for version in (2, 3):
        assert admin("label", "a", "canary", version) == (0, f"a: canary points at version {version}\n")
        assert admin("status", "a")[1].count(f"{version}  AVAILABLE  canary") == 2
        assert labels(admin.file) == {"canary": version}
    assert admin("label", "a", "canary") == (0, "a: canary points nowhere now\n")
    assert labels(admin.file) == {}


def test_a_rollback_brings_the_version_before_and_the_labels_down(admin, two_servers, eventually):
    admin("label", "a", "stable", 3)
    admin("versions", "a", 3)
    eventually(lambda: served(two_servers) == [[3]] * 2)
    code, out = admin("rollback", "a")
    assert code == 0
    assert out.startswith("a: version 2 serves; newer ones stay out until")
    eventually(lambda: served(two_servers) == [[2]] * 2)
    assert labels(admin.file) == {"stable": 2}
    assert admin("rollback", "a", "--to", 1)[0] == 0
    eventually(lambda: served(two_servers) == [[1]] * 2)
    code, said = admin("rollback", "a")
    assert code == 2
    assert "no version of a below 1 is known; name the one to go back to with --to." in said


def test_a_version_that_does_not_load_leaves_all_as_it_was(admin, two_servers, folders, eventually):
    (folders / "a" / "4").mkdir()
    (folders / "a" / "4" / "saved_model.pb").write_bytes(b"no model")
    before = admin.file.read_text()
    code, said = admin("versions", "a", 4)
    shutil.rmtree(folders / "a" / "4")
    assert code == 2
    assert "version 4 of a is END: " in said
    assert admin.file.read_text() == before
    eventually(lambda: served(two_servers) == [[2, 3]] * 2)


def test_what_one_server_refuses_the_others_give_back(admin, two_servers, folders, connect, eventually):
    """The second server has lost version 3, to which a label shall point."""
    first, second = two_servers
    with Client(second.address) as client:
        only_2 = text_format.Parse(config(folders, "specific { versions: 2 }"), ModelServerConfig())
        client.reload(only_2.SerializeToString())
    eventually(lambda: served([second]) == [[2]])
    old, new = (
        text_format.Parse(config(folders, "specific { versions: 2 versions: 3 }", label), ModelServerConfig())
        for label in ("", 'version_labels { key: "canary" value: 3 }')
    )
    with Fleet([first.address, second.address], 20.0) as fleet, pytest.raises(UserError, match="got the old list back"):
        fleet.replace(new, old)
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name, request.model_spec.version_label = "a", "canary"
    with pytest.raises(grpc.RpcError, match="Unrecognized servable version label: canary"):
        connect(first.address).model.GetModelStatus(request, timeout=20)


def test_reload_sends_the_file(admin, two_servers):
    assert admin("reload")[0] == 0
    assert served(two_servers, "b") == [[7], [7]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("label", "a", "canary", 9), "version 9 of a is not served, so no label can point at it; served: 2 3."),
        (("label", "a", "other"), "a has no label 'other'; it has: none."),
        (("label", "m", "canary", 3), "lists no model 'm'; it lists a, b."),
        (("versions", "a", "-1"), "version -1: a version is a number from 0"),
        (("versions", "a", 1, "--latest", 1), "give numbers or --latest, not both."),
        (("versions", "a", "--latest", 0), "--latest 0: out of range"),
        (("rollback", "m"), "lists no model 'm'"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_changes_nothing(admin, two_servers, capsys, arguments, message):
    before = admin.file.read_text()
    try:
        code, said = admin(*arguments)
    except SystemExit as end:  # argparse's own refusals
        code, said = end.code, capsys.readouterr().err
    assert code == 2
    assert message in said
    assert "Traceback" not in said
    assert admin.file.read_text() == before
    assert served(two_servers) == [[2, 3]] * 2


@pytest.mark.parametrize(
    ("text", "message"), [(None, "there is no file"), ("{", "Mend it"), ("", "lists no models"), ("\xff", "Mend it")]
)
def test_a_file_that_is_no_list_is_a_users_mistake(admin, tmp_path, text, message):
    file = tmp_path / "other.config"
    if text is not None:
        file.write_text(text)
    code, said = admin("status", config=file)
    assert code == 2
    assert message in said


def test_a_server_that_is_not_there_ends_with_1(tmp_path, folders, capsys):
    (tmp_path / "models.config").write_text(config(folders, "latest { }"))
    arguments = ["--server", "127.0.0.1:1", "--timeout", "0.5", "--config", str(tmp_path / "models.config")]
    assert main([*arguments, "status"]) == 1
    assert "No server answered at 127.0.0.1:1" in capsys.readouterr().err


def test_the_tls_file_holds_the_pem_files_and_is_for_its_owner_alone(tmp_path, capsys):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_text('-----BEGIN PRIVATE KEY-----\n"k"\n-----END PRIVATE KEY-----\n')
    certificate.write_text("-----BEGIN CERTIFICATE-----\nc\n-----END CERTIFICATE-----\n")
    command = ["tls", "--key", str(key), "--certificate", str(certificate), "--output", str(tmp_path / "ssl.config")]
    assert main(command) == 0
    assert stat.S_IMODE((tmp_path / "ssl.config").stat().st_mode) == 0o600
    lines = (tmp_path / "ssl.config").read_text().splitlines()
    assert lines[0] == r'server_key: "-----BEGIN PRIVATE KEY-----\n\"k\"\n-----END PRIVATE KEY-----\n"'
    assert lines[2:] == ["client_verify: false"]
    assert main(command) == 2  # it is there already
    assert "give the path of a new file" in capsys.readouterr().err.lower()
    key.write_text("no key")
    assert main(command) == 2
    assert "is not a PEM file" in capsys.readouterr().err


def test_it_needs_no_tensorflow():
    code = "import sys, serving.admin.__main__; assert 'tensorflow' not in sys.modules"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
