import Database
import Kernel

/// Touches the table of scanned papers.
struct EvidenceStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "evidence",
        [
            """
            CREATE TABLE civil_evidence (
                id TEXT PRIMARY KEY,
                record_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                media_type TEXT NOT NULL,
                size BIGINT NOT NULL,
                sha256 BLOB NOT NULL,
                sealed BLOB NOT NULL,
                added_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX civil_evidence_record ON civil_evidence (record_id)",
        ])

    func insert(_ evidence: Evidence, sealed: [UInt8], in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_evidence (id, record_id, kind, media_type, size, sha256, sealed, added_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                evidence.id, evidence.record, evidence.kind.rawValue, evidence.mediaType.rawValue, evidence.size,
                evidence.sha256, sealed, evidence.addedAt,
            ])
    }

    func list(of record: String, in connection: any SQLConnection) async throws -> [Evidence] {
        try await connection.query(
            """
            SELECT id, kind, media_type, size, sha256, added_at FROM civil_evidence WHERE record_id = $1 ORDER BY added_at, id
            """, [record]
        ).map { row in
            guard let kind = EvidenceKind(rawValue: try row.string(1)),
                let type = EvidenceMediaType(rawValue: try row.string(2))
            else { throw RumdulError.internal("civil.evidence_row") }
            return Evidence(
                id: try row.string(0), record: record, kind: kind, mediaType: type, size: try row.int(3),
                sha256: try row.blob(4), addedAt: try row.instant(5))
        }
    }

    func sealed(_ id: String, of record: String, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first(
            "SELECT sealed FROM civil_evidence WHERE id = $1 AND record_id = $2", [id, record])?.blob(0)
    }
}
