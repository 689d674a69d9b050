import Database

extension Ledger {
    /// The ledger's tables. All of them refuse UPDATE and DELETE.
    public static let migrations = ModuleMigrations(
        "ledger",
        [
            ModuleMigrations.Step(
                "entries, nodes, checkpoints", [],
                sqlite: tables(text: "TEXT", suffix: " WITHOUT ROWID") + indexes
                    + tableNames.flatMap { table in
                        ["UPDATE", "DELETE"].map { event in
                            """
                            CREATE TRIGGER \(table)_no_\(event.lowercased()) BEFORE \(event) ON \(table)
                            BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END
                            """
                        }
                    },
                postgresql: tables(text: "TEXT COLLATE \"C\"", suffix: "") + indexes + [
                    """
                    CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
                    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END
                    $body$
                    """
                ]
                    + tableNames.flatMap { table in
                        [
                            """
                            CREATE TRIGGER \(table)_no_change BEFORE UPDATE OR DELETE ON \(table)
                            FOR EACH ROW EXECUTE FUNCTION ledger_refuse()
                            """,
                            """
                            CREATE TRIGGER \(table)_no_truncate BEFORE TRUNCATE ON \(table)
                            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
                            """,
                        ]
                    })
        ])

    static let tableNames = ["ledger_entries", "ledger_nodes", "ledger_checkpoints", "ledger_heads"]

    /// Stream names are compared by their bytes on both engines. On SQLite the rows lie in the order of the primary
    /// key, which is the order in which tails are read, streams verified and proofs made.
    private static func tables(text: String, suffix: String) -> [String] {
        [
            """
            CREATE TABLE ledger_entries (
                stream \(text) NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT,
                payload BLOB NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (stream, seq)
            )\(suffix)
            """,
            // Complete subtrees of 2^8, 2^16, 2^24 ... leaves: what proofs need without reading every row.
            """
            CREATE TABLE ledger_nodes (
                stream \(text) NOT NULL, level BIGINT NOT NULL, place BIGINT NOT NULL, hash BLOB NOT NULL,
                PRIMARY KEY (stream, level, place)
            )\(suffix)
            """,
            """
            CREATE TABLE ledger_checkpoints (
                number BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, statement TEXT NOT NULL, hash BLOB NOT NULL
            )
            """,
            // The tree heads of the checkpoints by stream: an index of what the signed statements say.
            """
            CREATE TABLE ledger_heads (
                stream \(text) NOT NULL, size BIGINT NOT NULL, number BIGINT NOT NULL, root BLOB NOT NULL,
                PRIMARY KEY (stream, size)
            )\(suffix)
            """,
        ]
    }

    private static let indexes = [
        "CREATE INDEX ledger_entries_subject ON ledger_entries (subject, at, stream, seq) WHERE subject IS NOT NULL",
        "CREATE INDEX ledger_heads_number ON ledger_heads (number)",
    ]
}
