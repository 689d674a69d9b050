"""Further relying parties, registered by the operator's command."""

import json

from joserfc.jwk import ECKey, RSAKey

from .program import run

PURPOSE = {
    "code": "judging",
    "text": {"km": "ការវិនិច្ឆ័យ", "en": "Judging"},
    "essential": ["name_km", "birthdate"],
    "optional": ["name_latin", "gender", "phone_number", "age_over_18", "address_province"],
    "valid_days": 30,
}


def registration(client_id, **members):
    return {
        "client_id": client_id,
        "client_name": {"km": "អ្នកវិនិច្ឆ័យ", "en": f"Judge {client_id}"},
        "redirect_uris": [f"https://{client_id}.example/callback"],
        "purposes": [PURPOSE],
    } | members


def register(demo, folder, record):
    """Registers and returns the record with what the command made."""
    path = folder / f"{record['client_id']}.json"
    private = record.pop("_private", None)
    path.write_text(json.dumps(record))
    done = run("admin", "relying-party", "add", path, "--data", demo.data, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads(done.stdout)
    return record | {"client_secret": made.get("client_secret"), "_private": private}


def register_all(demo, folder):
    signing = ECKey.generate_key("P-256", {"kid": "judge-1", "use": "sig", "alg": "ES256"}, private=True)
    sealing = RSAKey.generate_key(2048, {"kid": "judge-2", "use": "enc", "alg": "RSA-OAEP-256"}, private=True)
    both = {"keys": [signing.as_dict(private=False), sealing.as_dict(private=False)]}
    records = [
        registration("es256", id_token_signed_response_alg="ES256"),
        registration("post", token_endpoint_auth_method="client_secret_post", id_token_signed_response_alg="PS256"),
        registration("sister", sector_identifier="es256.example", id_token_signed_response_alg="EdDSA"),
        registration("public", token_endpoint_auth_method="none"),
        registration(
            "query", policy_uri="https://query.example/privacy", tos_uri="https://query.example/terms",
            redirect_uris=["https://query.example/callback?tenant=1", "https://query.example/other"],
        ),
        registration(
            "keyed", token_endpoint_auth_method="private_key_jwt", jwks={"keys": [signing.as_dict(private=False)]},
            _private=signing,
        ),
        registration(
            "sealed", jwks=both, userinfo_signed_response_alg="ES256", userinfo_encrypted_response_alg="RSA-OAEP-256",
            userinfo_encrypted_response_enc="A256CBC-HS512", _private=sealing,
            purposes=[PURPOSE | {"essential": ["kidc", "name_km"], "optional": ["national_id"]}],
        ),
    ]
    return {record["client_id"]: register(demo, folder, record) for record in records}
