"""A real Postgres for the tests, on a free port of this machine."""

import copy
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
MEMORY = Path("/dev/shm")


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
        self._user = _user()
        self._folder, self.port = _folder(self._user), _free_port()
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

    def standby(self):
        """Another server, which follows this one: a transaction ends where both have it."""
        other = copy.copy(self)
        other._folder, other.port = _folder(self._user), _free_port()
        self.stop()
        data, copied = self._folder / "data", other._folder / "data"
        subprocess.run(["cp", "-a", data, copied], check=True, user=self._user, cwd="/")
        self.start()
        source = f"host=127.0.0.1 port={self.port} user=tuner password='{PASSWORD}'"
        with (copied / "postgresql.auto.conf").open("a") as settings:
            settings.write("primary_conninfo = '{}'\n".format(source.replace("'", "''")))
        (copied / "standby.signal").touch()
        other.start()
        with self.connect("postgres") as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._run("pg_ctl", "reload")
        return other

    def promote(self):
        """From now on it is the first."""
        with self.connect("postgres") as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        self._run("pg_ctl", "promote", "-w")

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

    def encrypt(self):
        """Have a certificate from now on: its file, and that of a certificate of somebody else."""
        for name in ("server", "other"):
            command = (
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                f" -subj /CN={name} -addext subjectAltName=IP:127.0.0.1"
                f" -keyout {name}.key -out {name}.crt"
            )
            subprocess.run(command.split(), check=True, cwd=self._folder, capture_output=True)
        key = self._folder / "server.key"
        key.chmod(0o600)
        if self._user:
            shutil.chown(key, self._user)
        found = {"ssl_cert_file": self._folder / "server.crt", "ssl_key_file": key, "ssl": "on"}
        with self.connect("postgres") as connection:
            for name, value in found.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.restart()
        return self._folder / "server.crt", self._folder / "other.crt"

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


def _folder(user):
    """A new folder, in memory where there is room: each database is some 300 files."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 2**30
    folder = Path(tempfile.mkdtemp(prefix="tuner-postgres-", dir=MEMORY if has_room else None))
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user)
    return folder


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Bouncer:
    """A PgBouncer before a server: each transaction has one of its few connections."""

    def __init__(self, server, settings=""):
        self.port, user = _free_port(), _user()
        self._folder = _folder(user)
        secret = PASSWORD.replace('"', '""')
        (self._folder / "users").write_text(f'"tuner" "{secret}"\n')
        (self._folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {self._folder}/users\n"
            f"logfile = {self._folder}/log\npool_mode = transaction\ndefault_pool_size = 3\n"
            f"{settings}\n"
        )
        command = ["pgbouncer", "-q", str(self._folder / "pgbouncer.ini")]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, user=user, cwd="/", stdout=quiet, stderr=quiet)
        self._await()

    def _await(self):
        until = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                assert time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.05)

    def remove(self):
        """Leave nothing behind."""
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self._folder)


def _user():
    """Postgres refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
