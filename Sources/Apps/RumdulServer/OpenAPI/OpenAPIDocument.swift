import CivilRegisterAPI
import Codecs
import DCIRegistry
import Kernel
import RegisterNotifications
import Web

/// The description of what programs call (OpenAPI 3.1), true to what the routes of this node answer.
enum OpenAPIDocument {
    static let path = "/openapi.json"

    static func addRoute(to router: AppRouter, services: Set<Configuration.Service>, settings: WebSettings) {
        let answer = StaticAnswer(
            bytes(baseURL: settings.baseURL, services: services), caching: .seconds(300), anyOrigin: true,
            settings: settings)
        router.get("/openapi.json") { request, _ in answer.response(to: request) }
    }

    static func bytes(baseURL: String, services: Set<Configuration.Service>) -> [UInt8] {
        var operations: [OpenAPIOperation] = []
        if services.contains(.identity) {
            operations += OpenAPIOperation.discovery + OpenAPIOperation.tokens + OpenAPIOperation.requests
            operations += OpenAPIOperation.registration + OpenAPIOperation.transactions
        }
        if services.contains(.enrolment) { operations += OpenAPIOperation.activation }
        if services.contains(.registration) {
            operations += OpenAPIOperation.registers + OpenAPIOperation.notifications
            operations += OpenAPIOperation.dciRegistry
        }
        if services.contains(.citizen) { operations.append(.ledgerKeys) }
        var writer = JSONWriter(capacity: 1 << 16)
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        writer.member("jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema")
        writer.member("info", info)
        writer.member("servers", [["url": .string(baseURL)]])
        writer.name("paths")
        write(operations, to: &writer)
        writer.name("components")
        writer.beginObject()
        writer.member("schemas", .object(OpenAPISchema.all))
        writer.member("securitySchemes", securitySchemes(baseURL))
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ operations: [OpenAPIOperation], to writer: inout JSONWriter) {
        var paths: [String] = []
        for operation in operations where !paths.contains(operation.path) { paths.append(operation.path) }
        writer.beginObject()
        for path in paths {
            writer.name(path)
            writer.beginObject()
            for operation in operations where operation.path == path {
                writer.member(operation.method, operation.json)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static let info: JSONValue = [
        "title": "Rumdul", "version": "1",
        "summary": "OpenID Provider, dynamic client registration, device protocol, registers",
        "description": """
        What programs call. Pages for people are no part of it. Endpoints that take a form refuse a parameter that comes \
        twice; whoever calls too often gets 429 with Retry-After.
        """,
    ]

    private static func securitySchemes(_ baseURL: String) -> JSONValue {
        guard var all = securitySchemes.objectValue else { return securitySchemes }
        all[OpenAPIOperation.registerToken] = [
            "type": "oauth2",
            "description": "An access token of a system's own (RFC 6749, 4.4); bound ones need their key",
            "flows": [
                "clientCredentials": [
                    "tokenUrl": .string(baseURL + "/token"),
                    "scopes": .object(
                        JSONObject(
                            RegisterScope.allCases.map { ($0.rawValue, .string($0.summary)) }
                                + NotificationScope.allCases.map { ($0.rawValue, .string($0.summary)) }
                                + DCIScope.allCases.map { ($0.rawValue, .string($0.summary)) })),
                ]
            ],
        ]
        return .object(all)
    }

    private static let securitySchemes: JSONValue = [
        "clientSecret": ["type": "http", "scheme": "basic", "description": "client_secret_basic (RFC 6749, 2.3.1)"],
        "clientCertificate": [
            "type": "mutualTLS", "description": "RFC 8705, on the listener that asks for certificates",
        ],
        "accessToken": ["type": "http", "scheme": "bearer", "description": "RFC 6750"],
        "boundAccessToken": ["type": "http", "scheme": "dpop", "description": "RFC 9449, with the field DPoP"],
        "initialAccessToken": ["type": "http", "scheme": "bearer", "description": "RFC 7591: from the operator"],
        "registrationAccessToken": ["type": "http", "scheme": "bearer", "description": "RFC 7592: of this client"],
        "deviceProof": [
            "type": "http", "scheme": "deviceproof", "description": "A JWS by the device key: docs/device-protocol.md",
        ],
    ]
}
