import Codecs
import Kernel

/// What a registration brings: authenticator data and a statement about the authenticator (WebAuthn section 6.5).
public struct AttestationObject: Sendable {
    /// The format of the statement.
    public let format: String
    /// The statement; its form depends on the format.
    public let statement: CBORValue
    public let authenticatorData: AuthenticatorData

    /// The longest attestation object, in bytes.
    public static let maximumSize = 1 << 16

    /// Reads the bytes.
    /// - Throws: `webauthn.too_large`, `webauthn.attestation_object`, `webauthn.authenticator_data`.
    public init(_ bytes: [UInt8]) throws(RumdulError) {
        guard bytes.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "attestation object") }
        let value: CBORValue
        do {
            value = try CBOR.decode(bytes, options: CBORDecodingOptions(maximumDepth: 8, maximumItems: 2048))
        } catch {
            throw .webAuthn(.attestationObject, error.cause ?? "not CBOR")
        }
        guard let map = value.mapValue else { throw .webAuthn(.attestationObject, "no map") }
        guard let format = map["fmt"]?.textValue else { throw .webAuthn(.attestationObject, "fmt is no text") }
        // The format compound alone has an array (section 8.9).
        guard let statement = map["attStmt"],
            format == "compound" ? statement.arrayValue != nil : statement.mapValue != nil
        else { throw .webAuthn(.attestationObject, "attStmt is of the wrong type") }
        guard let data = map["authData"]?.bytesValue, !data.isEmpty else {
            throw .webAuthn(.attestationObject, "authData is no byte string")
        }
        self.format = format
        self.statement = statement
        authenticatorData = try AuthenticatorData(data)
    }
}
