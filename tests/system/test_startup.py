"""What the start of the command costs, and what it must not import."""

import resource
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

HEAVY = {"tensorflow", "keras", "optuna", "sqlalchemy", "pandas", "matplotlib", "plotly", "sklearn"}
LOADED = "import sys; {statement}; print(' '.join({{m.partition('.')[0] for m in sys.modules}}))"


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def heavy(statement):
    return HEAVY & set(python(LOADED.format(statement=statement)).split())


@pytest.mark.parametrize(
    "statement",
    [
        "import tuner",
        "from tuner.cli.main import run; run(['--help'])",
        "from tuner.cli.main import run; run(['search', '--help'])",
        "from tuner.cli.main import run; run(['plot', '--help'])",
        "from tuner.cli.main import run; run(['search', '--epochs', '0'])",
    ],
)
def test_help_loads_nothing_heavy(statement):
    assert heavy(statement) == set()


HEAVY_ONES = [
    pytest.param("tuner.workers.worker", marks=pytest.mark.zoo),
    "tuner.study.studies",
    "tuner.export.files",
]


@pytest.mark.parametrize("module", HEAVY_ONES)
def test_a_heavy_import_would_be_noticed(module):
    assert heavy(f"import {module}")


def test_looking_at_a_store_does_not_load_tensorflow(tmp_path):
    url = f"sqlite:///{tmp_path}/s.db"
    commands = [["init"], ["studies"], ["status"], ["trials"], ["best"]]
    calls = "; ".join(f"run({[*command, '--storage', url]!r})" for command in commands)
    assert heavy(f"from tuner.cli.main import run; {calls}") == {"optuna", "sqlalchemy"}


def test_variants_are_explained_without_tensorflow():
    assert heavy("from tuner.cli.main import run; run(['variants'])") <= {"optuna", "sqlalchemy"}


def test_help_takes_no_more_than_three_imports_of_click():
    def seconds(code):
        """Of the processor, the least of seven rounds."""
        rounds = []
        for _ in range(7):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            python(code)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            rounds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(rounds)

    ours = seconds("from tuner.cli.main import run; run(['--help'])")
    assert ours <= 3 * seconds("import click")
