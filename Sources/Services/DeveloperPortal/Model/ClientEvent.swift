import Kernel

/// An OAuth error that was answered to a client, as the client's developers read it. Nothing in it is personal.
public struct ClientEvent: Sendable, Equatable {
    public var clientID: String
    /// The path of the endpoint.
    public var endpoint: String
    /// The error code that the client saw.
    public var code: String
    public var description: String
    public var traceID: String
    public var at: Instant

    public init(
        clientID: String, endpoint: String, code: String, description: String, traceID: String, at: Instant
    ) {
        self.clientID = clientID
        self.endpoint = endpoint
        self.code = code
        self.description = description
        self.traceID = traceID
        self.at = at
    }

    /// The event with texts of bounded length in printable ASCII, or `nil` when it cannot be of a client.
    var cleaned: ClientEvent? {
        guard !clientID.isEmpty, clientID.utf8.count <= 64, clientID.utf8.allSatisfy(Self.isIdentifierByte) else {
            return nil
        }
        var copy = self
        copy.endpoint = Self.clean(endpoint, 64)
        copy.code = Self.clean(code, 64)
        copy.description = Self.clean(description, 300)
        copy.traceID = Self.clean(traceID, 64)
        return copy
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }

    private static func clean(_ text: String, _ limit: Int) -> String {
        String(decoding: text.utf8.prefix(limit).map { $0 >= 0x20 && $0 < 0x7F ? $0 : 0x3F }, as: UTF8.self)
    }
}

/// The logins of one day.
public struct LoginDay: Sendable, Equatable {
    /// In Cambodia.
    public var day: CalendarDate
    public var count: Int
}
