import COSE
import Database
import Kernel
import WebAuthn

/// The SQL of passkeys; the only place that touches `auth_passkeys` and `auth_passkey_users`.
struct PasskeyStore: Sendable {
    private let keys = GenerationCache<[UInt8], COSEKey>(capacity: 65_536)

    static let migration = ModuleMigrations.Step(
        "passkeys",
        [
            """
            CREATE TABLE auth_passkeys (
                id TEXT PRIMARY KEY,
                credential_id BLOB NOT NULL UNIQUE,
                person_id TEXT NOT NULL,
                name TEXT NOT NULL,
                public_key BLOB NOT NULL,
                sign_count BIGINT NOT NULL,
                verified_once BIGINT NOT NULL,
                backup_eligible BIGINT NOT NULL,
                backed_up BIGINT NOT NULL,
                transports TEXT NOT NULL,
                kind TEXT NOT NULL,
                aaguid BLOB NOT NULL,
                attestation TEXT NOT NULL,
                state TEXT NOT NULL,
                ial BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                last_used_at BIGINT
            )
            """,
            "CREATE INDEX auth_passkeys_by_person ON auth_passkeys (person_id, created_at)",
            // The handle that authenticators keep says nothing about the person (section 14.6.1).
            """
            CREATE TABLE auth_passkey_users (
                person_id TEXT PRIMARY KEY,
                handle BLOB NOT NULL UNIQUE,
                challenge BLOB,
                challenge_ends_at BIGINT
            )
            """,
        ])

    private static let columns = """
        id, credential_id, person_id, name, public_key, sign_count, verified_once, backup_eligible, backed_up, transports,
        kind, aaguid, attestation, state, ial, created_at, last_used_at
        """

    /// Adds a passkey; false when its credential identifier is known already (section 7.1 step 26).
    func insert(_ passkey: Passkey, in connection: any SQLConnection) async throws -> Bool {
        let record = passkey.credential
        return try await connection.query(
            """
            INSERT INTO auth_passkeys (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL)
            ON CONFLICT (credential_id) DO NOTHING RETURNING id
            """,
            [
                passkey.id, record.id, passkey.personID.text, passkey.name, record.publicKey.encoded,
                Int64(record.signCount), record.userVerificationInitialized ? 1 : 0, record.isBackupEligible ? 1 : 0,
                record.isBackedUp ? 1 : 0, record.transports.joined(separator: " "), passkey.kind.rawValue,
                passkey.aaguid.bytes, passkey.attestation, passkey.state.rawValue, passkey.ial.rawValue,
                passkey.createdAt,
            ]
        ).count == 1
    }

    func passkey(_ id: String, in connection: any SQLConnection) async throws -> Passkey? {
        try await connection.first("SELECT \(Self.columns) FROM auth_passkeys WHERE id = $1", [id]).map(passkey)
    }

    func passkey(credential id: [UInt8], in connection: any SQLConnection) async throws -> Passkey? {
        try await connection.first("SELECT \(Self.columns) FROM auth_passkeys WHERE credential_id = $1", [id])
            .map(passkey)
    }

    func passkeys(of person: PersonID, in connection: any SQLConnection) async throws -> [Passkey] {
        try await connection.query(
            "SELECT \(Self.columns) FROM auth_passkeys WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT 200",
            [person.text]
        ).map(passkey)
    }

    func state(_ id: String, in connection: any SQLConnection) async throws -> DeviceState? {
        try await connection.first("SELECT state FROM auth_passkeys WHERE id = $1", [id])
            .flatMap { DeviceState(rawValue: try $0.string(0)) }
    }

    /// Takes over counter and backup state of a use, if the counter is still the one that was checked.
    func use(
        _ passkey: Passkey, from oldCount: UInt32, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE auth_passkeys SET sign_count = $3, backed_up = $4, last_used_at = $5
            WHERE id = $1 AND sign_count = $2 AND state = 'active'
            """,
            [
                passkey.id, Int64(oldCount), Int64(passkey.credential.signCount), passkey.credential.isBackedUp ? 1 : 0,
                now,
            ]) == 1
    }

    func setState(_ id: String, _ state: DeviceState, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE auth_passkeys SET state = $2 WHERE id = $1", [id, state.rawValue])
    }

    func rename(_ id: String, to name: String, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE auth_passkeys SET name = $2 WHERE id = $1", [id, name])
    }

    /// The person's handle, made when there is none.
    func handle(
        of person: PersonID, new: [UInt8], in connection: any SQLConnection
    ) async throws -> [UInt8] {
        try await connection.execute(
            "INSERT INTO auth_passkey_users (person_id, handle) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING",
            [person.text, new])
        return try await knownHandle(of: person, in: connection) ?? new
    }

    /// Keeps the challenge of a registration, in place of an earlier one.
    func keep(
        challenge: [UInt8], until end: Instant, of person: PersonID, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE auth_passkey_users SET challenge = $2, challenge_ends_at = $3 WHERE person_id = $1",
            [person.text, challenge, end])
    }

    /// Takes the challenge out; `nil` when there is none or its time is over.
    func takeChallenge(
        of person: PersonID, now: Instant, in connection: any SQLConnection
    ) async throws -> [UInt8]? {
        let row = try await connection.first(
            "SELECT challenge, challenge_ends_at FROM auth_passkey_users WHERE person_id = $1", [person.text])
        guard let row, let challenge = try row.optionalBlob(0), let end = try row.optionalInstant(1) else { return nil }
        let taken = try await connection.execute(
            "UPDATE auth_passkey_users SET challenge = NULL WHERE person_id = $1 AND challenge = $2",
            [person.text, challenge])
        return taken == 1 && now < end ? challenge : nil
    }

    func knownHandle(of person: PersonID, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first("SELECT handle FROM auth_passkey_users WHERE person_id = $1", [person.text])
            .map { try $0.blob(0) }
    }

    private func passkey(_ row: Row) throws -> Passkey {
        guard let kind = PasskeyKind(rawValue: try row.string(10)), let aaguid = AAGUID(bytes: try row.blob(11)),
            let state = DeviceState(rawValue: try row.string(13)),
            let ial = IdentityAssuranceLevel(rawValue: try row.int(14)),
            let signCount = UInt32(exactly: try row.int64(5))
        else { throw RumdulError.internal("auth_passkeys row") }
        let credential = CredentialRecord(
            id: try row.blob(1), publicKey: try key(try row.blob(4)), signCount: signCount,
            userVerificationInitialized: try row.int64(6) != 0, isBackupEligible: try row.int64(7) != 0,
            isBackedUp: try row.int64(8) != 0, transports: try row.string(9).words)
        return Passkey(
            id: try row.string(0), personID: PersonID(try row.string(2)), name: try row.string(3), kind: kind,
            aaguid: aaguid, attestation: try row.string(12), state: state, ial: ial, createdAt: try row.instant(15),
            lastUsedAt: try row.optionalInstant(16), credential: credential)
    }

    private func key(_ encoded: [UInt8]) throws -> COSEKey {
        if let known = keys[encoded] { return known }
        let key = try COSEKey(encoded: encoded)
        keys.insert(key, for: encoded)
        return key
    }
}
