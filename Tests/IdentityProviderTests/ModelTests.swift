import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import IdentityProvider

@Suite("Levels of assurance")
struct AssurancePolicyTests {
    private static let factors = AuthenticationFactor.allCases
    private static let subsets: [Set<AuthenticationFactor>] = (0..<(1 << factors.count)).map { bits in
        Set(factors.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
    }

    @Test func moreFactorsNeverReachLess() {
        for subset in Self.subsets {
            let rank = AssurancePolicy.scheme.reached(by: subset, highestRank: nil)?.rank ?? 0
            for factor in Self.factors {
                let more = AssurancePolicy.scheme.reached(by: subset.union([factor]), highestRank: nil)?.rank ?? 0
                #expect(more >= rank)
            }
        }
    }

    @Test func aPINWithASoftwareKeyIsTheFirstLevelAndSaysSo() {
        let factors: Set<AuthenticationFactor> = [.pin, .possession, .softwareKey]
        #expect(AssurancePolicy.scheme.reached(by: factors, highestRank: nil)?.acr == "urn:kh:camdigikey:aal:1")
        #expect(AssurancePolicy.methods(factors) == ["pin", "pop", "swk", "mfa"])
    }

    @Test func aPasskeyReachesTheSecondLevelAtMost() {
        let used: Set<AuthenticationFactor> = [.possession, .userPresence, .phishingResistant, .hardwareKey]
        #expect(AssurancePolicy.scheme.reached(by: used, highestRank: nil)?.rank == 1)
        let verified = used.union([.userVerification])
        #expect(AssurancePolicy.scheme.reached(by: verified, highestRank: nil)?.rank == 2)
        #expect(AssurancePolicy.methods(verified) == ["pop", "hwk", "user", "phr", "mfa"])
    }

    @Test func higherLevelsNeedHardwareAndABiometricOrAPasskey() {
        for subset in Self.subsets {
            guard let level = AssurancePolicy.scheme.reached(by: subset, highestRank: nil), level.rank >= 2 else {
                continue
            }
            let biometric = !subset.isDisjoint(with: [.fingerprint, .face, .biometric])
            let device = biometric && subset.isSuperset(of: [.hardwareKey, .possession])
            let passkey = subset.isSuperset(of: [.possession, .userVerification, .phishingResistant])
            #expect(device || (passkey && level.rank == 2))
            if level.rank == 3 { #expect(subset.contains(.pin)) }
        }
        #expect(AssurancePolicy.scheme.reached(by: [], highestRank: nil) == nil)
        #expect(AssurancePolicy.scheme.reached(by: [.possession, .hardwareKey], highestRank: nil) == nil)
    }

    @Test func mfaMeansTwoKindsOfFactor() {
        for subset in Self.subsets {
            let kinds = [
                subset.contains(.pin), subset.contains(.possession),
                !subset.isDisjoint(with: [.face, .fingerprint, .biometric, .userVerification]),
            ].filter { $0 }.count
            #expect(AssurancePolicy.methods(subset).contains("mfa") == (kinds >= 2))
            // What verified a passkey's user, or unlocked an attested key, has no name of its own.
            #expect(
                AssurancePolicy.methods(subset).filter { $0 != "mfa" }.count
                    == subset.subtracting([.userVerification, .biometric]).count)
        }
    }

    @Test func anAttestedKeyBehindAFingerReachesTheThirdLevelWithThePIN() {
        let policy = AssurancePolicy.scheme
        let key: Set<AuthenticationFactor> = [.possession, .hardwareKey, .biometric]
        #expect(policy.reached(by: key, highestRank: nil)?.rank == 2)
        #expect(policy.reached(by: key.union([.pin]), highestRank: nil)?.rank == 3)
        #expect(policy.reached(by: [.possession, .hardwareKey, .pin], highestRank: nil)?.rank == 1)
    }

    /// Whatever the table says, a key in software stays below the third level, unless the operator trusts software.
    @Test func softwareIsCapped() {
        let table = [
            AssurancePolicy.Level(acr: "1", rank: 1, anyOf: [[.pin]]),
            AssurancePolicy.Level(acr: "2", rank: 2, anyOf: [[.pin]]),
            AssurancePolicy.Level(acr: "3", rank: 3, anyOf: [[.pin]]),
        ]
        var policy = AssurancePolicy(levels: table)
        #expect(policy.reached(by: [.pin, .softwareKey], highestRank: nil)?.rank == 2)
        #expect(policy.reached(by: [.pin, .softwareKey], highestRank: 1)?.rank == 1, "a hold counts as well")
        #expect(policy.reached(by: [.pin, .softwareKey], highestRank: 3)?.rank == 2)
        #expect(policy.reached(by: [.pin, .hardwareKey], highestRank: nil)?.rank == 3)
        policy.softwareRank = nil
        #expect(policy.reached(by: [.pin, .softwareKey], highestRank: nil)?.rank == 3)
        #expect(policy.reached(by: [.pin, .softwareKey], highestRank: 1)?.rank == 1)
        var scheme = AssurancePolicy.scheme
        let claimed: Set<AuthenticationFactor> = [.pin, .possession, .softwareKey, .biometric]
        #expect(scheme.reached(by: claimed, highestRank: nil)?.rank == 1)
        scheme.softwareRank = nil
        #expect(scheme.reached(by: claimed, highestRank: nil)?.rank == 3)
        #expect(scheme.reached(by: [.pin, .possession, .softwareKey], highestRank: nil)?.rank == 1)
    }

    @Test func aLevelSatisfiesItselfAndThoseBelow() {
        let policy = AssurancePolicy.scheme
        for (have, a) in policy.levels.enumerated() {
            for (want, b) in policy.levels.enumerated() {
                #expect(policy.satisfies(a.acr, requested: b.acr) == (have >= want))
            }
            #expect(!policy.satisfies(a.acr, requested: "urn:elsewhere:1"))
            #expect(!policy.satisfies("urn:elsewhere:9", requested: a.acr))
        }
    }
}

@Suite("Numbers, codes and tokens")
struct SecretsTests {
    @Test func matchingNumbersAreThreeDifferentOnesWithTheShownOne() {
        var counts = [Int](repeating: 0, count: 100)
        var places = [0, 0, 0]
        for _ in 0..<6000 {
            let (number, choices) = MatchingNumbers.draw(.system)
            #expect(choices.count == 3 && Set(choices).count == 3 && choices == choices.sorted())
            #expect(choices.allSatisfy { (10...99).contains($0) })
            guard let place = choices.firstIndex(of: number) else {
                Issue.record("the shown number is not among the choices")
                return
            }
            places[place] += 1
            counts[number] += 1
        }
        // Neither the place nor the value gives the number away: 2000 expected each, ±6 standard deviations.
        #expect(places.allSatisfy { abs($0 - 2000) < 220 })
        #expect(counts[10...99].allSatisfy { $0 > 0 })
    }

    @Test func identifiersOfTransactions() {
        let id = Ambient.system.newID()
        #expect(TransactionIdentifier.bytes(id).map { TransactionIdentifier.text($0) } == id)
        for bad in [
            "", "x", String(id.dropLast()), id + "0", String(repeating: "z", count: 36),
            String(repeating: "-", count: 36),
        ] {
            #expect(TransactionIdentifier.bytes(bad) == nil)
        }
    }

    @Test func aCodeComesBackAndNothingElseDoes() async throws {
        let vault = try FileKeyVault.ephemeral(purposes: [.mac])
        let now = Instant(seconds: 1_800_000_000)
        let code = AuthorizationCode(transactionID: Ambient.system.newID(), issuedAt: now)
        let text = try await code.encoded(vault: vault)
        let again = try #require(try await AuthorizationCode.decode(text, vault: vault))
        #expect(again.transactionID == code.transactionID && again.issuedAt == now)
        let characters = Array(text)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for place in characters.indices {
            for other in [alphabet[0], alphabet[1], alphabet[63], "=", "+"] where other != characters[place] {
                var changed = characters
                changed[place] = other
                #expect(try await AuthorizationCode.decode(String(changed), vault: vault) == nil)
            }
            #expect(try await AuthorizationCode.decode(String(characters[..<place]), vault: vault) == nil)
        }
        #expect(try await AuthorizationCode.decode(text + "A", vault: vault) == nil)
        #expect(try await AuthorizationCode.decode(text + "=", vault: vault) == nil)
        let elsewhere = try FileKeyVault.ephemeral(purposes: [.mac])
        #expect(try await AuthorizationCode.decode(text, vault: elsewhere) == nil)
        // The same bytes under the key's MAC of another label are no code.
        let body = try #require(Base64URL.decode(text))[..<24]
        let unlabelled = try await vault.mac(Array(body), purpose: .mac, keyID: nil)
        #expect(try await AuthorizationCode.decode(Base64URL.encode(Array(body) + unlabelled), vault: vault) == nil)
        var generator = SeededGenerator(5)
        for _ in 0..<3000 {
            let noise = (0..<75).map { _ in alphabet.randomElement(using: &generator) ?? "A" }
            #expect(try await AuthorizationCode.decode(String(noise), vault: vault) == nil)
        }
    }

    @Test func aTokenHasOneSpelling() throws {
        let token = RefreshToken(transactionID: Ambient.system.newID(), secret: secureRandomBytes(32))
        let text = try #require(token.encoded)
        #expect(RefreshToken(text)?.secret == token.secret)
        #expect(RefreshToken(text)?.transactionID == token.transactionID)
        for bad in [
            "", text + "A", String(text.dropLast()), text + "=", " " + text.dropLast(),
            String(text.dropLast()) + "\u{17E0}",
        ] {
            #expect(RefreshToken(bad) == nil)
        }
        #expect(RefreshToken(transactionID: "", secret: []).encoded == nil)
        #expect(token.hash != token.secret)
    }

    @Test func originsComeFromAFixedVocabulary() {
        let odd = "<script>alert(1)</script> Chrome/1 Android \u{202E}"
        #expect(TransactionDetails.origin(userAgent: odd) == "Chrome, Android")
        #expect(TransactionDetails.origin(userAgent: nil) == "Browser")
        #expect(TransactionDetails.origin(userAgent: "curl/8") == "Browser")
        #expect(
            TransactionDetails.origin(
                userAgent: "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/1 Safari/537.36 Edg/1")
                == "Edge, Windows")
    }
}

@Suite("Sealed requests")
struct SealedRequestsTests {
    @Test func openForTheSameBrowserWithinAQuarterOfAnHour() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.sealing])
        let sealed = SealedRequests(vault: vault, ambient: clock.ambient)
        let party = try AuthorizationRequestTests.party()
        let request = try AuthorizationRequest(
            World.parameters(), client: party, redirectURI: World.redirect, policy: .scheme)
        let text = try await sealed.seal(request, browserHash: [1, 2, 3])
        #expect(try await sealed.open(text, browserHash: [1, 2, 3]) == request)
        #expect(try await sealed.seal(request, browserHash: [1, 2, 3]) != text)
        for hash in [[], [1, 2], [1, 2, 3, 4], [1, 2, 4]] as [[UInt8]] {
            #expect(await errorCode { try await sealed.open(text, browserHash: hash) } == "authorize.request_stale")
        }
        clock.advance(900)
        _ = try await sealed.open(text, browserHash: [1, 2, 3])
        clock.advance(1)
        #expect(await errorCode { try await sealed.open(text, browserHash: [1, 2, 3]) } == "authorize.request_stale")
    }

    @Test func nothingForgedOpens() async throws {
        let vault = try FileKeyVault.ephemeral(purposes: [.sealing])
        let sealed = SealedRequests(vault: vault, ambient: .system)
        let party = try AuthorizationRequestTests.party()
        let request = try AuthorizationRequest(
            World.parameters(), client: party, redirectURI: World.redirect, policy: .scheme)
        let bytes = try #require(Base64URL.decode(try await sealed.seal(request, browserHash: [7])))
        var generator = SeededGenerator(9)
        for round in 0..<2000 {
            var changed = bytes
            switch round % 3 {
            case 0:
                changed[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0...7, using: &generator)
            case 1: changed.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            default: changed.append(UInt8.random(in: 0...255, using: &generator))
            }
            let text = Base64URL.encode(changed)
            #expect(await errorCode { try await sealed.open(text, browserHash: [7]) } == "authorize.request_stale")
        }
        for text in ["", "!", "AAAA", String(repeating: "A", count: 20_000)] {
            #expect(await errorCode { try await sealed.open(text, browserHash: [7]) } == "authorize.request_stale")
        }
        // Sealed by us, but not a request: the same AEAD purpose elsewhere gives nothing here.
        let other = try await vault.seal(
            Array("{}".utf8), purpose: .sealing, context: Array("rumdul-authorize-v1".utf8) + [7])
        #expect(
            await errorCode { try await sealed.open(Base64URL.encode(other), browserHash: [7]) }
                == "authorize.request_stale")
    }
}

@Suite("The bell")
struct PromptBellTests {
    @Test func ringsTimersAndCancellationsAllWake() async {
        let bell = PromptBell()
        let person = PersonID("p")
        // Timers so short that they may end before the waiter is there.
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<400 { group.addTask { await bell.wait(person, milliseconds: index % 3) } }
        }
        let cancelled = Task { await bell.wait(person, milliseconds: 60_000) }
        cancelled.cancel()
        await cancelled.value
        // Rings until the waiter has heard one; without the bell this would take ten minutes.
        let heard = Flag()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await bell.wait(person, milliseconds: 600_000)
                heard.raise()
            }
            while !heard.isUp {
                bell.ring(person)
                await Task.yield()
            }
        }
    }
}
