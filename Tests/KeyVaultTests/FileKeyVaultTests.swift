import Foundation
import JOSE
import Kernel
import Testing

@testable import KeyVault

@Suite struct FileKeyVaultTests {
    @Test(arguments: KeyAlgorithm.allCases.filter { $0.use == .signature })
    func signaturesVerifyWithThePublishedKey(algorithm: KeyAlgorithm) async throws {
        let vault = try FileKeyVault.ephemeral(purposes: [])
        let key = try await vault.create(.oidcSigning, algorithm, state: .active)
        let jwk = try #require(key.publicKey)
        #expect(key.id == jwk.thumbprintText)
        #expect(jwk.keyID == key.id && jwk.use == "sig" && jwk.algorithm == algorithm.jws?.rawValue && !jwk.isSecret)
        let compact = try await JWSProducer(signer: vault.signer(key)).sign(Array("hello".utf8))
        let jws = try JWS.verify(compact, algorithms: [try #require(algorithm.jws)], key: VerificationKey(jwk))
        #expect(jws.payload == Array("hello".utf8))
    }

    @Test func everythingSurvivesClosingAndOpening() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let first = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            try await first.ensure(KeyPurpose.all)
            _ = try await first.create(.oidcSigning, .rs256, state: .active)
            _ = try await first.create(.oidcSigning, .eddsa, state: .prePublished)
            _ = try await first.create(.oidcSigning, .es384, state: .active)
            let sealed = try await first.seal([1, 2, 3], purpose: .sealing, context: [9])
            let tag = try await first.mac([4], purpose: .mac)

            let second = try await FileKeyVault.open(path: path, secret: passphrase, create: false)
            for purpose in KeyPurpose.all {
                #expect(try await second.keys(purpose) == first.keys(purpose))
                #expect(try await second.activeKey(purpose) == first.activeKey(purpose))
            }
            #expect(try await second.keys(.oidcSigning).count == 4)
            #expect(try await second.open(sealed, purpose: .sealing, context: [9]) == [1, 2, 3])
            #expect(try await second.mac([4], purpose: .mac) == tag)
            let key = try await second.activeKey(.oidcSigning, .rs256)
            let statement = try await JWSProducer(signer: second.signer(key)).sign([7])
            let jwk = try #require(try await first.key(id: key.id)?.publicKey)
            #expect(try JWS.verify(statement, algorithms: [.rs256], key: VerificationKey(jwk)).payload == [7])
        }
    }

    @Test func fileIsPrivateAndRefusedWhenOthersMayReadIt() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let vault = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            try await vault.ensure([.mac])
            #expect(try mode(path) == 0o600)
            for wrong in [0o644, 0o640, 0o606] {
                chmod(path, mode_t(wrong))
                let code = await errorCode { try await FileKeyVault.open(path: path, secret: passphrase) }
                #expect(code == "keyvault.permissions")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["keys", "keys.lock"])
        }
    }

    @Test func wrongSecretsAreToldClearly() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            _ = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            let wrong = await errorCode {
                try await FileKeyVault.open(path: path, secret: .passphrase("correct horse battery stable"))
            }
            #expect(wrong == "keyvault.secret")
            try KeyFile.createIfMissing(at: folder + "/key", ambient: .system)
            let kind = await errorCode { try await FileKeyVault.open(path: path, secret: .keyFile(folder + "/key")) }
            #expect(kind == "keyvault.secret")
            let short = await errorCode {
                try await FileKeyVault.open(path: folder + "/new", secret: .passphrase("short"), cost: .testing)
            }
            #expect(short == "keyvault.secret")
            let missing = await errorCode {
                try await FileKeyVault.open(path: folder + "/none", secret: passphrase, create: false)
            }
            #expect(missing == "keyvault.unavailable")
        }
    }

    @Test func keyFileOpensWithoutPassphrase() async throws {
        try await withFolder { folder in
            let keyFile = folder + "/key"
            #expect(try KeyFile.createIfMissing(at: keyFile, ambient: .system))
            #expect(try !KeyFile.createIfMissing(at: keyFile, ambient: .system))
            #expect(try mode(keyFile) == 0o600)
            let vault = try await FileKeyVault.open(path: folder + "/keys", secret: .keyFile(keyFile))
            try await vault.ensure([.mac])
            let tag = try await vault.mac([1], purpose: .mac)
            let again = try await FileKeyVault.open(path: folder + "/keys", secret: .keyFile(keyFile))
            #expect(try await again.mac([1], purpose: .mac) == tag)

            try KeyFile.createIfMissing(at: folder + "/other", ambient: .system)
            let wrong = await errorCode {
                try await FileKeyVault.open(path: folder + "/keys", secret: .keyFile(folder + "/other"))
            }
            #expect(wrong == "keyvault.secret")
            chmod(keyFile, 0o644)
            let open = await errorCode {
                try await FileKeyVault.open(path: folder + "/keys", secret: .keyFile(keyFile))
            }
            #expect(open == "keyvault.permissions")
        }
    }

    @Test func anotherSecretTakesOver() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let vault = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            try await vault.ensure([.mac])
            let tag = try await vault.mac([1], purpose: .mac)
            try await vault.changeSecret(to: .passphrase("a quite different passphrase"), cost: .testing)
            try await vault.ensure([.sealing])
            let code = await errorCode { try await FileKeyVault.open(path: path, secret: passphrase) }
            #expect(code == "keyvault.secret")
            let again = try await FileKeyVault.open(path: path, secret: .passphrase("a quite different passphrase"))
            #expect(try await again.mac([1], purpose: .mac) == tag)
            #expect(try await again.keys(.sealing).count == 1)
        }
    }

    @Test func ensureMakesOnlyWhatIsMissing() async throws {
        try await withFolder { folder in
            let path = folder + "/keys"
            let vault = try await FileKeyVault.open(path: path, secret: passphrase, cost: .testing)
            try await vault.ensure(KeyPurpose.all)
            let before = SecretFile.stamp(path)
            try await vault.ensure(KeyPurpose.all)
            #expect(SecretFile.stamp(path) == before)
            try await vault.ensure([(.oidcSigning, .es256), (.oidcSigning, .ps256)])
            #expect(try await vault.keys(.oidcSigning).count == 2)
            #expect(try await vault.activeKey(.oidcSigning).algorithm == .es256)
        }
    }

    @Test func purposesKeepTheirKeys() async throws {
        let vault = try FileKeyVault.ephemeral()
        #expect(await errorCode { try await vault.create(.mac, .es256, state: .active) } == "keyvault.algorithm")
        let macKey = await errorCode { try await vault.create(.oidcSigning, .hmacSHA256, state: .active) }
        #expect(macKey == "keyvault.algorithm")
        #expect(
            await errorCode { try await vault.create(KeyPurpose(rawValue: "Bad Name"), .es256, state: .active) }
                == "keyvault.algorithm")
        let own = KeyPurpose(rawValue: "seal-documents")
        #expect(await errorCode { try await vault.activeKey(own, nil) } == "keyvault.no_key")
        #expect(try await vault.create(own, .es384, state: .active) == vault.activeKey(own, nil))
        let sealed = try await vault.seal([1], purpose: .sealing, context: [])
        let foreign = await errorCode { try await vault.open(sealed, purpose: .personalData, context: []) }
        #expect(foreign == "keyvault.seal")
        let signing = try await vault.activeKey(.oidcSigning)
        #expect(await errorCode { try await vault.mac([1], purpose: .mac, keyID: signing.id) } == "keyvault.no_key")
    }

    @Test func sealedBytesBindContextAndEveryByte() async throws {
        let vault = try FileKeyVault.ephemeral(purposes: [.sealing])
        var generator = SeededGenerator(seed: 11)
        for length in [0, 1, 15, 16, 17, 1000] {
            let plaintext = generator.bytes(length)
            let sealed = try await vault.seal(plaintext, purpose: .sealing, context: [1, 2])
            #expect(sealed.count == length + SealedBytes.overhead)
            #expect(try await vault.open(sealed, purpose: .sealing, context: [1, 2]) == plaintext)
            let other = await errorCode { try await vault.open(sealed, purpose: .sealing, context: [1]) }
            #expect(other == "keyvault.seal")
            for index in sealed.indices where index < 40 || index % 37 == 0 {
                var changed = sealed
                changed[index] ^= 1
                #expect(
                    await errorCode { try await vault.open(changed, purpose: .sealing, context: [1, 2]) }
                        == "keyvault.seal")
                let short = Array(sealed[..<index])
                #expect(
                    await errorCode { try await vault.open(short, purpose: .sealing, context: [1, 2]) }
                        == "keyvault.seal")
            }
        }
    }

    @Test func statementsAreCheckedByPurposeAndType() async throws {
        let vault = try FileKeyVault.ephemeral()
        let made = try await vault.signStatement([1, 2], purpose: .ledgerCheckpoint, type: "test+jws")
        let read = try await vault.checkStatement(made.compact, purpose: .ledgerCheckpoint, type: "test+jws")
        #expect(read == made)
        #expect(
            await errorCode {
                try await vault.checkStatement(made.compact, purpose: .consentReceipt, type: "test+jws")
            } == "keyvault.no_key")
        #expect(
            await errorCode {
                try await vault.checkStatement(made.compact, purpose: .ledgerCheckpoint, type: "other+jws")
            } == "keyvault.seal")
        let other = try FileKeyVault.ephemeral()
        #expect(
            await errorCode {
                try await other.checkStatement(made.compact, purpose: .ledgerCheckpoint, type: "test+jws")
            } == "keyvault.no_key")
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }
}
