import CitizenPortal
import CivilRegister
import Codecs
import Crypto
import Kernel
import ReferenceData

/// The civil register behind the citizen's reports of births and deaths.
struct CivilReports: CitizenReports {
    let civil: CivilRegister
    let reference: ReferenceData
    let ambient: Ambient

    private var today: CalendarDate { ambient.now().dayInCambodia }

    func places(in code: String?) async throws -> [ReportPlace] {
        let parent = code.flatMap { PlaceCode($0) }
        if let parent, parent.level == .commune || parent.level == .village { return [] }
        return try await reference.children(of: parent, on: today).map {
            ReportPlace(code: $0.code.text, name: $0.name)
        }
    }

    func commune(_ code: String) async throws -> LocalizedText? {
        guard let place = PlaceCode(code), place.level == .commune,
            let found = try await reference.place(place, on: today)
        else { return nil }
        let above = try await reference.place(place.ancestor(.district), on: today)
        return LocalizedText(
            km: [found.fullName.km, above?.fullName.km].compactMap(\.self).joined(separator: " "),
            en: [found.fullName.en, above?.fullName.en].compactMap(\.self).joined(separator: ", "))
    }

    /// The fields that a family can fill in, in the order of the page; which of them must be.
    private static let chosen: [ReportedEvent: [(id: String, isRequired: Bool)]] = [
        .birth: [
            ("event.date", true), ("event.place", false), ("child.sex", true), ("child.family_km", false),
            ("child.given_km", false), ("mother.family_km", false), ("mother.given_km", false),
            ("father.family_km", false), ("father.given_km", false), ("informant.relation", true),
            ("informant.given_km", true), ("informant.phone", false),
        ],
        .death: [
            ("event.date", true), ("event.place", false), ("deceased.family_km", false), ("deceased.given_km", true),
            ("deceased.sex", false), ("deceased.birthdate", false), ("informant.relation", true),
            ("informant.given_km", true), ("informant.phone", false),
        ],
    ]

    func form(_ event: ReportedEvent, commune: String) async throws -> [ReportField] {
        let form = EventForm.of(Self.kind(event))
        var villages: [Place] = []
        if let code = PlaceCode(commune) { villages = try await reference.children(of: code, on: today) }
        return (Self.chosen[event] ?? []).compactMap { choice in
            guard let field = form[choice.id] else { return nil }
            if case .place = field.type {
                guard !villages.isEmpty else { return nil }
                return ReportField(
                    id: field.id, label: LocalizedText(km: "ភូមិ", en: "Village"),
                    choices: villages.map { (code: $0.code.text, label: $0.name) }, isRequired: choice.isRequired)
            }
            return Self.field(field, section: form.section(of: field.id), isRequired: choice.isRequired)
        }
    }

    private static func field(_ field: FieldDefinition, section: LocalizedText?, isRequired: Bool) -> ReportField {
        var label = field.label
        // The name of whom: the page has no headings between.
        if !field.id.hasPrefix("event."), let section {
            label = LocalizedText(km: "\(field.label.km) (\(section.km))", en: "\(section.en): \(field.label.en)")
        }
        switch field.type {
        case .choice(let choices):
            return ReportField(
                id: field.id, label: label, choices: choices.map { ($0.code, $0.label) }, isRequired: isRequired)
        case .date:
            return ReportField(
                id: field.id, label: label, hint: LocalizedText(km: "ថ្ងៃ/ខែ/ឆ្នាំ", en: "day/month/year"),
                isRequired: isRequired, limit: 20)
        case .partialDate:
            return ReportField(
                id: field.id, label: label,
                hint: LocalizedText(km: "ថ្ងៃ/ខែ/ឆ្នាំ ខែ/ឆ្នាំ ឬឆ្នាំ", en: "day/month/year, month/year, or year"),
                isRequired: isRequired, limit: 20)
        default: return ReportField(id: field.id, label: label, isRequired: isRequired)
        }
    }

    func send(
        _ event: ReportedEvent, _ values: [String: String], commune: String, key: String, by person: PersonID
    ) async throws -> String {
        let name = "report:" + Hex.encode(Array(SHA256.hash(data: Array((person.text + "\n" + key).utf8))))
        let receipt = try await civil.notify(
            Self.kind(event), values, office: commune, by: .citizen(person), transactionID: name)
        return receipt.notice.trackingID
    }

    func report(_ trackingID: String, of person: PersonID) async throws -> CitizenReport {
        let notice = try await civil.notice(trackingID, of: .citizen(person))
        return CitizenReport(
            trackingID: notice.trackingID, event: notice.kind.label,
            office: try await commune(notice.office) ?? LocalizedText(km: notice.office, en: notice.office),
            state: notice.state.label, isDone: notice.state == .registered, sentAt: notice.receivedAt,
            changedAt: notice.changedAt)
    }

    private static func kind(_ event: ReportedEvent) -> VitalEventKind {
        switch event {
        case .birth: .birth
        case .death: .death
        }
    }
}

extension EventForm {
    /// The heading over a field.
    fileprivate func section(of field: String) -> LocalizedText? {
        sections.first { $0.fields.contains { $0.id == field } }?.title
    }
}
