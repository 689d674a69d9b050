import Database
import DatabaseTesting
import Kernel
import Testing

@Suite struct LocationTests {
    @Test func filesAreSQLite() throws {
        #expect(try DatabaseLocation("data/rumdul.db") == .sqlite(path: "data/rumdul.db"))
        #expect(try DatabaseLocation("/var/lib/rumdul.db") == .sqlite(path: "/var/lib/rumdul.db"))
        #expect(try DatabaseLocation("sqlite:///var/lib/rumdul.db") == .sqlite(path: "/var/lib/rumdul.db"))
        #expect(try DatabaseLocation("sqlite:rumdul.db") == .sqlite(path: "rumdul.db"))
        #expect(try DatabaseLocation("./a:b.db") == .sqlite(path: "./a:b.db"))
    }

    @Test(arguments: [
        "", "sqlite:", "sqlite://host/x", "mysql://x", "postgresql:x", "postgresql://h:port/x", "postgresql://h?x=1",
    ])
    func othersAreRefused(_ text: String) {
        #expect(throws: RumdulError.databaseLocation("")) { try DatabaseLocation(text) }
    }

    @Test(arguments: [
        "postgresql://rumdul:hunter2@db.example:5433/identity?sslmode=require",
        "postgres://rumdul@db.example:5433/identity?password=hunter2",
        "postgresql://a:hunter2@h1:1,h2:2/identity?target_session_attrs=read-write&sslpassword=hunter2",
    ])
    func passwordsAreNeverShown(_ text: String) throws {
        let location = try DatabaseLocation(text)
        var dumped = ""
        dump(location, to: &dumped)
        for shown in ["\(location)", String(reflecting: location), String(describing: [location]), dumped] {
            #expect(!shown.contains("hunter2"))
            #expect(shown.contains("identity"))
        }
        #expect(location.dialect == .postgresql)
    }

    @Test func badURLsDoNotShowTheirPassword() throws {
        do {
            _ = try DatabaseLocation("postgresql://u:hunter2@h:port/x")
            Issue.record("accepted")
        } catch { #expect(!String(describing: error).contains("hunter2")) }
    }

    @Test(arguments: TestDatabases.kinds)
    func bulkInsertInsertsAll(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            for count in [0, 1, 7, 8, 255, 256, 257, 1000] {
                let inserted = try await database.transaction { connection in
                    try await connection.execute("DELETE FROM sample_types")
                    return try await connection.bulkInsert(
                        "sample_types", columns: ["id", "text", "bytes"],
                        rows: (0..<count).map {
                            [$0, "row \($0)", $0 % 2 == 0 ? [UInt8]?.none : [UInt8](repeating: 1, count: 9)]
                        })
                }
                #expect(inserted == count)
                let row = try await database.read {
                    try await $0.first(
                        "SELECT COUNT(*), CAST(COALESCE(SUM(id), 0) AS BIGINT), COUNT(bytes) FROM sample_types")
                }
                #expect(
                    row?.values == [
                        .integer(Int64(count)), .integer(Int64(count * (count - 1) / 2)), .integer(Int64(count / 2)),
                    ])
            }
            let again = try await database.transaction {
                try await $0.bulkInsert(
                    "sample_types", columns: ["id"], rows: [[1], [5000]], suffix: "ON CONFLICT (id) DO NOTHING")
            }
            #expect(again == 1)
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.transaction { _ = try await $0.bulkInsert("x; DROP", columns: ["id"], rows: []) }
            }
        }
    }
}
