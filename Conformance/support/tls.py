"""Certificates for a provider's TLS listener and for clients, made anew for every run."""

import datetime
import ipaddress
import socket
import ssl
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .authenticator import b64, sha256
from .ports import free_port


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Judges"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Certificate:
    """A certificate with its key, also as files."""

    def __init__(self, folder, common, issuer=None, server=False, authority=False, expired=False):
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        start = now - datetime.timedelta(days=30 if expired else 1)
        end = now - datetime.timedelta(days=2) if expired else now + datetime.timedelta(days=30)
        self.dns = f"{common.lower()}.example"
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if server else [x509.DNSName(self.dns)]
        builder = (
            x509.CertificateBuilder().subject_name(_name(common)).issuer_name(_name(issuer.common if issuer else common))
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(start).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        )
        signer = issuer.key if issuer else self.key
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        if authority:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        else:
            usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
            kind = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([kind]), critical=False)
        builder = builder.add_extension(usage, critical=True)
        self.common = common
        self.certificate = builder.sign(signer, hashes.SHA256())
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.certificate_file = folder / f"{common}.pem"
        self.key_file = folder / f"{common}.key"
        self.certificate_file.write_text(self.pem)
        self.key_file.write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.key_file.chmod(0o600)

    @property
    def pair(self):
        return str(self.certificate_file), str(self.key_file)

    @property
    def thumbprint(self):
        """x5t#S256"""
        return b64(sha256(self.der))

    @property
    def subject(self):
        return self.certificate.subject.rfc4514_string()


class Authority(Certificate):
    def __init__(self, folder, common="JudgeRoot"):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        super().__init__(folder, common, authority=True)

    def issue(self, common, **options):
        return Certificate(self.folder, common, issuer=self, **options)

    def self_signed(self, common, **options):
        return Certificate(self.folder, common, **options)

    def settings(self):
        """Settings of a provider with a TLS listener that asks for client certificates."""
        server = self.issue("Server", server=True)
        return {
            "tls_port": str(free_port()), "tls_certificate": str(server.certificate_file), "tls_key": str(server.key_file),
            "client_certificate_roots": str(self.certificate_file),
        }


def handshake(port, version, ciphers=None):
    """The agreed cipher suite with exactly this version, or None; asked by the openssl program, which still knows old ones."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", f"-{version}", "-brief"]
    if ciphers:
        command += ["-cipher", ciphers]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=20)
    said = done.stdout + done.stderr
    for line in said.splitlines():
        if line.lower().startswith("ciphersuite:"):
            return line.split(":", 1)[1].strip()
    return None


def agreed(port):
    """Version and suite that a modern client gets."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain) as secure:
        return secure.version(), secure.cipher()[0]
