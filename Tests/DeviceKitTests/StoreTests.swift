import DeviceKit
import Foundation
import JOSE
import Kernel
import Testing

@Suite struct StoreTests {
    @Test(arguments: [nil, "correct horse"])
    func keepsKeyAndSecret(_ passphrase: String?) async throws {
        let folder = TemporaryFolder()
        let store = SoftwareKeyStore(folder: folder.path, passphrase: passphrase)
        let key = try await store.create()
        let again = SoftwareKeyStore(folder: folder.path, passphrase: passphrase)
        #expect(try await again.publicKey() == key)
        #expect(try await again.deviceSecret() == store.deviceSecret())
        #expect(try await again.deviceSecret().count == 32)
        let signature = try await again.sign([1, 2, 3])
        #expect(try VerificationKey(key).isValid(signature, for: [1, 2, 3], algorithm: .es256))
        #expect(!(try VerificationKey(key).isValid(signature, for: [1, 2, 4], algorithm: .es256)))
    }

    @Test func filesAreTheOwnersAlone() async throws {
        let world = World()
        _ = try await world.ready()
        for name in ["", "/keys.json", "/enrolment.json"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: world.folder.path + name)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
            #expect(mode == (name.isEmpty ? 0o700 : 0o600))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder.path).count == 2)
    }

    @Test func aFileOthersCanReadIsRefused() async throws {
        let folder = TemporaryFolder()
        _ = try await SoftwareKeyStore(folder: folder.path).create()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path + "/keys.json")
        let refused = await code { _ = try await SoftwareKeyStore(folder: folder.path).publicKey() }
        #expect(refused == "device.store_exposed")
    }

    @Test func aSealedFileNeedsItsPassphrase() async throws {
        let folder = TemporaryFolder()
        let store = SoftwareKeyStore(folder: folder.path, passphrase: "one")
        _ = try await store.create()
        for passphrase in [nil, "two", ""] {
            let refused = await code {
                _ = try await SoftwareKeyStore(folder: folder.path, passphrase: passphrase).deviceSecret()
            }
            #expect(refused == "device.store_locked")
        }
        let text = try String(contentsOfFile: folder.path + "/keys.json", encoding: .utf8)
        #expect(!text.contains("device_key") && !text.contains("device_secret"))
    }

    @Test func deletedKeysAreGone() async throws {
        let folder = TemporaryFolder()
        let store = SoftwareKeyStore(folder: folder.path)
        _ = try await store.create()
        try await store.delete()
        try await store.delete()
        #expect(await code { _ = try await store.sign([1]) } == "device.not_enrolled")
    }

    @Test func forgettingEndsTheEnrolment() async throws {
        let world = World()
        let authenticator = try await world.ready()
        try await authenticator.forget()
        #expect(await code { _ = try await world.authenticator.status() } == "device.not_enrolled")
    }

    @Test(arguments: ["keys.json", "enrolment.json"])
    func damagedFilesGiveAClearError(_ name: String) async throws {
        let world = World()
        _ = try await world.ready()
        let path = world.folder.path + "/" + name
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SeededGenerator(41)
        for _ in 0..<400 {
            var bytes = original
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(Int.random(in: bytes.indices, using: &generator)...)
            default:
                bytes.insert(
                    UInt8.random(in: 0...255, using: &generator), at: Int.random(in: bytes.indices, using: &generator))
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            let found = await code { _ = try await world.authenticator.status() }
            let expected: Set<String?> = [
                nil, "device.store_damaged", "device.server_url", "device.proof_invalid", "device.answer_malformed",
            ]
            #expect(expected.contains(found), "\(found ?? "")")
        }
    }
}
