import Kernel

extension ErrorRoom {
    /// Errors of push messages to browsers. What a push service answers is no error but a ``PushResult``.
    public static let webPush = ErrorRoom(
        "WebPush",
        [
            ErrorEntry(
                .pushSubscription(""),
                cause: "Not the JSON of `PushSubscription.toJSON()`, longer than 4 KiB, a `p256dh` that is no point on "
                    + "P-256, or an `auth` that is not 16 bytes.",
                remedy: "Send what `JSON.stringify(subscription)` gives, unchanged.",
                km: "សូមបិទសេចក្តីជូនដំណឹង រួចបើកម្តងទៀត។"),
            ErrorEntry(
                .pushEndpoint(""),
                cause: "The `endpoint` is not https on port 443, or names an address that is not public.",
                remedy: "Use a browser whose push service is on the Internet; operators name other hosts in "
                    + "`push_allow`.",
                km: "សូមប្រើកម្មវិធីរុករកផ្សេង។"),
            ErrorEntry(
                .pushContact, cause: "The setting holds something else, or more than 256 bytes.",
                remedy: "Operators: give `mailto:` with one address, or an https URL, that reaches you."),
        ])
}
