import Kernel

/// What a scanned paper is.
public enum EvidenceKind: String, Sendable, Codable, CaseIterable {
    case birthNotice, deathNotice, identityDocument, familyBook, residenceBook, marriageFile, courtDecision, photograph
    case oldBook, statement, other

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .birthNotice: LocalizedText(km: "លិខិតបញ្ជាក់កំណើត", en: "Notice of birth")
        case .deathNotice: LocalizedText(km: "លិខិតបញ្ជាក់មរណភាព", en: "Notice of death")
        case .identityDocument: LocalizedText(km: "ឯកសារអត្តសញ្ញាណ", en: "Identity document")
        case .familyBook: LocalizedText(km: "សៀវភៅគ្រួសារ", en: "Family book")
        case .residenceBook: LocalizedText(km: "សៀវភៅស្នាក់នៅ", en: "Residence book")
        case .marriageFile: LocalizedText(km: "សំណុំលិខិតអាពាហ៍ពិពាហ៍", en: "Marriage file")
        case .courtDecision: LocalizedText(km: "សាលក្រម ឬដីកាតុលាការ", en: "Court decision")
        case .photograph: LocalizedText(km: "រូបថត", en: "Photograph")
        case .oldBook: LocalizedText(km: "ទំព័រសៀវភៅបញ្ជីចាស់", en: "Page of an old register book")
        case .statement: LocalizedText(km: "កំណត់ហេតុ ឬសាក្សី", en: "Statement of witnesses")
        case .other: LocalizedText(km: "ឯកសារផ្សេង", en: "Another paper")
        }
    }
}

/// The kinds of files that are taken, told by their first bytes and not by what they are called.
public enum EvidenceMediaType: String, Sendable, Codable, CaseIterable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case pdf = "application/pdf"

    /// The kind that the first bytes say; `nil` for anything else.
    public init?(bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]), bytes.count > 100 {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), bytes.count > 60 {
            self = .png
        } else if bytes.starts(with: Array("%PDF-".utf8)), bytes.count > 60 {
            self = .pdf
        } else {
            return nil
        }
    }

    public var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .pdf: "pdf"
        }
    }
}

/// A scanned paper of a record.
public struct Evidence: Sendable, Hashable {
    public let id: String
    public let record: String
    public let kind: EvidenceKind
    public let mediaType: EvidenceMediaType
    /// In bytes.
    public let size: Int
    public let sha256: [UInt8]
    public let addedAt: Instant

    /// The largest file in bytes: 3 MiB.
    public static let largest = 3 << 20
    /// The most files of a record.
    public static let most = 20
}
