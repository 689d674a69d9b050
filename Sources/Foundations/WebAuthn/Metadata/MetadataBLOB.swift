import COSE
import Codecs
import Kernel

/// The signed list of all authenticator models (FIDO Metadata Service 3 section 3.1.7): a JWT with its certificates.
public struct MetadataBLOB: Sendable {
    /// The roots that may vouch for it, pinned by the operator.
    public var roots: [AttestationCertificate]
    /// Revocation lists for the BLOB's certificates.
    public var revocationLists: [RevocationList]
    /// Refuse a BLOB whose `nextUpdate` has passed. An offline installation may have to live with an old one.
    public var refusesOutdated: Bool

    /// The longest BLOB, in bytes.
    public static let maximumSize = 1 << 25

    public init(roots: [AttestationCertificate], revocationLists: [RevocationList] = [], refusesOutdated: Bool = true) {
        self.roots = roots
        self.revocationLists = revocationLists
        self.refusesOutdated = refusesOutdated
    }

    /// Checks a BLOB and reads it.
    /// - Parameters:
    ///   - previous: the number of the BLOB that is known already; a smaller one is refused.
    /// - Throws: `webauthn.metadata*`, `webauthn.certificate_revoked`, `webauthn.revocation_list`, `webauthn.too_large`.
    public func verify(_ blob: [UInt8], previous: Int64? = nil, at now: Instant) throws(RumdulError)
        -> MetadataDirectory
    {
        guard blob.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "metadata BLOB") }
        let parts = blob.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(ascii: parts[0]),
            let payload = Base64URL.decode(ascii: parts[1]), let signature = Base64URL.decode(ascii: parts[2])
        else { throw .webAuthn(.metadata, "no compact JWT") }
        let header = try checking(.metadata, "the header is no JSON object") { try JSON.parseObject(headerBytes) }
        guard !header.has("crit"), !header.has("b64") else { throw .webAuthn(.metadata, "crit is not understood") }
        let path = try Self.path(header)
        let algorithm = try Self.algorithm(header)
        try CertificatePath(roots: roots, rootInPath: .accepted, revocationLists: revocationLists)
            .validate(path, at: now, as: .metadataChain)
        let key = try checking(.metadataSignature, "alg does not fit the key") {
            try path[0].key(algorithm, allowed: .login)
        }
        let signed = blob[..<(parts[0].count + 1 + parts[1].count)]
        guard key.isValid(signature, for: Array(signed), form: .raw) else {
            throw .webAuthn(.metadataSignature, "the signature does not verify")
        }
        return try read(payload, previous: previous, at: now)
    }

    private static func path(_ header: JSONObject) throws(RumdulError) -> [AttestationCertificate] {
        guard let texts = header.strings("x5c"), (1...CertificatePath.maximumLength).contains(texts.count) else {
            throw .webAuthn(.metadataChain, "x5c")
        }
        var path: [AttestationCertificate] = []
        for text in texts {
            guard let der = Base64.decode(text) else { throw .webAuthn(.metadataChain, "x5c is not base64") }
            path.append(try checking(.metadataChain, "x5c") { try AttestationCertificate(der: der) })
        }
        return path
    }

    private static func algorithm(_ header: JSONObject) throws(RumdulError) -> COSEAlgorithm {
        let name = header.string("alg")
        let algorithm = COSEAlgorithm.allCases.first { $0.name == name && Set<COSEAlgorithm>.login.contains($0) }
        guard let algorithm else { throw .webAuthn(.metadataSignature, "alg") }
        return algorithm
    }

    private func read(
        _ payload: [UInt8], previous: Int64?, at now: Instant
    ) throws(RumdulError) -> MetadataDirectory {
        let object = try checking(.metadata, "the payload is no JSON object") {
            try JSON.parseObject(payload, limits: JSONLimits(size: Self.maximumSize, values: 1 << 22))
        }
        guard let number = object.integer("no"), number >= 0 else { throw .webAuthn(.metadata, "no") }
        if let previous, number < previous { throw .webAuthn(.metadataNumber, "\(number) after \(previous)") }
        guard let day = object.string("nextUpdate").flatMap({ CalendarDate(iso: $0) }) else {
            throw .webAuthn(.metadata, "nextUpdate")
        }
        // The day itself still counts, everywhere on earth.
        let end = Instant(seconds: Int64(day.daysSinceEpoch + 1) * 86400 + 12 * 3600)
        guard !refusesOutdated || now < end else { throw .webAuthn(.metadataExpired, "\(day)") }
        guard let list = object.array("entries") else { throw .webAuthn(.metadata, "entries") }
        var entries: [MetadataEntry] = []
        entries.reserveCapacity(list.count)
        for element in list {
            guard let entry = element.objectValue else { throw .webAuthn(.metadata, "an entry is no object") }
            entries.append(try MetadataEntry(entry))
        }
        return MetadataDirectory(number: number, nextUpdate: day, entries: entries)
    }
}
