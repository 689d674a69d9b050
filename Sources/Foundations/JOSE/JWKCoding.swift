import Codecs
import Kernel

extension JWK {
    /// Parses a key from JSON text.
    /// - Throws: `jose.key`, `codec.json`.
    public static func parse(_ bytes: [UInt8]) throws(RumdulError) -> JWK {
        try JWK(JSON.parseObject(bytes, limits: JSONLimits(depth: 8, size: 1 << 16)))
    }

    /// Parses a key from JSON text.
    /// - Throws: `jose.key`, `codec.json`.
    public static func parse(_ text: String) throws(RumdulError) -> JWK { try parse(Array(text.utf8)) }

    /// Reads a key from a JSON object (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
    ///
    /// Members of the wrong kind, numbers in a wrong length or with leading zeros, points off the curve and private
    /// parts that do not belong to the public part are refused; members that are not known are kept in ``additional``.
    /// - Throws: `jose.key`.
    public init(_ object: JSONObject) throws(RumdulError) {
        var reader = MemberReader(object)
        guard let type = try reader.text("kty") else { throw .joseKey("kty is missing") }
        let material: Material
        switch type {
        case "EC": material = try JWK.ellipticCurve(&reader)
        case "OKP": material = try JWK.octetKeyPair(&reader)
        case "RSA": material = try JWK.rsa(&reader)
        case "oct": material = .oct(try reader.bytes("k"))
        default: throw .joseKey("kty is not supported")
        }
        let keyID = try reader.text("kid")
        let use = try reader.text("use")
        let algorithm = try reader.text("alg")
        let operations = try JWK.operations(&reader, use: use)
        try self.init(
            material, keyID: keyID, use: use, operations: operations, algorithm: algorithm,
            additional: JSONObject(reader.rest.map { ($0.name, $0.value) }))
    }

    private static func operations(_ reader: inout MemberReader, use: String?) throws(RumdulError) -> [String]? {
        guard let value = reader.take("key_ops") else { return nil }
        guard let operations = value.stringsValue else { throw .joseKey("key_ops is no array of strings") }
        guard Set(operations).count == operations.count else { throw .joseKey("key_ops has duplicates") }
        // RFC 7517 section 4.3: used together, both must say the same.
        let signing = operations.contains { $0 == "sign" || $0 == "verify" }
        let encrypting = operations.contains { $0 != "sign" && $0 != "verify" }
        if use == "sig", encrypting { throw .joseKey("use and key_ops differ") }
        if use == "enc", signing { throw .joseKey("use and key_ops differ") }
        return operations
    }

    private static func ellipticCurve(_ reader: inout MemberReader) throws(RumdulError) -> Material {
        guard let curve = Curve(rawValue: try reader.text("crv") ?? "") else {
            throw .joseKey("crv is not supported")
        }
        let x = try reader.bytes("x")
        let y = try reader.bytes("y")
        return .ec(curve, x: x, y: y, d: try reader.bytesIfPresent("d"))
    }

    private static func octetKeyPair(_ reader: inout MemberReader) throws(RumdulError) -> Material {
        guard let curve = OctetCurve(rawValue: try reader.text("crv") ?? "") else {
            throw .joseKey("crv is not supported")
        }
        let x = try reader.bytes("x")
        return .okp(curve, x: x, d: try reader.bytesIfPresent("d"))
    }

    private static func rsa(_ reader: inout MemberReader) throws(RumdulError) -> Material {
        let n = try reader.bytes("n")
        let e = try reader.bytes("e")
        guard reader.take("oth") == nil else { throw .joseKey("multi-prime RSA is not supported") }
        guard let d = try reader.bytesIfPresent("d") else {
            for name in ["p", "q", "dp", "dq", "qi"] where reader.take(name) != nil {
                throw .joseKey("RSA private members without d")
            }
            return .rsa(n: n, e: e, nil)
        }
        let secret = RSAPrivate(
            d: d, p: try reader.bytes("p"), q: try reader.bytes("q"), dp: try reader.bytes("dp"),
            dq: try reader.bytes("dq"), qi: try reader.bytes("qi"))
        return .rsa(n: n, e: e, secret)
    }

    /// The key as a JSON object. Private and symmetric keys show their secret: use ``publicKey`` for what others may
    /// see.
    public var json: JSONObject {
        var object: JSONObject = ["kty": .string(keyType)]
        func set(_ name: String, _ bytes: [UInt8]?) {
            if let bytes { object[name] = .string(Base64URL.encode(bytes)) }
        }
        switch material {
        case .ec(let curve, let x, let y, let d):
            object["crv"] = .string(curve.rawValue)
            set("x", x)
            set("y", y)
            set("d", d)
        case .okp(let curve, let x, let d):
            object["crv"] = .string(curve.rawValue)
            set("x", x)
            set("d", d)
        case .rsa(let n, let e, let secret):
            set("n", n)
            set("e", e)
            set("d", secret?.d)
            set("p", secret?.p)
            set("q", secret?.q)
            set("dp", secret?.dp)
            set("dq", secret?.dq)
            set("qi", secret?.qi)
        case .oct(let k): set("k", k)
        }
        if let keyID { object["kid"] = .string(keyID) }
        if let use { object["use"] = .string(use) }
        if let operations { object["key_ops"] = .strings(operations) }
        if let algorithm { object["alg"] = .string(algorithm) }
        for member in additional.members where !object.has(member.name) { object[member.name] = member.value }
        return object
    }
}

/// Takes members out of an object one by one and knows which are left.
private struct MemberReader {
    private(set) var rest: [JSONObject.Member]

    init(_ object: JSONObject) { rest = object.members }

    mutating func take(_ name: String) -> JSONValue? {
        guard let index = rest.firstIndex(where: { sameCodePoints($0.name, name) }) else { return nil }
        return rest.remove(at: index).value
    }

    mutating func text(_ name: String) throws(RumdulError) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.stringValue else { throw .joseKey("\(name) is no string") }
        return text
    }

    mutating func bytesIfPresent(_ name: String) throws(RumdulError) -> [UInt8]? {
        guard let text = try text(name) else { return nil }
        guard let bytes = Base64URL.decode(text) else { throw .joseKey("\(name) is no base64url") }
        return bytes
    }

    mutating func bytes(_ name: String) throws(RumdulError) -> [UInt8] {
        guard let bytes = try bytesIfPresent(name) else { throw .joseKey("\(name) is missing") }
        return bytes
    }
}
