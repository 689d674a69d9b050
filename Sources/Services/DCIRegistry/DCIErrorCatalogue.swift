import Kernel

extension ErrorRoom {
    /// Errors of the façade of the DCI registry API; `errors[].code` and the reason codes of its answers are the standard's.
    public static let dciRegistry = ErrorRoom(
        "DCIRegistry",
        [
            ErrorEntry(
                .dciEnvelope("…"), cause: "`header`, `message` or a member of them is missing or of another kind.",
                remedy: "Send what docs/dci.md and the standard describe."),
            ErrorEntry(
                .dciSignatureMissing, cause: "`signature` is missing.",
                remedy: "Sign header and message with a registered key (docs/dci.md)."),
            ErrorEntry(
                .dciSignature, cause: "Another key, another content, or no keys registered (`jwks`, `jwks_uri`).",
                remedy: "Sign exactly what is sent; have the key registered."),
            ErrorEntry(
                .dciScope("..."), cause: "The token has not got the scope that `WWW-Authenticate` names.",
                remedy: "Ask for a token with it; an operator must have granted it (`register_access`)."),
            ErrorEntry(
                .dciNothing, cause: "`register_access.attributes` names no attribute that is told of here.",
                remedy: "Ask the operator."),
            ErrorEntry(
                .dciTransaction, cause: "Another system's, of another type, older than what is kept, or never sent.",
                remedy: "Send the request again."),
            ErrorEntry(
                .dciEncrypted, cause: "`is_msg_encrypted` is true.", remedy: "Send the message in the clear over TLS."),
            ErrorEntry(
                .dciSender, cause: "`sender_id` differs from the client of the access token.",
                remedy: "Send the client's identifier."),
            ErrorEntry(
                .dciCallback, cause: "`sender_uri` is not one of `register_access.callbacks`, or none is registered.",
                remedy: "Ask the operator to register it; then `outbound_allow` where it is not public."),
            ErrorEntry(
                .dciReceiver, cause: "`receiver_id` is not the base address of this register.",
                remedy: "Send the base address, or leave the member out."),
            ErrorEntry(.dciVersion, cause: "`header.version` is another one.", remedy: "Send 1.0.0."),
            ErrorEntry(
                .dciMessageID, cause: "The message was taken before.", remedy: "Send a fresh `message_id` each time."),
            ErrorEntry(
                .dciMessageTime, cause: "More than ten minutes before or after now, or not RFC 3339.",
                remedy: "Set the clock, sign anew."),
            ErrorEntry(.dciAction, cause: "`header.action` is of another operation.", remedy: "Send it there."),
            ErrorEntry(
                .dciTotalCount, cause: "`header.total_count` and the list differ.", remedy: "Count the requests."),
            ErrorEntry(.dciTotalLimit, cause: "More than ten requests.", remedy: "Send several messages."),
            ErrorEntry(.dciReference, cause: "Not a text of 1 to 99 bytes.", remedy: "Give each request its own."),
            ErrorEntry(.dciReferenceTwice, cause: "Two requests share it.", remedy: "Give each request its own."),
            ErrorEntry(.dciTimestamp, cause: "Not RFC 3339.", remedy: "Send a time with its zone."),
            ErrorEntry(
                .dciCriteria(km: "…", en: "…"), cause: "The text says which criterion, and why.",
                remedy: "See the table of docs/dci.md."),
            ErrorEntry(.dciSort, cause: "`sort` is not empty.", remedy: "Leave it out."),
            ErrorEntry(.dciPagination, cause: "A number out of range.", remedy: "Ask for smaller pages."),
            ErrorEntry(
                .dciNotifyType,
                cause: "`reg_event_type` is unknown, or `register_access.topics` does not name its topic.",
                remedy: "Ask the operator for the topic."),
            ErrorEntry(
                .dciNotifyDetails(km: "…", en: "…"), cause: "The text says which part, and why.",
                remedy: "See docs/dci.md."),
            ErrorEntry(
                .dciPersonID, cause: "The code in `filter` is nobody's, or of a record that was merged or erased.",
                remedy: "Check the code."),
            ErrorEntry(
                .dciSubscribed, cause: "Same type of events, same person, same callback.",
                remedy: "Keep the code of the subscription that stands."),
            ErrorEntry(.dciTooMany, cause: "Fifty or more people fit.", remedy: "Add the date of birth to the day."),
        ])
}
