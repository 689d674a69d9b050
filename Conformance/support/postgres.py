"""A PostgreSQL 15 cluster in a temporary folder, as an unprivileged user, on a free port of this machine."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from .ports import free_port

VERSIONS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


class Cluster:
    def __init__(self):
        if not VERSIONS:
            pytest.skip("PostgreSQL is not installed")
        self.bin = VERSIONS[-1]
        self.folder = Path(tempfile.mkdtemp(prefix="judge-pg-"))
        self.port = free_port()
        self.number = 0
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "rumdul", "--no-instructions")
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c max_connections=60"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")

    def _run(self, program, *arguments):
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def database(self):
        """The URL of a new empty database."""
        self.number += 1
        name = f"judge{self.number}"
        self._run("createdb", "-h", str(self.folder), "-p", str(self.port), "-U", "rumdul", name)
        return f"postgresql://rumdul@127.0.0.1:{self.port}/{name}"

    def query(self, url, sql):
        return self._run("psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-c", sql, url)

    def stop(self):
        try:
            self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
