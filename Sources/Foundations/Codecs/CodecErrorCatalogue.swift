import Kernel

extension ErrorRoom {
    /// Errors of JSON and CBOR.
    public static let codecs = ErrorRoom(
        "Codecs",
        [
            ErrorEntry(
                .malformedJSON(""),
                cause: "The text is not JSON as RFC 8259 has it: a member twice, bad UTF-8, too deep, too long.",
                remedy: "Send one JSON value in UTF-8, without a member twice."),
            ErrorEntry(
                .malformedCBOR(""), cause: "The bytes are not CBOR as RFC 8949 has it, or exceed a limit.",
                remedy: "Send one well-formed CBOR item."),
        ])
}
