import Accountability
import Authenticators
import Codecs
import Database
import Kernel

/// A person as the officer's screen knows them: an opaque link, and what the register disclosed.
public struct PersonCard: Sendable {
    /// Opaque, sealed for this officer, works for half an hour. Safe in a URL.
    public let link: String
    public let attributes: DisclosedAttributes
}

extension EnrolmentService {
    /// What the list of several candidates shows: just enough to choose.
    static let listAttributes: [AttributeName] = [.nameKhmer, .birthdate, .addressProvince]
    /// What the person's page shows.
    static let pageAttributes: [AttributeName] = [
        .nameKhmer, .nameLatin, .gender, .birthdate, .address, .nationality, .documentType,
    ]
    /// The most candidates that are shown. Each one shown is an entry in somebody's access journal.
    public static let mostCandidates = 10

    /// Links to the people who fit and who live where this officer works; without any attribute.
    ///
    /// Throws `enrolment.query`, `officer.forbidden`.
    public func find(_ query: PersonQuery, by officer: Officer) async throws -> [String] {
        guard officer.grants.contains(where: { officer.may(.personFind, in: Self.area($0.jurisdiction)) }) else {
            throw RumdulError.officerForbidden
        }
        let matches = try await finder.find(try Self.checked(query), limit: 200)
        var links: [String] = []
        for match in matches where officer.may(.personFind, in: match.area) && links.count < Self.mostCandidates {
            links.append(try await link(to: match.personID, for: officer))
        }
        return links
    }

    /// What the register discloses about a candidate or, with `full`, about the person at the counter. Writes one
    /// access entry.
    ///
    /// Throws `enrolment.person_link`, `officer.forbidden`, `enrolment.not_found`.
    /// - Parameter trace: ties the access entry to the request in other logs.
    public func card(
        _ link: String, full: Bool, trace: String, by officer: Officer
    ) async throws -> PersonCard {
        let match = try await person(link, by: officer)
        let request = DisclosureRequest(
            subject: match.personID, actor: try officer.acting(.personFind, in: match.area),
            organisation: officer.organisation, system: "rumdul", service: "enrolment", purpose: Self.purpose,
            basis: .statute(Self.statute), attributes: full ? Self.pageAttributes : Self.listAttributes, traceID: trace)
        return PersonCard(link: link, attributes: try await finder.disclose(request))
    }

    /// The person behind a link. Throws `enrolment.person_link` for a link that is old, changed or another officer's,
    /// `officer.forbidden` when the person no longer lives where the officer works, `enrolment.not_found`.
    public func person(_ link: String, by officer: Officer) async throws -> PersonMatch {
        guard link.utf8.count <= 1024, let sealed = Base64URL.decode(link),
            let bytes = try? await vault.open(sealed, purpose: .sealing, context: Self.linkContext(officer))
        else { throw RumdulError.enrolmentPersonLink }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard parts.count == 2, let expiry = Int64(parts[0]), ambient.now().seconds < expiry else {
            throw RumdulError.enrolmentPersonLink
        }
        guard let match = try await finder.match(PersonID(String(parts[1]))) else {
            throw RumdulError.enrolmentNotFound
        }
        try officer.require(.personFind, in: match.area)
        return match
    }

    /// A fresh link to a person, for this officer.
    public func link(to person: PersonID, for officer: Officer) async throws -> String {
        let expiry = ambient.now().adding(seconds: settings.personLinkLifetime).seconds
        return Base64URL.encode(
            try await vault.seal(
                Array("\(expiry) \(person.text)".utf8), purpose: .sealing, context: Self.linkContext(officer)))
    }

    // MARK: Devices

    /// What a device is told about itself besides its own record: what happened to the person's other devices since it
    /// asked, and whether levels are held. A device that is not active is told nothing of the others.
    public func standing(of device: Device) async throws -> (notices: [DeviceNotice], hold: AssuranceHold?) {
        guard device.state == .active else { return ([], nil) }
        let (found, hold) = try await database.read { [authenticators] in
            (
                try await authenticators.hasNotices(for: device, in: $0),
                try await authenticators.hold(of: device.personID, in: $0)
            )
        }
        guard found else { return ([], hold) }
        let notices = try await database.transaction { [authenticators] in
            try await authenticators.takeNotices(for: device, in: $0)
        }
        return (notices, hold)
    }

    /// The devices of a person, newest first. Throws as `person`.
    public func devices(ofPerson link: String, by officer: Officer) async throws -> [Device] {
        let match = try await person(link, by: officer)
        return try await database.read { [authenticators] in
            try await authenticators.devices(of: match.personID, in: $0)
        }
    }

    /// What this officer may do to a device now.
    public func actions(on device: Device, area: String?, by officer: Officer) -> [OfficerDeviceAction] {
        OfficerDeviceAction.allCases.filter { action in
            let possible =
                switch action {
                case .block: device.state == .active
                case .unblock: device.state == .blocked
                case .revoke: device.state != .revoked
                case .unlockPIN: device.pinFailures > 0 && device.state != .revoked
                }
            return possible && officer.may(action.permission, in: area)
        }
    }

    /// Does something to a device of a person; audited with the reason. Repeating it changes nothing.
    ///
    /// Throws `officer.forbidden`, `device.not_found` for a device of somebody else, `device.transition`.
    public func perform(
        _ action: OfficerDeviceAction, on deviceID: String, of person: PersonID, reason: OfficerDeviceReason,
        by officer: Officer
    ) async throws {
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(action.permission, in: match.area)
        try await database.transaction { [authenticators] connection in
            guard let device = try await authenticators.device(deviceID, in: connection),
                device.personID == match.personID
            else { throw RumdulError.deviceNotFound }
            // A pending device becomes active through the comparison only.
            if action == .unblock, device.state == .pending { throw RumdulError.deviceTransition }
            switch action {
            case .block:
                try await authenticators.setState(
                    deviceID, .blocked, by: officer.id, reason: reason.rawValue, in: connection)
            case .unblock:
                try await authenticators.setState(
                    deviceID, .active, by: officer.id, reason: reason.rawValue, in: connection)
            case .revoke:
                try await authenticators.setState(
                    deviceID, .revoked, by: officer.id, reason: reason.rawValue, in: connection)
            case .unlockPIN:
                try await authenticators.unlockPIN(deviceID, by: officer.id, reason: reason.rawValue, in: connection)
            }
        }
    }

    // MARK: Within

    private static func checked(_ query: PersonQuery) throws -> PersonQuery {
        switch query {
        case .identifier(let text):
            guard (1...64).contains(text.unicodeScalars.count) else { throw RumdulError.enrolmentQuery }
        case .name(let text, let year):
            guard (1...200).contains(text.unicodeScalars.count), (1850...2200).contains(year) else {
                throw RumdulError.enrolmentQuery
            }
        }
        return query
    }

    private static func area(_ jurisdiction: Jurisdiction) -> String? {
        if case .area(let code) = jurisdiction { code } else { nil }
    }

    private static func linkContext(_ officer: Officer) -> [UInt8] {
        Array("enrolment person link 1 \(officer.id)".utf8)
    }
}
