import COSE
import Codecs
import Crypto
import Kernel
import SwiftASN1
import X509

@testable import WebAuthn

/// A revocation list, written by hand.
struct ForgedCRL: Sendable {
    var issuer: DistinguishedName
    var key: ForgedKey
    var serials: [Int] = []
    var thisUpdate = "260501000000Z"
    var nextUpdate: String? = "270501000000Z"
    var extensions: ForgedDER?

    func der() throws -> [UInt8] {
        let algorithm = ForgedDER.sequence([.raw([6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2])])
        var serializer = DER.Serializer()
        try serializer.serialize(issuer)
        func time(_ text: String) -> ForgedDER { .raw([0x17, UInt8(text.utf8.count)] + Array(text.utf8)) }
        var fields: [ForgedDER] = [.integer(1), algorithm, .raw(serializer.serializedBytes), time(thisUpdate)]
        if let nextUpdate { fields.append(time(nextUpdate)) }
        if !serials.isEmpty {
            fields.append(.sequence(serials.map { .sequence([.integer($0), time(thisUpdate)]) }))
        }
        if let extensions { fields.append(.tagged(0, extensions)) }
        let signed = ForgedDER.sequence(fields).bytes
        let signature = try key.sign(signed)
        return ForgedDER.sequence([
            .raw(signed), algorithm, .raw([3, UInt8(signature.count + 1), 0] + signature),
        ]).bytes
    }

    func list() throws -> RevocationList { try RevocationList(der: der()) }
}

/// A metadata BLOB; every part can be changed.
struct ForgedBLOB: Sendable {
    var authority: ForgedAuthority
    var signer: ForgedKey
    var leaf: ForgedCertificate
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }
    var header: @Sendable (inout JSONObject) -> Void = { _ in }
    var payload: JSONObject = [
        "no": 42, "nextUpdate": "2026-07-01", "legalHeader": "none",
        "entries": [
            .object(
                ForgedMetadata.entry(
                    aaguid: [UInt8](repeating: 0x22, count: 16), types: ["basic_full"],
                    statuses: ["FIDO_CERTIFIED", "FIDO_CERTIFIED_L2"]))
        ],
    ]
    /// The last change to the text.
    var text: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var judge: MetadataBLOB
    var previous: Int64?
    var now = Times.now

    init(_ algorithm: COSEAlgorithm = .es256) throws {
        authority = try ForgedAuthority()
        signer = try ForgedKey(algorithm)
        leaf = ForgedCertificate(subject: try ForgedCertificate.name(common: "mds"), key: signer)
        judge = MetadataBLOB(roots: [authority.root])
    }

    func bytes() throws -> [UInt8] {
        var head: JSONObject = [
            "alg": .string(signer.algorithm.name), "typ": "JWT",
            "x5c": .strings(chain(try authority.chain(leaf)).map { Base64.encode($0.der) }),
        ]
        header(&head)
        let signed = Array(
            "\(Base64URL.encode(JSON.bytes(head))).\(Base64URL.encode(JSON.bytes(payload)))".utf8)
        var signature = try signer.sign(signed)
        if case .p256(let key) = signer { signature = Array(try key.signature(for: signed).rawRepresentation) }
        return text(signed + [UInt8(ascii: ".")] + Array(Base64URL.encode(signature).utf8))
    }

    func verify() throws -> MetadataDirectory { try judge.verify(bytes(), previous: previous, at: now) }
}
