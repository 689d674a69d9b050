import Database
import Kernel

/// Touches the table that finds the record behind a certificate's number.
struct CertificateStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "certificates",
        [
            """
            CREATE TABLE civil_certificates (
                number TEXT PRIMARY KEY,
                record_id TEXT NOT NULL,
                version BIGINT NOT NULL,
                issued_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX civil_certificates_record ON civil_certificates (record_id)",
        ])

    func insert(
        _ number: String, record: String, version: Int, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "INSERT INTO civil_certificates (number, record_id, version, issued_at) VALUES ($1, $2, $3, $4)",
            [number, record, version, now])
    }

    /// The time that stands on the paper.
    func issuedAt(_ number: String, in connection: any SQLConnection) async throws -> Instant? {
        try await connection.first("SELECT issued_at FROM civil_certificates WHERE number = $1", [number])?.instant(0)
    }

    func record(of number: String, in connection: any SQLConnection) async throws -> String? {
        try await connection.first("SELECT record_id FROM civil_certificates WHERE number = $1", [number])?.string(0)
    }
}
