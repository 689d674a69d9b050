import Codecs
import Web

/// Native apps that open addresses of ours instead of the browser, and may use the passkeys of our domain: Android App Links (Digital Asset
/// Links) and Apple universal links (associated domains). The systems ask for the two documents themselves; without apps there are none.
public struct AppLinks: Sendable, Equatable {
    /// The Android app's package name.
    public var androidPackage: String?
    /// SHA-256 of its signing certificates, as `AB:CD:...`.
    public var androidCertificates: [String]
    /// Apple app identifiers, `TEAMID.bundle.identifier`.
    public var appleApps: [String]

    public init(androidPackage: String? = nil, androidCertificates: [String] = [], appleApps: [String] = []) {
        self.androidPackage = androidPackage
        self.androidCertificates = androidCertificates
        self.appleApps = appleApps
    }

    /// What apps open: a request that waits, a QR code's address, an activation. All else stays in the browser.
    private static let paths = ["/app/open", "/device/v1/claims", "/device/v1/activations"]

    func add(to router: AppRouter, settings: WebSettings) {
        if let statements {
            let answer = StaticAnswer(JSON.bytes(statements), caching: .seconds(3600), settings: settings)
            router.get("/.well-known/assetlinks.json") { request, _ in answer.response(to: request) }
        }
        if let association {
            let answer = StaticAnswer(
                JSON.bytes(.object(association)), caching: .seconds(3600), settings: settings)
            router.get("/.well-known/apple-app-site-association") { request, _ in answer.response(to: request) }
        }
    }

    private var statements: JSONValue? {
        guard let androidPackage, !androidCertificates.isEmpty else { return nil }
        return [
            [
                "relation": [
                    "delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds",
                ],
                "target": [
                    "namespace": "android_app", "package_name": .string(androidPackage),
                    "sha256_cert_fingerprints": .strings(androidCertificates),
                ],
            ]
        ]
    }

    private var association: JSONObject? {
        guard !appleApps.isEmpty else { return nil }
        let components = Self.paths.map { path in JSONValue.object(["/": .string(path)]) }
        return [
            "applinks": ["details": [["appIDs": .strings(appleApps), "components": .array(components)]]],
            "webcredentials": ["apps": .strings(appleApps)],
        ]
    }
}
