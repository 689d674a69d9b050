import Codecs
import Kernel

/// What a device remembers of its enrolment. No secret, and on purpose not the public half of the PIN key.
public struct EnrolmentRecord: Sendable, Hashable {
    /// The issuer that every signature names as its audience.
    public var issuer: ServerURL
    /// Where requests go; the issuer itself unless the server is reached by another way.
    public var server: ServerURL
    /// The server's name for this device.
    public var deviceID: String
    /// The name the person gave the device.
    public var name: String
    /// When the device enrolled.
    public var enrolledAt: Instant

    public init(issuer: ServerURL, server: ServerURL, deviceID: String, name: String, enrolledAt: Instant) {
        self.issuer = issuer
        self.server = server
        self.deviceID = deviceID
        self.name = name
        self.enrolledAt = enrolledAt
    }
}

/// Keeps one enrolment record.
public protocol EnrolmentStore: Sendable {
    /// The record, or `nil` before enrolment.
    func load() async throws -> EnrolmentRecord?
    /// Keeps a record in place of the one before.
    func save(_ record: EnrolmentRecord) async throws
    /// Forgets the record; nothing happens when there is none.
    func delete() async throws
}

/// The record in `enrolment.json`, mode 0600, in the folder of the enrolment.
public struct FileEnrolmentStore: EnrolmentStore {
    private let path: String
    private let ambient: Ambient

    /// - Parameter folder: the folder of this enrolment, the same as that of ``SoftwareKeyStore``.
    public init(folder: String, ambient: Ambient = .system) {
        path = folder + "/enrolment.json"
        self.ambient = ambient
    }

    public func load() throws -> EnrolmentRecord? {
        guard let bytes = try PrivateFile.read(path) else { return nil }
        guard let file = try? JSON.parseObject(bytes), file.integer("version") == 1,
            let issuer = try file.string("issuer").map({ try ServerURL($0) }),
            let server = try file.string("server").map({ try ServerURL($0) }),
            let deviceID = file.string("device_id"), let name = file.string("name"),
            let enrolledAt = file.integer("enrolled_at")
        else { throw RumdulError.storeDamaged("enrolment file") }
        return EnrolmentRecord(
            issuer: issuer, server: server, deviceID: deviceID, name: name, enrolledAt: Instant(seconds: enrolledAt))
    }

    public func save(_ record: EnrolmentRecord) throws {
        let file: JSONObject = [
            "version": 1, "issuer": .string(record.issuer.text), "server": .string(record.server.text),
            "device_id": .string(record.deviceID), "name": .string(record.name),
            "enrolled_at": .integer(record.enrolledAt.seconds),
        ]
        try PrivateFile.write(JSON.bytes(file), to: path, ambient: ambient)
    }

    public func delete() throws { try PrivateFile.remove(path) }
}
