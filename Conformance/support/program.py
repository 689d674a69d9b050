"""Starts and stops the program under judgement; never touches a process it did not start."""

import json
import os
import select
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("RUMDUL_BINARY", ROOT / ".build/debug/rumdul")).resolve()


def environment(**extra):
    """The caller's environment without settings of the program, plus what a test needs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUMDUL_")}
    return kept | {name: str(value) for name, value in extra.items()}


def run(*arguments, timeout=90, **extra) -> subprocess.CompletedProcess:
    """One command to its end. Keyword arguments in capitals are environment variables."""
    text = extra.pop("input", None)
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        capture_output=True, text=True, timeout=timeout, env=environment(**extra), input=text,
    )


class Program:
    """A long-running command that prints `ready <base URL>`."""

    def __init__(self, *arguments, log: Path, timeout=120, **extra):
        self.log = log
        self.url = None
        self.stderr = open(log, "ab")
        self.process = subprocess.Popen(
            [str(BINARY), *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=self.stderr, env=environment(**extra), start_new_session=True,
        )
        self._await_ready(timeout)
        # The pipe must stay drained, or the program could block on it one day.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def _await_ready(self, timeout):
        deadline, seen = time.monotonic() + timeout, b""
        descriptor = self.process.stdout.fileno()
        while time.monotonic() < deadline:
            if select.select([descriptor], [], [], 0.2)[0]:
                piece = os.read(descriptor, 4096)
                seen += piece
                for line in seen.split(b"\n")[:-1]:
                    if line.startswith(b"ready "):
                        self.url = line.split()[1].decode()
                        return
                if not piece:
                    break
        self.kill()
        raise AssertionError(f"not ready: {seen!r}\n{self.log.read_text(errors='replace')[-3000:]}")

    @property
    def alive(self):
        return self.process.poll() is None

    def resident_megabytes(self):
        """Resident memory of the process."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def kill(self):
        """What a power cut does."""
        if self.alive:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        self.stderr.close()

    def stop(self):
        """An orderly end; a program that does not end in 20 s is killed, and that is a failure."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the program does not end on SIGTERM within 20 s")
        finally:
            self.stderr.close()


class Demo(Program):
    """`rumdul demo` with its record."""

    def __init__(self, data: Path, *arguments, people=300, port=0, redirect="http://127.0.0.1:9/callback", **extra):
        extra.setdefault("RUMDUL_LOGINS_PER_MINUTE", 1_000_000)
        extra.setdefault("RUMDUL_CHECKPOINT_SECONDS", 1)
        super().__init__(
            "demo", "--data", data, "--port", port, "--people", people, "--demo-port", 0, "--bank-port", 0,
            "--test-redirect", redirect, *arguments, log=data.parent / f"{data.name}.log", **extra,
        )
        self.data = data
        self.record = json.loads((data / "demo.json").read_text())

    def officer(self, role="enrolmentSupervisor"):
        return next(o for o in self.record["officers"] if o["role"] == role)

    def client(self, client_id):
        return self.record["clients"][client_id]
