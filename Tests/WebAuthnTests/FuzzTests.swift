import COSE
import Codecs
import Crypto
import Kernel
import TestVectors
import Testing

@testable import WebAuthn

/// Mutated input: never a crash, always one of our errors.
@Suite struct FuzzTests {
    /// Mutates bytes and expects a typed error or success each time.
    private func fuzz(
        _ good: [UInt8], seed: UInt64, rounds: Int, _ body: ([UInt8]) throws -> Void
    ) -> (accepted: Int, codes: Set<String>) {
        var random = Seeded(seed)
        var accepted = 0
        var codes: Set<String> = []
        for _ in 0..<rounds {
            let bytes = random.mutate(good)
            let result = code { try body(bytes) }
            if let result { codes.insert(result) } else { accepted += 1 }
        }
        return (accepted, codes)
    }

    private func expectTyped(_ codes: Set<String>) {
        #expect(codes.allSatisfy { $0.hasPrefix("webauthn.") }, "\(codes)")
    }

    private func object(_ forged: ForgedRegistration) throws -> [UInt8] { try forged.attestationObject() }

    @Test func attestationObjects() throws {
        var forged = try ForgedRegistration()
        forged.format = "packed"
        forged.statement = { forged, data, hash in ["alg": -7, "sig": .bytes(try forged.key.sign(data + hash))] }
        let party = forged.party
        let good = try forged.response()
        let result = fuzz(good.attestationObject, seed: 1, rounds: 4000) { bytes in
            var response = good
            response.attestationObject = bytes
            _ = try party.verify(response, forged.expectation, at: Times.now)
        }
        expectTyped(result.codes)
        #expect(result.codes.count > 4)
    }

    @Test func authenticatorData() throws {
        var forged = try ForgedRegistration()
        forged.flags.insert(.extensionData)
        forged.extensionData = ["credProtect": 2]
        expectTyped(fuzz(forged.authData, seed: 2, rounds: 6000) { _ = try AuthenticatorData($0) }.codes)
        let assertion = try ForgedAuthentication()
        let good = try assertion.response()
        let result = fuzz(good.authenticatorData, seed: 3, rounds: 3000) { bytes in
            guard bytes != good.authenticatorData else { return }
            var response = good
            response.authenticatorData = bytes
            _ = try assertion.party.verify(
                response, assertion.expectation, credential: assertion.record,
                userHandle: ForgedAuthentication.handle)
            Issue.record("a changed assertion was accepted")
        }
        expectTyped(result.codes)
    }

    @Test func clientData() throws {
        let assertion = try ForgedAuthentication()
        let good = try assertion.response()
        let result = fuzz(good.clientDataJSON, seed: 4, rounds: 4000) { bytes in
            guard bytes != good.clientDataJSON else { return }
            var response = good
            response.clientDataJSON = bytes
            _ = try assertion.party.verify(
                response, assertion.expectation, credential: assertion.record,
                userHandle: ForgedAuthentication.handle)
            Issue.record("changed client data were accepted")
        }
        expectTyped(result.codes)
    }

    @Test func signatures() throws {
        for algorithm in [COSEAlgorithm.es256, .edDSA, .rs256] {
            let assertion = try ForgedAuthentication(algorithm)
            let good = try assertion.response()
            let result = fuzz(good.signature, seed: 5, rounds: 800) { bytes in
                guard bytes != good.signature else { return }
                var response = good
                response.signature = bytes
                _ = try assertion.party.verify(
                    response, assertion.expectation, credential: assertion.record,
                    userHandle: ForgedAuthentication.handle)
                Issue.record("a changed signature was accepted")
            }
            #expect(result.codes == ["webauthn.signature"])
        }
    }

    @Test func tpmStructures() throws {
        let forged = try ForgedTPM()
        expectTyped(fuzz(try forged.publicArea(), seed: 6, rounds: 4000) { _ = try TPMPublicArea($0) }.codes)
        let rsa = try ForgedTPM(.rs256)
        expectTyped(fuzz(try rsa.publicArea(), seed: 7, rounds: 4000) { _ = try TPMPublicArea($0) }.codes)
        let info: [UInt8] =
            [0xFF, 0x54, 0x43, 0x47, 0x80, 0x17, 0, 1, 9, 0, 2, 1, 2]
            + [UInt8](repeating: 0, count: 25) + [0, 3, 0, 0x0B, 1, 0, 0]
        #expect(code { _ = try TPMAttestation(info) } == nil)
        expectTyped(fuzz(info, seed: 8, rounds: 4000) { _ = try TPMAttestation($0) }.codes)
        for length in 0..<info.count {
            #expect(code { _ = try TPMAttestation(Array(info.prefix(length))) } == "webauthn.attestation")
        }
    }

    @Test func tpmRegistrations() throws {
        var random = Seeded(9)
        let forged = try ForgedTPM(.es256, attester: .es256)
        for _ in 0..<150 {
            var subject = forged
            let (one, two) = (random.next(), random.next())
            subject.area = { bytes in
                var local = Seeded(one)
                return local.mutate(bytes)
            }
            subject.info = { bytes in
                var local = Seeded(two)
                return local.mutate(bytes)
            }
            let changed = subject
            let result = code { _ = try changed.verify() }
            #expect(result?.hasPrefix("webauthn.attestation") ?? true)
        }
    }

    @Test func keyDescriptions() {
        let good = ForgedKeyDescription().der
        let result = fuzz(good, seed: 10, rounds: 6000) { _ = try KeyDescription(der: $0) }
        #expect(result.codes == ["webauthn.key_description"])
        for length in 0..<good.count {
            #expect(code { _ = try KeyDescription(der: Array(good.prefix(length))) } == "webauthn.key_description")
        }
    }

    @Test func certificates() throws {
        let leaf = try ForgedTPM().leaf.signed(by: ForgedCertificate.name(), ForgedKey(.es256))
        let result = fuzz(leaf.der, seed: 11, rounds: 3000) { bytes in
            let certificate = try AttestationCertificate(der: bytes)
            _ = try? certificate.constraints()
            _ = certificate.keyMaterial
            _ = certificate.keyIdentifier
            _ = (certificate.notBefore, certificate.notAfter, certificate.serialNumber)
            try CertificatePath(roots: [leaf]).validate([certificate], at: Times.now)
        }
        expectTyped(result.codes)
    }

    @Test func appAttestStatements() throws {
        let forged = try ForgedAppAttest()
        let good = try forged.statement()
        let result = fuzz(good, seed: 12, rounds: 1500) { bytes in
            _ = try forged.judge.verify(
                attestation: bytes, keyID: forged.keyID, clientDataHash: forged.hash, at: Times.now)
        }
        expectTyped(result.codes)
    }

    @Test func browserJSON() throws {
        let good = JSON.bytes(try ForgedRegistration().json())
        var random = Seeded(13)
        for _ in 0..<2000 {
            guard let json = try? JSON.parseObject(random.mutate(good)) else { continue }
            let result = code { _ = try RegistrationResponse(json: json) }
            #expect(result?.hasPrefix("webauthn.") ?? true)
        }
    }

    @Test func randomBytes() {
        var random = Seeded(14)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            for result in [
                code { _ = try AttestationObject(bytes) }, code { _ = try AuthenticatorData(bytes) },
                code { _ = try ClientData(bytes) }, code { _ = try TPMPublicArea(bytes) },
                code { _ = try TPMAttestation(bytes) }, code { _ = try KeyDescription(der: bytes) },
                code { _ = try AttestationCertificate(der: bytes) },
            ] {
                #expect(result?.hasPrefix("webauthn.") ?? true)
            }
        }
    }
}
