import Codecs
import Database
import Kernel
import Ledger

extension Authenticators {
    // MARK: Holds

    /// Whether and until when a person's levels are held. For everything that computes a level, and for the pages that
    /// tell the person.
    public func hold(of person: PersonID, in connection: any SQLConnection) async throws -> AssuranceHold? {
        try await SafetyStore().hold(of: person, at: ambient.now(), in: connection)
    }

    /// Holds a person's levels from now on for as long as the rules say; audited.
    /// - Parameter reason: `recovery` or `replacement`.
    public func hold(_ person: PersonID, reason: String, by: String, in connection: any SQLConnection) async throws {
        let hold = AssuranceHold(
            until: ambient.now().adding(seconds: rules.holdSeconds), highestRank: rules.holdRank, reason: reason)
        try await SafetyStore().hold(person, hold, rules: rules.version, in: connection)
        try await audit(
            "assurance.held", person: person,
            [
                "reason": .string(reason), "by": .string(by), "until": .integer(hold.until.seconds),
                "rules": .string(rules.version),
            ], in: connection)
    }

    // MARK: Notices

    /// What happened to the person's other devices since this device asked last. Asking marks them as told: the caller
    /// commits and answers.
    public func takeNotices(for device: Device, in connection: any SQLConnection) async throws -> [DeviceNotice] {
        let store = SafetyStore()
        let found = try await store.notices(for: device, in: connection)
        if let last = found.last { try await store.mark(device.id, serial: last.serial, in: connection) }
        return found.map(\.notice)
    }

    /// Whether there is something to tell: one read, for devices that ask often.
    public func hasNotices(for device: Device, in connection: any SQLConnection) async throws -> Bool {
        try await !SafetyStore().notices(for: device, in: connection).isEmpty
    }

    /// Checks, before a device becomes active, that it is not one too many. Throws `device.too_many`.
    func requireRoom(for device: Device, in connection: any SQLConnection) async throws {
        try await connection.lock("devices:" + device.personID.text)
        let standing = try await SafetyStore().standing(of: device.personID, except: device.id, in: connection)
        guard standing.active < rules.mostActive else { throw RumdulError.deviceTooMany }
    }

    /// Tells the other devices of a change of state. A first activation that stands alone although there were devices
    /// before replaces them: the person's levels are held.
    func announce(
        _ device: Device, _ state: DeviceState, by: String, in connection: any SQLConnection
    ) async throws {
        let kind: DeviceNotice.Kind
        switch (device.state, state) {
        case (.blocked, .active): kind = .unblocked
        case (_, .active): kind = .added
        case (_, .blocked): kind = .blocked
        case (.pending, _), (_, .pending): return
        case (_, .revoked): kind = .revoked
        }
        let store = SafetyStore()
        let serial = try await store.add(
            DeviceNotice(kind: kind, at: ambient.now(), deviceName: device.name), device: device.id,
            person: device.personID, in: connection)
        if kind == .blocked || kind == .revoked {
            try await effects.ended(device.id, of: device.personID, in: connection)
        }
        guard kind == .added else { return }
        try await effects.added(.device, to: device.personID, in: connection)
        try await store.mark(device.id, serial: serial, in: connection)
        let standing = try await store.standing(of: device.personID, except: device.id, in: connection)
        if standing.active == 0, standing.former > 0 {
            try await hold(device.personID, reason: "replacement", by: by, in: connection)
        }
    }
}

extension RumdulError {
    /// The person has as many active devices as one may have.
    public static let deviceTooMany = RumdulError(
        "device.too_many", .conflict, km: "មានឧបករណ៍កំពុងប្រើច្រើនពេក។ សូមបិទ ឬលុបឧបករណ៍ចាស់មួយជាមុន។",
        en: "Too many devices are in use. Block or revoke an old one first.")
}

extension ErrorRoom {
    /// Errors of a person's set of devices, and of changing the PIN.
    static let deviceSafety = [
        ErrorEntry(
            .deviceTooMany, cause: "The person has as many active devices as `devices_per_person` allows.",
            remedy: "Block or revoke one that is no longer used.", km: "សូមបិទឧបករណ៍ដែលលែងប្រើ។")
    ]
}
