import Database
import Enrolment
import IdentityProvider
import Kernel
import PopulationRegister

/// Enrolment and register as the provider's knowledge of how identities were proven.
struct EnrolmentVerification: IdentityVerificationSource {
    let register: PopulationRegister
    let enrolments = EnrolmentRecords()

    /// Who keeps the register and whose officers see the documents.
    static let authority = "General Department of Identification, Ministry of Interior"

    func verification(
        of person: PersonID, device: String, in connection: any SQLConnection
    ) async throws -> IdentityVerification {
        var found = IdentityVerification()
        if let createdAt = try await register.registeredAt(person, in: connection) {
            found.record = .init(source: Self.authority, createdAt: createdAt)
        }
        if let enrolment = try await enrolments.completed(device: device, in: connection),
            enrolment.personID == person
        {
            found.enrolment = .init(
                reference: enrolment.id, level: enrolment.ial, at: enrolment.openedAt,
                documents: enrolment.evidenceTypes.compactMap(\.document), organisation: Self.authority)
        }
        return found
    }
}

extension EvidenceType {
    /// Its name in verified claims; `nil` for people's word.
    var document: VerifiedDocument? {
        switch self {
        case .khmerIDCard: .identityCard
        case .passport: .passport
        case .permanentResidentCard: .permanentResidentCard
        case .birthCertificate: .birthCertificate
        case .familyBook: .familyBook
        case .residenceBook: .residenceBook
        case .villageChiefAttestation, .twoWitnesses: nil
        }
    }
}
