import Kernel
import Testing

@testable import KeyVault

@Suite struct SharedFileTests {
    @Test func twoProcessesShareOneFile() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let clock = TestClock()
            let one = try await FileKeyVault.open(
                path: path, secret: passphrase, ambient: clock.ambient, cost: .testing)
            try await one.ensure([.oidcSigning, .sealing])
            let two = try await FileKeyVault.open(path: path, secret: passphrase, ambient: clock.ambient)

            // A key that is not known is looked for in the file at once.
            let new = try await one.create(.sealing, .aes256gcm, state: .active)
            let sealed = try await one.seal([5], purpose: .sealing, context: [])
            #expect(try await two.open(sealed, purpose: .sealing, context: []) == [5])
            #expect(try await two.activeKey(.sealing).id == new.id)

            // Writers build on what the other wrote.
            let third = try await two.create(.oidcSigning, .eddsa, state: .active)
            let fourth = try await one.create(.oidcSigning, .es384, state: .active)
            clock.advance(seconds: 3)
            for vault in [one, two] {
                let ids = try await vault.keys(.oidcSigning).map(\.id)
                #expect(ids.count == 3 && ids.contains(third.id) && ids.contains(fourth.id))
            }
        }
    }

    @Test func concurrentWritersLoseNothing() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let vaults = [
                try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing),
                try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<24 {
                    let vault = vaults[index % 2]
                    group.addTask { _ = try await vault.create(.sealing, .aes256gcm, state: .prePublished) }
                }
                try await group.waitForAll()
            }
            let fresh = try await FileKeyVault.open(path: path, secret: passphrase)
            #expect(try await fresh.keys(.sealing).count == 24)
        }
    }

    @Test func anOlderFileIsNotBuiltUpon() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let vault = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            try await vault.ensure([.mac])
            let old = try #require(try SecretFile.read(path, limit: VaultFile.maximumSize))
            try await vault.ensure([.sealing])
            try SecretFile.replace(path, with: old)
            #expect(await errorCode { try await vault.ensure([.blindIndex]) } == "keyvault.format")
            // What is in memory still works.
            _ = try await vault.seal([1], purpose: .sealing, context: [])
        }
    }
}
