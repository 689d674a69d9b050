import Codecs
import Testing

@testable import RumdulServer

@Suite("The description of what programs call")
struct OpenAPITests {
    private static func document(_ services: Set<Configuration.Service>) throws -> JSONObject {
        try JSON.parseObject(OpenAPIDocument.bytes(baseURL: "https://id.example", services: services))
    }

    @Test func onlyWhatThisNodeServes() throws {
        let all = try #require(try Self.document(Set(Configuration.Service.allCases)).object("paths"))
        #expect(all["/token"] != nil && all["/device/v1/self"] != nil && all["/.well-known/ledger-keys"] != nil)
        let citizen = try #require(try Self.document([.citizen]).object("paths"))
        #expect(citizen.names == ["/.well-known/ledger-keys"])
        let enrolment = try #require(try Self.document([.enrolment]).object("paths"))
        #expect(
            enrolment.names == ["/device/v1/activations", "/device/v1/self", "/device/v1/pin", "/device/v1/duress-pin"])
    }

    @Test func everyReferenceHasItsSchemaAndEveryOperationItsName() throws {
        let document = try Self.document(Set(Configuration.Service.allCases))
        let schemas = try #require(document.object("components")?.object("schemas"))
        var names: [String] = []
        var references: Set<String> = []
        func look(_ value: JSONValue) {
            if let object = value.objectValue {
                if let reference = object.string("$ref") { references.insert(reference) }
                if let name = object.string("operationId") { names.append(name) }
                for member in object.names { look(object[member] ?? .null) }
            }
            for item in value.arrayValue ?? [] { look(item) }
        }
        look(.object(document))
        #expect(references == Set(schemas.names.map { "#/components/schemas/" + $0 }))
        #expect(Set(names).count == names.count && names.count == 90)
    }
}
