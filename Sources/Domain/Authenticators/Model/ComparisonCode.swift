import Crypto

/// The six digits that the officer's screen and the device show: equal only when both saw the same keys and the same
/// nonce, so nobody stands between them.
public enum ComparisonCode {
    /// The code (device protocol, section 1): the first 8 bytes, big-endian, of
    /// `SHA-256("rumdul-comparison" ‖ device thumbprint ‖ PIN thumbprint ‖ nonce)` modulo 10^6, as six digits.
    /// - Parameters:
    ///   - deviceThumbprint: RFC 7638 thumbprint of the device key, base64url.
    ///   - pinThumbprint: RFC 7638 thumbprint of the PIN key, base64url.
    ///   - nonce: the server's nonce as its base64url text.
    public static func compute(deviceThumbprint: String, pinThumbprint: String, nonce: String) -> String {
        var hash = SHA256()
        hash.update(data: Array("rumdul-comparison".utf8))
        hash.update(data: Array(deviceThumbprint.utf8))
        hash.update(data: Array(pinThumbprint.utf8))
        hash.update(data: Array(nonce.utf8))
        let number = hash.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }
}
