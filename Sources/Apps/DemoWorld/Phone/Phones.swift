import Codecs
import DeviceKit
import Foundation
import Kernel

/// The phones of the simulator: one for each browser, each with a folder of its own for its keys.
struct Phones: Sendable {
    /// The folder in which the folders of the phones lie.
    let folder: String
    /// The provider.
    let issuer: String
    let transport: any DeviceTransport
    let ambient: Ambient

    /// One phone.
    struct Phone: Sendable {
        let id: String
        let folder: String
        let authenticator: Authenticator
        let records: FileEnrolmentStore
    }

    /// A new name for a phone.
    func newID() -> String { Hex.encode(ambient.randomBytes(16)) }

    /// The phone of a name from a cookie; `nil` for a name that ``newID()`` cannot have made.
    func phone(_ id: String?) -> Phone? {
        guard let id, id.utf8.count == 32, id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        let place = folder + "/" + id
        return Phone(
            id: id, folder: place,
            authenticator: Authenticator(folder: place, transport: transport, ambient: ambient),
            records: FileEnrolmentStore(folder: place, ambient: ambient))
    }

    /// The enrolment of a phone, or `nil` before it. When the demonstration has moved to another port since, the record
    /// follows.
    func enrolment(of phone: Phone) throws -> EnrolmentRecord? {
        guard var record = try phone.records.load() else { return nil }
        let present = try ServerURL(issuer)
        if record.issuer != present || record.server != present {
            record.issuer = present
            record.server = present
            try phone.records.save(record)
        }
        return record
    }

    /// Keeps the six digits for the time until the officer has compared them.
    func remember(comparison: String, of phone: Phone) {
        _ = FileManager.default.createFile(
            atPath: phone.folder + "/comparison", contents: Data(comparison.utf8),
            attributes: [.posixPermissions: 0o600])
    }

    /// The six digits that were kept.
    func comparison(of phone: Phone) -> String? {
        FileManager.default.contents(atPath: phone.folder + "/comparison").map {
            String(decoding: $0.prefix(6), as: UTF8.self)
        }
    }

    /// Destroys the keys of a phone.
    func forget(_ phone: Phone) async {
        try? await phone.authenticator.forget()
        try? FileManager.default.removeItem(atPath: phone.folder)
    }
}
