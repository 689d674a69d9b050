import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import ReferenceData

extension PopulationRegister: AttributeSource {
    /// The present values of attributes, for the gate. Throws `person.not_found`, `person.erased`.
    public func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        let open = try await open(subject, in: connection)
        return try await attributes(
            open, open.snapshot, names, on: ambient.now().dayInCambodia, knownAt: nil, in: connection)
    }

    /// The register as it was: for the gate, as the register itself.
    ///
    /// - Parameters:
    ///   - day: which day's truth is wanted (valid time).
    ///   - moment: as the register knew it at that moment (recorded time); `nil` for all that it knows.
    public func view(on day: CalendarDate, knownAt moment: Instant? = nil) -> some AttributeSource {
        PopulationView(register: self, day: day, moment: moment)
    }

    fileprivate func attributes(
        _ open: OpenPerson, _ snapshot: PersonSnapshot, _ names: [AttributeName], on day: CalendarDate,
        knownAt moment: Instant?, in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        var mapping = AttributeMapping(snapshot: snapshot, day: day)
        if names.contains(.address), let residence = mapping.residence {
            mapping.path = try await path(residence.place, snapshot, on: day, in: connection)
        }
        if names.contains(.kidc), let sealed = try await store.code(of: open.row.id, in: connection) {
            let digits = try open.key.open(sealed, context: Envelope.context(person: open.row.id, field: "kidc"))
            mapping.kidc = String(decoding: digits, as: UTF8.self)
        }
        if names.contains(.household) {
            mapping.household = try await household(of: open.row.id, on: day, knownAt: moment, in: connection)
        }
        var values: [AttributeName: JSONValue] = [:]
        for name in names { if let value = mapping.value(of: name) { values[name] = value } }
        return ProtectedAttributes(values)
    }

    /// The places of an address. A code that is retired by now is read as it was when the address was recorded.
    private func path(
        _ place: PlaceCode, _ snapshot: PersonSnapshot, on day: CalendarDate, in connection: any SQLConnection
    ) async throws -> [Place] {
        let now = try await referenceData.path(place, on: day, in: connection)
        guard now.last?.code != place, let version = snapshot.versions[.residence] else { return now }
        let then = try await referenceData.path(
            place, on: version.validFrom ?? version.recordedAt.dayInCambodia, in: connection)
        return then.count > now.count ? then : now
    }
}

/// The register as it was on a day, as far as was known at a moment.
private struct PopulationView: AttributeSource {
    let register: PopulationRegister
    let day: CalendarDate
    /// `nil`: with all that is known.
    let moment: Instant?

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        let open = try await register.open(subject, in: connection)
        var versions: [FactVersion] = []
        for kind in FactKind.allCases {
            let earlier = try await register.history(open, kind, in: connection).map(\.version)
            versions += (earlier + [open.snapshot.versions[kind]].compactMap(\.self)).filter {
                $0.holds(on: day) && (moment.map($0.isKnown(at:)) ?? ($0.recordedTo == nil))
            }
        }
        return try await register.attributes(
            open, PersonSnapshot(versions), names, on: day, knownAt: moment, in: connection)
    }
}
