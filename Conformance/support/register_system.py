"""Systems of other agencies at the registers: registered by the operator, let in by client credentials."""

import json
import secrets

import requests

from .program import run


class System:
    """One client with a grant at the registers, and its access token."""

    def __init__(self, demo, folder, name, scopes, areas=(), attributes=(), **members):
        self.demo, self.base, self.id = demo, demo.url, name
        record = {
            "client_id": name, "client_name": {"km": "ប្រព័ន្ធ", "en": f"System {name}"}, "profile": "oidc-legacy",
            "grant_types": ["client_credentials"], "response_types": [], "token_endpoint_auth_method": "client_secret_basic",
            "organisation": {"code": "moh", "name": {"km": "ក្រសួងសុខាភិបាល", "en": "Ministry of Health"}},
            "purposes": [{"code": "statutory", "text": {"km": "ការងារតាមច្បាប់", "en": "Statutory work"}, "essential": [], "optional": []}],
            "register_access": {
                "scopes": list(scopes), "areas": list(areas), "basis": "KH-CRVSI-2023", "attributes": list(attributes),
            },
        } | members
        record = {key: value for key, value in record.items() if value is not None}
        path = folder / f"{name}.json"
        path.write_text(json.dumps(record, ensure_ascii=False))
        self.done = run("admin", "relying-party", "add", path, "--data", demo.data, "--json")
        if self.done.returncode == 0:
            self.secret = json.loads(self.done.stdout)["client_secret"]

    def token(self, scope=None, **extra):
        answer = requests.post(
            f"{self.base}/token", auth=(self.id, self.secret), timeout=30,
            data={"grant_type": "client_credentials"} | ({"scope": scope} if scope else {}), **extra)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def call(self, method, path, body=None, key=None, token=None, **options):
        headers = options.pop("headers", {}) | {"Authorization": f"Bearer {token or self.token()}"}
        if key:
            headers["Idempotency-Key"] = key
        return requests.request(method, self.base + path, json=body, headers=headers, timeout=30, **options)

    def post(self, path, body, key=None, **options):
        return self.call("POST", path, body, key or secrets.token_urlsafe(16), **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)
