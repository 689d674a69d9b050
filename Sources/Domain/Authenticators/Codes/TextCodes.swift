import Codecs
import Database
import Kernel
import KeyVault
import Ledger

/// How codes by text message are kept in bounds. Values of a node, not of the program.
public struct TextCodeRules: Sendable {
    /// Seconds for which a code works.
    public var lifetime: Int64
    /// Wrong tries that end a code.
    public var tries: Int
    /// Messages within the window, for one person and for one network address.
    public var messages: Int
    /// Seconds of the window.
    public var window: Int64

    public init(lifetime: Int64 = 300, tries: Int = 3, messages: Int = 3, window: Int64 = 600) {
        self.lifetime = lifetime
        self.tries = tries
        self.messages = messages
        self.window = window
    }
}

/// A code that waits to be typed. The text exists while the message is made; afterwards only a keyed hash does.
public struct TextCode: Sendable {
    /// Identifier; also what stands where an approval names its device.
    public let id: String
    /// Six digits.
    public let code: String
}

/// One-time codes by text message: six digits, for minutes, once. Every request leaves a row, also for people who are
/// not there, so that limits hold for all alike.
public struct TextCodes: Sendable {
    static let prefix = "message."
    private let vault: any KeyVault
    private let ledger: Ledger
    private let ambient: Ambient
    /// The limits that hold.
    public let rules: TextCodeRules

    init(vault: any KeyVault, ledger: Ledger, ambient: Ambient, rules: TextCodeRules) {
        self.vault = vault
        self.ledger = ledger
        self.ambient = ambient
        self.rules = rules
    }

    static let migration = ModuleMigrations.Step(
        "codes by message",
        [
            """
            CREATE TABLE auth_text_codes (
                id TEXT PRIMARY KEY,
                person_id TEXT,
                name_tag BLOB NOT NULL,
                address_tag BLOB NOT NULL,
                key_id TEXT NOT NULL,
                hash BLOB NOT NULL,
                failures BIGINT NOT NULL,
                sent_at BIGINT NOT NULL,
                used_at BIGINT
            )
            """,
            "CREATE INDEX auth_text_codes_by_name ON auth_text_codes (name_tag, sent_at)",
            "CREATE INDEX auth_text_codes_by_address ON auth_text_codes (address_tag, sent_at)",
        ])

    /// Makes a code. Throws `codes.too_many_messages` when this person or address had its share.
    /// - Parameters:
    ///   - person: `nil` for somebody who is not there: the row then never matches.
    ///   - name: what was typed, in its digits.
    ///   - address: the network address that asks.
    public func make(
        for person: PersonID?, name: String, address: String, in connection: any SQLConnection
    ) async throws -> TextCode {
        let now = ambient.now()
        let nameTag = try await tag("name", person?.text ?? name)
        let addressTag = try await tag("address", address)
        for tag in [("n:" + Hex.encode(nameTag)), ("a:" + Hex.encode(addressTag))].sorted() {
            try await connection.lock("text-codes:" + tag)
        }
        let since = now.adding(seconds: -rules.window)
        guard
            let row = try await connection.first(
                """
                SELECT (SELECT COUNT(*) FROM auth_text_codes WHERE name_tag = $1 AND sent_at > $3),
                    (SELECT COUNT(*) FROM auth_text_codes WHERE address_tag = $2 AND sent_at > $3)
                """, [nameTag, addressTag, since]), try row.int(0) < rules.messages, try row.int(1) < rules.messages
        else { throw RumdulError.codesTooManyMessages }
        let key = try await vault.activeKey(.mac)
        let digits = String(ambient.uniform(below: 1_000_000))
        let code = TextCode(
            id: Self.prefix + ambient.newID(), code: String(repeating: "0", count: 6 - digits.utf8.count) + digits)
        try await connection.execute(
            """
            INSERT INTO auth_text_codes (id, person_id, name_tag, address_tag, key_id, hash, failures, sent_at)
            VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
            """,
            [
                code.id, person?.text, nameTag, addressTag, key.id,
                try await hash(code.code, id: code.id, key: key.id), now,
            ])
        return code
    }

    /// Tries a code. A wrong try is counted in the caller's transaction, which must be **committed** whatever the answer
    /// is. The third wrong try ends the code; the right one is used up.
    public func check(
        _ id: String, person: PersonID?, code: String, in connection: any SQLConnection
    ) async throws -> Bool {
        let now = ambient.now()
        let oldest = now.adding(seconds: -rules.lifetime)
        let row = try await connection.first("SELECT key_id, hash, person_id FROM auth_text_codes WHERE id = $1", [id])
        guard let row else { return false }
        let computed = try await hash(code, id: id, key: try row.string(0))
        if let person, let owner = try row.optionalString(2), sameCodePoints(owner, person.text),
            constantTimeEquals(try row.blob(1), computed)
        {
            let used = try await connection.execute(
                """
                UPDATE auth_text_codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND failures < $3 AND sent_at > $4
                """, [id, now, rules.tries, oldest])
            guard used == 1 else { return false }
            try await ledger.append(
                LedgerEntry(
                    stream: Ledger.shard("audit", by: person.text), kind: "codes.message_used", subject: person.text,
                    payload: .object(["message": .string(id)])), in: connection)
            return true
        }
        try await connection.execute(
            "UPDATE auth_text_codes SET failures = failures + 1 WHERE id = $1 AND used_at IS NULL AND failures < $2",
            [id, rules.tries])
        return false
    }

    /// Forgets codes that nobody used and that are past the window; returns how many.
    public func purge(in connection: any SQLConnection) async throws -> Int {
        let keep = max(rules.window, rules.lifetime) * 2
        return try await connection.execute(
            "DELETE FROM auth_text_codes WHERE used_at IS NULL AND sent_at < $1",
            [ambient.now().adding(seconds: -keep)])
    }

    /// Whether an approval with this code may still hold.
    static func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM auth_text_codes WHERE id = $1 AND used_at IS NOT NULL", [id]) != nil
    }

    private func tag(_ kind: String, _ text: String) async throws -> [UInt8] {
        try await vault.mac(Self.label("rumdul-text-code-\(kind)", text), purpose: .mac)
    }

    private func hash(_ code: String, id: String, key: String) async throws -> [UInt8] {
        try await vault.mac(Self.label("rumdul-text-code", id) + Array(code.utf8), purpose: .mac, keyID: key)
    }

    private static func label(_ parts: String...) -> [UInt8] { parts.flatMap { Array($0.utf8) + [0] } }
}
