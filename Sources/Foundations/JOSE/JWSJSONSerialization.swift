import Codecs
import Kernel

extension UnverifiedJWS {
    /// Parses the JSON serialisation, general or flattened (RFC 7515 section 7.2), into one value for each signature.
    ///
    /// Only protected headers count: `alg`, `crit` and `b64` in an unprotected header are refused. An unprotected `kid`
    /// is taken as a hint for finding the key; everything else unprotected is dropped.
    /// - Parameter payload: the content, when it travels apart; then the JSON must hold none.
    /// - Throws: `jose.malformed`, `jose.too_large`; at most 16 signatures.
    public static func parse(
        json: [UInt8], detachedPayload payload: [UInt8]? = nil, maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> [UnverifiedJWS] {
        guard json.count <= maximumSize else { throw .joseTooLarge("message") }
        let object: JSONObject
        do { object = try JSON.parseObject(json, limits: JSONLimits(depth: 16, size: maximumSize)) } catch {
            throw .joseMalformed("message: \(error.cause ?? "")")
        }
        let content = try content(object, detached: payload)
        guard let listed = object["signatures"] else { return [try signature(object, content)] }
        guard let signatures = listed.arrayValue, (1...16).contains(signatures.count) else {
            throw .joseMalformed("signatures is no list of 1 to 16")
        }
        for name in ["signature", "protected", "header"] where object.has(name) {
            throw .joseMalformed("general and flattened form are mixed")
        }
        var parsed: [UnverifiedJWS] = []
        for value in signatures {
            guard let member = value.objectValue else { throw .joseMalformed("a signature is no object") }
            parsed.append(try signature(member, content))
        }
        return parsed
    }

    private static func content(
        _ object: JSONObject, detached: [UInt8]?
    ) throws(RumdulError) -> (encoded: [UInt8], bytes: [UInt8]) {
        switch (object["payload"], detached) {
        case (nil, let bytes?):
            var encoded: [UInt8] = []
            Base64URL.append(bytes, to: &encoded)
            return (encoded, bytes)
        case (.string(let text), nil):
            guard let bytes = Base64URL.decode(text) else { throw .joseMalformed("payload is no base64url") }
            return (Array(text.utf8), bytes)
        case (.some, .some): throw .joseMalformed("the payload is not detached")
        default: throw .joseMalformed("payload is missing")
        }
    }

    private static func signature(
        _ object: JSONObject, _ content: (encoded: [UInt8], bytes: [UInt8])
    ) throws(RumdulError) -> UnverifiedJWS {
        guard let protected = object.string("protected"), let text = object.string("signature"),
            let signature = Base64URL.decode(text)
        else { throw .joseMalformed("protected or signature is missing or malformed") }
        let encoded = Array(protected.utf8)
        var header = try JOSEHeader.parse(encoded: encoded[...])
        if let value = object["header"] {
            guard let open = value.objectValue else { throw .joseMalformed("header is no object") }
            for name in ["alg", "crit", "b64"] + header.parameters.names where open.has(name) {
                throw .joseMalformed("a parameter is unprotected, or twice")
            }
            if let hint = open["kid"] {
                guard let keyID = hint.stringValue else { throw .joseMalformed("kid is no string") }
                header = header.withKeyID(keyID)
            }
        }
        return UnverifiedJWS(
            header: header, unverifiedPayload: content.bytes, signature: signature,
            signingInput: (encoded + [UInt8(ascii: ".")] + content.encoded)[...])
    }
}
