import Codecs
import Foundation
import Kernel

/// An invented person whom the story or a test can use.
public struct SamplePerson: Sendable, Hashable {
    /// Ten digits, the first a 0.
    public let kidc: String
    public let nameKhmer: String
    public let nameLatin: String
    /// ISO 8601.
    public let birthdate: String
    /// Place code of the province.
    public let province: String
    /// `male` or `female`.
    public let gender: String

    var json: JSONValue {
        [
            "kidc": .string(kidc), "name_km": .string(nameKhmer), "name_latin": .string(nameLatin),
            "birthdate": .string(birthdate), "province": .string(province), "gender": .string(gender),
        ]
    }

    init(
        kidc: String, nameKhmer: String, nameLatin: String, birthdate: String, province: String, gender: String
    ) {
        self.kidc = kidc
        self.nameKhmer = nameKhmer
        self.nameLatin = nameLatin
        self.birthdate = birthdate
        self.province = province
        self.gender = gender
    }

    init?(_ json: JSONValue) {
        guard let object = json.objectValue, let kidc = object.string("kidc"), let khmer = object.string("name_km"),
            let latin = object.string("name_latin"), let birthdate = object.string("birthdate"),
            let province = object.string("province"), let gender = object.string("gender")
        else { return nil }
        self.init(
            kidc: kidc, nameKhmer: khmer, nameLatin: latin, birthdate: birthdate, province: province, gender: gender)
    }
}

/// A relying party of the demonstration as it is kept for whoever tests with it.
public struct DemoClient: Sendable, Hashable {
    public var clientID: String
    public var secret: String
    public var redirectURIs: [String]
    /// The private key for encrypted userinfo, if there is one.
    public var privateKey: JSONObject?

    var json: JSONValue {
        var object: JSONObject = [
            "client_id": .string(clientID), "client_secret": .string(secret), "redirect_uris": .strings(redirectURIs),
        ]
        if let privateKey { object["private_jwk"] = .object(privateKey) }
        return .object(object)
    }

    init(clientID: String, secret: String, redirectURIs: [String], privateKey: JSONObject? = nil) {
        self.clientID = clientID
        self.secret = secret
        self.redirectURIs = redirectURIs
        self.privateKey = privateKey
    }

    init?(_ json: JSONValue) {
        guard let object = json.objectValue, let id = object.string("client_id"),
            let secret = object.string("client_secret"), let uris = object.strings("redirect_uris")
        else { return nil }
        self.init(clientID: id, secret: secret, redirectURIs: uris, privateKey: object.object("private_jwk"))
    }
}

/// What stands in `demo.json` in the data folder: everything that a person or a program needs to play the story. All of
/// it is synthetic, so it may lie in a file.
public struct DemoRecord: Sendable {
    /// The seed of the people.
    public var seed: UInt64
    /// The provider's base URL and issuer.
    public var provider = ""
    /// The first page of the story.
    public var start = ""
    public var phone = ""
    public var bank = ""
    public var people: [SamplePerson] = []
    /// By client identifier.
    public var clients: [DemoClient] = []
    /// How many invented births and deaths are registered. Each entered one person.
    public var events = 0

    /// A record without addresses and people.
    public init(seed: UInt64) { self.seed = seed }

    /// The client with an identifier.
    public func client(_ id: String) -> DemoClient? { clients.first { $0.clientID == id } }

    mutating func set(_ client: DemoClient) {
        clients.removeAll { $0.clientID == client.clientID }
        clients.append(client)
    }

    /// The file as JSON.
    public var json: JSONObject {
        [
            "synthetic": true,
            "note": "Invented people and open passwords of a demonstration. Never use them for anything real.",
            "seed": .string(String(seed)), "provider": .string(provider), "start_url": .string(start),
            "phone_url": .string(phone), "bank_url": .string(bank),
            "officers": .array(DemoOfficer.all.map(\.json)), "persons": .array(people.map(\.json)),
            "events": .integer(Int64(events)),
            "clients": .object(JSONObject(clients.map { ($0.clientID, $0.json) })),
        ]
    }

    /// Reads a file, or gives `nil` when there is none. Throws `demo.file` for a damaged one.
    static func load(_ path: String) throws -> DemoRecord? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let object = try? JSON.parseObject([UInt8](data)), let seed = object.string("seed").flatMap(UInt64.init)
        else { throw RumdulError.demoFile("not the file of a demonstration") }
        var record = DemoRecord(seed: seed)
        record.provider = object.string("provider") ?? ""
        record.start = object.string("start_url") ?? ""
        record.phone = object.string("phone_url") ?? ""
        record.bank = object.string("bank_url") ?? ""
        record.people = (object.array("persons") ?? []).compactMap(SamplePerson.init)
        record.clients = (object.object("clients")?.members ?? []).compactMap { DemoClient($0.value) }
        record.events = Int(object.integer("events") ?? 0)
        return record
    }

    /// Writes the file, mode 0600, whole or not at all.
    func save(_ path: String) throws {
        let temporary = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(JSON.bytes(json) + [10]), attributes: [.posixPermissions: 0o600]),
            rename(temporary, path) == 0
        else { throw RumdulError.demoFile("errno \(errno)") }
    }
}
