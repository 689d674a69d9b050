import Kernel

/// Something that is wrong with the ledger.
public struct LedgerFinding: Sendable, Hashable {
    /// What is wrong.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The content of an entry does not have its hash.
        case edited
        /// An entry has the hash of its content, but not the one that the next entry names: it took the place of
        /// another.
        case replaced
        /// Entries are missing.
        case deleted
        /// An entry stands where it does not belong and was never written by this program.
        case inserted
        /// An entry stands at another place than it was written at.
        case reordered
        /// The entries follow from each other but do not have the root that a checkpoint signed.
        case rewritten
        /// A checkpoint is missing.
        case checkpointMissing
        /// A checkpoint does not parse, or none of the vault's keys signed it.
        case checkpointForged
        /// A checkpoint does not follow from the one before, or is not the one that a witness keeps.
        case checkpointReplaced
        /// The index of heads says something else than the signed checkpoint.
        case headsChanged
    }

    public let kind: Kind
    /// The stream, for findings about entries and heads.
    public let stream: String?
    /// The entry, or the first of a run of entries.
    public let sequence: Int64?
    /// The last of a run of entries; equal to `sequence` for one entry.
    public internal(set) var through: Int64?
    /// For `reordered`: how far the entry stands from its own place.
    public let displacement: Int64?
    /// The checkpoint that is wrong, or that shows what is wrong.
    public let checkpoint: Int64?

    init(
        _ kind: Kind, stream: String? = nil, sequence: Int64? = nil, through: Int64? = nil, displacement: Int64? = nil,
        checkpoint: Int64? = nil
    ) {
        self.kind = kind
        self.stream = stream
        self.sequence = sequence
        self.through = through ?? sequence
        self.displacement = displacement
        self.checkpoint = checkpoint
    }

    /// What was found, for the auditor who reads it.
    public var explanation: LocalizedText {
        let stream = stream ?? ""
        let first = sequence ?? 0
        let last = through ?? first
        let one = first == last
        let rowsEN = one ? "Entry \(first) of stream \(stream)" : "Entries \(first) to \(last) of stream \(stream)"
        let rowsKM =
            one ? "កំណត់ត្រាលេខ \(first) ក្នុងខ្សែ \(stream)" : "កំណត់ត្រាលេខ \(first) ដល់ \(last) ក្នុងខ្សែ \(stream)"
        let number = checkpoint ?? 0
        switch kind {
        case .edited:
            return LocalizedText(
                km: "\(rowsKM) ត្រូវបានកែប្រែ៖ ខ្លឹមសារមិនត្រូវនឹងសញ្ញាសម្គាល់ (hash) របស់វាទេ។",
                en: "\(rowsEN): the content was edited; it does not have its hash.")
        case .replaced:
            return LocalizedText(
                km: "\(rowsKM) ត្រូវបានជំនួស៖ កំណត់ត្រាបន្ទាប់សំដៅទៅកំណត់ត្រាផ្សេង។",
                en: "\(rowsEN): replaced; the neighbouring entries name another hash.")
        case .deleted:
            return LocalizedText(km: "\(rowsKM) ត្រូវបានលុប។", en: "\(rowsEN): deleted.")
        case .inserted:
            return LocalizedText(
                km: "\(rowsKM) ត្រូវបានបញ្ចូលដោយមិនត្រឹមត្រូវ។",
                en: "\(rowsEN): inserted; it does not follow from the entries that were written.")
        case .reordered:
            let own = first - (displacement ?? 0)
            return LocalizedText(
                km: "\(rowsKM) ត្រូវបានប្តូរទីតាំង៖ ទីតាំងដើមចាប់ពីលេខ \(own)។",
                en: "\(rowsEN): moved; the original place begins at \(own).")
        case .rewritten:
            return LocalizedText(
                km: "\(rowsKM) ត្រូវបានសរសេរឡើងវិញ៖ មិនត្រូវនឹងចំណុចត្រួតពិនិត្យលេខ \(number) ដែលមានហត្ថលេខាទេ។",
                en: "\(rowsEN): rewritten; they do not have the root that checkpoint \(number) signed.")
        case .checkpointMissing:
            return LocalizedText(
                km: "ចំណុចត្រួតពិនិត្យលេខ \(number) បាត់។", en: "Checkpoint \(number) is missing.")
        case .checkpointForged:
            return LocalizedText(
                km: "ចំណុចត្រួតពិនិត្យលេខ \(number) ក្លែងក្លាយ៖ ហត្ថលេខាមិនត្រឹមត្រូវ។",
                en: "Checkpoint \(number) is forged: its signature is not valid.")
        case .checkpointReplaced:
            return LocalizedText(
                km: "ចំណុចត្រួតពិនិត្យលេខ \(number) ត្រូវបានជំនួស៖ វាមិនតភ្ជាប់ជាមួយចំណុចមុន ឬច្បាប់របស់សាក្សីទេ។",
                en: "Checkpoint \(number) was replaced: it breaks the chain, or differs from the witness's copy.")
        case .headsChanged:
            return LocalizedText(
                km: "លិបិក្រមនៃចំណុចត្រួតពិនិត្យលេខ \(number) សម្រាប់ខ្សែ \(stream) ត្រូវបានកែប្រែ។",
                en: "The index of checkpoint \(number) for stream \(stream) was changed.")
        }
    }
}

/// What a verification found.
public struct LedgerReport: Sendable, Hashable {
    /// Findings that a report lists; more are only counted.
    public static let maximumFindings = 1000

    /// Entries that were read.
    public internal(set) var entries: Int64 = 0
    /// Streams that were read.
    public internal(set) var streams = 0
    /// Checkpoints that were read.
    public internal(set) var checkpoints: Int64 = 0
    /// Entries after the last checkpoint of their stream: only their chain protects them yet.
    public internal(set) var uncovered: Int64 = 0
    /// Signed heads that could not be compared, because of findings before them.
    public internal(set) var uncheckedHeads = 0
    /// What is wrong, by checkpoints first and then by stream and sequence.
    public internal(set) var findings: [LedgerFinding] = []
    /// Findings beyond the list.
    public internal(set) var furtherFindings = 0

    /// Whether nothing is wrong.
    public var isIntact: Bool { findings.isEmpty }

    mutating func add(_ finding: LedgerFinding) {
        if let last = findings.indices.last, findings[last].continues(with: finding) {
            findings[last].through = finding.through
        } else if findings.count < Self.maximumFindings {
            findings.append(finding)
        } else {
            furtherFindings += 1
        }
    }
}

extension LedgerFinding {
    /// Runs of deleted or moved entries are one finding.
    fileprivate func continues(with next: LedgerFinding) -> Bool {
        guard kind == next.kind, kind == .deleted || kind == .reordered, stream == next.stream,
            displacement == next.displacement, checkpoint == next.checkpoint, let through, let start = next.sequence
        else { return false }
        return start == through + 1
    }
}

/// How far a verification is.
public struct LedgerProgress: Sendable, Hashable {
    /// Entries read so far.
    public let entries: Int64
    /// Entries there were at the start.
    public let total: Int64
}
