import Kernel

extension ErrorRoom {
    /// Errors of COSE keys and messages.
    public static let cose = ErrorRoom(
        "COSE",
        [
            ErrorEntry(
                .coseMalformed(""), cause: "The bytes are no COSE_Key or COSE_Sign1 (RFC 9052).",
                remedy: "Send the structure as the authenticator or issuer made it, unchanged."),
            ErrorEntry(
                .coseKey(""),
                cause: "The key is malformed, too short or long, off its curve, compressed, or has a private part.",
                remedy: "Use a P-256, P-384, P-521, Ed25519 or RSA key of 2048 to 4096 bits."),
            ErrorEntry(
                .coseAlgorithm(""), cause: "`alg` is unknown, not on the list of this use, or does not fit the key.",
                remedy: "Use ES256, ES384, ES512, EdDSA, RS256 or PS256 with a key of its kind."),
            ErrorEntry(
                .coseSignature(), cause: "Another key signed, or the content was changed afterwards.",
                remedy: "Sign the exact bytes with the registered key."),
        ])
}
