import Kernel
import Testing

@testable import KeyVault

@Suite struct EnvelopeTests {
    private let person = PersonID("0196f0c8-5a00-7000-8000-000000000001")
    private let other = PersonID("0196f0c8-5a00-7000-8000-000000000002")

    @Test func fieldsOpenOnlyInTheirPlace() async throws {
        let vault = try FileKeyVault.ephemeral()
        let envelope = Envelope(vault: vault, ambient: .system)
        let wrapped = try await envelope.newDataKey()
        let name = Envelope.context(person: person, field: "name")
        let sealed = try await envelope.seal(Array("សុខ".utf8), wrapped: wrapped, context: name)
        #expect(try await envelope.open(sealed, wrapped: wrapped, context: name) == Array("សុខ".utf8))
        for context in [
            Envelope.context(person: person, field: "birthdate"), Envelope.context(person: other, field: "name"), [],
        ] {
            #expect(
                await errorCode { try await envelope.open(sealed, wrapped: wrapped, context: context) }
                    == "keyvault.seal")
        }
        let foreign = try await envelope.newDataKey()
        #expect(
            await errorCode { try await envelope.open(sealed, wrapped: foreign, context: name) } == "keyvault.seal")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x40
            #expect(
                await errorCode { try await envelope.open(changed, wrapped: wrapped, context: name) }
                    == "keyvault.seal")
        }
    }

    @Test func manyFieldsWithOneUnwrapping() async throws {
        let envelope = Envelope(vault: try FileKeyVault.ephemeral(), ambient: .system)
        let key = try await envelope.dataKey(envelope.newDataKey())
        let sealed = try (0..<20).map { field in
            try key.seal([UInt8(field)], context: Envelope.context(person: person, field: "f\(field)"))
        }
        for (field, bytes) in sealed.enumerated() {
            #expect(bytes.count == 1 + DataKey.overhead)
            let context = Envelope.context(person: person, field: "f\(field)")
            #expect(try key.open(bytes, context: context) == [UInt8(field)])
        }
    }

    @Test func contextsAreUnambiguous() {
        let left = Envelope.context(person: PersonID("ab"), field: "c")
        #expect(left != Envelope.context(person: PersonID("a"), field: "bc"))
    }

    @Test func dataKeysMoveToTheNewMasterKey() async throws {
        let vault = try FileKeyVault.ephemeral()
        let envelope = Envelope(vault: vault, ambient: .system)
        let wrapped = try await envelope.newDataKey()
        let sealed = try await envelope.seal([1], wrapped: wrapped, context: [])
        #expect(try await envelope.rewrap(wrapped) == nil)
        let old = try await vault.activeKey(.personalData)
        _ = try await vault.create(.personalData, .aes256gcm, state: .active)
        #expect(try await envelope.open(sealed, wrapped: wrapped, context: []) == [1])
        let moved = try #require(try await envelope.rewrap(wrapped))
        try await vault.setState(old.id, .destroyed)
        #expect(try await envelope.open(sealed, wrapped: moved, context: []) == [1])
        #expect(await errorCode { try await envelope.open(sealed, wrapped: wrapped, context: []) } == "keyvault.seal")
    }

    @Test func blindIndexSeparatesDomainsAndVaults() async throws {
        let vault = try FileKeyVault.ephemeral()
        let index = BlindIndex(vault: vault)
        let tag = try await index.tag("2345678901", domain: "person.kidc")
        #expect(tag.count == 32)
        #expect(try await index.tag("2345678901", domain: "person.kidc") == tag)
        #expect(try await index.tag("2345678901", domain: "person.vid") != tag)
        #expect(try await index.tag("2345678902", domain: "person.kidc") != tag)
        #expect(try await index.tag("bc", domain: "a") != index.tag("c", domain: "ab"))
        #expect(try await BlindIndex(vault: FileKeyVault.ephemeral()).tag("2345678901", domain: "person.kidc") != tag)
    }
}
