"""`tuner dashboard` in a process of its own, and requests to it."""

import base64
import gzip
import http.client
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlsplit

from optuna.artifacts import FileSystemArtifactStore, upload_artifact
from optuna.trial import TrialState
from simulated.stored import make_study

from tuner.comparison import candidates
from tuner.comparison.companion import ComparisonStudy
from tuner.study.reading import read
from tuner.study.studies import load_study

USER, PASSWORD = "tuner", "p:ä ß"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Dashboard:
    """A dashboard on a free port, which listens as soon as its address is known."""

    def __init__(self, url, *options):
        command = [sys.executable, "-m", "tuner", "dashboard", "--storage", url, "--port", "0"]
        self._process = subprocess.Popen(
            [*command, *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.greeting = self._process.stdout.readline()
        self.address = re.search(r"http://\S+", self.greeting)[0]
        self.url, _, self._token = self.address.partition("/?token=")

    def ask(self, path, method="GET", *, login=None, encoding="gzip", body=None, **headers):
        """An answer; the path goes out as it stands, and no header that is not given."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if encoding:
            names["Accept-Encoding"] = encoding
        if self._token and "Authorization" not in names:
            names["Authorization"] = f"Bearer {self._token}"
        if login:
            pair = ":".join(login).encode()
            names["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        if body is not None:
            names |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        connection.putrequest(method, path, skip_host="Host" in names, skip_accept_encoding=True)
        for name, value in names.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        is_packed = answer.headers["Content-Encoding"] == "gzip" and text
        found = Answer(answer.status, answer.headers, gzip.decompress(text) if is_packed else text)
        connection.close()
        return found

    def end(self, number=signal.SIGINT):
        """End it by a signal; its exit code."""
        self._process.send_signal(number)
        self._process.stdout.close()
        return self._process.wait(30)


def fill(folder, large=501, n_epochs=2):
    """Write a store of a small study (1), which has a page as its artifact, and a large one (2)."""
    url = f"sqlite:///{folder}/store.db"
    store = make_study(url, 24, 30, name="small")
    make_study(url, large, n_epochs, name="large").database.engine.dispose()
    (folder / "artifacts").mkdir()
    page = folder / "page.html"
    page.write_text("<title>page</title><script>document.title = 'it runs'</script>")
    upload_artifact(
        artifact_store=FileSystemArtifactStore(folder / "artifacts"),
        file_path=str(page),
        study_or_trial=load_study("small", store),
    )
    store.database.engine.dispose()


def begin_comparison(store, n_seeds=4):
    """Queue the trainings that compare the candidates of the study of a store."""
    results = read(load_study("simulated", store))
    rows = SimpleNamespace(n_train=1437, n_validation=360, n_telling=360)
    url = store.database.place.render_as_string()
    ComparisonStudy(url, results, candidates.choose(results, 3), n_seeds, rows)


def finish_comparison(store, most=None):
    """End its first trainings, with values that are near each other."""
    for trial in load_study("simulated/compare", store).get_trials()[:most]:
        store.set_trial_state_values(trial._trial_id, TrialState.RUNNING)
        value = 0.97 - 0.001 * (trial.number % 7) + 0.0001 * (trial.number % 5)
        store.set_trial_state_values(trial._trial_id, TrialState.COMPLETE, [value])
