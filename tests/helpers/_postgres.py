"""A real Postgres for the tests, on a free port of this machine."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from tuner.storage.connect import open_storage

PASSWORD = "p{@:/%} w"


def binaries():
    """The folder of Postgres's programs, or None."""
    found = shutil.which("initdb")
    places = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


class Server:
    """A Postgres that can be restarted as if its machine had lost power.

    Its messages are in `language`, a locale that the folder `locales` has.
    """

    def __init__(self, language="C.UTF-8", locales=None, connections=120):
        self._language, self._locales, self._most = language, locales, connections
        self._bin = binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="tuner-postgres-"))
        self._folder.chmod(0o755)
        self._user = _user()
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._user:
            shutil.chown(secret, self._user)
        self._run(
            *("initdb", "-U", "tuner", f"--pwfile={secret}", "-A", "scram-sha-256"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        self._n, self._template = 0, None
        self.start()

    def start(self):
        """Begin to answer."""
        settings = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1"
        settings += f" -c max_connections={self._most} -c lc_messages={self._language} -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", settings)

    def stop(self, mode="fast"):
        """Answer no more."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def restart(self, pause=0.0):
        """Break all connections, and answer again after a while."""
        self.stop("immediate")
        time.sleep(pause)
        self.start()

    def store(self):
        """The URL of a new store without studies."""
        if self._template is None:
            url = self.url()
            open_storage(url, create=True).database.engine.dispose()
            self._template = url.rpartition("/")[2]
        return self.url(self._new(self._template))

    def url(self, name=None, **changes):
        """The URL of a database, of a new and empty one where none is named."""
        name = name or self._new("template1")
        given = {"username": "tuner", "password": PASSWORD, "host": "127.0.0.1", "port": self.port}
        url = URL.create("postgresql", **(given | changes), database=name)
        return url.render_as_string(hide_password=False)

    def _new(self, template):
        self._n += 1
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE store_{self._n} TEMPLATE {template}")
        return f"store_{self._n}"

    def connect(self, name):
        """A connection for the test itself."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="tuner",
            password=PASSWORD,
            dbname=name,
            autocommit=True,
        )

    def write_hba(self, first):
        """Have its pg_hba.conf begin with this line."""
        path = self._folder / "data" / "pg_hba.conf"
        path.write_text(first + "\n" + path.read_text())
        self._run("pg_ctl", "reload")

    def _environment(self):
        found = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return found if self._locales is None else found | {"LOCPATH": str(self._locales)}

    def remove(self):
        """Leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def _run(self, program, *arguments):
        command = [str(self._bin / program), "-D", str(self._folder / "data"), *arguments]
        log = self._folder / "output"
        with log.open("a") as output:
            subprocess.run(
                command,
                check=True,
                user=self._user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(),
            )


def _user():
    """Postgres refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
