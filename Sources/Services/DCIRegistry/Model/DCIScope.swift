/// What a system can be let do here. The standard defines no scopes; these are ours.
public enum DCIScope: String, Sendable, CaseIterable {
    /// Searches people; events of civil status with `cr.record.read` as well.
    case search = "dci.search"
    /// Subscribes to events, of the topics that the operator named.
    case subscribe = "dci.subscribe"

    /// What it allows, for the description of the interface.
    public var summary: String {
        switch self {
        case .search: "Find people and their attributes (DCI); with cr.record.read also by events of civil status"
        case .subscribe: "Subscribe to events of civil status (DCI)"
        }
    }
}
