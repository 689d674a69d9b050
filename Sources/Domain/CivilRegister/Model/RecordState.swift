import Kernel

/// Where a vital record stands. Nothing is ever deleted.
public enum VitalRecordState: String, Sendable, Codable, CaseIterable {
    /// Begun and not handed in.
    case draft
    /// An incomplete notice of a hospital, a village chief or a citizen.
    case notified
    /// Complete, waiting for verification (births) or registration.
    case declared
    /// Given back with a reason.
    case returned
    /// The register knows somebody or something so alike that two officers must look.
    case duplicateReview
    /// Verified at the district; of a birth the code is allocated and reserved.
    case verified
    /// Verified, and a system outside that must agree did not, or gave no answer in time.
    case externalCheckFailed
    /// In force.
    case registered
    /// No longer in force because another record took its place.
    case inactive
    /// Revoked by decision.
    case revoked
    /// Put aside; can be taken up again.
    case archived

    /// Whether the record says something in law now.
    public var isInForce: Bool { self == .registered }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .draft: LocalizedText(km: "ព្រាង", en: "Draft")
        case .notified: LocalizedText(km: "បានជូនដំណឹង", en: "Notified")
        case .declared: LocalizedText(km: "បានប្រកាស", en: "Declared")
        case .returned: LocalizedText(km: "ត្រឡប់មកកែ", en: "Returned")
        case .duplicateReview: LocalizedText(km: "ពិនិត្យភាពស្ទួន", en: "Duplicate review")
        case .verified: LocalizedText(km: "បានផ្ទៀងផ្ទាត់", en: "Verified")
        case .externalCheckFailed:
            LocalizedText(km: "ការពិនិត្យខាងក្រៅមិនបានជោគជ័យ", en: "External check failed")
        case .registered: LocalizedText(km: "បានចុះបញ្ជី", en: "Registered")
        case .inactive: LocalizedText(km: "លែងមានសុពលភាព", en: "Inactive")
        case .revoked: LocalizedText(km: "ត្រូវបានដកហូត", en: "Revoked")
        case .archived: LocalizedText(km: "រក្សាទុកក្នុងសំណុំឯកសារ", en: "Archived")
        }
    }
}

/// What is done to a record. Each is one signed entry of its history.
public enum VitalAction: String, Sendable, Codable, CaseIterable {
    case create, notify, declare
    /// Begins a record of a paper book or another system that was registered there.
    case enterLegacy
    /// Gives back with a reason.
    case sendBack = "return"
    case detectDuplicate, clearDuplicate
    case verify
    /// Asks a system outside; its answers; going on without it.
    case requestCheck, passCheck, failCheck, overrideCheck
    /// Allows a registration that comes very late.
    case approveLate
    case register
    case requestCorrection, approveCorrection, rejectCorrection
    case requestRevocation, approveRevocation, rejectRevocation
    case requestReinstatement, approveReinstatement, rejectReinstatement
    /// Asks for a new record in this one's place: a birth after an adoption.
    case requestReplacement, rejectReplacement
    /// Another record takes its place.
    case supersede
    /// Somebody objects to a marriage that was declared; until it is decided nothing is registered.
    case raiseObjection, dismissObjection, upholdObjection
    case archive
    /// Takes an archived record up again.
    case unarchive
    case seal, unseal
    case attachEvidence
    /// Prints a numbered certificate.
    case certify

    /// The states from which it is possible.
    public var sources: Set<VitalRecordState> {
        switch self {
        case .create, .enterLegacy: []
        case .notify: [.draft]
        case .declare: [.draft, .notified, .returned]
        case .sendBack: [.declared, .verified, .externalCheckFailed]
        case .detectDuplicate: [.declared, .verified, .duplicateReview]
        case .clearDuplicate: [.duplicateReview]
        case .verify: [.declared]
        case .requestCheck, .passCheck: [.verified, .externalCheckFailed]
        case .failCheck: [.verified]
        case .overrideCheck: [.externalCheckFailed]
        case .approveLate: [.declared, .verified]
        case .register: [.declared, .verified]
        case .requestCorrection, .approveCorrection, .rejectCorrection, .certify: [.registered]
        case .requestRevocation, .approveRevocation, .rejectRevocation: [.registered, .inactive]
        case .requestReinstatement, .approveReinstatement, .rejectReinstatement: [.revoked, .inactive]
        case .requestReplacement, .rejectReplacement, .supersede: [.registered]
        case .raiseObjection, .dismissObjection, .upholdObjection: [.declared]
        case .archive: [.draft, .notified, .declared, .returned]
        case .unarchive: [.archived]
        case .seal, .unseal: [.registered, .inactive, .revoked]
        case .attachEvidence:
            [.draft, .notified, .declared, .returned, .verified, .externalCheckFailed, .registered]
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .create: LocalizedText(km: "បង្កើត", en: "Create")
        case .enterLegacy: LocalizedText(km: "បញ្ចូលពីសៀវភៅចាស់", en: "Enter from a paper book")
        case .notify: LocalizedText(km: "ជូនដំណឹង", en: "Notify")
        case .declare: LocalizedText(km: "ប្រកាស", en: "Declare")
        case .sendBack: LocalizedText(km: "ប្រគល់ត្រឡប់", en: "Return")
        case .detectDuplicate: LocalizedText(km: "រកឃើញភាពស្ទួន", en: "Duplicate found")
        case .clearDuplicate: LocalizedText(km: "មិនស្ទួន", en: "No duplicate")
        case .verify: LocalizedText(km: "ផ្ទៀងផ្ទាត់", en: "Verify")
        case .requestCheck: LocalizedText(km: "សុំពិនិត្យខាងក្រៅ", en: "Ask for the external check")
        case .passCheck: LocalizedText(km: "ការពិនិត្យខាងក្រៅបានជោគជ័យ", en: "External check passed")
        case .failCheck: LocalizedText(km: "ការពិនិត្យខាងក្រៅមិនបានជោគជ័យ", en: "External check failed")
        case .overrideCheck: LocalizedText(km: "បន្តដោយគ្មានការពិនិត្យខាងក្រៅ", en: "Go on without the external check")
        case .approveLate: LocalizedText(km: "អនុញ្ញាតការចុះបញ្ជីយឺត", en: "Approve late registration")
        case .register: LocalizedText(km: "ចុះបញ្ជី", en: "Register")
        case .requestCorrection: LocalizedText(km: "ស្នើសុំកែ", en: "Request correction")
        case .approveCorrection: LocalizedText(km: "អនុម័តការកែ", en: "Approve correction")
        case .rejectCorrection: LocalizedText(km: "បដិសេធការកែ", en: "Reject correction")
        case .requestRevocation: LocalizedText(km: "ស្នើសុំដកហូត", en: "Request revocation")
        case .approveRevocation: LocalizedText(km: "អនុម័តការដកហូត", en: "Approve revocation")
        case .rejectRevocation: LocalizedText(km: "បដិសេធការដកហូត", en: "Reject revocation")
        case .requestReinstatement: LocalizedText(km: "ស្នើសុំឱ្យមានសុពលភាពវិញ", en: "Request reinstatement")
        case .approveReinstatement: LocalizedText(km: "អនុម័តឱ្យមានសុពលភាពវិញ", en: "Approve reinstatement")
        case .rejectReinstatement:
            LocalizedText(km: "បដិសេធមិនឱ្យមានសុពលភាពវិញ", en: "Reject reinstatement")
        case .requestReplacement: LocalizedText(km: "ស្នើសុំកំណត់ត្រាជំនួស", en: "Request a new record in its place")
        case .rejectReplacement: LocalizedText(km: "បដិសេធកំណត់ត្រាជំនួស", en: "Reject the new record")
        case .raiseObjection: LocalizedText(km: "តវ៉ាប្រឆាំងអាពាហ៍ពិពាហ៍", en: "Note an objection")
        case .dismissObjection: LocalizedText(km: "បដិសេធការតវ៉ា", en: "Dismiss the objection")
        case .upholdObjection: LocalizedText(km: "ទទួលយកការតវ៉ា", en: "Uphold the objection")
        case .supersede: LocalizedText(km: "ជំនួសដោយកំណត់ត្រាថ្មី", en: "Superseded")
        case .archive: LocalizedText(km: "រក្សាទុកក្នុងសំណុំឯកសារ", en: "Archive")
        case .unarchive: LocalizedText(km: "យកមកធ្វើវិញ", en: "Take up again")
        case .seal: LocalizedText(km: "បិទជិត", en: "Seal")
        case .unseal: LocalizedText(km: "ដោះការបិទជិត", en: "Unseal")
        case .attachEvidence: LocalizedText(km: "ភ្ជាប់ភស្តុតាង", en: "Attach evidence")
        case .certify: LocalizedText(km: "ចេញសំបុត្រ", en: "Issue a certificate")
        }
    }
}
