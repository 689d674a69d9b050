import Database
import Kernel
import Synchronization

/// The gazetteer: which places there are, what they are called, and when that was so. Provinces and districts are
/// always known and answered from memory; communes and villages come from the imported lists.
public struct ReferenceData: Sendable {
    /// The tables of this module.
    public static let migrations = ReferenceStore.migrations

    private let database: any Database
    private let store = ReferenceStore()
    private let cache = PlaceCache()
    private let recent = RecentPlaces()

    public init(database: any Database) { self.database = database }

    /// Writes the built-in provinces and districts that the table does not know yet, and fills the memory from the
    /// table. Run it at start, after the migrations; running it again changes nothing.
    public func install() async throws {
        let store = store
        let places = try await database.transaction { connection in
            try await connection.lock("reference:places")
            let known = Set(try await store.all([.province, .district], in: connection).map(\.code))
            try await store.save(GazetteerFacts.places.filter { !known.contains($0.code) }, in: connection)
            return try await store.all([.province, .district], in: connection)
        }
        cache.replace(places)
    }

    /// A place as it was on a day, or `nil` when there was none under the code. A change that another process imports is
    /// seen within a minute.
    public func place(_ code: PlaceCode, on day: CalendarDate) async throws -> Place? {
        try await place(code, on: day, in: database.statements)
    }

    /// A place as it was on a day, read inside a transaction.
    public func place(_ code: PlaceCode, on day: CalendarDate, in connection: any SQLConnection) async throws -> Place?
    {
        if code.level.rawValue <= PlaceLevel.district.rawValue { return known(code, on: day) }
        if let place = recent.place(code, on: day) { return place }
        guard let place = try await store.place(code, on: day, in: connection) else { return nil }
        recent.keep(place)
        return place
    }

    /// A province or district as it was on a day, from memory; `nil` for lower levels and for codes that were not in
    /// force.
    public func known(_ code: PlaceCode, on day: CalendarDate) -> Place? { cache.place(code, on: day) }

    /// The place and all that contain it, from the province down. Levels that are not in the gazetteer on that day are
    /// left out, so the answer for an unknown village may end with its district.
    public func path(_ code: PlaceCode, on day: CalendarDate, in connection: any SQLConnection) async throws -> [Place]
    {
        var places: [Place] = []
        for level in PlaceLevel.allCases where level.rawValue <= code.level.rawValue {
            if let place = try await place(code.ancestor(level), on: day, in: connection) { places.append(place) }
        }
        return places
    }

    /// The places directly inside another one on a day, by code; the provinces for `nil`.
    public func children(of parent: PlaceCode?, on day: CalendarDate) async throws -> [Place] {
        guard let parent, parent.level != .province else { return cache.children(of: parent, on: day) }
        let store = store
        return try await database.read { try await store.children(of: parent, on: day, in: $0) }
    }

    /// As `children(of:on:)`, read inside a transaction.
    public func children(
        of parent: PlaceCode?, on day: CalendarDate, in connection: any SQLConnection
    ) async throws -> [Place] {
        guard let parent, parent.level != .province else { return cache.children(of: parent, on: day) }
        return try await store.children(of: parent, on: day, in: connection)
    }

    /// Every version of a place, oldest first.
    public func versions(of code: PlaceCode) async throws -> [Place] {
        let store = store
        return try await database.read { try await store.versions(of: code, in: $0) }
    }

    /// The 25 provinces in force on a day, by code.
    public func provinces(on day: CalendarDate) -> [Place] { cache.children(of: nil, on: day) }

    /// Reads a list of places or of changes and, when every line of it is accepted, writes what is new. With one
    /// refused line nothing is written, and the report says which lines and why.
    ///
    /// - Parameters:
    ///   - bytes: the CSV file (see `GazetteerImport`).
    ///   - effectiveFrom: the day on which differing names of a list begin to hold; `nil` corrects the present version
    ///     in place.
    public func importGazetteer(_ bytes: [UInt8], effectiveFrom: CalendarDate? = nil) async throws -> GazetteerReport {
        let report = try await GazetteerImport(effectiveFrom: effectiveFrom).run(
            bytes, store: store, database: database)
        if report.refused.isEmpty {
            let store = store
            recent.forget()
            cache.replace(try await database.read { try await store.all([.province, .district], in: $0) })
        }
        return report
    }
}

/// Provinces and districts in memory. Shared by all copies of one `ReferenceData`.
private final class PlaceCache: Sendable {
    private let places: Mutex<[PlaceCode: [Place]]>

    init() { places = Mutex(Dictionary(grouping: GazetteerFacts.places, by: \.code)) }

    func replace(_ new: [Place]) {
        let grouped = Dictionary(grouping: new, by: \.code)
        if !grouped.isEmpty { places.withLock { $0 = grouped } }
    }

    func place(_ code: PlaceCode, on day: CalendarDate) -> Place? {
        places.withLock { $0[code] }?.first { $0.isValid(on: day) }
    }

    func children(of parent: PlaceCode?, on day: CalendarDate) -> [Place] {
        places.withLock { $0 }.values.joined().filter { $0.parent == parent && $0.isValid(on: day) }.sorted {
            $0.code < $1.code
        }
    }
}
