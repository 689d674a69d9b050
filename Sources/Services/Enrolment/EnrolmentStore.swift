import Authenticators
import Database
import Kernel

/// The SQL of enrolments; the only place that touches `enrol_cases`.
struct EnrolmentStore: Sendable {
    static let migrations = ModuleMigrations(
        "enrolment",
        [
            .init(
                "cases",
                [
                    """
                    CREATE TABLE enrol_cases (
                        id TEXT PRIMARY KEY,
                        request_key TEXT NOT NULL UNIQUE,
                        person_id TEXT NOT NULL,
                        area TEXT NOT NULL,
                        officer_id TEXT NOT NULL,
                        state TEXT NOT NULL,
                        evidence_types TEXT NOT NULL,
                        evidence_key BLOB NOT NULL,
                        evidence BLOB NOT NULL,
                        ial BIGINT NOT NULL,
                        opened_at BIGINT NOT NULL,
                        code_serial BIGINT NOT NULL,
                        code_key TEXT,
                        code_salt BLOB,
                        code_hash BLOB,
                        code_expires_at BIGINT,
                        device_id TEXT,
                        device_thumbprint TEXT,
                        pin_thumbprint TEXT,
                        server_nonce TEXT,
                        comparison TEXT,
                        confirm_by BIGINT
                    )
                    """,
                    "CREATE UNIQUE INDEX enrol_cases_by_code ON enrol_cases (code_hash)",
                    "CREATE INDEX enrol_cases_by_time ON enrol_cases (opened_at)",
                    "CREATE INDEX enrol_cases_by_state ON enrol_cases (state, opened_at)",
                ]),
            .init("cases by device", ["CREATE INDEX enrol_cases_by_device ON enrol_cases (device_id)"]),
            RecoveryStore.migration, AssistStore.migration,
        ])

    private static let columns = """
        id, person_id, area, officer_id, state, evidence_types, ial, opened_at, code_serial, code_expires_at, device_id,
        comparison, confirm_by
        """

    /// What an insert needs besides the case itself.
    struct NewCase: Sendable {
        var enrolment: EnrolmentCase
        var requestKey: String
        var evidenceKey: [UInt8]
        var evidence: [UInt8]
    }

    /// Inserts a case; false when one was opened with the same request key.
    func insert(_ new: NewCase, in connection: any SQLConnection) async throws -> Bool {
        let enrolment = new.enrolment
        return try await connection.query(
            """
            INSERT INTO enrol_cases (id, request_key, person_id, area, officer_id, state, evidence_types, evidence_key,
                evidence, ial, opened_at, code_serial)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0) ON CONFLICT (request_key) DO NOTHING RETURNING id
            """,
            [
                enrolment.id, new.requestKey, enrolment.personID.text, enrolment.area ?? "", enrolment.officerID,
                enrolment.state.rawValue, enrolment.evidenceTypes.map(\.rawValue).joined(separator: " "),
                new.evidenceKey,
                new.evidence, enrolment.ial.rawValue, enrolment.openedAt,
            ]
        ).count == 1
    }

    func enrolment(_ id: String, in connection: any SQLConnection) async throws -> EnrolmentCase? {
        try await connection.first("SELECT \(Self.columns) FROM enrol_cases WHERE id = $1", [id]).map(Self.enrolment)
    }

    func enrolment(requestKey: String, in connection: any SQLConnection) async throws -> EnrolmentCase? {
        try await connection.first("SELECT \(Self.columns) FROM enrol_cases WHERE request_key = $1", [requestKey])
            .map(Self.enrolment)
    }

    func completed(device: String, in connection: any SQLConnection) async throws -> EnrolmentCase? {
        try await connection.first(
            "SELECT \(Self.columns) FROM enrol_cases WHERE device_id = $1 AND state = $2",
            [device, EnrolmentState.completed.rawValue]
        ).map(Self.enrolment)
    }

    /// The sealed evidence: wrapped key and ciphertext.
    func evidence(_ id: String, in connection: any SQLConnection) async throws -> (key: [UInt8], sealed: [UInt8])? {
        try await connection.first("SELECT evidence_key, evidence FROM enrol_cases WHERE id = $1", [id])
            .map { (try $0.blob(0), try $0.blob(1)) }
    }

    /// Cases of an area and all within it (`nil`: of the whole country), newest first.
    func recent(
        area: String?, since: Instant, limit: Int, in connection: any SQLConnection
    ) async throws -> [EnrolmentCase] {
        // Compared by its first digits, not by order: collations differ between engines. The length is ours, not the
        // sender's.
        let within = area.map { "AND substr(area, 1, \($0.utf8.count)) = $3" } ?? ""
        let bound: [any SQLValueConvertible] = [since, limit] + (area.map { [$0] } ?? [])
        return try await connection.query(
            """
            SELECT \(Self.columns) FROM enrol_cases WHERE opened_at >= $1 \(within)
            ORDER BY opened_at DESC, id DESC LIMIT $2
            """, bound
        ).map(Self.enrolment)
    }

    /// Live cases whose whole time, or whose time for comparing, has run out.
    func stale(
        openedBefore: Instant, now: Instant, limit: Int, in connection: any SQLConnection
    ) async throws -> [EnrolmentCase] {
        try await connection.query(
            """
            SELECT \(Self.columns) FROM enrol_cases
            WHERE (state IN ('opened', 'codeIssued', 'deviceBound') AND opened_at <= $1)
                OR (state = 'deviceBound' AND confirm_by <= $2)
            ORDER BY opened_at LIMIT $3
            """, [openedBefore, now, limit]
        ).map(Self.enrolment)
    }

    // MARK: Codes

    /// How the present code can be computed again.
    func codeSource(_ id: String, in connection: any SQLConnection) async throws -> (key: String, salt: [UInt8])? {
        guard let row = try await connection.first("SELECT code_key, code_salt FROM enrol_cases WHERE id = $1", [id]),
            let key = try row.optionalString(0), let salt = try row.optionalBlob(1)
        else { return nil }
        return (key, salt)
    }

    /// A new code in place of whatever was before.
    struct NewCode: Sendable {
        var key: String
        var salt: [UInt8]
        var hash: [UInt8]
        var expiresAt: Instant
    }

    /// Puts a new code into a case that stands in this state with this serial; false when it stands elsewhere.
    func issue(
        _ code: NewCode, for id: String, from state: EnrolmentState, serial: Int, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE enrol_cases SET state = 'codeIssued', code_serial = code_serial + 1, code_key = $4, code_salt = $5,
                code_hash = $6, code_expires_at = $7, device_id = NULL, device_thumbprint = NULL, pin_thumbprint = NULL,
                server_nonce = NULL, comparison = NULL, confirm_by = NULL
            WHERE id = $1 AND state = $2 AND code_serial = $3
            """, [id, state.rawValue, serial, code.key, code.salt, code.hash, code.expiresAt]) == 1
    }

    /// A device on its way into a case.
    struct Binding: Sendable {
        var deviceThumbprint: String
        var pinThumbprint: String
        var nonce: String
        var comparison: String
        var confirmBy: Instant
    }

    /// Spends the code with one of these hashes: who gets the case has used it, nobody gets it twice.
    func spend(
        hashes: [[UInt8]], at now: Instant, openedAfter: Instant, binding: Binding, in connection: any SQLConnection
    ) async throws -> EnrolmentCase? {
        try await connection.first(
            """
            UPDATE enrol_cases SET state = 'deviceBound', device_thumbprint = $1, pin_thumbprint = $2, server_nonce = $3,
                comparison = $4, confirm_by = $5, code_salt = NULL
            WHERE code_hash IN (\(Self.placeholders(hashes.count, from: 8))) AND state = 'codeIssued'
                AND code_expires_at > $6 AND opened_at > $7
            RETURNING \(Self.columns)
            """,
            [
                binding.deviceThumbprint, binding.pinThumbprint, binding.nonce, binding.comparison, binding.confirmBy,
                now,
                openedAfter,
            ] + hashes.map { $0 as any SQLValueConvertible }
        ).map(Self.enrolment)
    }

    func setDevice(_ device: String, of id: String, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE enrol_cases SET device_id = $2 WHERE id = $1", [id, device])
    }

    /// The case in which these very keys already used this code and still wait, with the nonce they were given.
    func bound(
        hashes: [[UInt8]], deviceThumbprint: String, pinThumbprint: String, at now: Instant,
        in connection: any SQLConnection
    ) async throws -> (enrolment: EnrolmentCase, nonce: String)? {
        try await connection.first(
            """
            SELECT \(Self.columns), server_nonce FROM enrol_cases
            WHERE code_hash IN (\(Self.placeholders(hashes.count, from: 4))) AND state = 'deviceBound'
                AND device_thumbprint = $1 AND pin_thumbprint = $2 AND confirm_by > $3
            """,
            [deviceThumbprint, pinThumbprint, now] + hashes.map { $0 as any SQLValueConvertible }
        ).map { (try Self.enrolment($0), try $0.string(13)) }
    }

    /// Moves a case between two states while this device (or none) is in it; false when it stands elsewhere.
    func move(
        _ id: String, from: EnrolmentState, to: EnrolmentState, device: String?, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE enrol_cases SET state = $3, code_salt = NULL, comparison = NULL
            WHERE id = $1 AND state = $2 AND COALESCE(device_id, '') = $4
            """, [id, from.rawValue, to.rawValue, device ?? ""]) == 1
    }

    private static func placeholders(_ count: Int, from first: Int) -> String {
        (0..<count).map { "$\(first + $0)" }.joined(separator: ", ")
    }

    private static func enrolment(_ row: Row) throws -> EnrolmentCase {
        guard let state = EnrolmentState(rawValue: try row.string(4)),
            let ial = IdentityAssuranceLevel(rawValue: try row.int(6))
        else { throw RumdulError.internal("enrol_cases row") }
        let area = try row.string(2)
        return EnrolmentCase(
            id: try row.string(0), personID: PersonID(try row.string(1)), area: area.isEmpty ? nil : area,
            officerID: try row.string(3), state: state,
            evidenceTypes: try row.string(5).split(separator: " ").compactMap { EvidenceType(rawValue: String($0)) },
            ial: ial, openedAt: try row.instant(7), codeSerial: try row.int(8),
            codeExpiresAt: try row.optionalInstant(9), deviceID: try row.optionalString(10),
            comparisonCode: try row.optionalString(11), confirmBy: try row.optionalInstant(12))
    }
}
