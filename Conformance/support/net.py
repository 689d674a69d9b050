"""Connections from an address of one's own (127.a.b.c), so that limits per address see different phones and homes."""

import itertools

import requests
from requests.adapters import HTTPAdapter

_numbers = itertools.count(2)


def own_address():
    n = next(_numbers)
    return f"127.{1 + n // 60000 % 200}.{n // 240 % 250}.{1 + n % 240}"


class _From(HTTPAdapter):
    def __init__(self, address):
        self.address = address
        super().__init__(pool_connections=2, pool_maxsize=2)

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


def session(address=None):
    """A session without the environment's proxies; with an address, everything leaves from it."""
    made = requests.Session()
    made.trust_env = False
    if address:
        made.mount("http://", _From(address))
    return made
