import Authenticators
import Codecs
import Database
import Kernel
import RelyingParties

/// Documents that officers see at enrolment, by their names in `verified_claims` (predefined values of OpenID Identity Assurance; `kh_` where
/// there is none).
public enum VerifiedDocument: String, Sendable, CaseIterable {
    case identityCard = "idcard"
    case passport
    case permanentResidentCard = "kh_permanent_resident_card"
    case birthCertificate = "kh_birth_certificate"
    case familyBook = "kh_family_book"
    case residenceBook = "kh_residence_book"
}

/// How a person's identity was proven before a device was bound to them.
public struct IdentityVerification: Sendable, Equatable {
    /// The enrolment behind the device.
    public struct Enrolment: Sendable, Equatable {
        /// Its identifier; clients learn a hash of their own.
        public var reference: String
        public var level: IdentityAssuranceLevel
        public var at: Instant
        /// The documents seen; empty when people's word stood in for them.
        public var documents: [VerifiedDocument]
        /// Who saw them.
        public var organisation: String

        public init(
            reference: String, level: IdentityAssuranceLevel, at: Instant, documents: [VerifiedDocument],
            organisation: String
        ) {
            self.reference = reference
            self.level = level
            self.at = at
            self.documents = documents
            self.organisation = organisation
        }
    }

    /// The person's record in the population register.
    public struct Record: Sendable, Equatable {
        /// Who keeps the register.
        public var source: String
        public var createdAt: Instant

        public init(source: String, createdAt: Instant) {
            self.source = source
            self.createdAt = createdAt
        }
    }

    public var enrolment: Enrolment?
    public var record: Record?

    public init(enrolment: Enrolment? = nil, record: Record? = nil) {
        self.enrolment = enrolment
        self.record = record
    }
}

/// Where the provider learns how identities were proven. The composition root fills it in: enrolment and register in the same process.
public protocol IdentityVerificationSource: Sendable {
    /// What is known of a person and of the enrolment of one of their devices.
    func verification(
        of person: PersonID, device: String, in connection: any SQLConnection
    ) async throws -> IdentityVerification
}

/// A provider that knows no more of enrolments than the level of each device.
public struct NoIdentityVerification: IdentityVerificationSource {
    public init() {}

    public func verification(
        of person: PersonID, device: String, in connection: any SQLConnection
    ) async throws -> IdentityVerification { IdentityVerification() }
}

/// The whole `verification` element of a transaction, before a request is laid over it.
struct VerificationFacts: Sendable {
    let authenticators: Authenticators
    let source: any IdentityVerificationSource

    static let trustFramework = "kh_ipis"
    static let recordType = "population_register"
    /// Predefined check methods: a record compared with the register; a paper seen by an officer, its owner present.
    static let recordCheck = "data"
    static let documentCheck = "vpip"
    private static let country = "KHM"

    /// - Parameter namesDocuments: whether the person shares with which document they proved themselves.
    /// - Returns: `nil` when the device that approved is not the person's.
    func verification(
        of item: Transaction, for party: RelyingParty, namesDocuments: Bool, in connection: any SQLConnection
    ) async throws -> JSONObject? {
        guard let person = item.personID, let deviceID = item.deviceID,
            let bound = try await authenticators.binding(of: deviceID, in: connection), bound.person == person
        else { return nil }
        let known = try await source.verification(of: person, device: deviceID, in: connection)
        let level = min(bound.ial, known.enrolment?.level ?? bound.ial)
        var verification: JSONObject = [
            "trust_framework": .string(Self.trustFramework), "assurance_level": .string("IAL\(level.rawValue)"),
            "time": .string(AssuranceDay.text(known.enrolment?.at ?? bound.since)),
        ]
        var evidence: [JSONValue] = []
        if let record = known.record { evidence.append(.object(Self.electronicRecord(record))) }
        if let enrolment = known.enrolment {
            verification["verification_process"] = .string(Self.reference(enrolment.reference, for: party))
            if namesDocuments { evidence += enrolment.documents.map { .object(Self.document($0, enrolment)) } }
        }
        if !evidence.isEmpty { verification["evidence"] = .array(evidence) }
        return verification
    }

    /// A name of the enrolment that two sectors cannot compare.
    static func reference(_ reference: String, for party: RelyingParty) -> String {
        let text = "verification process 1\n\(party.subjectSector)\n\(reference)"
        return Base64URL.encode(sha256(Array(text.utf8)).prefix(16))
    }

    private static func electronicRecord(_ record: IdentityVerification.Record) -> JSONObject {
        [
            "type": "electronic_record",
            "check_details": [["check_method": .string(recordCheck), "organization": .string(record.source)]],
            "record": [
                "type": .string(recordType), "created_at": .string(AssuranceDay.text(record.createdAt)),
                "source": ["name": .string(record.source), "country_code": .string(country)],
            ],
        ]
    }

    private static func document(
        _ document: VerifiedDocument, _ enrolment: IdentityVerification.Enrolment
    ) -> JSONObject {
        var details: JSONObject = ["type": .string(document.rawValue)]
        // Who issued a passport is not recorded; the others are Cambodian papers.
        if document != .passport { details["issuer"] = ["country_code": .string(country)] }
        return [
            "type": "document",
            "check_details": [
                [
                    "check_method": .string(documentCheck), "organization": .string(enrolment.organisation),
                    "time": .string(AssuranceDay.text(enrolment.at)),
                ]
            ],
            "document_details": .object(details),
        ]
    }

    /// The number of the identity card, put into its evidence.
    static func adding(number: JSONValue, to verification: JSONObject) -> JSONObject {
        guard let evidence = verification.array("evidence") else { return verification }
        var verification = verification
        verification["evidence"] = .array(
            evidence.map { entry in
                guard var object = entry.objectValue, var details = object.object("document_details"),
                    details.string("type") == VerifiedDocument.identityCard.rawValue
                else { return entry }
                details["document_number"] = number
                object["document_details"] = .object(details)
                return .object(object)
            })
        return verification
    }
}
