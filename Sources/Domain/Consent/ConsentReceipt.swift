import Codecs
import JOSE
import Kernel
import KeyVault

extension Consents {
    /// The receipt of a consent in the shape of ISO/IEC TS 27560: who processes which data for what purpose, until when, how to
    /// withdraw, and the events so far. The person keeps it; `receiptToken` signs it.
    public func receipt(_ record: ConsentRecord) -> JSONObject {
        let grant = record.grant
        var events: [JSONValue] = [
            [
                "event_time": .string(record.grantedAt.rfc3339), "event_type": "consent_given",
                "event_state": "granted", "entity_id": .string(grant.deviceID),
            ]
        ]
        if let withdrawn = record.withdrawnAt {
            events.append([
                "event_time": .string(withdrawn.rfc3339), "event_type": "consent_withdrawn", "event_state": "withdrawn",
            ])
        }
        var receipt: JSONObject = [
            "schema_version": "ISO-27560:2023", "record_id": .string(record.id),
            "issuer": .string(receiptIssuer),
            "purposes": [
                [
                    "purpose": [
                        "code": .string(grant.purposeCode), "km": .string(grant.purposeText.km),
                        "en": .string(grant.purposeText.en),
                    ],
                    "lawful_basis": "consent",
                    "pii_information": .array(grant.granted.map { ["pii_type": .string($0)] }),
                    "pii_controllers": [
                        [
                            "party_id": .string(grant.clientID), "km": .string(grant.clientName.km),
                            "en": .string(grant.clientName.en),
                        ]
                    ],
                    "collection_method": "from the population register, at the person's request",
                    "withdrawal_method": .string(receiptIssuer + "/app"),
                    "validity_end": .string(grant.validTo.rfc3339),
                ]
            ],
            "notice_hash": .string(grant.noticeHash), "events": .array(events),
        ]
        // A device's key or a passkey signed what stands here.
        if ["device", "passkey"].contains(grant.channel) {
            receipt["decision_channel"] = .string(grant.channel)
            receipt["device_decision"] = .string(grant.decision)
        } else {
            // No device signed: the provider's own record stands instead, and says so.
            receipt["decision_channel"] = .string(grant.channel)
            receipt["signed_by_device"] = .bool(false)
            receipt["decision_record"] = .string(grant.decision)
        }
        // A decision at an officer's terminal names it.
        if let record = try? JSON.parseObject(Array(grant.decision.utf8)), let assisted = record.object("assisted") {
            receipt["assisted"] = .object(assisted)
        }
        return receipt
    }

    /// The public keys that sign receipts, and that ever did, as JWKs (`KeyVault.evidenceKeySet`).
    public func signingKeys() async throws -> [JSONObject] { try await receiptVault.evidenceKeySet(.consentReceipt) }

    /// The receipt as a compact JWS by the consent receipt key, media type `consent-receipt+jwt`.
    public func receiptToken(_ record: ConsentRecord) async throws -> String {
        let key = try await receiptVault.activeKey(.consentReceipt, nil)
        return try await JWSProducer(signer: receiptVault.signer(key), type: "consent-receipt+jwt").sign(
            receipt(record))
    }
}
