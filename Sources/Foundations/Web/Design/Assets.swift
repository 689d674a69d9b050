import Codecs
import Crypto
import Hummingbird

/// A style, script or picture that belongs to the program.
public struct Asset: Sendable {
    /// The file name: `rumdul.css`.
    public var name: String
    /// The media type.
    public var contentType: String
    /// The content.
    public var bytes: [UInt8]

    public init(_ name: String, contentType: String, text: String) {
        self.name = name
        self.contentType = contentType
        bytes = Array(text.utf8)
    }

    public init(_ name: String, contentType: String, bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
    }
}

/// All assets, each under `/assets/<hash>/<name>`: the address changes with the content, so browsers keep it for good.
public struct Assets: Sendable {
    private let items: [Asset]
    private let paths: [String: String]
    /// The path of the style sheet.
    public let stylesheet: String
    /// The path of the shared script.
    public let script: String
    /// The path of the icon.
    public let icon: String

    /// The assets of the shared design.
    public static let standard = Assets(adding: [])

    /// The assets of the shared design and further ones.
    public init(adding further: [Asset]) {
        items =
            [
                Asset("rumdul.css", contentType: "text/css; charset=utf-8", text: Stylesheet.text),
                Asset("rumdul.js", contentType: "text/javascript; charset=utf-8", text: Scripts.text),
                Asset("rumdul.svg", contentType: "image/svg+xml", text: Logo.icon), CardScript.asset,
            ] + further
        var paths: [String: String] = [:]
        for item in items {
            let hash = Base64URL.encode(Array(SHA256.hash(data: item.bytes).prefix(9)))
            paths[item.name] = "/assets/\(hash)/\(item.name)"
        }
        self.paths = paths
        stylesheet = paths["rumdul.css"] ?? ""
        script = paths["rumdul.js"] ?? ""
        icon = paths["rumdul.svg"] ?? ""
    }

    /// The path of an asset, or `nil` when there is none of that name.
    public func path(_ name: String) -> String? { paths[name] }

    func addRoutes(to router: AppRouter, settings: WebSettings) {
        for item in items {
            guard let path = paths[item.name] else { continue }
            let answer = StaticAnswer(
                item.bytes, contentType: item.contentType, caching: .immutable, settings: settings)
            router.get(RouterPath(stringLiteral: path)) { request, _ in answer.response(to: request) }
        }
    }
}
