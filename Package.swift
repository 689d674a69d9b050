// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Rumdul is one package of small targets. Imports go down only: Apps > Services > Domain > Foundations.
// Each line below names a target, its floor and what it may import; SwiftPM enforces the rest.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    // Asynchronous functions stay where their caller runs, so that an answer is made without asking at each call which thread it belongs to.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")

/// A library target on one floor of the house, with its test target.
func room(
    _ name: String, on floor: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = [],
    resources: [Resource] = []
) -> [Target] {
    [
        .target(
            name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", resources: resources,
            swiftSettings: settings),
        .testTarget(
            name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies + tests,
            path: "Tests/\(name)Tests", swiftSettings: settings),
    ]
}

/// A C library of the system, found through pkg-config.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Foundations/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let foundations: [Target] =
    [
        system("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CQRencode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        system("CJemalloc", pkgConfig: "jemalloc", apt: "libjemalloc-dev"),
        // Includes cairo with its PDF surface and fontconfig.
        system("CPango", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
        // Where lines of Khmer may end (libicu-dev). Compiled, not imported: see its header.
        .target(name: "CICU", path: "Sources/Foundations/CICU", linkerSettings: [.linkedLibrary("icuuc")]),
        // Shared test support: a temporary database of each kind.
        .target(
            name: "DatabaseTesting", dependencies: ["Database", "Kernel"], path: "Sources/Foundations/DatabaseTesting",
            swiftSettings: settings),
        // Shared test support: a browser without scripts in front of an application.
        .target(
            name: "WebTesting", dependencies: [hummingbird, hummingbirdTesting, httpTypes, nioCore],
            path: "Sources/Foundations/WebTesting", swiftSettings: settings),
        // Shared test support: repeatable random numbers, outside vectors.
        .target(
            name: "TestVectors", dependencies: ["Codecs"], path: "Sources/Foundations/TestVectors",
            swiftSettings: settings),
    ]
    + room("Kernel", on: "Foundations", [logging])
    + room("Codecs", on: "Foundations", ["Kernel"], tests: ["TestVectors"])
    + room("KhmerText", on: "Foundations", ["Kernel"])
    + room("Typesetting", on: "Foundations", ["Kernel", "KhmerText", "CPango", "CICU", crypto], tests: ["TestVectors"])
    + room("RecordLinkage", on: "Foundations", ["Kernel", "KhmerText"], tests: ["TestVectors"])
    + room("JOSE", on: "Foundations", ["Kernel", "Codecs", crypto, cryptoExtras], tests: ["TestVectors"])
    + room("COSE", on: "Foundations", ["Kernel", "Codecs", "JOSE", crypto, cryptoExtras], tests: ["TestVectors"])
    + room(
        "WebAuthn", on: "Foundations", ["Kernel", "Codecs", "JOSE", "COSE", crypto, cryptoExtras, x509, asn1],
        tests: ["TestVectors"])
    + room("Database", on: "Foundations", ["Kernel", "CLibpq", grdb, grdbSQLite, logging], tests: ["DatabaseTesting"])
    + room(
        "KeyVault", on: "Foundations", ["Kernel", "Codecs", "JOSE", "Database", crypto, cryptoExtras],
        tests: ["DatabaseTesting"])
    + room(
        "RegisterSearch", on: "Foundations", ["Kernel", "KhmerText", "RecordLinkage", "Database", "KeyVault"],
        tests: ["DatabaseTesting", "TestVectors"])
    + room(
        "Ledger", on: "Foundations", ["Kernel", "Codecs", "Database", "KeyVault", crypto], tests: ["DatabaseTesting"])
    + room(
        "Outbound", on: "Foundations", ["Kernel", "Codecs", "Database", nioCore, nioPosix, nioHTTP1, nioSSL, logging],
        tests: ["DatabaseTesting", crypto, x509, asn1])
    + room(
        "WebPush", on: "Foundations", ["Kernel", "Codecs", "JOSE", "KeyVault", "Outbound", crypto],
        tests: [nioCore, nioPosix])
    + room(
        "Web", on: "Foundations",
        [
            "Kernel", "Codecs", "KhmerText", "Database", "CQRencode", hummingbird, hummingbirdCore, mustache, logging,
            nioCore, nioHTTP1, nioSSL, nioTLS, httpTypes, metrics, crypto,
        ], tests: [hummingbirdTesting, "DatabaseTesting", lifecycle, nioPosix, x509, asn1])
    + room(
        "ProofOfPossession", on: "Foundations",
        ["Kernel", "Codecs", "JOSE", "KeyVault", "Database", crypto, cryptoExtras, x509, asn1],
        tests: ["DatabaseTesting"])

let domains: [Target] =
    room("ReferenceData", on: "Domain", ["Kernel", "KhmerText", "Database"], tests: ["DatabaseTesting"])
    + room(
        "Accountability", on: "Domain",
        ["Kernel", "Codecs", "Database", "Ledger", "KeyVault", crypto, cryptoExtras],
        tests: ["DatabaseTesting"])
    + room(
        "PopulationRegister", on: "Domain",
        [
            "Kernel", "Codecs", "KhmerText", "RecordLinkage", "RegisterSearch", "Database", "KeyVault", "Ledger",
            "Accountability", "ReferenceData", crypto,
        ], tests: ["DatabaseTesting"])
    + room(
        "OfficerDesk", on: "Domain", ["Kernel", "Database", "KeyVault", "Web", "Accountability", hummingbird],
        tests: [hummingbirdTesting, "DatabaseTesting", "WebTesting", "Ledger"])
    + room("VitalStatistics", on: "Domain", ["Kernel", "Codecs", "KhmerText"], tests: ["TestVectors"])
    + room(
        "CivilRegister", on: "Domain",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "KeyVault", "Ledger", "Accountability",
            "PopulationRegister", "ReferenceData", "RecordLinkage", "RegisterSearch", "VitalStatistics", crypto,
        ], tests: ["DatabaseTesting", "TestVectors"])
    + room(
        "Authenticators", on: "Domain",
        ["Kernel", "Codecs", "JOSE", "COSE", "WebAuthn", "Database", "Ledger", "KeyVault", crypto],
        tests: ["DatabaseTesting"])
    + room(
        "Consent", on: "Domain", ["Kernel", "Codecs", "JOSE", "Database", "Ledger", "KeyVault", crypto],
        tests: ["DatabaseTesting"])
    + room(
        "RelyingParties", on: "Domain", ["Kernel", "Codecs", "JOSE", "Database", "Accountability", crypto],
        tests: ["DatabaseTesting"])

let services: [Target] =
    room(
        "IdentityProvider", on: "Services",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Ledger", "KeyVault", "Web", "Accountability",
            "Authenticators", "Consent", "RelyingParties", "Outbound", "ProofOfPossession", "WebAuthn", hummingbird,
            httpTypes, nioCore, crypto, logging,
        ], tests: [hummingbirdTesting, "DatabaseTesting", "COSE", "RelyingPartyKit"])
    + room(
        "Enrolment", on: "Services",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Ledger", "KeyVault", "Web", "Accountability",
            "Authenticators", "ReferenceData", "OfficerDesk", hummingbird, httpTypes, nioCore, crypto, logging,
        ], tests: [hummingbirdTesting, "DatabaseTesting"])
    + room(
        "RegistrarConsole", on: "Services",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "KeyVault", "Web", "Accountability",
            "PopulationRegister",
            "CivilRegister", "RecordLinkage", "RegisterSearch", "ReferenceData", "OfficerDesk", "Typesetting",
            hummingbird,
            httpTypes,
            nioCore,
            crypto, logging,
        ], tests: [hummingbirdTesting, "DatabaseTesting", "WebTesting", "Ledger"])
    + room(
        "StatisticsPages", on: "Services",
        [
            "Kernel", "Codecs", "KhmerText", "Web", "CivilRegister", "VitalStatistics", "ReferenceData", hummingbird,
            httpTypes,
        ],
        tests: [
            hummingbirdTesting, "Database", "DatabaseTesting", "WebTesting", "Ledger", "KeyVault", "Accountability",
            "PopulationRegister",
        ])

let registers: [Target] = room(
    "CivilRegisterAPI", on: "Services",
    [
        "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Ledger", "KeyVault", "Outbound", "Web", "Accountability",
        "PopulationRegister", "CivilRegister", "ReferenceData", hummingbird, httpTypes, crypto, logging,
    ], tests: [hummingbirdTesting, "DatabaseTesting"])

let notifications: [Target] = room(
    "RegisterNotifications", on: "Services",
    [
        "Kernel", "Codecs", "JOSE", "Database", "KeyVault", "Outbound", "Web", "Accountability", "PopulationRegister",
        "CivilRegister", hummingbird, httpTypes, crypto, logging,
    ], tests: [hummingbirdTesting, "DatabaseTesting", "Ledger", "ReferenceData", nioCore, nioPosix, nioHTTP1])

let dci: [Target] = room(
    "DCIRegistry", on: "Services",
    [
        "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "KeyVault", "Outbound", "Web", "Accountability",
        "PopulationRegister", "CivilRegister", "ReferenceData", hummingbird, httpTypes, crypto,
    ], tests: [hummingbirdTesting, "DatabaseTesting", "Ledger", nioCore])

let citizen: [Target] = room(
    "CitizenPortal", on: "Services",
    [
        "Kernel", "Codecs", "KhmerText", "Database", "Ledger", "KeyVault", "Outbound", "WebAuthn", "WebPush", "Web",
        "Accountability", "Authenticators", "Consent", hummingbird, httpTypes, nioCore, crypto, logging,
    ], tests: [hummingbirdTesting, "DatabaseTesting", "JOSE"])

let developers: [Target] = room(
    "DeveloperPortal", on: "Services",
    [
        "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Web", "Accountability", "RelyingParties", hummingbird,
        httpTypes, nioCore, crypto, logging,
    ], tests: [hummingbirdTesting, "DatabaseTesting", "Ledger", "KeyVault"])

let apps: [Target] =
    room("DeviceKit", on: "Apps", ["Kernel", "Codecs", "JOSE", crypto, cryptoExtras])
    + room(
        "RelyingPartyKit", on: "Apps", ["Kernel", "Codecs", "JOSE", httpClient, nioCore, crypto],
        tests: ["ProofOfPossession"])
    + room(
        "RumdulServer", on: "Apps",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Ledger", "KeyVault", "Web", "ReferenceData",
            "Accountability", "PopulationRegister", "Authenticators", "Consent", "RelyingParties", "IdentityProvider",
            "Enrolment", "CitizenPortal", "DeveloperPortal", "Outbound", "ProofOfPossession", "COSE", "WebAuthn",
            "WebPush", "CivilRegister", "OfficerDesk", "RegistrarConsole", "CivilRegisterAPI", "RegisterNotifications",
            "DCIRegistry", "StatisticsPages",
            "Typesetting", hummingbird,
            lifecycle, logging, metrics, crypto,
        ], tests: [hummingbirdTesting, "DatabaseTesting", "DeviceKit"])
    + room(
        "DemoWorld", on: "Apps",
        [
            "Kernel", "Codecs", "JOSE", "KhmerText", "Database", "Web", "ReferenceData", "Accountability",
            "PopulationRegister", "Authenticators", "Enrolment", "IdentityProvider", "RumdulServer", "DeviceKit",
            "RelyingPartyKit", "Outbound", "CivilRegister", hummingbird, httpClient, lifecycle, logging, nioCore,
            crypto,
        ], tests: [hummingbirdTesting, "DatabaseTesting"])
    + [
        .executableTarget(
            name: "rumdul",
            dependencies: [
                "Kernel", "Codecs", "JOSE", "Database", "KeyVault", "Ledger", "RumdulServer", "DemoWorld", "DeviceKit",
                "PopulationRegister", "CivilRegister", "ReferenceData", "Accountability", "IdentityProvider",
                "Authenticators",
                "RelyingParties", "Enrolment", "RegisterNotifications",
                .target(name: "CJemalloc", condition: .when(platforms: [.linux])),
                arguments, httpClient, logging, nioCore, crypto,
            ], path: "Sources/Apps/rumdul", swiftSettings: settings),
        // The interface of FIDO's conformance tool: a program of its own, so that no build of rumdul can hold it.
        .executableTarget(
            name: "rumdul-fido-conformance",
            dependencies: [
                "Kernel", "Codecs", "COSE", "WebAuthn", hummingbird, httpTypes, nioCore, arguments, logging,
            ],
            path: "Sources/Apps/rumdul-fido-conformance", swiftSettings: settings),
        .executableTarget(
            name: "rumdul-bench",
            dependencies: [
                "Kernel", "Codecs", "JOSE", "Database", "KeyVault", "Ledger", "RumdulServer", "DemoWorld", "DeviceKit",
                "PopulationRegister", "CivilRegister", "ReferenceData", "Accountability", "IdentityProvider", "Web",
                "COSE", "WebAuthn", "RecordLinkage", "RegisterSearch", arguments, httpClient,
                hummingbird, nioCore, nioPosix, crypto, logging,
            ], path: "Benchmarks/rumdul-bench", swiftSettings: settings),
    ]

// During work on one room, RUMDUL_TESTS=KhmerTextTests,JOSETests leaves the other test targets out of the build.
let wantedTests = ProcessInfo.processInfo.environment["RUMDUL_TESTS"].map { $0.split(separator: ",").map(String.init) }
let house = (foundations + domains + services + registers + notifications + dci + citizen + developers + apps).filter {
    target in
    target.type != .test || (wantedTests?.contains(target.name) ?? true)
}

let package = Package(
    name: "rumdul",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "rumdul", targets: ["rumdul"]),
        .library(name: "DeviceKit", targets: ["DeviceKit"]),
        .library(name: "RelyingPartyKit", targets: ["RelyingPartyKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.19.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ],
    targets: house,
    swiftLanguageModes: [.v6]
)
