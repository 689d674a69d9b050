import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Web

@Suite struct InputTests {
    @Test(arguments: [
        ("a=1&b=2", ["a=1", "b=2"]), ("", []), ("&&a=1&", ["a=1"]), ("a", ["a="]), ("a=b=c", ["a=b=c"]),
        ("a=1+2%2B3", ["a=1 2+3"]), ("n=%E1%9E%80", ["n=ក"]), ("n=ក", ["n=ក"]), ("%61=1", ["a=1"]),
        ("a=%0D%0Ab", ["a=\r\nb"]),
    ])
    func acceptsForms(_ body: String, _ expected: [String]) throws {
        let fields = try FormDecoder.decode(Array(body.utf8))
        #expect(fields.all.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: [
        "a=%", "a=%4", "a=%zz", "a=%00", "a=%C3", "a=%ED%A0%80", "=1", "a=1&a=2", "a=1&%61=2", "a&a", "a=%F5%80%80%80",
    ])
    func refusesForms(_ body: String) {
        #expect(throws: RumdulError.self) { try FormDecoder.decode(Array(body.utf8)) }
    }

    @Test func duplicatesHaveTheirOwnCode() {
        #expect(throws: RumdulError.duplicateParameter) { try FormDecoder.decode(Array("scope=a&x=1&scope=b".utf8)) }
    }

    @Test func canonicallyEqualNamesAreDifferentFields() throws {
        let fields = try FormDecoder.decode(Array("%C3%A9=1&e%CC%81=2".utf8))
        #expect(fields.all.count == 2)
        #expect(fields.raw("e\u{301}") == "2")
    }

    @Test func fieldCountIsLimited() throws {
        let most = (0..<200).map { "f\($0)=x" }.joined(separator: "&")
        #expect(try FormDecoder.decode(Array(most.utf8)).all.count == 200)
        #expect(throws: RumdulError.malformedForm("")) { try FormDecoder.decode(Array((most + "&z=1").utf8)) }
    }

    /// Whatever comes: an error of ours or fields that fit the rules, and what was accepted survives a round trip.
    @Test func fuzzedForms() throws {
        var generator = Seeded(state: 42)
        let alphabet = Array("abc=&%+0Ff1\0\u{80}é ក;".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            guard let fields = try? FormDecoder.decode(bytes) else { continue }
            #expect(Set(fields.all.map { Array($0.name.utf8) }).count == fields.all.count)
            #expect(fields.all.allSatisfy { !$0.name.isEmpty && !$0.name.utf8.contains(0) })
            #expect(fields.all.allSatisfy { !$0.value.utf8.contains(0) })
            let hex = { (text: String) in
                text.utf8.map { "%" + Hex.encode([$0]) }.joined()
            }
            let again = fields.all.map { hex($0.name) + "=" + hex($0.value) }.joined(separator: "&")
            let second = try FormDecoder.decode(Array(again.utf8))
            #expect(second.all.map(\.value) == fields.all.map(\.value))
        }
    }

    @Test func fuzzedHeaders() {
        var generator = Seeded(state: 7)
        let alphabet = Array("lang=en;, \"\\%:.0123abc-f/[]*W".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let language = CookieHeader.value("lang", in: [.cookie: text])
            #expect(language.map(CookieHeader.isValue) ?? true)
            _ = TraceID(traceparent: text)
            _ = AddressRange(text)?.contains("10.0.0.1")
            _ = StaticAnswer.matches(text, "\"x\"")
            _ = BodyReader.mediaType(text)
            #expect(Redirect.safe(text).utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
    }

    static func routes(_ router: AppRouter, _ environment: WebEnvironment) {
        router.post("/form") { request, context in
            JSONResponse(.strings(try await FormBody.read(request, context: context, limit: 100).all.map(\.name)))
        }
        router.get("/query") { request, _ in
            JSONResponse(.strings(try QueryParameters.read(request).all.map(\.value)))
        }
        router.post("/json") { request, context in
            JSONResponse(.object(try await JSONBody.object(request, context: context, limit: 1000)))
        }
        router.get("/people/:id") { _, context in JSONResponse(.string(try context.pathParameter("id"))) }
        router.get("/number/:n") { _, context in
            JSONResponse(.integer(Int64(try context.integerPathParameter("n"))))
        }
        router.get("/address") { _, context in JSONResponse(.string(context.clientAddress)) }
    }

    static let forms: [(String?, String, Int, String)] = [
        ("application/x-www-form-urlencoded", "a=1", 200, ""),
        ("Application/X-WWW-Form-Urlencoded ; charset=UTF-8", "a=1", 200, ""),
        ("application/json", "a=1", 415, "web.unsupported_media"), (nil, "a=1", 415, "web.unsupported_media"),
        ("multipart/form-data; boundary=x", "a=1", 415, "web.unsupported_media"),
        ("application/x-www-form-urlencoded", String(repeating: "a", count: 101), 413, "web.too_large"),
        ("application/x-www-form-urlencoded", "a=1&a=2", 400, "web.duplicate_parameter"),
        ("application/x-www-form-urlencoded", "a=%2", 400, "web.malformed_form"),
    ]

    @Test(arguments: forms)
    func formBodies(_ type: String?, _ body: String, _ status: Int, _ code: String) async throws {
        try await program(Self.routes).test(.router) { client in
            let headers: HTTPFields = type.map { [.contentType: $0] } ?? [:]
            let answer = try await client.execute(
                uri: "/form", method: .post, headers: headers, body: ByteBuffer(string: body))
            #expect(answer.status.code == status)
            if !code.isEmpty { #expect(text(answer).contains("\"code\":\"\(code)\"")) }
        }
    }

    @Test func bodiesWithoutLengthAreLimitedToo() async throws {
        try await program(Self.routes).test(.live) { client in
            let long = ByteBuffer(string: String(repeating: "a=1&", count: 99))
            let answer = try await client.execute(uri: "/form", method: .post, headers: formType, body: long)
            #expect(answer.status == .contentTooLarge)
        }
    }

    @Test func queriesPathsAndJSON() async throws {
        try await program(Self.routes).test(.router) { client in
            #expect(text(try await client.execute(uri: "/query?a=x%20y&b=", method: .get)) == #"["x y",""]"#)
            #expect(try await client.execute(uri: "/query?a=1&a=1", method: .get).status == .badRequest)
            #expect(text(try await client.execute(uri: "/people/%E1%9E%80", method: .get)) == "\"ក\"")
            for path in ["/people/%ZZ", "/people/%00", "/people/%C3", "/people/" + String(repeating: "x", count: 201)] {
                #expect(try await client.execute(uri: path, method: .get).status == .notFound, "\(path)")
            }
            #expect(try await client.execute(uri: "/number/12", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/number/x", method: .get).status == .notFound)
            let json: HTTPFields = [.contentType: "application/json"]
            for (body, status) in [
                (#"{"a":1}"#, 200), ("[1]", 400), (#"{"a":1,"a":2}"#, 400), ("{", 400),
                (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), 400),
                ("\"" + String(repeating: "x", count: 1000) + "\"", 413),
            ] {
                let answer = try await client.execute(
                    uri: "/json", method: .post, headers: json, body: ByteBuffer(string: body))
                #expect(answer.status.code == status, "\(body)")
            }
            let plain = try await client.execute(
                uri: "/json", method: .post, headers: [.contentType: "text/plain"], body: ByteBuffer(string: "{}"))
            #expect(plain.status == .unsupportedMediaType)
        }
    }

    @Test func forwardedAddressesNeedATrustedProxy() async throws {
        let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
        let loopback = try #require(AddressRange("127.0.0.0/8"))
        let inner = try #require(AddressRange("10.1.0.0/16"))
        for (proxies, header, expected) in [
            ([], "203.0.113.9", "127.0.0.1"), ([loopback], "203.0.113.9", "203.0.113.9"),
            ([loopback], "6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ([loopback, inner], "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
            ([loopback], "not an address", "127.0.0.1"),
        ] {
            try await program(proxies: proxies, Self.routes).test(.live) { client in
                let answer = try await client.execute(uri: "/address", method: .get, headers: [forwarded: header])
                #expect(text(answer) == "\"\(expected)\"")
            }
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("::1", "::1", true), ("2001:db8::/32", "2001:db8:1::9", true), ("2001:db8::/32", "2001:db9::1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("10.0.0.0/8", "::1", false), ("10.0.0.0/8", "rubbish", false),
    ])
    func addressRanges(_ range: String, _ address: String, _ isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isInside)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0", "1.2.3.4.5", "::1::", "g::", "10.0.0.0/x", "1.2.3.256", "1:2:3"])
    func malformedAddressRanges(_ text: String) { #expect(AddressRange(text) == nil) }

    enum Colour: String { case red, blue }

    @Test func readersCollectEveryRefusal() throws {
        let form = try FormDecoder.decode(
            Array("name=%01x&year=abc&day=2026-02-30&colour=green&long=aaaaaa&agree=on&empty=".utf8))
        var read = form.reader
        _ = read.text("name")
        _ = read.integer("year", in: 1900...2100)
        _ = read.date("day")
        let colour: Colour? = read.choice("colour")
        _ = read.text("long", maximum: 5)
        _ = read.text("missing")
        _ = read.text("empty")
        #expect(colour == nil && read.flag("agree") && !read.flag("other") && read.optionalText("empty") == nil)
        #expect(read.errors.map(\.field) == ["name", "year", "day", "colour", "long", "missing", "empty"])
        #expect(read.errors.allSatisfy { !$0.message.km.isEmpty && !$0.message.en.isEmpty })
        let final = read
        #expect(throws: RumdulError.invalidFields([])) { try final.finish() }
    }

    @Test(arguments: [
        ("/a", true), ("/a?b=c#d", true), ("//evil.example", false), ("/\\evil", false), ("https://evil", false),
        ("", false), ("/a\nb", false), ("/ក", false),
    ])
    func localRedirects(_ path: String, _ isLocal: Bool) { #expect(Redirect.isLocal(path) == isLocal) }

    @Test func redirectsKeepHeadersClean() {
        let answer = Redirect.seeOther("/ក\r\nSet-Cookie: a=b")
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/%E1%9E%80%0D%0ASet-Cookie:%20a=b")
    }
}
