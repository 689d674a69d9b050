import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Web

/// The frame of the citizen's pages: navigation, manifest, script.
enum AppShell {
    /// A place in the navigation.
    enum Place: String, CaseIterable {
        case home = "/app"
        case requests = "/app/requests"
        case data = "/app/data"
        case notices = "/app/notices"
        case documents = "/app/documents"
        case notifications = "/app/notifications"
        case passkeys = "/app/passkeys"
        case logins = "/app/sessions"

        var label: LocalizedText {
            switch self {
            case .home: LocalizedText(km: "ទំព័រដើម", en: "Overview")
            case .requests: LocalizedText(km: "សំណើ", en: "Requests")
            case .data: LocalizedText(km: "ទិន្នន័យ", en: "My data")
            case .notices: LocalizedText(km: "សុវត្ថិភាព", en: "Security")
            case .documents: LocalizedText(km: "ឯកសារ", en: "Documents")
            case .notifications: LocalizedText(km: "ជូនដំណឹង", en: "Notifications")
            case .passkeys: LocalizedText(km: "សោចូល", en: "Passkeys")
            case .logins: LocalizedText(km: "ការចូល", en: "Logins")
            }
        }
    }

    static let manifestPath = "/app/manifest.webmanifest"
    static let workerPath = "/app/sw.js"
    static let offlinePath = "/app/offline"

    /// A page in the frame.
    /// - Parameter place: `nil` before anybody is logged in: no navigation then.
    static func dressed(_ page: Page, _ place: Place?, _ context: AppContext) -> Page {
        var page = page
        let assets = context.environment.pages.assets
        page.headLinks.append(("manifest", manifestPath))
        if let icon = assets.path("citizen-192.png") { page.headLinks.append(("apple-touch-icon", icon)) }
        if let script = assets.path("citizen.js") { page.scripts.append(script) }
        guard let place else { return page }
        page.navigation = Place.allCases.map { Page.Link($0.label, path: $0.rawValue, isCurrent: $0 == place) }
        return page
    }
}

extension AppContext {
    /// The answer that shows a page of the citizen's in its frame.
    func show(_ page: Page, at place: AppShell.Place?) -> Response { show(AppShell.dressed(page, place, self)) }
}

/// What makes the pages an app that can be installed: manifest, service worker, offline page.
struct AppShellRoutes: Sendable {
    func add(to router: AppRouter, settings: WebSettings) {
        router.get(RouterPath(AppShell.manifestPath)) { _, context in manifest(context) }
        router.get(RouterPath(AppShell.workerPath)) { _, context in worker(context) }
        router.get(RouterPath(AppShell.offlinePath)) { _, context in context.show(Self.offline(context)) }
    }

    /// The application manifest (W3C Web Application Manifest).
    private func manifest(_ context: AppContext) -> Response {
        let assets = context.environment.pages.assets
        func icon(_ name: String, _ size: String, _ type: String, _ purpose: String) -> JSONValue {
            [
                "src": .string(assets.path(name) ?? assets.icon), "sizes": .string(size), "type": .string(type),
                "purpose": .string(purpose),
            ]
        }
        return JSONResponse(
            [
                "id": "/app", "name": "រំដួល · អត្តសញ្ញាណរបស់ខ្ញុំ · Rumdul, my identity", "short_name": "រំដួល Rumdul",
                "description": "អនុម័ត មើលទិន្នន័យ និងការយល់ព្រមរបស់អ្នក · Approve, see your data and what you granted",
                "lang": "km", "dir": "ltr", "start_url": "/app", "scope": "/app", "display": "standalone",
                "theme_color": "#14356b", "background_color": "#f6f4ee", "categories": ["government", "security"],
                "icons": [
                    icon("citizen-192.png", "192x192", "image/png", "any"),
                    icon("citizen-512.png", "512x512", "image/png", "any"),
                    icon("citizen-512.png", "512x512", "image/png", "maskable"),
                    icon("rumdul.svg", "any", "image/svg+xml", "any"),
                ],
                "shortcuts": [["name": "សំណើ · Requests", "url": "/app/requests"]],
            ], headers: [.cacheControl: "public, max-age=3600"], contentType: "application/manifest+json"
        ).response
    }

    private func worker(_ context: AppContext) -> Response {
        let assets = context.environment.pages.assets
        let icon = assets.path("citizen-192.png") ?? assets.icon
        let files = [AppShell.offlinePath, assets.stylesheet, assets.script, assets.icon, icon].filter { !$0.isEmpty }
        // The paths change with the contents; the offline page has none of its own.
        let version = Base64URL.encode(
            Array(SHA256.hash(data: Array((files.joined() + AppViews.offlineTemplate).utf8)).prefix(9)))
        let text = AppScripts.worker(files: files, icon: icon, version: version)
        var headers: HTTPFields = [
            .contentType: "text/javascript; charset=utf-8", .cacheControl: "no-cache",
            // The policy of the worker itself: it asks this server and nobody else; the pictures are those of its notifications.
            .contentSecurityPolicy: "default-src 'none'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'",
        ]
        if let scope = HTTPField.Name("Service-Worker-Allowed") { headers[scope] = "/app" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// What the installed app shows without a network: both languages, nothing of anybody.
    private static func offline(_ context: AppContext) -> Page {
        var page = AppShell.dressed(
            Page("citizen/offline", title: LocalizedText(km: "គ្មានអ៊ីនធឺណិត", en: "Offline")), nil, context)
        page.languageSwitch = .hidden
        page.language = .km
        // Only files that the service worker keeps.
        page.scripts = []
        return page
    }
}
