import CivilRegister
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData
import Typesetting

/// A certificate on paper: its rows in Khmer and, beside them, in Latin letters.
public struct CertificatePaper: Sendable {
    let places: PlaceBook
    let ambient: Ambient

    public init(reference: ReferenceData, ambient: Ambient) {
        places = PlaceBook(reference: reference)
        self.ambient = ambient
    }

    /// The document. The same draft gives the same bytes.
    public func pdf(_ draft: CertificateDraft) async throws -> [UInt8] {
        try CertificateLayout.pdf(try await content(draft)).bytes
    }

    func content(_ draft: CertificateDraft) async throws -> CertificateContent {
        let record = draft.record
        let day = draft.issuedAt.dayInCambodia
        var content = CertificateContent(
            title: Self.title(record.kind), offices: try await offices(record.office, on: day),
            number: record.number ?? record.trackingID, rows: try await rows(draft),
            issued: LocalizedText(
                km: "ធ្វើនៅ" + KhmerDates.long(day, .km), en: "Issued on " + KhmerDates.long(day, .en)),
            signer: LocalizedText(km: "មន្ត្រីអត្រានុកូលដ្ឋាន", en: "Civil Registrar"), created: draft.issuedAt)
        content.notes = [
            LocalizedText(
                km: "\(draft.kind.label.km) លេខ \(draft.number)", en: "\(draft.kind.label.en) no. \(draft.number)")
        ]
        if draft.isSuperseded {
            let words = LocalizedText(km: "លែងមានសុពលភាព", en: "NO LONGER VALID")
            content.watermark = words
            content.notes.append(words)
        } else if draft.kind == .copy {
            content.watermark = LocalizedText(km: "ចម្លង", en: "COPY")
        }
        return content
    }

    private static func title(_ kind: VitalEventKind) -> LocalizedText {
        switch kind {
        case .birth, .foundling: LocalizedText(km: "សំបុត្រកំណើត", en: "BIRTH CERTIFICATE")
        case .death, .presumedDeath: LocalizedText(km: "សំបុត្រមរណភាព", en: "DEATH CERTIFICATE")
        case .marriage: LocalizedText(km: "សំបុត្រអាពាហ៍ពិពាហ៍", en: "MARRIAGE CERTIFICATE")
        default: LocalizedText(km: "សំបុត្របញ្ជាក់៖ " + kind.label.km, en: "CERTIFICATE: " + kind.label.en.uppercased())
        }
    }

    private func offices(_ office: String, on day: CalendarDate) async throws -> [LocalizedText] {
        guard let code = PlaceCode(office) else { return [] }
        var names: [LocalizedText] = []
        for level in [PlaceLevel.province, .district, .commune] {
            if let place = try await places.reference.place(code.ancestor(level), on: day) {
                names.append(place.fullName)
            }
        }
        return names
    }

    private func rows(_ draft: CertificateDraft) async throws -> [CertificateContent.Row] {
        let record = draft.record, declaration = record.declaration
        let printed = CertificateFields.ordered(record.kind)
        var rows: [CertificateContent.Row] = []
        var named: Set<String> = []
        for id in printed {
            let role = ParticipantRole(rawValue: String(id.prefix(while: { $0 != "." })))
            if let role,
                ["family_km", "given_km", "family_latin", "given_latin"].contains(where: { id == role.field($0) })
            {
                guard named.insert(role.rawValue).inserted else { continue }
                guard let name = declaration.name(role)?.full ?? declaration.name(role, latin: true)?.full else {
                    continue
                }
                rows.append(
                    .init(
                        role.label.km, role.label.en, name, declaration.name(role, latin: true)?.full.uppercased()))
                if let code = draft.codes[role] {
                    rows.append(
                        .init(
                            "លេខអត្តសញ្ញាណ", "Identification code", RecordViews.grouped(KhmerDigits.toKhmer(code)),
                            RecordViews.grouped(code)))
                }
                continue
            }
            guard let field = EventForm.of(record.kind)[id], let value = declaration[id] else { continue }
            let khmer = try await words(value, field, record, .km), english = try await words(value, field, record, .en)
            let isOther = role.map { !record.kind.subjects.contains($0) || record.kind.subjects.count > 1 } ?? false
            let prefix = isOther ? role.map { ($0.label.km + " · ", $0.label.en + " · ") } : nil
            rows.append(
                .init(
                    (prefix?.0 ?? "") + field.label.km, (prefix?.1 ?? "") + field.label.en, khmer,
                    english == khmer ? nil : english))
        }
        return rows
    }

    private func words(
        _ value: String, _ field: FieldDefinition, _ record: VitalRecord, _ language: Language
    ) async throws -> String {
        switch field.type {
        case .choice(let choices): return choices.first { $0.code == value }?.label[language] ?? value
        case .date:
            return CalendarDate(iso: value).map { KhmerDates.long($0, language) } ?? value
        case .country: return Countries.name(value, language)
        case .partialDate:
            // A whole day as the other dates of the paper, a month or a year as it is known.
            return CalendarDate(iso: value).map { KhmerDates.long($0, language) } ?? RecordViews.date(value, language)
        case .place:
            let day = record.declaration.occurredOn?.latest ?? ambient.now().dayInCambodia
            return try await places.words(value, on: day, language)
        default: return value
        }
    }
}
