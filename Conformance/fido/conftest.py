"""Passkeys need a domain name: the program under judgement calls itself localhost here."""

import pytest

from support.program import Demo

REDIRECT = "http://127.0.0.1:9/callback"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", "--host", "localhost", redirect=REDIRECT)
    yield program
    if program.alive:
        program.stop()
