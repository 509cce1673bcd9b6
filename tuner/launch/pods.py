"""The pod of a worker: plain data, as the schemas of Kubernetes have it."""

from collections.abc import Mapping
from typing import Any

from tuner.launch.engine import Order

LABEL = "tuner-launch"
"""The label of all that was launched at once."""

_PASSWORD = "/secret/password"  # noqa: S105 (a path)


def template(
    command: tuple[str, ...],
    order: Order,
    settings: Mapping[str, str],
    name: str,
    *,
    restart: str = "Always",
) -> dict[str, Any]:
    """A pod of one worker, which may do nothing but reach the store and write to its folders."""
    state = {"persistentVolumeClaim": {"claimName": settings["claim"]}}
    empty = {"emptyDir": {"sizeLimit": "2Gi"}}
    spec = {
        "automountServiceAccountToken": False,
        "restartPolicy": restart,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(command, order, settings)],
        "volumes": [
            {"name": "studies", "configMap": {"name": settings["studies"], "optional": True}},
            {
                "name": "secret",
                "secret": {"secretName": settings["secret"], "defaultMode": 0o440},
            },
            {"name": "tmp", **empty},
            {"name": "state", **(state if settings["claim"] else empty)},
        ],
    }
    return {"metadata": {"labels": {"app": "tuner-worker", LABEL: name}}, "spec": spec}


def _container(
    command: tuple[str, ...], order: Order, settings: Mapping[str, str]
) -> dict[str, Any]:
    resources = order.resources
    amounts = {"cpu": str(resources.cores), "memory": f"{resources.memory or 2048}Mi"}
    gpus = {"nvidia.com/gpu": f"{resources.gpus:.0f}"} if resources.gpus else {}
    names = ("TUNER_STORAGE", "TUNER_STORAGE_PATIENCE", "LOKY_MAX_CPU_COUNT")
    environment = {name: order.environment[name] for name in names if name in order.environment}
    environment |= {
        "TUNER_STORAGE_PASSWORD_FILE": _PASSWORD,
        "TUNER_CHECKPOINTS": "/state/checkpoints",
        "KERAS_HOME": "/state/keras",
    }
    return {
        "name": "worker",
        "image": settings["image"],
        "command": ["tuner", *command],
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "resources": {"requests": {**amounts, **gpus}, "limits": {**amounts, **gpus}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "studies", "mountPath": "/app/studies", "readOnly": True},
            {"name": "secret", "mountPath": "/secret", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 (of the container)
            {"name": "state", "mountPath": "/state"},
        ],
    }
