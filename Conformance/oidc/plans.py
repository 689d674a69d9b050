"""The plans of the OpenID Foundation's suite for OpenID Connect Core, and which row runs in which."""

from dataclasses import dataclass

import pytest

from support.registrations import LEGACY, hybrid, implicit

HYBRID = ("code id_token", "code token", "code id_token token")
IMPLICIT = ("id_token", "id_token token")


@dataclass(frozen=True)
class Plan:
    letter: str
    response_type: str
    form_post: bool = False

    @property
    def id(self):
        name = {"B": "basic", "H": "hybrid", "I": "implicit"}[self.letter]
        kind = "" if self.letter == "B" else "-" + self.response_type.replace(" ", "+")
        return ("formpost-" if self.form_post else "") + name + kind

    @property
    def mode(self):
        return "form_post" if self.form_post else "query" if self.letter == "B" else "fragment"

    @property
    def types(self):
        return set(self.response_type.split())

    @property
    def client(self):
        if self.letter == "B":
            return LEGACY
        return hybrid(self.response_type) if self.letter == "H" else implicit(self.response_type)


def _all():
    for form_post in (False, True):
        yield Plan("B", "code", form_post)
        for kind in HYBRID:
            yield Plan("H", kind, form_post)
        for kind in IMPLICIT:
            yield Plan("I", kind, form_post)


PLANS = list(_all())


def plans(letters, only=None):
    """Parametrises a row over its plans: "B I H"; `only` limits the response types of hybrid."""
    chosen = [p for p in PLANS if p.letter in letters.split() and not (p.letter == "H" and only and p.response_type not in only)]
    return pytest.mark.parametrize("plan", chosen, ids=lambda plan: plan.id)
