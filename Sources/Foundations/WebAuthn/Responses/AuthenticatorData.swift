import COSE
import Codecs
import Crypto
import Kernel

/// What the authenticator says of a ceremony (WebAuthn section 6.1).
public struct AuthenticatorData: Sendable {
    /// The flags (section 6.1, table 2).
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// UP: a person was present.
        public static let userPresent = Flags(rawValue: 0x01)
        /// UV: the person was verified.
        public static let userVerified = Flags(rawValue: 0x04)
        /// BE: the credential can be backed up.
        public static let backupEligible = Flags(rawValue: 0x08)
        /// BS: the credential is backed up.
        public static let backupState = Flags(rawValue: 0x10)
        /// AT: attested credential data follow.
        public static let attestedCredential = Flags(rawValue: 0x40)
        /// ED: extension data follow.
        public static let extensionData = Flags(rawValue: 0x80)
    }

    /// A new credential (section 6.5.1).
    public struct AttestedCredential: Sendable {
        public let aaguid: AAGUID
        public let credentialID: [UInt8]
        /// The public key as it came, a COSE_Key.
        public let publicKeyBytes: [UInt8]
    }

    /// All bytes, as they are signed.
    public let bytes: [UInt8]
    /// SHA-256 of the relying party's identifier.
    public let rpIDHash: [UInt8]
    public let flags: Flags
    /// The signature counter.
    public let signCount: UInt32
    /// The new credential, with AT.
    public let credential: AttestedCredential?
    /// The authenticator's extension outputs, with ED.
    public let extensions: CBORMap?

    /// The longest authenticator data, in bytes.
    public static let maximumSize = 1 << 15

    /// Reads the bytes; flags and content must fit, and nothing may follow.
    /// - Throws: `webauthn.too_large`, `webauthn.authenticator_data`.
    public init(_ bytes: [UInt8]) throws(RumdulError) {
        guard bytes.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "authenticator data") }
        var reader = ByteReader(bytes, .authenticatorData)
        rpIDHash = try reader.take(32, "rpIdHash")
        flags = Flags(rawValue: try reader.byte("flags"))
        signCount = try reader.number32("signCount")
        credential = flags.contains(.attestedCredential) ? try Self.credential(&reader) : nil
        if flags.contains(.extensionData) {
            guard let map = try Self.item(&reader).value.mapValue else {
                throw .webAuthn(.authenticatorData, "the extensions are no map")
            }
            extensions = map
        } else {
            extensions = nil
        }
        try reader.requireEnd("authenticator data")
        self.bytes = bytes
    }

    private static func credential(_ reader: inout ByteReader) throws(RumdulError) -> AttestedCredential {
        guard let aaguid = AAGUID(bytes: try reader.take(16, "aaguid")) else {
            throw .webAuthn(.authenticatorData, "aaguid")
        }
        let id = try reader.counted("credentialId")
        let key = try item(&reader)
        guard key.value.mapValue != nil else { throw .webAuthn(.authenticatorData, "the public key is no map") }
        return AttestedCredential(aaguid: aaguid, credentialID: id, publicKeyBytes: key.bytes)
    }

    /// One CBOR item, with its bytes.
    private static func item(_ reader: inout ByteReader) throws(RumdulError) -> (value: CBORValue, bytes: [UInt8]) {
        let start = reader.position
        do {
            let (value, end) = try CBOR.decodePrefix(
                reader.bytes, from: start, options: CBORDecodingOptions(maximumDepth: 8, maximumItems: 1024))
            reader.move(to: end)
            return (value, Array(reader.bytes[start..<end]))
        } catch {
            throw .webAuthn(.authenticatorData, error.cause ?? "not CBOR")
        }
    }

    /// Checks relying party, presence, verification and backup state (section 7.1 steps 14 to 18, section 7.2 steps 16
    /// to 20).
    func check(
        relyingPartyIDs: [String], needsPresence: Bool, userVerification: UserVerificationRequirement
    ) throws(RumdulError) {
        let known = relyingPartyIDs.contains { constantTimeEquals(rpIDHash, Array(SHA256.hash(data: Array($0.utf8)))) }
        guard known else { throw .webAuthn(.rpID, "the hash of another identifier") }
        guard flags.contains(.userPresent) || !needsPresence else { throw .webAuthn(.userPresence, "UP is not set") }
        guard flags.contains(.userVerified) || userVerification != .required else {
            throw .webAuthn(.userVerification, "UV is not set")
        }
        guard flags.contains(.backupEligible) || !flags.contains(.backupState) else {
            throw .webAuthn(.backupState, "BS without BE")
        }
    }
}
