import Accountability
import CitizenPortal
import CivilRegister
import Kernel
import ReferenceData

/// The civil register behind a citizen's own records.
struct CivilRecords: CitizenRecords {
    let civil: CivilRegister
    let reports: CivilReports

    func records(_ request: DisclosureRequest) async throws -> [CitizenRecord] {
        var records: [CitizenRecord] = []
        for own in try await civil.ownRecords(request) {
            let office = try await reports.commune(own.office) ?? LocalizedText(km: own.office, en: own.office)
            let latin = own.nameLatin.isEmpty ? own.nameKhmer : own.nameLatin
            records.append(
                CitizenRecord(
                    event: own.kind.label, name: LocalizedText(km: own.nameKhmer, en: latin), number: own.number,
                    occurredOn: own.occurredOn, office: office, registeredAt: own.registeredAt,
                    certificates: own.certificates.map(\.number)))
        }
        return records
    }
}
