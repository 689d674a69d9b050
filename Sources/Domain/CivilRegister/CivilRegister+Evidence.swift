import Accountability
import Codecs
import Crypto
import Database
import Kernel

extension CivilRegister {
    /// Adds a scanned paper: its digest stands in the signed history, its bytes are sealed with the record's key. The same
    /// file a second time changes nothing.
    ///
    /// Throws `officer.forbidden`, `civil.evidence` when it is too large, of another kind than its first bytes say, or one
    /// too many; `civil.state`, `civil.not_found`.
    public func attach(
        _ bytes: [UInt8], kind: EvidenceKind, to id: String, by step: CivilStep
    ) async throws -> Evidence {
        guard bytes.count <= Evidence.largest else { throw RumdulError.civilEvidenceSize }
        guard let type = EvidenceMediaType(bytes: bytes) else { throw RumdulError.civilEvidenceType }
        let digest = Array(SHA256.hash(data: bytes))
        let evidenceID = ambient.newID()
        return try await database.transaction { connection in
            try await connection.lock("civil:" + id)
            var open = try await open(id, in: connection)
            let permission: Permission =
                step.officer.may(.civilDeclare, in: open.record.office) ? .civilDeclare : .civilCorrectRequest
            let actor = try actor(step.officer, permission, in: open.record.office)
            let known = try await evidenceStore.list(of: id, in: connection)
            if let same = known.first(where: { $0.sha256 == digest }) { return same }
            guard known.count < Evidence.most else { throw RumdulError.civilEvidenceCount }
            let evidence = Evidence(
                id: evidenceID, record: id, kind: kind, mediaType: type, size: bytes.count, sha256: digest,
                addedAt: ambient.now())
            let sealed = try open.key.seal(bytes, context: Self.context(evidenceID, id))
            try await evidenceStore.insert(evidence, sealed: sealed, in: connection)
            var content = ActionContent()
            content.item = "\(kind.rawValue) \(Base64URL.encode(digest))"
            try await append(.attachEvidence, content, to: &open, by: actor, step, in: connection)
            return evidence
        }
    }

    /// The papers of a record, without their bytes. The caller has opened the record.
    public func evidence(of record: OpenedRecord) async throws -> [Evidence] {
        let id = record.record.id
        return try await database.read { try await evidenceStore.list(of: id, in: $0) }
    }

    /// A paper whole, with an access entry for every registered person in the record. Throws `civil.not_found`,
    /// `civil.chain` when the bytes are not those that were signed.
    public func evidence(
        _ evidenceID: String, of id: String, by officer: Officer, traceID: String
    ) async throws -> (Evidence, [UInt8]) {
        let opened = try await view(id, by: officer, traceID: traceID)
        return try await database.read { connection in
            let known = try await evidenceStore.list(of: id, in: connection)
            guard let evidence = known.first(where: { $0.id == evidenceID }),
                let sealed = try await evidenceStore.sealed(evidenceID, of: id, in: connection)
            else { throw RumdulError.civilNotFound }
            let bytes = try await open(id, in: connection).key.open(sealed, context: Self.context(evidenceID, id))
            let signed = "\(evidence.kind.rawValue) \(Base64URL.encode(Array(SHA256.hash(data: bytes))))"
            guard opened.record.evidence.contains(signed) else { throw RumdulError.civilChain }
            return (evidence, bytes)
        }
    }

    private var evidenceStore: EvidenceStore { EvidenceStore() }

    private static func context(_ evidence: String, _ record: String) -> [UInt8] {
        Array("civil evidence \(record) \(evidence)".utf8)
    }
}

extension RumdulError {
    /// A file over 3 MiB.
    public static let civilEvidenceSize = civilEvidence("ឯកសារធំពេក។ យ៉ាងច្រើន ៣ មេកាបៃ។", "The file is too large: at most 3 MB.")

    /// No picture or PDF, whatever it is called.
    public static let civilEvidenceType = civilEvidence(
        "ឯកសារនេះមិនមែនជា JPEG PNG ឬ PDF ទេ។", "This file is no JPEG, PNG or PDF.")

    /// Twenty files are there.
    public static let civilEvidenceCount = civilEvidence(
        "កំណត់ត្រានេះមានឯកសារ ២០ រួចហើយ។", "This record has 20 files already.")

    private static func civilEvidence(_ km: String, _ en: String) -> RumdulError {
        RumdulError("civil.evidence", .invalid, km: km, en: en).with(fields: [
            FieldError("file", LocalizedText(km: km, en: en))
        ])
    }
}
