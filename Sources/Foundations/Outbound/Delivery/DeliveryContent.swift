import Codecs
import Kernel

/// The sealed part of a delivery: header fields, media type and bytes.
struct DeliveryContent: Sendable, Equatable {
    var headers: [OutboundHeader]
    var content: OutboundContent

    var bytes: [UInt8] {
        var writer = JSONWriter(capacity: content.bytes.count * 4 / 3 + 128)
        writer.beginObject()
        writer.name("headers")
        writer.beginArray()
        for header in headers {
            writer.value(header.name)
            writer.value(header.value)
        }
        writer.endArray()
        writer.name("type")
        writer.value(content.type)
        if let encoding = content.encoding {
            writer.name("encoding")
            writer.value(encoding)
        }
        writer.name("body")
        writer.value(Base64URL.encode(content.bytes))
        writer.endObject()
        return writer.bytes
    }

    init(headers: [OutboundHeader], content: OutboundContent) {
        self.headers = headers
        self.content = content
    }

    /// Throws `codec.json`, `internal`.
    init(_ bytes: [UInt8]) throws {
        let object = try JSON.parseObject(bytes)
        guard let fields = object.strings("headers"), fields.count % 2 == 0, let type = object.string("type"),
            let text = object.string("body"), let body = Base64URL.decode(text)
        else { throw RumdulError.internal("outbound: content of a delivery") }
        headers = stride(from: 0, to: fields.count, by: 2).map { OutboundHeader(fields[$0], fields[$0 + 1]) }
        content = OutboundContent(type: type, bytes: body, encoding: object.string("encoding"))
    }

    /// Binds sealed bytes to their row.
    static func context(_ id: String) -> [UInt8] { Array("rumdul delivery 1 \(id)".utf8) }
}
