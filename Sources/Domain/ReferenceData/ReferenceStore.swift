import Database
import Kernel

/// The only place that touches the table `reference_places`: one row for each version of a place. An open beginning is
/// the day 0001-01-01, an open end is NULL.
struct ReferenceStore: Sendable {
    static let migrations = ModuleMigrations(
        "reference",
        [
            .init(
                "places",
                [
                    """
                    CREATE TABLE reference_places (
                        code TEXT NOT NULL,
                        valid_from TEXT NOT NULL,
                        valid_to TEXT,
                        level BIGINT NOT NULL,
                        parent TEXT,
                        kind TEXT NOT NULL,
                        name_km TEXT NOT NULL,
                        name_latin TEXT NOT NULL,
                        successors TEXT NOT NULL,
                        PRIMARY KEY (code, valid_from)
                    )
                    """,
                    "CREATE INDEX reference_places_parent ON reference_places (parent, code)",
                ])
        ])

    private static let columns = "code, kind, name_km, name_latin, valid_from, valid_to, successors"
    static let openBeginning = "0001-01-01"

    func versions(of code: PlaceCode, in connection: any SQLConnection) async throws -> [Place] {
        try await connection.query(
            "SELECT \(Self.columns) FROM reference_places WHERE code = $1 ORDER BY valid_from", [code.text]
        ).map(place)
    }

    func place(_ code: PlaceCode, on day: CalendarDate, in connection: any SQLConnection) async throws -> Place? {
        try await connection.first(
            """
            SELECT \(Self.columns) FROM reference_places
            WHERE code = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
            """, [code.text, day]
        ).map(place)
    }

    func children(of parent: PlaceCode, on day: CalendarDate, in connection: any SQLConnection) async throws -> [Place]
    {
        try await connection.query(
            """
            SELECT \(Self.columns) FROM reference_places
            WHERE parent = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2) ORDER BY code
            """, [parent.text, day]
        ).map(place)
    }

    /// All versions of all places of some levels.
    func all(_ levels: [PlaceLevel], in connection: any SQLConnection) async throws -> [Place] {
        var places: [Place] = []
        for level in levels {
            places += try await connection.query(
                "SELECT \(Self.columns) FROM reference_places WHERE level = $1 ORDER BY code, valid_from",
                [level.rawValue]
            ).map(place)
        }
        return places
    }

    func remove(_ code: PlaceCode, in connection: any SQLConnection) async throws {
        try await connection.execute("DELETE FROM reference_places WHERE code = $1", [code.text])
    }

    /// Writes versions of places, many to a statement; a version that stands under the same code and first day is
    /// replaced.
    func save(_ places: [Place], in connection: any SQLConnection) async throws {
        var start = 0
        while start < places.count {
            let batch = places[start..<min(start + 100, places.count)]
            var arguments: [any SQLValueConvertible] = []
            let rows = batch.map { place in
                let first = arguments.count
                let values: [any SQLValueConvertible] = [
                    place.code.text, place.validFrom?.description ?? Self.openBeginning, place.validTo,
                    place.level.rawValue,
                    place.parent?.text, place.kind.rawValue, place.nameKhmer, place.nameLatin,
                    place.successors.map(\.text).joined(separator: ","),
                ]
                arguments += values
                return "(" + (1...values.count).map { "$\(first + $0)" }.joined(separator: ",") + ")"
            }
            try await connection.execute(
                """
                INSERT INTO reference_places
                    (code, valid_from, valid_to, level, parent, kind, name_km, name_latin, successors)
                VALUES \(rows.joined(separator: ","))
                ON CONFLICT (code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, kind = excluded.kind,
                    name_km = excluded.name_km, name_latin = excluded.name_latin, successors = excluded.successors
                """, arguments)
            start += batch.count
        }
    }

    private func place(_ row: Row) throws -> Place {
        let from = try row.string(4)
        guard let code = PlaceCode(try row.string(0)), let kind = PlaceKind(rawValue: try row.string(1)) else {
            throw RumdulError.internal("reference.place_row")
        }
        return Place(
            code: code, kind: kind, nameKhmer: try row.string(2), nameLatin: try row.string(3),
            validFrom: from == Self.openBeginning ? nil : CalendarDate(iso: from),
            validTo: try row.optionalString(5).flatMap { CalendarDate(iso: $0) },
            successors: try row.string(6).split(separator: ",").compactMap { PlaceCode($0) })
    }
}
