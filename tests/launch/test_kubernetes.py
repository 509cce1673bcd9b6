"""Pods as workers: the schemas of Kubernetes know every key, and kubectl does the rest."""

import json

import kubernetes_validate
import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from tuner.cli.main import run
from tuner.errors import UsageError
from tuner.launch.engine import Launch
from tuner.launch.kubernetes import Kubernetes
from tuner.launch.pods import LABEL

KINDS = {"job": "Job", "deployment": "Deployment", "keda": "ScaledJob"}


def rendered(order):
    return list(yaml.safe_load_all(Kubernetes().render(order)))


def validate(manifest):
    """By the oldest schemas that are promised, and by the newest."""
    for version in ("1.28", kubernetes_validate.latest_version()):
        kubernetes_validate.validate(manifest, version, strict=True)


def of_job(scaled):
    """The Job that KEDA makes of a ScaledJob, whose own schema is not among those here."""
    meta = {"name": scaled["metadata"]["name"]}
    spec = scaled["spec"]["jobTargetRef"]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}


def workers(made):
    found = next(each for each in made if each["kind"] in KINDS.values())
    return of_job(found) if found["kind"] == "ScaledJob" else found


@pytest.mark.parametrize("kind", KINDS)
def test_kubernetes_knows_every_key(order, kind):
    made = rendered(order(8, cores=4, gpus=1, memory=8192, seconds=60, kind=kind, keep="2"))
    for each in made:
        if not each["apiVersion"].startswith("keda.sh/"):
            validate(each)
    validate(workers(made))
    broken = workers(made)
    broken["spec"]["template"]["spec"]["containers"][0]["comand"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        validate(broken)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pod_is_hardened_and_has_what_was_asked_for(order, kind):
    made = rendered(order(8, cores=4, gpus=1, memory=8192, image="mine:1", claim="disk", kind=kind))
    pod = workers(made)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] >= 60
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    asked = {"cpu": "4", "memory": "8192Mi", "nvidia.com/gpu": "1"}
    assert container["resources"] == {"requests": asked, "limits": asked}
    assert container["image"] == "mine:1"
    assert container["command"][:3] == ["tuner", "worker", "mine"]
    claims = [each for each in pod["volumes"] if "persistentVolumeClaim" in each]
    assert [each["name"] for each in claims] == ["state"]
    labels = workers(made)["spec"]["template"]["metadata"]["labels"]
    assert labels["app"] == "tuner-worker"  # the store of deploy/kubernetes.yaml is open to it


def test_each_worker_of_a_job_has_its_own_restarts_and_an_eviction_is_none(order):
    spec = workers(rendered(order(8)))["spec"]
    assert (spec["completions"], spec["parallelism"]) == (8, 8)
    assert (spec["completionMode"], spec["backoffLimitPerIndex"]) == ("Indexed", 10)
    assert spec["podFailurePolicy"]["rules"][0]["action"] == "Ignore"


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_of_a_job_that_was_told_to_end_is_not_done(order, kind):
    (container,) = workers(rendered(order(8, kind=kind)))["spec"]["template"]["spec"]["containers"]
    assert ("--signal-code" in container["command"]) is (kind != "deployment")


def test_a_drain_takes_a_share_of_a_deployment_and_leaves_a_number_of_others(order):
    def budgets(**settings):
        found = (each for each in rendered(order(**settings)) if "Budget" in each["kind"])
        return [each["spec"] for each in found]

    (spec,) = budgets(kind="deployment")
    assert spec["maxUnavailable"] == "25%"
    assert set(spec["selector"]["matchLabels"]) == {LABEL}
    assert budgets() == []
    assert budgets(keep="3")[0]["minAvailable"] == 3


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///studies/tuner.db", "pods share no file"),
        ("postgresql://me:secret@db/tuner", "everybody could read the password"),
        ("postgresql://me@db/tuner?password=secret", "everybody could read the password"),
    ],
)
def test_what_a_pod_cannot_have_is_refused(order, url, words):
    given = order()
    given.environment["TUNER_STORAGE"] = url
    with pytest.raises(UsageError, match=words) as caught:
        Kubernetes().render(given)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("setting", [{"kind": "jop"}, {"keep": "some"}, {"imige": "x"}])
def test_a_setting_that_is_none_is_refused(order, setting):
    with pytest.raises(UsageError):
        Kubernetes().render(order(**setting))


def test_kubectl_applies_shows_and_deletes(programs, order):
    programs.add("kubectl")
    given = order(2, address="far", namespace="mine", kind="deployment")
    ids = Kubernetes().start(given)
    assert [each.partition("/")[0] for each in ids] == ["deployment", "poddisruptionbudget"]
    kinds = [each["kind"] for each in yaml.safe_load_all(programs.input("kubectl"))]
    assert kinds == ["Deployment", "PodDisruptionBudget"]
    launch = Launch("kubernetes", "mine", 2, ids, "far", {"namespace": "mine"})
    pods = [
        {"metadata": {"name": name}, "status": {"phase": phase}, "spec": spec}
        for name, phase, spec in (
            ("a", "Running", {"nodeName": "n1"}),
            ("b", "Pending", {}),
            ("c", "Failed", {"nodeName": "n2"}),
        )
    ]
    programs.add("kubectl", says=json.dumps({"items": pods}))
    found = [(each.condition, each.place) for each in Kubernetes().state(launch)]
    assert found == [("running", "n1"), ("waiting", ""), ("failed", "n2")]
    Kubernetes().stop(launch)
    where, name = "--context=far --namespace=mine", ids[0].partition("/")[2]
    assert programs.told("kubectl") == [
        f"{where} apply -f -",
        f"{where} get pods -l {LABEL}={name} -o json",
        f"{where} delete --ignore-not-found --wait=false {' '.join(ids)}",
    ]


def test_keda_asks_the_store_how_many_trials_wait(order, postgres, npz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = postgres.store()
    small = ["--epochs", "1", "--width", "8", "--variant", "standard", "--trials", "7"]
    assert run(["submit", "--data", str(npz), "--name", "mine", "--storage", url, *small]) == 0
    scaled = next(each for each in rendered(order(5, kind="keda")) if each["kind"] == "ScaledJob")
    (trigger,) = scaled["spec"]["triggers"]
    assert scaled["spec"]["maxReplicaCount"] == 5
    told = trigger["metadata"]
    assert (told["host"], told["userName"], told["dbName"]) == ("db", "me", "tuner")
    parsed = make_url(url)
    with psycopg.connect(
        host=parsed.host,
        port=parsed.port,
        user=parsed.username,
        password=parsed.password,
        dbname=parsed.database,
    ) as connection:
        assert connection.execute(told["query"]).fetchone() == (7,)
