"""The files that start tuner on many machines: nothing in them is open, unpinned or secret."""

import re
import subprocess

import kubernetes_validate
import pytest
import sqlalchemy
import yaml
from _places import ROOT
from sqlalchemy.engine import make_url

from tuner import __version__
from tuner.cli.main import run
from tuner.storage.connect import open_storage

FILES = ["docker-compose.yml", "docker-compose.gpu.yml", ".env.example", "deploy/kubernetes.yaml"]
COMPOSE, _, SETTINGS, KUBERNETES = [(ROOT / name).read_text(encoding="utf-8") for name in FILES]
SERVICES = yaml.safe_load(COMPOSE)["services"]
OBJECTS = list(yaml.safe_load_all(KUBERNETES))


def jobs_of(manifest):
    """What has pods: the manifest itself, or what a CronJob begins."""
    spec = manifest.get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec)


PODS = {
    each["metadata"]["name"]: jobs_of(each)["template"]["spec"]
    for each in OBJECTS
    if "template" in jobs_of(each)
}


def is_pinned(image):
    return image.partition(":")[2] not in ("", "latest")


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_is_hardened(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert service["pids_limit"] > 0
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert is_pinned(service["image"])
    assert not {"privileged", "cap_add", "devices"} & set(service)


def test_what_an_image_installs_has_hashes_and_the_versions_of_the_tests():
    text = (ROOT / "deploy" / "requirements.txt").read_text(encoding="utf-8")
    found = re.findall(
        r"^([\w.-]+)==(\S+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.M
    )
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    known = dict(re.findall(r"^([\w.-]+)==(\S+)$", constraints, re.MULTILINE))
    assert {"tensorflow", "optuna", "psycopg"} < {name for name, _, _ in found}
    assert len(found) == len(re.findall(r"^[^\s#]+==", text, re.MULTILINE))
    assert [n for n, version, _ in found if known.get(n, version) != version] == []
    assert "--require-hashes -r requirements.txt" in (ROOT / "Dockerfile").read_text("utf-8")


def test_only_the_dashboard_is_published_and_to_this_machine_only():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(ports) == ["dashboard"]
    assert all(port.startswith("127.0.0.1:") for port in ports["dashboard"])


def test_the_settings_are_those_of_the_composition():
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE))
    assert dict(re.findall(r"^(\w+)=(.*)$", SETTINGS, re.MULTILINE)) == defaults


@pytest.mark.parametrize("name", FILES)
def test_no_url_holds_a_password(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(r"://[^/\s]*:[^/\s]*@", text) is None


def test_passwords_are_read_from_a_file():
    names = re.findall(r"\w*PASSWORD\w*(?=:|, value)", COMPOSE + KUBERNETES)
    assert names
    assert all(name.endswith("_FILE") for name in names)
    assert "Secret" not in [each["kind"] for each in OBJECTS]


def test_what_has_ended_goes_and_nothing_grows_without_a_limit():
    jobs = [jobs_of(each) for each in OBJECTS if each["kind"] in ("Job", "CronJob")]
    assert len(jobs) == 3
    assert all(job["ttlSecondsAfterFinished"] > 0 for job in jobs)
    volumes = [each for pod in PODS.values() for each in pod["volumes"] if "emptyDir" in each]
    assert volumes
    assert all("sizeLimit" in each["emptyDir"] for each in volumes)


def test_the_database_is_open_to_our_pods_only():
    (policy,) = [each["spec"] for each in OBJECTS if each["kind"] == "NetworkPolicy"]
    assert policy["podSelector"] == {"matchLabels": {"app": "tuner-db"}}
    ((source,), ports) = policy["ingress"][0]["from"], policy["ingress"][0]["ports"]
    (rule,) = source["podSelector"]["matchExpressions"]
    assert {*rule["values"], "tuner-db"} == set(PODS)
    assert ports == [{"port": 5432}]


def test_passwords_are_made_once_and_differ(tmp_path):
    files = [tmp_path / name / "password" for name in ("secret", "login")]
    program = SERVICES["secret"]["command"][-1].replace("$$", "$")
    program = re.sub(r"/(secret|login)/", rf"{tmp_path}/\1/", program)
    made = []
    for file in files:
        file.parent.mkdir()
    for _ in range(2):
        subprocess.run(["sh", "-c", program], check=True)
        made.append([file.read_text() for file in files])
    assert made[0] == made[1]
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in made[0])
    assert len(set(made[0])) == 2


def test_the_dashboard_has_a_login_which_no_worker_can_read():
    mounts = {name: " ".join(service["volumes"]) for name, service in SERVICES.items()}
    assert [name for name in mounts if "login:" in mounts[name]] == ["secret", "dashboard"]
    (container,) = PODS["tuner-dashboard"]["containers"]
    for command in (SERVICES["dashboard"]["command"].split(), container["command"]):
        assert command[:2] == ["tuner", "dashboard"]
        assert command[command.index("--password-file") + 1] == "/login/password"
        assert "--writable" not in command


def test_a_probe_has_more_than_a_second():
    containers = [container for pod in PODS.values() for container in pod["containers"]]
    probes = [each for c in containers for name, each in c.items() if name.endswith("Probe")]
    assert len(probes) == 3
    assert all(
        probe["timeoutSeconds"] >= 5 for probe in probes
    )  # 1, the default, is for idle nodes


def test_images_are_of_this_version():
    images = {container["image"] for pod in PODS.values() for container in pod["containers"]}
    assert {each for each in images if each.startswith("tuner")} == {f"tuner:{__version__}"}


def test_a_worker_that_was_told_to_end_is_begun_again():
    (container,) = PODS["tuner-worker"]["containers"]
    code = container["command"][container["command"].index("--signal-code") + 1]
    assert int(code) > 0  # a Job begins no other pod once one has ended with 0


@pytest.mark.parametrize("version", ["1.28", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("manifest", OBJECTS, ids=lambda each: each["kind"])
def test_kubernetes_knows_every_key(manifest, version):
    kubernetes_validate.validate(manifest, version, strict=True)


def test_a_misspelt_key_would_be_found():
    manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x", "lables": {}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_is_hardened(pod):
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] >= 60
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert is_pinned(container["image"])


@pytest.fixture
def roles(postgres, tmp_path, monkeypatch, npz):
    """URLs of a store with a study for its owner and the two roles of deploy/roles.sql."""
    monkeypatch.chdir(tmp_path)
    url = postgres.store()
    small = ["--variant", "standard", "--width", "8", "--epochs", "2", "--trials", "3"]
    assert run(["submit", "--storage", url, "--data", str(npz), "--name", "mine", *small]) == 0
    text = (ROOT / "deploy" / "roles.sql").read_text(encoding="utf-8")
    names = ("tuner_worker", "tuner_reader")
    with postgres.connect(make_url(url).database) as owner:
        owner.execute(text)
        for name in names:
            owner.execute(f"ALTER ROLE {name} PASSWORD 'secret'")
        yield {
            name: make_url(url)
            .set(username=name, password="secret")
            .render_as_string(hide_password=False)
            for name in names
        }
        for name in names:
            owner.execute(f"DROP OWNED BY {name} CASCADE")
            owner.execute(f"DROP ROLE {name}")


@pytest.mark.slow
def test_a_worker_needs_no_right_to_make_tables(roles, capsys):
    url = roles["tuner_worker"]
    assert run(["worker", "mine", "--storage", url, "--quiet"]) == 0
    assert run(["search", "mine", "--storage", url, "--add", "1", "--jobs", "1", "--quiet"]) == 0
    with pytest.raises(sqlalchemy.exc.ProgrammingError):
        change(url, "CREATE TABLE more (n int)")
    with pytest.raises(sqlalchemy.exc.ProgrammingError):
        change(url, "DELETE FROM alembic_version")
    capsys.readouterr()
    assert run(["status", "mine", "--storage", url, "--json"]) == 0
    assert '"complete": 4' in capsys.readouterr().out


@pytest.mark.slow
def test_who_only_reads_changes_nothing_and_sees_all(roles, tmp_path, capsys):
    url = roles["tuner_reader"]
    for command in (["status", "mine"], ["trials", "mine"], ["store", "backup", "copy.db"]):
        assert run([*command, "--storage", url]) == 0
    assert run(["worker", "mine", "--storage", url, "--quiet"]) == 3
    assert "may not write there" in capsys.readouterr().err
    assert run(["store", "check", "--storage", url]) == 1
    assert "may not write there" in capsys.readouterr().out
    with pytest.raises(sqlalchemy.exc.ProgrammingError):
        change(url, "DELETE FROM trials")


def change(url, text):
    store = open_storage(url)
    with store.database.engine.begin() as connection:
        connection.execute(sqlalchemy.text(text))
