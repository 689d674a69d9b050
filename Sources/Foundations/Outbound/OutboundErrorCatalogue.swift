import Kernel

extension ErrorRoom {
    /// Errors of requests that the server makes to addresses of relying parties.
    public static let outbound = ErrorRoom(
        "Outbound",
        [
            ErrorEntry(
                .outboundURL(""),
                cause: "Not https on port 443, no plain host name, user information, a fragment, or an address that is "
                    + "not public.",
                remedy: "Register a public https URL; operators name other hosts in `outbound_allow`."),
            ErrorEntry(
                .outboundAddress(""), cause: "The name is not in DNS, or one of its addresses is not public.",
                remedy: "Let every address of the name be public, or ask the operator for an entry in `outbound_allow`."
            ),
            ErrorEntry(
                .outboundUnreachable(""), cause: "No connection, or it ended before the answer.",
                remedy: "Check that the host answers from outside."),
            ErrorEntry(
                .outboundTLS(""),
                cause:
                    "The certificate is for another name, expired or of an unknown authority, or TLS is older than 1.2.",
                remedy: "Serve a valid certificate with its chain; operators name private authorities in "
                    + "`outbound_roots`."),
            ErrorEntry(
                .outboundTimeout, cause: "The whole request took longer than `outbound_timeout`.",
                remedy: "Answer faster: notifications are best taken first and worked on later."),
            ErrorEntry(
                .outboundRedirect, cause: "The answer has a status of 300 to 399.",
                remedy: "Register the address to which the redirect leads."),
            ErrorEntry(
                .outboundTooLarge, cause: "The answer is longer than 64 KiB.", remedy: "Serve a smaller document."),
            ErrorEntry(
                .outboundStatus(0), cause: "A document was asked for, and the status is not 200.",
                remedy: "Serve the document at the registered URL without authentication."),
            ErrorEntry(
                .outboundContentType,
                cause: "The media type is not the one asked for (`application/json` or `…+json` for documents), or the "
                    + "answer is compressed.",
                remedy: "Send the right `Content-Type`, and no `Content-Encoding`."),
            ErrorEntry(
                .outboundResponse(""), cause: "The answer is no HTTP/1.1, has too many header fields, or is no JSON.",
                remedy: "Serve the document as the standard describes it."),
            ErrorEntry(
                .outboundBusy, cause: "More than 8 requests at a time or 20 a second to one host, or 128 in all.",
                remedy: "Try again after the seconds in `Retry-After`."),
            ErrorEntry(
                .outboundExpired, cause: "No attempt came about before the notification's own end.",
                remedy: "Nothing: the event is over."),
            ErrorEntry(
                .outboundRoots, cause: "The file is empty or not PEM.",
                remedy: "Operators: give a file with `BEGIN CERTIFICATE`."),
        ])
}
