"""What workers are told."""

from tuner.launch.engine import Resources
from tuner.launch.order import order


def made(tmp_path, **resources):
    url = "postgresql://me:secret@db/tuner"
    given = {"flags": ("--heartbeat", "15"), "settings": {}}
    return order("mine", 4, url, Resources(**resources), tmp_path, **given)


def test_the_url_of_the_store_is_in_no_command_line(tmp_path):
    told = made(tmp_path, cores=2)
    assert told.command == ("worker", "mine", "--heartbeat", "15")
    assert told.environment["TUNER_STORAGE"].endswith("secret@db/tuner")
    assert told.environment["LOKY_MAX_CPU_COUNT"] == "2"
    assert "TF_FORCE_GPU_ALLOW_GROWTH" not in told.environment
    assert made(tmp_path, gpus=0.5).environment["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_our_settings_of_the_environment_go_along(tmp_path, monkeypatch):
    monkeypatch.setenv("TUNER_CHECKPOINTS", "/shared/checkpoints")
    monkeypatch.setenv("OTHER", "stays")
    told = made(tmp_path).environment
    assert told["TUNER_CHECKPOINTS"] == "/shared/checkpoints"
    assert "OTHER" not in told


def test_a_worker_may_keep_to_its_time_by_itself(tmp_path):
    assert made(tmp_path, seconds=90).timed[-2:] == ("--max-time", "90")
    assert made(tmp_path).timed == made(tmp_path).command
