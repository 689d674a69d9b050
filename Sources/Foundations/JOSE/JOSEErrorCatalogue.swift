import Kernel

extension ErrorRoom {
    /// Errors of signed and encrypted tokens.
    public static let jose = ErrorRoom(
        "JOSE",
        [
            ErrorEntry(
                .joseMalformed(""), cause: "The text is no JWS, JWE or JWT (RFC 7515, 7516, 7519).",
                remedy: "Send the token in the compact serialisation, unchanged."),
            ErrorEntry(
                .joseTooLarge(""), cause: "The token is longer than this use allows.", remedy: "Send a shorter token."),
            ErrorEntry(
                .joseAlgorithm(""), cause: "`alg` or `enc` is not on the list of this use, or does not fit the key.",
                remedy: "Use an algorithm that the metadata name."),
            ErrorEntry(
                .joseCritical(""), cause: "`crit` names a header parameter that is not understood.",
                remedy: "Leave `crit` out."),
            ErrorEntry(
                .joseKey(""), cause: "The key is malformed, weak, off its curve, or for another use.",
                remedy: "Publish a public key of the kind that the metadata name."),
            ErrorEntry(
                .joseKeyID(""), cause: "No key, or more than one, fits the token's `kid` and `alg`.",
                remedy: "Name the key by `kid`, and fetch the key set anew."),
            ErrorEntry(
                .joseSignature(), cause: "Another key signed, or the content was changed afterwards.",
                remedy: "Sign the exact bytes with the registered key."),
            ErrorEntry(
                .joseDecryption, cause: "The token was encrypted to another key, or was changed.",
                remedy: "Encrypt to a key of the published set."),
            ErrorEntry(.joseExpired, cause: "`exp` has passed.", remedy: "Make a new token; set the clock."),
            ErrorEntry(.joseNotYetValid, cause: "`nbf` has not come yet.", remedy: "Set the clock."),
            ErrorEntry(
                .joseIssuedAt, cause: "`iat` lies in the future or too far back.",
                remedy: "Make a new token; set the clock."),
            ErrorEntry(
                .joseLifetime, cause: "`exp` is too far from `iat`.", remedy: "Make tokens for a shorter time."),
            ErrorEntry(
                .joseIssuer, cause: "`iss` is not the expected party.", remedy: "Put the registered name in `iss`."),
            ErrorEntry(
                .joseAudience, cause: "`aud` does not name the receiver.", remedy: "Put the issuer's address in `aud`."),
            ErrorEntry(
                .joseType, cause: "`typ` is of another kind of token.", remedy: "Set `typ` as the protocol says."),
            ErrorEntry(
                .joseClaim("x"), cause: "A claim is missing or of the wrong kind.",
                remedy: "Send all claims that the protocol names."),
        ])
}
