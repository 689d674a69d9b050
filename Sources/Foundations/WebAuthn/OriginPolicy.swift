import Codecs
import Kernel

/// From where ceremonies are accepted. All comparisons are exact, by code points (WebAuthn section 13.4.9).
public struct OriginPolicy: Sendable {
    /// Whether a ceremony may run in a frame of another origin (sections 5.10, 7.1 step 11).
    public enum CrossOrigin: Sendable {
        case refused
        /// Accepted when the outer page's origin is one of these; a client that does not name it is refused.
        case within(Set<String>)
        /// Accepted within any page.
        case anywhere
    }

    /// Origins of this relying party's own pages: `https://id.example`.
    public var origins: Set<String>
    /// Origins of other domains that may use this relying party's identifier (section 5.11).
    public var relatedOrigins: [String]
    /// SHA-256 hashes of the signing certificates of Android apps that may use it.
    public var androidApps: [[UInt8]]
    public var crossOrigin: CrossOrigin

    public init(
        origins: Set<String>, relatedOrigins: [String] = [], androidApps: [[UInt8]] = [],
        crossOrigin: CrossOrigin = .refused
    ) {
        self.origins = origins
        self.relatedOrigins = relatedOrigins
        self.androidApps = androidApps
        self.crossOrigin = crossOrigin
    }

    /// The origin that Android names for an app.
    public static func androidOrigin(certificateHash: [UInt8]) -> String {
        "android:apk-key-hash:\(Base64URL.encode(certificateHash))"
    }

    /// The document at `/.well-known/webauthn` (section 5.11.1).
    public var relatedOriginsDocument: JSONObject { ["origins": .strings(relatedOrigins)] }

    func accepts(_ origin: String) -> Bool {
        origins.contains { sameCodePoints($0, origin) } || relatedOrigins.contains { sameCodePoints($0, origin) }
            || androidApps.contains { sameCodePoints(Self.androidOrigin(certificateHash: $0), origin) }
    }

    /// - Throws: `webauthn.origin`, `webauthn.cross_origin`, `webauthn.top_origin`.
    func check(_ data: ClientData) throws(RumdulError) {
        guard accepts(data.origin) else { throw .webAuthn(.origin, "an origin that is not on the list") }
        let embedded = data.crossOrigin || data.topOrigin != nil
        guard embedded else { return }
        switch crossOrigin {
        case .refused:
            throw .webAuthn(data.crossOrigin ? .crossOrigin : .topOrigin, "embedded ceremonies are not accepted")
        case .anywhere: return
        case .within(let pages):
            guard let top = data.topOrigin, pages.contains(where: { sameCodePoints($0, top) }) else {
                throw .webAuthn(.topOrigin, "the outer page is not on the list")
            }
        }
    }
}
