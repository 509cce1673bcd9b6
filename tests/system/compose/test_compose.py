"""The composition, run: workers are killed, the database goes away, and the budget is exact."""

import base64
import itertools
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter

import pytest
from _places import ROOT

N_TRIALS = int(os.environ.get("TUNER_CHAOS_TRIALS", "20"))
AWAY = 12.0
"""Seconds for which the container of the database is stopped: its name is gone then."""

N_REPLAYED = 1 if N_TRIALS < 100 else 3

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(2400)]


def run(*command, **settings):
    return subprocess.run(command, capture_output=True, text=True, check=False, **settings)


def docker(*arguments):
    return run("docker", *arguments).stdout.split()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Composition:
    """The services under a project name of their own."""

    def __init__(self):
        self.project, self.port = f"tuner-test-{secrets.token_hex(4)}", free_port()
        has_plugin = docker("compose", "version")
        self._command = ["docker", "compose"] if has_plugin else ["docker-compose"]
        self._environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "TUNER_STUDY": "noisy_digits",
            "TUNER_TRIALS": str(N_TRIALS),
            "TUNER_PORT": str(self.port),
        }

    def __call__(self, *arguments):
        """What docker compose prints; where it fails, so does the test."""
        done = self.ask(*arguments)
        if done.returncode:
            self.fail(f"{' '.join(arguments)}: {done.stderr[-4000:]}")
        return done.stdout

    def ask(self, *arguments):
        return run(*self._command, *arguments, cwd=ROOT, env=self._environment)

    def fail(self, reason):
        pytest.fail("\n".join([reason, self.ask("ps").stdout, self.ask("logs").stdout[-20000:]]))

    def launch(self, folder, *what):
        """What `tuner launch` says that starts the services, shows its workers, ends them."""
        command = [sys.executable, "-m", "tuner", "launch", "noisy_digits", *what]
        done = run(*command, cwd=folder, env=self._environment)
        if done.returncode:
            self.fail(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def trials(self):
        """The trials by state; nothing while the database is away."""
        command = ("exec", "-T", "dashboard", "tuner", "status", "--json")
        return json.loads(self.ask(*command).stdout or "{}").get("trials", {})

    def n_finished(self):
        counts = self.trials()
        return counts.get("complete", 0) + counts.get("pruned", 0)

    def shown(self, password):
        """The studies that the dashboard shows to one who gives this password."""
        pair = base64.b64encode(f"tuner:{password}".encode()).decode()
        url = f"http://127.0.0.1:{self.port}/api/studies"
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {pair}"})
        try:
            with urllib.request.urlopen(request) as answer:
                return [study["study_name"] for study in json.load(answer)["study_summaries"]]
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return []

    def wait(self, reached, seconds):
        end = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > end:
                self.fail(f"not within {seconds} s")
            time.sleep(1)

    def left(self, *listing):
        """What the engine lists of this project."""
        label = f"label=com.docker.compose.project={self.project}"
        return docker(*listing, "-q", "--filter", label)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where workers are launched from."""
    return tmp_path_factory.mktemp("launch")


@pytest.fixture(scope="module")
def compose(folder):
    """The services, up with three workers; whatever happens, nothing of them stays."""
    if not (shutil.which("docker") and docker("info", "-f", "{{.ServerVersion}}")):
        pytest.skip("no Docker engine answers")
    composition = Composition()
    try:
        composition("build")
        file = ROOT / "docker-compose.yml"
        composition.launch(folder, "--on", "compose", "--workers", "3", "--set", f"file={file}")
        yield composition
    finally:
        composition.ask("down", "-v")


def strikes(compose):
    """What is done to the services, one after the other."""

    def kill(signal):
        service = "label=com.docker.compose.service=worker"
        victim = compose.left("ps", "--filter", service)[0]
        assert docker("kill", "-s", signal, victim) == [victim]
        compose("up", "-d", "--scale", "worker=3")

    def take_away():
        compose("stop", "db")
        time.sleep(AWAY)
        compose("start", "db")

    return {
        "killed": lambda: kill("KILL"),
        "database away": take_away,
        "terminated": lambda: kill("TERM"),
        "restarted": lambda: compose("restart", "db"),
    }


def test_the_budget_is_exact_whatever_is_killed(compose):
    compose.wait(lambda: compose.n_finished() >= 3, seconds=300)
    done, began = Counter(), time.monotonic()
    for name, strike in itertools.cycle(strikes(compose).items()):
        strike()
        done[name] += 1
        time.sleep(15 if N_TRIALS > 100 else 0)
        if len(done) == len(strikes(compose)) and compose.n_finished() > 0.9 * N_TRIALS:
            break
    compose.wait(lambda: compose.n_finished() >= N_TRIALS, seconds=600)
    compose.wait(lambda: not compose.trials()["running"], seconds=60)
    counts = compose.trials()
    assert counts["complete"] + counts["pruned"] == N_TRIALS
    assert counts["waiting"] == counts["running"] == counts.get("fail", 0) == 0
    figures = {"seconds": round(time.monotonic() - began), "strikes": dict(done), **counts}
    print(json.dumps(figures))  # noqa: T201 (what `make chaos` shows)


def test_no_worker_ends_because_the_database_is_away(compose):
    logs = compose("logs", "worker")
    assert "; trying again for " in logs
    assert "tuner: error" not in logs
    assert re.findall(r"no such host|no database answers", logs)


def test_values_are_those_of_their_params(compose):
    for number in range(N_REPLAYED):
        compose(
            "run", "--rm", "--no-deps", "-T", "init", "tuner", "replay", "noisy_digits", str(number)
        )


def test_no_trial_ends_in_two_workers(compose):
    ended = re.findall(r"trial (\d+) (?:complete|pruned)", compose("logs", "worker"))
    assert ended
    assert len(ended) == len(set(ended))


def test_the_dashboard_shows_the_study_to_who_knows_the_password(compose):
    password = compose("exec", "-T", "dashboard", "cat", "/login/password")
    assert len(password) == 48
    compose.wait(lambda: compose.shown(password) == ["noisy_digits"], seconds=60)
    assert compose.shown("guess") == 401


def test_workers_end_by_the_command_that_began_them(compose, folder):
    def states():
        return [each["state"] for each in json.loads(compose.launch(folder, "--state", "--json"))]

    compose("up", "-d", "--scale", "worker=3")  # one that was told to end may just have done so
    compose.wait(lambda: states().count("running") == 3, seconds=60)
    assert "workers on compose ended" in compose.launch(folder, "--stop")
    assert compose.left("ps", "--filter", "label=com.docker.compose.service=worker") == []


def test_nothing_is_left(compose):
    mounts = "{{range .Mounts}}{{.Name}} {{end}}"
    volumes = docker("inspect", "-f", mounts, *compose.left("ps", "-a"))
    compose("down", "-v")
    assert compose.left("ps", "-a") == compose.left("network", "ls") == []
    assert set(volumes) & set(docker("volume", "ls", "-q")) == set()
