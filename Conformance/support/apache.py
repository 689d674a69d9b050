"""mod_auth_openidc behind Apache: a relying party that many sites use. Own folder, own port, unprivileged, no service touched."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import requests

from .ports import free_port

MODULES = Path("/usr/lib/apache2/modules")
PROGRAM = Path("/usr/sbin/apache2")
NEEDED = ["mpm_event", "authn_core", "authz_core", "authz_user", "ssl", "auth_openidc", "mime", "dir"]


class Apache:
    def __init__(self, certificate, authority):
        if not PROGRAM.exists() or not all((MODULES / f"mod_{name}.so").exists() for name in NEEDED):
            pytest.skip("apache2-bin and libapache2-mod-auth-openidc are not installed")
        self.folder = Path(tempfile.mkdtemp(prefix="judge-apache-"))
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.callback = f"{self.url}/secure/callback"
        self.authority = authority
        (self.folder / "site" / "secure").mkdir(parents=True)
        (self.folder / "site" / "secure" / "index.html").write_text("<p>the secret of the judges</p>")
        (self.folder / "site" / "bye.html").write_text("<p>bye</p>")
        for source, name in ((certificate.certificate_file, "server.pem"), (certificate.key_file, "server.key")):
            shutil.copy(source, self.folder / name)
        (self.folder / "mime.types").write_text("text/html html\n")
        self.process = None

    def start(self, issuer, client_id, client_secret, **directives):
        settings = {
            "OIDCProviderMetadataURL": f"{issuer}/.well-known/openid-configuration", "OIDCClientID": client_id, "OIDCClientSecret": client_secret,
            "OIDCRedirectURI": self.callback, "OIDCCryptoPassphrase": secrets.token_hex(16), "OIDCScope": '"openid profile"',
            "OIDCPKCEMethod": "S256", "OIDCProviderTokenEndpointAuth": "client_secret_basic", "OIDCInfoHook": "iat id_token userinfo session",
            "OIDCDefaultLoggedOutURL": f"{self.url}/bye.html", "OIDCSSLValidateServer": "Off", "OIDCSessionInactivityTimeout": "300",
        } | directives
        lines = [
            f"ServerRoot {self.folder}", f"PidFile {self.folder}/pid", f"DefaultRuntimeDir {self.folder}", f"ErrorLog {self.folder}/error.log",
            "LogLevel warn auth_openidc:info", "ServerName 127.0.0.1", f"Listen 127.0.0.1:{self.port}", "StartServers 1", "ThreadsPerChild 8",
            "ServerLimit 2", "MaxRequestWorkers 16", f"Mutex file:{self.folder}",
            *(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in NEEDED),
            f"TypesConfig {self.folder}/mime.types", f"DocumentRoot {self.folder}/site", "DirectoryIndex index.html",
            "SSLEngine on", f"SSLCertificateFile {self.folder}/server.pem", f"SSLCertificateKeyFile {self.folder}/server.key", "SSLSessionCache none",
            *(f"{name} {value}" for name, value in settings.items()),
            "<Directory />", "Require all denied", "</Directory>", f"<Directory {self.folder}/site>", "Require all granted", "</Directory>",
            "<Location /secure>", "AuthType openid-connect", "Require valid-user", "</Location>",
        ]
        config = self.folder / "apache.conf"
        config.write_text("\n".join(lines) + "\n")
        options = {}
        if os.geteuid() == 0:
            for path in [self.folder, *self.folder.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")
            options = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        self.process = subprocess.Popen(
            [str(PROGRAM), "-d", str(self.folder), "-f", str(config), "-DFOREGROUND"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin"}, start_new_session=True, **options,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                requests.get(f"{self.url}/bye.html", verify=self.authority, timeout=2)
                return self
            except requests.RequestException:
                assert self.process.poll() is None, self.process.stderr.read().decode() + self.log
                assert time.monotonic() < deadline, "Apache does not answer: " + self.log
                time.sleep(0.1)

    @property
    def log(self):
        path = self.folder / "error.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
