import Foundation
import Kernel
import Testing

@testable import DemoWorld

/// No error without documentation: what the sources throw is compared with the catalogue.
@Suite struct ErrorReferenceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// One place in the sources that makes an error.
    private struct Use {
        var code: String
        var file: String
        /// The literal texts, where there are any.
        var km: String?
        var en: String?
    }

    private static func sources() throws -> [(name: String, text: String)] {
        let folder = root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { file in
            (file.lastPathComponent, try String(contentsOf: file, encoding: .utf8))
        }
    }

    /// Helpers that put a family's name before a code: the family, and where the rest of the code stands.
    private static let families: [(prefix: String, call: String)] = [
        ("jose.", "jose("), ("authorize.", "authorizationUntrusted("), ("", "generic("),
    ]

    private static func uses() throws -> [Use] {
        var found: [Use] = []
        for (name, text) in try sources() {
            for match in text.matches(
                of: /(?:RumdulError|OAuthError|ClientRegistrationError)\(\s*(?:error: )?"([^"\\]+)"/)
            {
                let rest = text[match.range.upperBound...].prefix(1200)
                let texts = rest.prefixMatch(of: /\s*,\s*\.\w+\s*,\s*km:\s*"([^"\\]*)"\s*,\s*en:\s*"([^"\\]*)"/)
                found.append(
                    Use(
                        code: String(match.1), file: name, km: texts.map { String($0.1) },
                        en: texts.map { String($0.2) }))
            }
            for (prefix, call) in families {
                var rest = text[...]
                while let start = rest.firstRange(of: call) {
                    rest = rest[start.upperBound...]
                    guard let code = rest.prefixMatch(of: /\s*"([a-z_.]+)"/) else { continue }
                    found.append(Use(code: prefix + String(code.1), file: name))
                }
            }
        }
        return found
    }

    @Test func everyCodeIsInTheCatalogue() throws {
        let uses = try Self.uses()
        #expect(uses.count > 150, "the search finds the errors")
        for use in uses {
            // Codes that end in a dot are completed with the OAuth error of the other side.
            let code = use.code.hasSuffix(".") ? use.code + "x" : use.code
            #expect(
                ErrorReference.catalogue[code] != nil,
                "\(use.file) makes \(use.code): add it to the room's ErrorRoom, then rumdul errors > docs/errors.md")
        }
    }

    /// A code is written as a literal, so that the search finds it; the few helpers that make one are known.
    @Test func codesAreLiterals() throws {
        // Those of registration and key presentation turn an error of another type, whose codes are literals, into an OAuth error.
        let known: Set<String> = [
            "DeviceErrors.swift", "JOSEErrors.swift", "OAuthError.swift", "RegistrationRoutes.swift",
            "KeyPresentation.swift",
            // Their rooms' own tests hold every code against the catalogue.
            "COSEErrors.swift", "WebAuthnErrors.swift", "TypesettingErrors.swift",
        ]
        for (name, text) in try Self.sources() where !known.contains(name) {
            for match in text.matches(of: /(?:RumdulError|OAuthError)\(\s*([^\s"])/) where match.1 != ")" {
                Issue.record("\(name): an error whose code is no literal: \(text[match.range])")
            }
            for match in text.matches(of: /(?:RumdulError|OAuthError)\(\s*"[^"\n]*\\\(/) {
                Issue.record("\(name): an error whose code is put together: \(text[match.range])")
            }
        }
    }

    /// Texts that stand in the catalogue and with the error are the same.
    @Test func textsAgree() throws {
        var declared: [String: [LocalizedText]] = [:]
        for use in try Self.uses() {
            guard let km = use.km, let en = use.en else { continue }
            declared[use.code, default: []].append(LocalizedText(km: km, en: en))
        }
        #expect(declared.count > 80)
        for (code, texts) in declared.sorted(by: { $0.key < $1.key }) {
            // A text that is put together in the catalogue names its parts as an ellipsis.
            guard let text = ErrorReference.catalogue[code]?.text, !text.en.contains("…") else { continue }
            #expect(texts.contains(text), "\(code): the catalogue says \(text)")
        }
    }

    @Test func everyEntryIsComplete() {
        var codes: Set<String> = []
        for entry in ErrorReference.catalogue.rooms.flatMap(\.entries) {
            #expect(codes.insert(entry.code).inserted, "\(entry.code) twice")
            for text in [entry.text.km, entry.text.en, entry.cause, entry.remedy, entry.khmerRemedy ?? "x"] {
                #expect(!text.isEmpty && !text.contains("\n"), "\(entry.code)")
            }
            #expect(entry.text.km.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) }, "\(entry.code)")
            if let remedy = entry.khmerRemedy {
                #expect(remedy.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) }, "\(entry.code)")
            }
        }
    }

    /// Khmer sentences write their numbers in Khmer digits; what people type or compare stays in ASCII.
    @Test func khmerTextsHaveKhmerDigits() throws {
        let typed = ["K7QM-4XRP-2W", "0600", "chmod 600", "111111", "123456", "a-z 0-9", "x5c", "OAuth 2", "PS256"]
        for (name, text) in try Self.sources() {
            for match in text.matches(of: /(?:km:|say\()\s*"((?:[^"\\]|\\.)*)"/) {
                var khmer = String(match.1).replacing(/\\\([^)]*\)/, with: "")
                guard khmer.unicodeScalars.contains(where: { (0x1780...0x17FF).contains($0.value) }) else { continue }
                for word in typed { khmer = khmer.replacing(word, with: "") }
                // Names of standards, addresses, ranges of letters: what is written as it is typed.
                khmer = khmer.replacing(/0-9|[0-9]+(\.[0-9]+){3}|[A-Za-z][A-Za-z0-9.:\/_-]*/, with: "")
                #expect(!khmer.contains(/[0-9]/), "\(name): \(khmer)")
            }
        }
    }

    @Test func theDocumentIsUpToDate() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/errors.md"), encoding: .utf8)
        #expect(text == ErrorReference.markdown, "docs/errors.md is stale: rumdul errors > docs/errors.md")
    }
}
