import Codecs
import Database
import Kernel

/// The SQL of the device grant (RFC 8628). The row's key is the SHA-256 of the device code; the user code is kept as
/// a keyed hash, because it is short.
struct DeviceCodeStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "device codes",
        [
            """
            CREATE TABLE idp_device_codes (
                id TEXT PRIMARY KEY,
                user_code TEXT NOT NULL,
                client_id TEXT NOT NULL,
                request TEXT NOT NULL,
                origin TEXT NOT NULL,
                transaction_id TEXT,
                denied BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                poll_interval BIGINT NOT NULL,
                polled_at BIGINT
            )
            """,
            "CREATE UNIQUE INDEX idp_device_codes_by_user_code ON idp_device_codes (user_code)",
            "CREATE INDEX idp_device_codes_by_end ON idp_device_codes (expires_at)",
        ])

    struct Record: Sendable {
        /// The row key.
        var id: String
        /// Keyed hash of the user code.
        var userCode: String
        var clientID: String
        var request: AuthorizationRequest
        /// The device in a few words.
        var origin: String
        /// The latest approval that somebody began with the user code.
        var transactionID: String?
        /// Somebody entered the code and said that it is not theirs.
        var isDenied = false
        var createdAt: Instant
        var expiresAt: Instant
        var pace = PollingPace()
    }

    /// The row key of a device code, or `nil` when it cannot be one of ours.
    static func key(_ deviceCode: String) -> String? {
        guard deviceCode.utf8.count == 43, Base64URL.decode(deviceCode) != nil else { return nil }
        return Base64URL.encode(sha256(Array(deviceCode.utf8)))
    }

    /// Stores a request; false when the user code is taken.
    func insert(_ record: Record, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            INSERT INTO idp_device_codes (id, user_code, client_id, request, origin, denied, created_at, expires_at,
                poll_interval)
            VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) ON CONFLICT (user_code) DO NOTHING
            """,
            [
                record.id, record.userCode, record.clientID, JSON.text(record.request.json), record.origin,
                record.createdAt, record.expiresAt, record.pace.interval,
            ]) == 1
    }

    private static let columns = """
        id, user_code, client_id, request, origin, transaction_id, denied, created_at, expires_at, poll_interval,
        polled_at
        """

    func find(_ key: String, in connection: any SQLConnection) async throws -> Record? {
        try await connection.first("SELECT \(Self.columns) FROM idp_device_codes WHERE id = $1", [key])
            .map(Self.record)
    }

    func find(userCode: String, in connection: any SQLConnection) async throws -> Record? {
        try await connection.first("SELECT \(Self.columns) FROM idp_device_codes WHERE user_code = $1", [userCode])
            .map(Self.record)
    }

    /// Names the approval that decides the request, in place of the one that was read before; false when another
    /// request was first.
    func attach(
        _ key: String, transaction id: String, insteadOf previous: String?, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_device_codes SET transaction_id = $2
            WHERE id = $1 AND denied = 0 AND COALESCE(transaction_id, '') = $3
            """, [key, id, previous ?? ""]) == 1
    }

    /// Ends a request for which nobody asked an approval.
    func deny(_ key: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE idp_device_codes SET denied = 1 WHERE id = $1 AND transaction_id IS NULL", [key])
    }

    func setPace(_ key: String, _ pace: PollingPace, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE idp_device_codes SET poll_interval = $2, polled_at = $3 WHERE id = $1",
            [key, pace.interval, pace.lastAt])
    }

    func purge(before: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM idp_device_codes WHERE expires_at < $1", [before])
    }

    private static func record(_ row: Row) throws -> Record {
        guard let request = AuthorizationRequest(json: try JSON.parseObject(Array(try row.string(3).utf8))) else {
            throw RumdulError.internal("idp_device_codes holds a row that this version cannot read")
        }
        return Record(
            id: try row.string(0), userCode: try row.string(1), clientID: try row.string(2), request: request,
            origin: try row.string(4), transactionID: try row.optionalString(5), isDenied: try row.int(6) != 0,
            createdAt: try row.instant(7), expiresAt: try row.instant(8),
            pace: PollingPace(interval: try row.int64(9), lastAt: try row.optionalInstant(10)))
    }
}
