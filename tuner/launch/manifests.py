"""What Kubernetes is given for workers: plain data, as its schemas have it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tuner.errors import UsageError, unknown
from tuner.launch.engine import Order
from tuner.launch.pods import LABEL, template

_RESTARTS = 10
_UNFINISHED = ("--signal-code", "143")
"""A Job takes a pod that ends with 0 for done, and starts no other in its place."""

_SHARE = "25%"
"""Of the workers that a drain of nodes may take at once."""

_WAITING = (
    "SELECT count(*) FROM trials JOIN studies ON studies.study_id = trials.study_id"
    " WHERE studies.study_name = '{study}' AND trials.state = 'WAITING'"
)


def objects(order: Order, settings: Mapping[str, str], token: str) -> list[dict[str, Any]]:
    """The objects of a launch: the workers, and how many of them a drain may take."""
    kinds = {"job": _job, "deployment": _deployment, "keda": _scaled}
    if settings["kind"] not in kinds:
        raise UsageError(f"--set kind: {unknown('kind', settings['kind'], kinds)}")
    _check(order)
    name = f"tuner-{_slug(order.study)}-{token}"
    made = kinds[settings["kind"]](order, settings, name)
    return [*made, *_budget(settings, name)]


def _budget(settings: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """How many a drain of nodes may take at once; of Jobs no share can be named, only a number."""
    if not settings["keep"] and settings["kind"] != "deployment":
        return []
    limit: dict[str, Any] = {"maxUnavailable": _SHARE}
    if settings["keep"]:
        if not settings["keep"].isdigit():
            raise UsageError(f"--set keep={settings['keep']}: expected a number of workers")
        limit = {"minAvailable": int(settings["keep"])}
    spec = {**limit, "selector": {"matchLabels": {LABEL: name}}}
    return [{**_object("policy/v1", "PodDisruptionBudget", name), "spec": spec}]


def _check(order: Order) -> None:
    url = urlsplit(order.environment["TUNER_STORAGE"])
    if url.scheme.startswith("sqlite"):
        raise UsageError("pods share no file: --storage has to be a server, such as Postgres")
    if url.scheme.startswith("tuner+"):
        raise UsageError(
            "pods have no copy of the token of a store that is served: --storage has to be"
            " a Postgres"
        )
    if url.password is not None or "password=" in url.query:
        raise UsageError(
            "everybody could read the password in the manifest: take it out of the URL, the pods"
            " read it from a Secret (--set secret=NAME, its key is password)"
        )
    if not float(order.resources.gpus).is_integer():
        raise UsageError(f"--gpus: Kubernetes gives whole ones, not {order.resources.gpus:g}")


def _slug(study: str) -> str:
    """The name of a study as a name of Kubernetes may be."""
    return re.sub(r"[^a-z0-9]+", "-", study.lower()).strip("-")[:30].strip("-") or "study"


def _object(version: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "labels": {"app": "tuner-worker", LABEL: name}},
    }


def _job(order: Order, settings: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """An indexed Job: each worker has its own restarts, and an eviction is none of them."""
    spec = {
        "completions": order.n,
        "parallelism": order.n,
        "completionMode": "Indexed",
        "backoffLimitPerIndex": _RESTARTS,
        **_job_spec(order, settings, name),
    }
    return [{**_object("batch/v1", "Job", name), "spec": spec}]


def _job_spec(order: Order, settings: Mapping[str, str], name: str) -> dict[str, Any]:
    evicted = {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
    return {
        "ttlSecondsAfterFinished": 86400,
        "podFailurePolicy": {"rules": [evicted]},
        "template": template((*order.timed, *_UNFINISHED), order, settings, name, restart="Never"),
    }


def _deployment(order: Order, settings: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """Workers that stay for more."""
    spec = {
        "replicas": order.n,
        "selector": {"matchLabels": {LABEL: name}},
        "template": template((*order.timed, "--watch"), order, settings, name),
    }
    return [{**_object("apps/v1", "Deployment", name), "spec": spec}]


def _scaled(order: Order, settings: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """As many Jobs of one worker as trials wait, up to `n`, by KEDA."""
    url = urlsplit(order.environment["TUNER_STORAGE"])
    if not url.scheme.startswith("postgres"):
        raise UsageError("--set kind=keda: KEDA asks a Postgres how many trials wait")
    options = dict(re.findall(r"(\w+)=([^&]+)", url.query))
    trigger = {
        "type": "postgresql",
        "metadata": {
            "host": url.hostname or "",
            "port": str(url.port or 5432),
            "userName": url.username or "",
            "dbName": url.path.lstrip("/"),
            "sslmode": options.get("sslmode", "prefer"),
            "query": _WAITING.format(study=order.study.replace("'", "''")),
            "targetQueryValue": "1",
        },
        "authenticationRef": {"name": name},
    }
    job = {"backoffLimit": _RESTARTS, **_job_spec(order, settings, name)}
    spec = {
        "jobTargetRef": job,
        "pollingInterval": 15,
        "maxReplicaCount": order.n,
        "successfulJobsHistoryLimit": 5,
        "failedJobsHistoryLimit": 5,
        "triggers": [trigger],
    }
    secret = {"parameter": "password", "name": settings["secret"], "key": "password"}
    asked = {**_object("keda.sh/v1alpha1", "TriggerAuthentication", name)}
    return [
        {**asked, "spec": {"secretTargetRef": [secret]}},
        {**_object("keda.sh/v1alpha1", "ScaledJob", name), "spec": spec},
    ]
