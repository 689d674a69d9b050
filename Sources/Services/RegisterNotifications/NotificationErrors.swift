import Kernel

extension RumdulError {
    /// The token lacks a scope of notifications.
    public static func notifScope(_ scope: String) -> RumdulError {
        RumdulError(
            "notif.scope", .forbidden, km: "ប្រព័ន្ធនេះមិនត្រូវបានអនុញ្ញាតឱ្យធ្វើការនេះទេ។",
            en: "This system is not allowed to do this."
        ).challenging("Bearer realm=\"registers\", error=\"insufficient_scope\", scope=\"\(scope)\"")
    }

    /// There is no such topic, or none that the system may know of.
    public static let notifTopic = RumdulError(
        "notif.topic", .invalid, km: "គ្មានប្រធានបទនេះទេ ឬប្រព័ន្ធនេះមិនអាចដឹងអំពីវាបានទេ។",
        en: "There is no such topic, or this system may not know of it.")

    /// The name of a topic is malformed or taken.
    public static let notifTopicName = RumdulError(
        "notif.topic_name", .invalid, km: "ឈ្មោះប្រធានបទមិនត្រឹមត្រូវ ឬមានគេប្រើរួចហើយ។",
        en: "The name of the topic is not valid, or another system has it.")

    /// No topic of one's own with this identifier.
    public static let notifTopicUnknown = RumdulError(
        "notif.topic_unknown", .notFound, km: "គ្មានប្រធានបទនេះទេ។", en: "There is no such topic.")

    /// The protocol is not `http`.
    public static let notifProtocol = RumdulError(
        "notif.protocol", .invalid, km: "អាចផ្ញើតាម http តែប៉ុណ្ណោះ។", en: "Messages are sent by http alone.")

    /// The address cannot be used.
    public static let notifAddress = RumdulError(
        "notif.address", .invalid, km: "អាសយដ្ឋាននេះមិនអាចប្រើបានទេ។", en: "This address cannot be used.")

    /// The policy is not `countdown,max`.
    public static let notifPolicy = RumdulError(
        "notif.policy", .invalid, km: "គោលការណ៍ផ្ញើឡើងវិញមិនត្រឹមត្រូវទេ។",
        en: "The delivery policy is not valid: countdown,max.")

    /// No subscription of one's own with this identifier.
    public static let notifSubscriptionUnknown = RumdulError(
        "notif.subscription_unknown", .notFound, km: "គ្មានការជាវនេះទេ។", en: "There is no such subscription.")

    /// The confirmation token is unknown, used, or too old.
    public static let notifToken = RumdulError(
        "notif.token", .invalid, km: "សញ្ញាសម្គាល់បញ្ជាក់មិនត្រឹមត្រូវ ឬផុតកំណត់។",
        en: "The confirmation token is not valid, or its time is over.")

    /// A parameter is missing, too long or of another form.
    public static func notifParameter(_ name: String) -> RumdulError {
        RumdulError(
            "notif.parameter", .invalid, km: "ប៉ារ៉ាម៉ែត្រ «\(name)» មិនត្រឹមត្រូវទេ។",
            en: "The parameter \"\(name)\" is missing or not valid.")
    }

    /// A system has as many topics or subscriptions as it may have.
    public static let notifTooMany = RumdulError(
        "notif.too_many", .invalid, km: "ប្រព័ន្ធនេះមានប្រធានបទ ឬការជាវច្រើនពេកហើយ។",
        en: "This system has too many topics or subscriptions already.")

    /// The same subscription stands already.
    public static let notifSubscribed = RumdulError(
        "notif.subscribed", .invalid, km: "បានជាវរួចហើយ។", en: "This is subscribed to already.")

    /// There is nothing to send again.
    public static let notifMessageUnknown = RumdulError(
        "notif.message_unknown", .notFound, km: "គ្មានសារដែលអាចផ្ញើឡើងវិញទេ។",
        en: "There is no such message that could be sent again.")
}

extension ErrorRoom {
    /// Errors of notifications.
    public static let registerNotifications = ErrorRoom(
        "RegisterNotifications",
        [
            ErrorEntry(
                .notifScope("..."), cause: "The token has not got the scope that `WWW-Authenticate` names.",
                remedy: "Ask for a token with it; an operator must have granted it (`register_access`)."),
            ErrorEntry(
                .notifTopic, cause: "The topic is unknown, or `register_access.topics` does not name it.",
                remedy: "List the topics; ask the operator for the right."),
            ErrorEntry(
                .notifTopicName, cause: "Not 1 to 100 of `A-Z a-z 0-9 . _ -`, or the register's or another system's.",
                remedy: "Choose another name."),
            ErrorEntry(
                .notifTopicUnknown, cause: "The identifier is not of a topic that the system made.",
                remedy: "List the topics."),
            ErrorEntry(
                .notifProtocol, cause: "`protocol` is `email`: what is told here does not travel by mail.",
                remedy: "Use `http` with an address."),
            ErrorEntry(
                .notifAddress,
                cause: "The URL is malformed, or scheme, port or host is not within what this node may ask.",
                remedy: "Give an https address on port 443, or ask the operator (`outbound_allow`)."),
            ErrorEntry(
                .notifPolicy, cause: "`policy` is not two whole numbers in their ranges.",
                remedy: "Countdown 1 to 604800 seconds; at most 10000 retries, −1 for ever."),
            ErrorEntry(
                .notifSubscriptionUnknown, cause: "It has ended, or is another system's.",
                remedy: "List the subscriptions."),
            ErrorEntry(
                .notifSubscribed, cause: "Same topic, same person, same address, in a form that has one code for each.",
                remedy: "Keep the subscription that stands."),
            ErrorEntry(
                .notifToken, cause: "Used before, older than three days, or of another system.",
                remedy: "Subscribe again: a new message with a new token is sent."),
            ErrorEntry(
                .notifParameter("…"), cause: "The parameter is missing, too long, or not text.",
                remedy: "Correct the parameter that the text names."),
            ErrorEntry(
                .notifTooMany, cause: "A system has at most 100 topics and 100 subscriptions.",
                remedy: "End those that are not needed."),
            ErrorEntry(
                .notifMessageUnknown, cause: "Unknown, still waiting, withheld, or deleted after its time.",
                remedy: "List the messages of the subscription."),
        ])
}
