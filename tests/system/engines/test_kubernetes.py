"""Kubernetes itself, which TUNER_KUBECONFIG names: workers are struck, and deploy/ is applied.

Its nodes have the image of this version (TUNER_KUBERNETES_IMAGE names another one), two cores and a
default class of volumes.
"""

import base64
import json
import os
import re
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
import yaml
from _launched import SLOW, Launched
from _places import ROOT

from tuner import __version__

CLUSTER = os.environ.get("TUNER_KUBECONFIG")
IMAGE = os.environ.get("TUNER_KUBERNETES_IMAGE", f"tuner:{__version__}")
OBJECTS = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))
N_TRIALS = 6

pytestmark = [
    pytest.mark.zoo,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not CLUSTER, reason="no Kubernetes here: TUNER_KUBECONFIG names none"),
]


def until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(1)
    return found


class Namespace:
    """A namespace of its own, with the passwords that deploy/kubernetes.yaml asks for."""

    def __init__(self):
        self.name = f"tuner-test-{secrets.token_hex(3)}"
        self.passwords = {each: secrets.token_hex(24) for each in ("tuner", "tuner-dashboard")}
        self("create", "namespace", self.name)
        for name, password in self.passwords.items():
            self("create", "secret", "generic", name, f"--from-literal=password={password}")

    def __call__(self, *words, text=None, check=True):
        """What kubectl prints."""
        command = ["kubectl", f"--namespace={self.name}", *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        return done.stdout

    def apply(self, objects):
        text = yaml.safe_dump_all(objects).replace(f"tuner:{__version__}", IMAGE)
        self("apply", "-f", "-", text=text)

    def get(self, kind, **labels):
        """The objects of a kind, by their names."""
        chosen = ",".join(f"{key}={value}" for key, value in labels.items())
        found = json.loads(self("get", kind, "-o", "json", *([f"-l{chosen}"] if chosen else [])))
        return {each["metadata"]["name"]: each for each in found["items"]}

    def is_ready(self, pod):
        conditions = self.get("pods").get(pod, {}).get("status", {}).get("conditions", [])
        return {"Ready": "True"}.items() <= {c["type"]: c["status"] for c in conditions}.items()

    def evict(self, pod):
        """Ask for what a drain asks; the error where a budget does not let it go."""
        known = self("api-versions").split()
        version = "policy/v1" if "policy/v1" in known else "policy/v1beta1"
        meta = {"name": pod, "namespace": self.name}
        asked = json.dumps({"apiVersion": version, "kind": "Eviction", "metadata": meta})
        path = f"/api/v1/namespaces/{self.name}/pods/{pod}/eviction"
        command = ["kubectl", "create", "--raw", path, "-f", "-"]
        done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else None

    @contextmanager
    def forwarded(self, service, port):
        """A port of this machine that leads to one of a service."""
        command = ["kubectl", f"--namespace={self.name}", "port-forward", f"service/{service}"]
        with subprocess.Popen([*command, f":{port}"], stdout=subprocess.PIPE, text=True) as process:
            try:
                yield int(re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())[1])
            finally:
                process.terminate()


@pytest.fixture
def namespace(monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(CLUSTER))
    namespace = Namespace()
    yield namespace
    namespace("delete", "namespace", namespace.name, "--wait=false")


@pytest.fixture
def launched(namespace, here, npz, ends_of_connections, monkeypatch):
    """Workers that have the store by its name in the cluster; this process has it by a port."""
    store = [each for each in OBJECTS if each["metadata"]["name"] == "tuner-db"]
    container = store[1]["spec"]["template"]["spec"]["containers"][0]
    container["resources"]["requests"]["cpu"] = "0"  # two cores are for two workers
    namespace.apply(store)
    until(lambda: namespace.is_ready("tuner-db-0"))
    (here / "password").write_text(namespace.passwords["tuner"])
    monkeypatch.setenv("TUNER_STORAGE_PASSWORD_FILE", str(here / "password"))
    with namespace.forwarded("tuner-db", 5432) as port:
        url = f"postgresql://tuner@127.0.0.1:{port}/tuner"
        given = ["--storage", "postgresql://tuner@tuner-db/tuner", "--unpack", "--memory", "1500M"]
        given += ["--set", f"namespace={namespace.name}", "--set", f"image={IMAGE}"]
        launched = Launched("kubernetes", url, npz, *given, code=SLOW, bundled=True)
        launched.start(2)
        yield launched
        launched.stop()


def test_forty_trials_end_once_whatever_kubernetes_does(launched, namespace, capsys):
    def running():
        states = launched.states(capsys)
        pods = namespace.get("pods", app="tuner-worker")
        return [
            each["worker"]
            for each in states
            if each["state"] == "running"
            and "deletionTimestamp" not in pods.get(each["worker"], {}).get("metadata", {})
        ]

    def work():
        """Two pods, each with a process that trains."""
        launched.wait(lambda: len(running()) == 2 and len(launched.training()) == 2)
        return running()

    def kill(pod):
        namespace("exec", pod, "--", "sh", "-c", "kill -9 -1", check=False)

    def evict(pod):
        assert namespace.evict(pod) is None

    def is_over():
        return {each["state"] for each in launched.states(capsys)} <= {"ended", "failed"}

    launched.wait_for(2)
    launched.strike("deleted", lambda: namespace("delete", "pod", work()[0]))
    launched.strike("evicted", lambda: evict(work()[0]))
    launched.strike("killed", lambda: kill(work()[0]))
    forced = ("--force", "--grace-period=0")
    launched.strike("deleted by force", lambda: namespace("delete", "pod", work()[0], *forced))
    work()
    launched.strike("stopped", launched.stop)
    launched.wait(lambda: not running())
    launched.start(1, "--time", "25s")
    launched.strike("out of time", lambda: launched.wait(is_over))
    assert launched.n_finished() < 40
    launched.start(2)
    launched.wait_for(40)
    launched.wait(is_over)
    launched.check()


def shown(port, path, password=None):
    """The status of an answer of the dashboard."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if password:
        pair = base64.b64encode(f"tuner:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_what_deploy_has_becomes_ready_and_ends(namespace):
    def dashboard():
        pods = namespace.get("pods", app="tuner-dashboard")
        return next(name for name in pods if "deletionTimestamp" not in pods[name]["metadata"])

    def is_complete(job):
        return namespace.get("jobs")[job]["status"].get("completionTime")

    def status():
        command = ("exec", dashboard(), "--", "tuner", "status", "--json")
        return json.loads(namespace(*command))["trials"]

    settings = next(each for each in OBJECTS if each["kind"] == "ConfigMap")["data"]
    settings["TUNER_TRIALS"] = str(N_TRIALS)
    for each in OBJECTS:
        if each["metadata"]["name"] in ("tuner-init", "tuner-worker"):
            (container,) = each["spec"]["template"]["spec"]["containers"]
            container["resources"]["requests"]["cpu"] = "100m"  # leave a core for the database
    namespace.apply(OBJECTS)
    until(lambda: namespace.is_ready("tuner-db-0") and namespace.is_ready(dashboard()))
    until(lambda: is_complete("tuner-init"))
    until(lambda: is_complete("tuner-worker"), 900)
    counts = status()
    assert counts.get("complete", 0) + counts.get("pruned", 0) == N_TRIALS

    with namespace.forwarded("tuner-dashboard", 8080) as port:
        assert shown(port, "/healthz") == 200
        assert shown(port, "/api/studies") == 401
        assert shown(port, "/api/studies", namespace.passwords["tuner-dashboard"]) == 200

    namespace("create", "job", "--from=cronjob/tuner-backup", "now")
    until(lambda: is_complete("now"))

    assert "disruption budget" in namespace.evict("tuner-db-0")
    namespace("scale", "statefulset/tuner-db", "--replicas=0")
    until(lambda: not namespace.is_ready(dashboard()))
    namespace("scale", "statefulset/tuner-db", "--replicas=1")
    until(lambda: namespace.is_ready("tuner-db-0") and namespace.is_ready(dashboard()))
    (container,) = namespace.get("pods")[dashboard()]["status"]["containerStatuses"]
    assert container["restartCount"] == 0
    counts = status()
    assert counts.get("complete", 0) + counts.get("pruned", 0) == N_TRIALS
