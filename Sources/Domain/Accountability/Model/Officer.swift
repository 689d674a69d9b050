import Kernel

/// What an officer is there for. Rights follow from roles only; each right belongs to the roles in `permissions`.
public enum Role: String, Sendable, Codable, CaseIterable {
    /// Proves identities and binds devices at a counter.
    case enrolmentOfficer
    /// Signs off exceptions, answers for a counter.
    case enrolmentSupervisor
    /// Helps people without a phone to use services at a counter's terminal; sees no personal data.
    case assistingOfficer
    /// Decides whether two records are one person.
    case adjudicator
    /// Takes declarations of civil events at a commune.
    case communeClerk
    /// Registers civil events at a commune.
    case registrar
    /// Verifies registrations of communes at a district.
    case districtVerifier
    /// Approves corrections at a province.
    case provincialApprover
    /// A physician or hospital that states the cause of a death.
    case medicalCertifier
    /// Codes causes of death at the Ministry of Health, and reads them.
    case causeCoder
    /// Officer of the General Department of Identification.
    case identificationOfficer
    /// Officer of immigration, who notes on what ground foreigners stay.
    case immigrationOfficer
    /// Answers complaints.
    case complaintsOfficer
    /// Answers for the rights of the people in the registers.
    case dataProtectionOfficer
    /// Reads the ledgers; sees no personal data.
    case auditor
    /// Runs the system; sees no personal data.
    case `operator`

    /// The rights of the role.
    public var permissions: Set<Permission> {
        switch self {
        case .enrolmentOfficer:
            [.personFind, .personRegister, .enrolmentOpen, .enrolmentActivate, .codesPrint, .cardIssue, .deviceBlock]
        case .enrolmentSupervisor:
            [
                .personFind, .personRegister, .enrolmentOpen, .enrolmentActivate, .enrolmentApprove, .codesPrint,
                .cardIssue, .deviceBlock, .deviceUnlock, .deviceRevoke, .securityCase,
            ]
        case .assistingOfficer: [.assistSession]
        case .adjudicator: [.personFind, .personRead, .duplicateDecide, .civilRead]
        case .communeClerk:
            [.personFind, .civilRead, .civilDeclare, .civilKey, .householdRead, .householdWrite]
        case .registrar:
            [
                .personFind, .personRegister, .personAmendRequest, .civilRead, .civilDeclare, .civilRegister,
                .civilCertify, .civilCorrectRequest, .civilArchive, .civilKey, .civilKeyDecide, .householdRead,
                .householdWrite,
            ]
        case .districtVerifier:
            [
                .personFind, .personRead, .registrationVerify, .civilRead, .civilVerify, .civilCorrectApprove,
                .householdRead,
            ]
        case .provincialApprover:
            [
                .personFind, .personRead, .personAmendApprove, .civilRead, .civilLateApprove, .civilCorrectApprove,
                .householdRead,
            ]
        case .medicalCertifier: [.medicalWrite]
        case .causeCoder: [.medicalWrite, .medicalRead]
        case .identificationOfficer:
            [
                .personFind, .personRead, .personRegister, .personAmendRequest, .personAmendApprove, .personRetire,
                .deviceRevoke, .civilRead, .civilCorrectRequest, .civilCorrectApprove, .civilRevoke, .civilSeal,
                .civilLateApprove, .civilArchive, .civilImport, .civilExport, .householdRead, .householdWrite,
                .stayRead,
            ]
        case .immigrationOfficer: [.personFind, .stayRead, .stayWrite]
        case .complaintsOfficer: [.personFind, .complaintHandle, .deviceBlock]
        case .dataProtectionOfficer: [.personFind, .complaintHandle, .personErase, .auditRead, .ledgerVerify]
        case .auditor: [.auditRead, .ledgerVerify]
        case .operator:
            [
                .officerManage, .relyingPartyManage, .relyingPartyApprove, .gazetteerImport, .keyManage, .ledgerVerify,
            ]
        }
    }

    /// The role in both languages.
    public var label: LocalizedText {
        switch self {
        case .enrolmentOfficer: LocalizedText(km: "មន្ត្រីចុះឈ្មោះ", en: "Enrolment officer")
        case .enrolmentSupervisor: LocalizedText(km: "ប្រធានការចុះឈ្មោះ", en: "Enrolment supervisor")
        case .assistingOfficer: LocalizedText(km: "មន្ត្រីជួយប្រជាពលរដ្ឋ", en: "Assisting officer")
        case .adjudicator: LocalizedText(km: "មន្ត្រីសម្រេចករណីស្ទួន", en: "Adjudicator")
        case .communeClerk: LocalizedText(km: "ស្មៀនឃុំ សង្កាត់", en: "Commune clerk")
        case .registrar: LocalizedText(km: "មន្ត្រីអត្រានុកូលដ្ឋាន", en: "Civil registrar")
        case .districtVerifier: LocalizedText(km: "មន្ត្រីផ្ទៀងផ្ទាត់ថ្នាក់ស្រុក", en: "District verifier")
        case .provincialApprover: LocalizedText(km: "មន្ត្រីអនុម័តថ្នាក់ខេត្ត", en: "Provincial approver")
        case .medicalCertifier: LocalizedText(km: "អ្នកបញ្ជាក់មូលហេតុមរណភាព", en: "Medical certifier")
        case .causeCoder: LocalizedText(km: "មន្ត្រីចុះកូដមូលហេតុមរណភាព", en: "Coder of causes of death")
        case .identificationOfficer:
            LocalizedText(km: "មន្ត្រីអគ្គនាយកដ្ឋានអត្តសញ្ញាណកម្ម", en: "Identification officer")
        case .immigrationOfficer: LocalizedText(km: "មន្ត្រីអន្តោប្រវេសន៍", en: "Immigration officer")
        case .complaintsOfficer: LocalizedText(km: "មន្ត្រីទទួលបណ្តឹង", en: "Complaints officer")
        case .dataProtectionOfficer: LocalizedText(km: "មន្ត្រីការពារទិន្នន័យ", en: "Data protection officer")
        case .auditor: LocalizedText(km: "សវនករ", en: "Auditor")
        case .operator: LocalizedText(km: "អ្នកប្រតិបត្តិប្រព័ន្ធ", en: "Operator")
        }
    }
}

/// One right. Rooms above may declare further ones, which no role has until `Role.permissions` says so.
public struct Permission: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Search a person and see who it is.
    public static let personFind = Permission(rawValue: "person.find")
    /// See the whole record.
    public static let personRead = Permission(rawValue: "person.read")
    /// Enter a new person.
    public static let personRegister = Permission(rawValue: "person.register")
    /// Ask for a correction.
    public static let personAmendRequest = Permission(rawValue: "person.amend.request")
    /// Approve a correction that another officer asked for.
    public static let personAmendApprove = Permission(rawValue: "person.amend.approve")
    /// Merge or annul records.
    public static let personRetire = Permission(rawValue: "person.retire")
    /// Erase a person's data for good.
    public static let personErase = Permission(rawValue: "person.erase")
    /// See records of civil events.
    public static let civilRead = Permission(rawValue: "civil.read")
    /// Draft and declare a civil event.
    public static let civilDeclare = Permission(rawValue: "civil.declare")
    /// Verify a declaration at the district.
    public static let civilVerify = Permission(rawValue: "civil.verify")
    /// Allow a registration that comes very late.
    public static let civilLateApprove = Permission(rawValue: "civil.late.approve")
    /// Register a civil event.
    public static let civilRegister = Permission(rawValue: "civil.register")
    /// Print a certificate.
    public static let civilCertify = Permission(rawValue: "civil.certify")
    /// Ask for a correction of a registered event.
    public static let civilCorrectRequest = Permission(rawValue: "civil.correct.request")
    /// Approve a correction that another officer asked for.
    public static let civilCorrectApprove = Permission(rawValue: "civil.correct.approve")
    /// Revoke a registration, and reinstate it; two officers.
    public static let civilRevoke = Permission(rawValue: "civil.revoke")
    /// Seal a record, and see sealed ones.
    public static let civilSeal = Permission(rawValue: "civil.seal")
    /// Put records aside and take them up again.
    public static let civilArchive = Permission(rawValue: "civil.archive")
    /// Enter events of paper books and other systems in bulk.
    public static let civilImport = Permission(rawValue: "civil.import")
    /// Take the registers out as files.
    public static let civilExport = Permission(rawValue: "civil.export")
    /// Key entries of scanned paper books.
    public static let civilKey = Permission(rawValue: "civil.key")
    /// Decide where two keyed entries differ.
    public static let civilKeyDecide = Permission(rawValue: "civil.key.decide")
    /// State the cause of a registered death.
    public static let medicalWrite = Permission(rawValue: "medical.write")
    /// See the cause of a death.
    public static let medicalRead = Permission(rawValue: "medical.read")
    /// See households.
    public static let householdRead = Permission(rawValue: "household.read")
    /// Open and change households.
    public static let householdWrite = Permission(rawValue: "household.write")
    /// See on what ground somebody stays in the country.
    public static let stayRead = Permission(rawValue: "stay.read")
    /// Note on what ground somebody stays in the country.
    public static let stayWrite = Permission(rawValue: "stay.write")
    /// Verify a registration.
    public static let registrationVerify = Permission(rawValue: "registration.verify")
    /// Decide on possible duplicates.
    public static let duplicateDecide = Permission(rawValue: "duplicate.decide")
    /// Open an enrolment case.
    public static let enrolmentOpen = Permission(rawValue: "enrolment.open")
    /// Sign off an exception in an enrolment.
    public static let enrolmentApprove = Permission(rawValue: "enrolment.approve")
    /// Hand out an activation for a device.
    public static let enrolmentActivate = Permission(rawValue: "enrolment.activate")
    /// Print one-time codes for a person without a phone.
    public static let codesPrint = Permission(rawValue: "codes.print")
    /// Print a PIN card for a person without a phone.
    public static let cardIssue = Permission(rawValue: "card.issue")
    /// Open an assisted session at a terminal.
    public static let assistSession = Permission(rawValue: "assist.session")
    /// See and close security cases.
    public static let securityCase = Permission(rawValue: "security.case")
    /// Block a device at once.
    public static let deviceBlock = Permission(rawValue: "device.block")
    /// Unlock a device after proof of identity.
    public static let deviceUnlock = Permission(rawValue: "device.unlock")
    /// Revoke a device for good.
    public static let deviceRevoke = Permission(rawValue: "device.revoke")
    /// Check the chains of the ledger.
    public static let ledgerVerify = Permission(rawValue: "ledger.verify")
    /// Read audit entries.
    public static let auditRead = Permission(rawValue: "audit.read")
    /// Answer complaints.
    public static let complaintHandle = Permission(rawValue: "complaint.handle")
    /// Create and disable officers and their grants.
    public static let officerManage = Permission(rawValue: "officer.manage")
    /// Register relying parties.
    public static let relyingPartyManage = Permission(rawValue: "relying_party.manage")
    /// Let a relying party serve people, after somebody of its organisation asked.
    public static let relyingPartyApprove = Permission(rawValue: "relying_party.approve")
    /// Import lists of places.
    public static let gazetteerImport = Permission(rawValue: "gazetteer.import")
    /// Create, activate and retire keys.
    public static let keyManage = Permission(rawValue: "key.manage")
}

/// Where a role holds.
public enum Jurisdiction: Sendable, Hashable {
    /// Everywhere, and for records without a place.
    case national
    /// In the place with this code (2, 4, 6 or 8 digits) and all within it.
    case area(String)

    /// Whether it covers a place; only `national` covers a record without one.
    public func covers(_ area: String?) -> Bool {
        switch self {
        case .national: true
        case .area(let code): Jurisdiction.isPlaceCode(code) && (area?.utf8.starts(with: code.utf8) ?? false)
        }
    }

    static func isPlaceCode(_ text: String) -> Bool {
        [2, 4, 6, 8].contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }
}

/// A role in a jurisdiction.
public struct Grant: Sendable, Hashable {
    public let role: Role
    public let jurisdiction: Jurisdiction

    public init(_ role: Role, in jurisdiction: Jurisdiction) {
        self.role = role
        self.jurisdiction = jurisdiction
    }
}

/// Whether an officer may work.
public enum OfficerState: String, Sendable, Codable {
    case active
    /// May not log in. Old entries still name the officer.
    case disabled
}

/// A person who works with the system.
public struct Officer: Sendable, Hashable {
    /// The identifier that stands in entries.
    public let id: String
    /// The name for logging in.
    public let username: String
    public let displayName: LocalizedText
    public let organisation: Organisation
    public let grants: [Grant]
    public let state: OfficerState

    public init(
        id: String, username: String, displayName: LocalizedText, organisation: Organisation, grants: [Grant],
        state: OfficerState
    ) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.organisation = organisation
        self.grants = grants
        self.state = state
    }

    /// Whether one grant gives the permission in a place (`nil`: no place, or everywhere). Everything else is denied.
    public func may(_ permission: Permission, in area: String?) -> Bool { role(for: permission, in: area) != nil }

    /// The first role that gives the permission in a place: the one that stands in entries.
    public func role(for permission: Permission, in area: String?) -> Role? {
        guard state == .active else { return nil }
        return grants.first { $0.role.permissions.contains(permission) && $0.jurisdiction.covers(area) }?.role
    }

    /// Throws `officer.forbidden` unless a grant gives the permission in the place (`nil`: no place, or everywhere).
    public func require(_ permission: Permission, in area: String?) throws {
        guard may(permission, in: area) else { throw RumdulError.officerForbidden }
    }

    /// The officer as the actor of an entry, in the role that gives the permission in the place.
    /// Throws `officer.forbidden` when none does.
    public func acting(_ permission: Permission, in area: String?) throws -> Actor {
        guard let role = role(for: permission, in: area) else { throw RumdulError.officerForbidden }
        return .officer(id: id, role: role.rawValue)
    }

    /// Throws `officer.same_person` when this officer took the first of two steps that need two people.
    public func requireOther(than firstOfficerID: String) throws {
        guard id != firstOfficerID else { throw RumdulError.officerSamePerson }
    }
}
