"""Chromium's virtual authenticator (Chrome DevTools Protocol, domain WebAuthn), as a person's passkey provider."""


class VirtualAuthenticator:
    def __init__(self, chrome, backup_eligible=False, backed_up=False, verified=True, internal=True, resident=True):
        self.driver = chrome.driver
        self.cdp("WebAuthn.enable", enableUI=False)
        options = {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal" if internal else "usb",
            "hasResidentKey": resident, "hasUserVerification": True, "isUserVerified": verified,
            "automaticPresenceSimulation": True, "defaultBackupEligibility": backup_eligible, "defaultBackupState": backed_up,
        }
        self.id = self.cdp("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def verified(self, flag):
        """Whether the person's finger is recognised."""
        self.cdp("WebAuthn.setUserVerified", authenticatorId=self.id, isUserVerified=flag)

    def credentials(self):
        return self.cdp("WebAuthn.getCredentials", authenticatorId=self.id)["credentials"]

    def set_count(self, count):
        """Puts the credential back with another counter: what a copy of the key would show."""
        (credential,) = self.credentials()
        self.cdp("WebAuthn.removeCredential", authenticatorId=self.id, credentialId=credential["credentialId"])
        self.cdp("WebAuthn.addCredential", authenticatorId=self.id, credential=credential | {"signCount": count})

    def set_backup(self, eligible, state):
        (credential,) = self.credentials()
        self.cdp(
            "WebAuthn.setCredentialProperties", authenticatorId=self.id, credentialId=credential["credentialId"],
            backupEligibility=eligible, backupState=state,
        )

    def forget(self):
        self.cdp("WebAuthn.clearCredentials", authenticatorId=self.id)
