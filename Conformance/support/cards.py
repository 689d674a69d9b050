"""What a browser makes of a card and its PIN: the PIN itself is never sent."""

import base64
import hashlib
from functools import lru_cache

ROUNDS = 600_000


@lru_cache(maxsize=None)
def proof(card, pin):
    """The proof that the script of the pages would send; any 32 bytes for what is no card."""
    text = card.upper().replace(" ", "").replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    salt = hashlib.sha256(b"rumdul-card-salt" + text[8:].encode()).digest()
    bits = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, ROUNDS, 32)
    return base64.urlsafe_b64encode(bits).rstrip(b"=").decode()
