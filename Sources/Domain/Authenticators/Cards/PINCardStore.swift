import Database
import Kernel

/// The SQL of PIN cards; the only place that touches `auth_cards`.
struct PINCardStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "PIN cards",
        [
            """
            CREATE TABLE auth_cards (
                id TEXT PRIMARY KEY,
                request_key TEXT NOT NULL UNIQUE,
                number TEXT NOT NULL UNIQUE,
                person_id TEXT NOT NULL,
                state TEXT NOT NULL,
                failures BIGINT NOT NULL,
                key_id TEXT NOT NULL,
                secret_hash BLOB NOT NULL,
                pin_verifier BLOB,
                ial BIGINT NOT NULL,
                issued_at BIGINT NOT NULL
            )
            """,
            """
            CREATE UNIQUE INDEX auth_cards_living ON auth_cards (person_id) WHERE state IN ('issued', 'active')
            """,
        ])

    /// PINs were stretched by the server before; what it stored of them fits no proof. Such cards wait for a new PIN.
    static let proofMigration = ModuleMigrations.Step(
        "PIN cards: proofs made in the browser",
        ["UPDATE auth_cards SET state = 'issued', pin_verifier = NULL, failures = 0 WHERE state = 'active'"])

    /// A card to be stored.
    struct NewCard: Sendable {
        var id: String
        var requestKey: String
        var number: String
        var personID: PersonID
        var keyID: String
        var secretHash: [UInt8]
        var ial: IdentityAssuranceLevel
        var issuedAt: Instant
    }

    /// A card with what checks it.
    struct Record: Sendable {
        let card: PINCard
        let keyID: String
        let secretHash: [UInt8]
        let verifier: [UInt8]?
    }

    /// Ends the person's card; its identifier, or `nil` when there is none.
    func replace(of person: PersonID, in connection: any SQLConnection) async throws -> String? {
        try await connection.first(
            """
            UPDATE auth_cards SET state = 'replaced', pin_verifier = NULL
            WHERE person_id = $1 AND state IN ('issued', 'active') RETURNING id
            """, [person.text]
        ).map { try $0.string(0) }
    }

    /// Stores a card; false when one was printed with the same request key.
    func insert(_ card: NewCard, in connection: any SQLConnection) async throws -> Bool {
        try await connection.query(
            """
            INSERT INTO auth_cards (id, request_key, number, person_id, state, failures, key_id, secret_hash, ial, issued_at)
            VALUES ($1, $2, $3, $4, 'issued', 0, $5, $6, $7, $8) ON CONFLICT (request_key) DO NOTHING RETURNING id
            """,
            [
                card.id, card.requestKey, card.number, card.personID.text, card.keyID, card.secretHash,
                card.ial.rawValue, card.issuedAt,
            ]
        ).count == 1
    }

    func isPrinted(requestKey: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM auth_cards WHERE request_key = $1", [requestKey]) != nil
    }

    private static let columns =
        "id, person_id, state, failures, ial, issued_at, key_id, secret_hash, pin_verifier"

    func card(_ id: String, in connection: any SQLConnection) async throws -> PINCard? {
        try await connection.first("SELECT \(Self.columns) FROM auth_cards WHERE id = $1", [id]).map {
            try Self.record($0).card
        }
    }

    /// The person's card in use.
    func living(of person: PersonID, in connection: any SQLConnection) async throws -> PINCard? {
        try await connection.first(
            "SELECT \(Self.columns) FROM auth_cards WHERE person_id = $1 AND state IN ('issued', 'active')",
            [person.text]
        ).map { try Self.record($0).card }
    }

    func record(number: String, in connection: any SQLConnection) async throws -> Record? {
        try await connection.first("SELECT \(Self.columns) FROM auth_cards WHERE number = $1", [number])
            .map(Self.record)
    }

    func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM auth_cards WHERE id = $1 AND state = 'active'", [id]) != nil
    }

    /// Sets the first PIN; false when the card has one, or has ended.
    func setPIN(_ id: String, _ verifier: [UInt8], in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_cards SET state = 'active', pin_verifier = $2, failures = 0 WHERE id = $1 AND state = 'issued'",
            [id, verifier]) == 1
    }

    /// Counts a wrong PIN unless the card is locked already; the new count, or `nil` when it was locked or has ended.
    func countFailure(_ id: String, in connection: any SQLConnection) async throws -> Int? {
        try await connection.first(
            """
            UPDATE auth_cards SET failures = failures + 1 WHERE id = $1 AND state = 'active' AND failures < $2
            RETURNING failures
            """, [id, PINCard.tries]
        ).map { try $0.int(0) }
    }

    /// Forgets wrong PINs after a right one; false when the card was locked or ended in between.
    func accept(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_cards SET failures = 0 WHERE id = $1 AND state = 'active' AND failures < $2",
            [id, PINCard.tries]) == 1
    }

    /// Gives all tries back; false when none was used.
    func unlock(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_cards SET failures = 0 WHERE id = $1 AND state = 'active' AND failures > 0", [id]) == 1
    }

    /// Ends a card; false when it had ended.
    func end(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE auth_cards SET state = 'ended', pin_verifier = NULL WHERE id = $1 AND state IN ('issued', 'active')
            """, [id]) == 1
    }

    private static func record(_ row: Row) throws -> Record {
        guard let state = PINCard.State(rawValue: try row.string(2)),
            let ial = IdentityAssuranceLevel(rawValue: try row.int(4))
        else { throw RumdulError.internal("auth_cards row") }
        return Record(
            card: PINCard(
                id: try row.string(0), personID: PersonID(try row.string(1)), state: state, failures: try row.int(3),
                ial: ial, issuedAt: try row.instant(5)),
            keyID: try row.string(6), secretHash: try row.blob(7), verifier: try row.optionalBlob(8))
    }
}
