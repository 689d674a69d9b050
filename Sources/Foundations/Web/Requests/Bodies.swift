import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// The body of a form.
public enum FormBody {
    /// The largest form in bytes, unless the caller says otherwise.
    public static let defaultLimit = 64 << 10

    /// Reads a form body.
    /// - Throws: `web.unsupported_media` unless the type is `application/x-www-form-urlencoded`; `web.too_large`;
    ///   `web.malformed_form`; `web.duplicate_parameter`.
    public static func read(
        _ request: Request, context: some RequestContext, limit: Int = defaultLimit, repeatable: Set<String> = []
    ) async throws -> FormFields {
        try BodyReader.require(["application/x-www-form-urlencoded"], of: request)
        return try FormDecoder.decode(
            try await BodyReader.bytes(request, limit: min(limit, context.maxUploadSize)), repeatable: repeatable)
    }
}

/// The parameters of the query string, by the same rules as a form.
public enum QueryParameters {
    /// - Throws: `web.malformed_form`, `web.duplicate_parameter`.
    public static func read(
        _ request: Request, repeatable: Set<String> = []
    ) throws(RumdulError) -> FormFields {
        guard let target = request.head.path else { return FormFields() }
        let bytes = Array(target.utf8)
        guard let question = bytes.firstIndex(of: UInt8(ascii: "?")) else { return FormFields() }
        let end = bytes.firstIndex(of: UInt8(ascii: "#")) ?? bytes.count
        guard question < end else { return FormFields() }
        return try FormDecoder.decode(bytes[(question + 1)..<end], repeatable: repeatable)
    }
}

/// The body of a JSON request.
public enum JSONBody {
    /// The largest document in bytes, unless the caller says otherwise.
    public static let defaultLimit = 64 << 10

    /// Reads a JSON body of any kind.
    /// - Parameter types: the accepted media types; `application/json` when empty.
    /// - Throws: `web.unsupported_media`, `web.too_large`, `codec.json`.
    public static func read(
        _ request: Request, context: some RequestContext, limit: Int = defaultLimit, types: [String] = []
    ) async throws -> JSONValue {
        try BodyReader.require(types.isEmpty ? ["application/json"] : types, of: request)
        let bytes = try await BodyReader.bytes(request, limit: min(limit, context.maxUploadSize))
        return try JSON.parse(bytes, limits: JSONLimits(depth: 32, size: bytes.count, values: 1 << 16))
    }

    /// Reads a JSON body that must be an object. Same errors.
    public static func object(
        _ request: Request, context: some RequestContext, limit: Int = defaultLimit, types: [String] = []
    ) async throws -> JSONObject {
        let value = try await read(request, context: context, limit: limit, types: types)
        guard let object = value.objectValue else { throw RumdulError.malformedJSON("not an object") }
        return object
    }
}

/// Bodies of any media type (JOSE objects, files).
public enum RawBody {
    /// Reads a body whole.
    /// - Throws: `web.unsupported_media` when `types` is not empty and names another type; `web.too_large`.
    public static func read(
        _ request: Request, context: some RequestContext, limit: Int, types: [String] = []
    ) async throws -> [UInt8] {
        if !types.isEmpty { try BodyReader.require(types, of: request) }
        return try await BodyReader.bytes(request, limit: min(limit, context.maxUploadSize))
    }
}

enum BodyReader {
    static func require(_ types: [String], of request: Request) throws {
        let fields = request.headers[values: .contentType]
        guard fields.count == 1, let field = fields.first, types.contains(field) || types.contains(mediaType(field))
        else {
            throw RumdulError.unsupportedMedia(expected: types.joined(separator: ", "))
        }
    }

    /// Type and subtype in lower case, without parameters.
    static func mediaType(_ header: String) -> String {
        var text = header.prefix { $0 != ";" }.lowercased()[...]
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text.drop { $0 == " " || $0 == "\t" })
    }

    static func bytes(_ request: Request, limit: Int) async throws -> [UInt8] {
        if let length = request.headers.one(.contentLength).flatMap(Int.init), length > limit {
            throw RumdulError.tooLarge
        }
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return buffer.getBytes(at: buffer.readerIndex, length: buffer.readableBytes) ?? []
        } catch is NIOTooManyBytesError {
            throw RumdulError.tooLarge
        }
    }
}

extension RequestContext {
    /// A path parameter, percent-decoded: 1 to 200 bytes of valid UTF-8 without control characters.
    /// - Throws: `web.not_found` otherwise: a path that cannot be is a path that is not.
    public func pathParameter(_ name: String) throws(RumdulError) -> String {
        guard let raw = parameters.get(name), (1...600).contains(raw.utf8.count),
            let text = raw.removingStrictPercentEncoding, (1...200).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw .notFound }
        return text
    }

    /// A path parameter that is a whole number.
    /// - Throws: `web.not_found`
    public func integerPathParameter(_ name: String) throws(RumdulError) -> Int {
        guard let number = Int(try pathParameter(name)) else { throw .notFound }
        return number
    }
}

extension String {
    /// The text with percent encodings resolved; `nil` when one is malformed or the result is no UTF-8.
    var removingStrictPercentEncoding: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        var bytes: [UInt8] = []
        var iterator = utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next(), let low = iterator.next(),
                let value = Hex.decode(String(decoding: [high, low], as: UTF8.self))?.first
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
