import Authenticators
import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Approvals on the device, on both engines")
struct ApprovalTests {
    @Test(arguments: TestDatabases.kinds) func approve(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let waiting = try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0)
            #expect(waiting.map(\.id) == [item.id])
            #expect(waiting.first?.numbers.contains(item.number) == true)
            #expect(try await world.provider.approvals.pending(for: TestPeople.dara, waitSeconds: 0).isEmpty)
            let hash = Base64URL.encode(sha256(try CanonicalJSON.encode(.object(try #require(waiting.first).details))))
            #expect(hash == item.detailsHash)
            let jws = try await phone.decision(item, attributes: ["email", "name_km"])
            #expect(try await world.decide(item, jws, by: phone) == .approved)
            let done = try await world.find(item.id)
            #expect(done.granted == ["name_km", "email"], "in the order shown")
            #expect(done.acr == "urn:kh:camdigikey:aal:1")
            #expect(done.factors == [.pin, .possession, .softwareKey])
            let consents = world.consents
            let record = try #require(
                try await world.database.read { try await consents.records(of: TestPeople.sokha, in: $0).first })
            #expect(record.id == done.consentID)
            #expect(record.grant.granted == ["name_km", "email"])
            #expect(record.grant.refused == ["birthdate", "phone_number"])
            #expect(record.grant.decision == jws && record.grant.noticeHash == item.detailsHash)
            #expect(record.grant.validTo == item.createdAt.adding(seconds: 30 * 86_400))
            #expect(try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0).isEmpty)
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    /// The level comes from what was proven of the key when it was bound.
    @Test(arguments: TestDatabases.kinds) func attestedKeys(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for (key, level, factors) in [
                (KeyProof(.trustedEnvironment, unlock: .biometric), 3, [.hardwareKey, .biometric]),
                (KeyProof(.strongBox), 1, [.hardwareKey]), (KeyProof(.software, unlock: .biometric), 1, [.softwareKey]),
            ] as [(KeyProof, Int, Set<AuthenticationFactor>)] {
                let phone = try await Phone.make(of: TestPeople.sokha, world: world, key: key)
                let item = try await world.start()
                #expect(try await world.decide(item, try await phone.decision(item), by: phone) == .approved)
                let done = try await world.find(item.id)
                #expect(done.acr == "urn:kh:camdigikey:aal:\(level)")
                #expect(done.factors == factors.union([.pin, .possession]))
                world.clock.advance(600)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds, ["deny", "report"]) func refuse(_ kind: DatabaseKind, _ action: String)
        async throws
    {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let device = try await world.device(phone.id)
            let status = try await world.provider.approvals.decide(
                item.id, jws: try await phone.decision(item, action), pinSignature: nil, device: device)
            #expect(status == (action == "deny" ? .denied : .reported))
            let risks = try await world.database.read {
                try await world.provider.authenticators.risks(since: Instant(seconds: 0), in: $0)
            }
            #expect(risks.map(\.kind) == (action == "deny" ? [] : [.reported]))
            #expect(
                risks.allSatisfy {
                    $0.authenticatorID == phone.id && $0.detail == ["client_id": .string(item.clientID)]
                })
            let consents = world.consents
            #expect(try await world.database.read { try await consents.records(of: TestPeople.sokha, in: $0).isEmpty })
            // Afterwards: a denial lets the next prompt through, a report makes decoys of this party's prompts.
            let next = try await world.start()
            #expect((next.personID == nil) == (action == "report"))
            let waiting = try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0)
            #expect(waiting.count == (action == "report" ? 0 : 1))
            let other = try await world.start(client: "spa")
            #expect(other.personID == TestPeople.sokha, "another party still reaches the person")
            world.clock.advance(86_401)
            #expect(try await world.start().personID == TestPeople.sokha, "a day later it is over")
        }
    }

    /// "Not me" silences a relying party asking from one network: whoever begins logins in another's name takes no service from them.
    @Test(arguments: TestDatabases.kinds) func aReportIsForOneNetwork(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let attack = try await world.start(address: "2001:db8:1:2::bad")
            try await world.decide(attack, try await phone.decision(attack, "report"), by: phone)
            let again = try await world.start(address: "2001:db8:1:2:ffff::1")
            #expect(again.personID == nil, "the same network under another address")
            #expect(try await world.start(address: nil).personID == TestPeople.sokha, "the relying party's own servers")
            world.clock.advance(301)
            let home = try await world.start(address: "203.0.113.9")
            #expect(home.personID == TestPeople.sokha, "the person, from home")
            #expect(try await world.decide(home, try await phone.decision(home), by: phone) == .approved)
            #expect(try await world.start(address: "2001:db8:1:2::bad").personID == nil, "still silenced")
            let stored = try await world.database.read {
                try await $0.query("SELECT asker FROM idp_transactions").map { try $0.blob(0).count }
            }
            #expect(stored.allSatisfy { $0 == 32 }, "a tag, no address")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aWrongNumberEndsIt(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let wrong = item.numbers.first { $0 != item.number } ?? 0
            let jws = try await phone.decision(item) { $0["number"] = .integer(Int64(wrong)) }
            #expect(await errorCode { try await world.decide(item, jws, by: phone) } == "transaction.number_mismatch")
            #expect(try await world.find(item.id).status == .mismatch)
            let right = try await phone.decision(item)
            #expect(await errorCode { try await world.decide(item, right, by: phone) } == "transaction.decided")
            #expect(try await world.find(item.id).consentID == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatIsSignedMustBeWhatWasAsked(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let spoilt: [(String, @Sendable (inout JSONObject) -> Void)] = [
                (
                    "transaction.details_mismatch",
                    { $0["details_hash"] = .string(Base64URL.encode([UInt8](repeating: 1, count: 32))) }
                ),
                ("transaction.details_mismatch", { $0["client_id"] = "spa" }),
                ("transaction.attribute_not_requested", { $0["attributes"] = ["name_km", "kidc"] }),
                ("transaction.attribute_not_requested", { $0["attributes"] = ["address"] }),
                ("device.proof_invalid", { $0["txn"] = "other" }),
                ("device.proof_invalid", { $0["aud"] = "https://evil.example" }),
                ("device.proof_invalid", { $0["action"] = "approved" }),
                ("device.proof_invalid", { $0["iss"] = "device-2" }),
                ("device.proof_invalid", { $0["iat"] = .integer(world.clock.now.seconds - 61) }),
            ]
            for (code, change) in spoilt {
                let jws = try await phone.decision(item, change: change)
                #expect(await errorCode { try await world.decide(item, jws, by: phone) } == code)
            }
            let twice = try await phone.decision(item, attributes: ["name_km", "name_km"])
            let refused = await errorCode { try await world.decide(item, twice, by: phone) }
            #expect(refused == "transaction.attribute_not_requested" || refused == "device.proof_invalid")
            let jws = try await phone.decision(item)
            let device = try await world.device(phone.id)
            let approvals = world.provider.approvals
            #expect(
                await errorCode { try await approvals.decide(item.id, jws: jws, pinSignature: nil, device: device) }
                    == "transaction.decision_invalid")
            // None of this was a try of the PIN, and the request still stands.
            #expect(try await world.device(phone.id).pinFailures == 0)
            #expect(try await world.decide(item, jws, by: phone) == .approved)
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyThePersonsOwnActiveDevice(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let sokha = try await Phone.make(of: TestPeople.sokha, world: world)
            let dara = try await Phone.make(of: TestPeople.dara, world: world)
            let pending = try await Phone.make(of: TestPeople.sokha, world: world, active: false)
            let item = try await world.start()
            for action in ["approve", "deny", "report"] {
                let jws = try await dara.decision(item, action)
                #expect(await errorCode { try await world.decide(item, jws, by: dara) } == "transaction.not_found")
            }
            let early = try await pending.decision(item)
            #expect(await errorCode { try await world.decide(item, early, by: pending) } == "device.not_active")
            // Dara's signature under Sokha's name.
            let forged = try await dara.decision(item) { $0["iss"] = .string(sokha.id) }
            #expect(await errorCode { try await world.decide(item, forged, by: sokha) } == "device.proof_invalid")
            // Blocked between reading the request and deciding.
            let device = try await world.device(sokha.id)
            let jws = try await sokha.decision(item)
            let (authenticators, approvals) = (world.provider.authenticators, world.provider.approvals)
            try await world.database.transaction {
                try await authenticators.setState(sokha.id, .blocked, by: "self", in: $0)
            }
            let pin = try sokha.pin(jws)
            #expect(
                await errorCode { try await approvals.decide(item.id, jws: jws, pinSignature: pin, device: device) }
                    == "device.not_active")
            #expect(try await world.find(item.id).status == .pending)
        }
    }

    @Test(arguments: TestDatabases.kinds) func wrongPINsCountAndLock(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            for left in [4, 3, 2, 1] {
                let jws = try await phone.decision(item)
                do {
                    try await world.decide(item, jws, by: phone, wrongPIN: true)
                    Issue.record("a wrong PIN was accepted")
                } catch let error as RumdulError {
                    #expect(error.code == "device.pin_wrong")
                    #expect(error.members["tries_left"] == left)
                }
            }
            // A right one forgives; then five more lock for good.
            #expect(try await world.decide(item, try await phone.decision(item), by: phone) == .approved)
            #expect(try await world.device(phone.id).pinFailures == 0)
            let second = try await world.start()
            for _ in 0..<5 {
                _ = try? await world.decide(second, try await phone.decision(second), by: phone, wrongPIN: true)
            }
            let right = try await phone.decision(second)
            #expect(await errorCode { try await world.decide(second, right, by: phone) } == "device.pin_locked")
            // The lock takes away approvals, not the right to say no.
            let no = try await phone.decision(second, "report")
            #expect(try await world.decide(second, no, by: phone) == .reported)
        }
    }

    @Test(arguments: TestDatabases.kinds) func wrongPINsInParallelLockAtFive(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let codes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        await errorCode {
                            let jws = try await phone.decision(item)
                            return try await world.decide(item, jws, by: phone, wrongPIN: true)
                        }
                    }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(codes.filter { $0 == "device.pin_wrong" }.count == 4)
            #expect(codes.filter { $0 == "device.pin_locked" }.count == 8)
            #expect(try await world.device(phone.id).pinFailures == 5)
            let right = try await phone.decision(item)
            #expect(await errorCode { try await world.decide(item, right, by: phone) } == "device.pin_locked")
        }
    }

    @Test(arguments: TestDatabases.kinds) func expired(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            world.clock.advance(179)
            #expect(try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0).count == 1)
            world.clock.advance(1)
            #expect(try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0).isEmpty)
            for action in ["approve", "deny"] {
                let jws = try await phone.decision(item, action)
                #expect(await errorCode { try await world.decide(item, jws, by: phone) } == "transaction.expired")
            }
            let status = try await world.provider.approvals.status(item.id, browserHash: [1])
            #expect(status.status == .pending && status.expired)
            #expect(
                await errorCode { try await world.provider.approvals.status(item.id, browserHash: [2]) }
                    == "transaction.not_found")
            #expect(
                await errorCode { try await world.provider.approvals.transaction(item.id, browserHash: []) }
                    == "transaction.not_found")
        }
    }

    @Test(arguments: TestDatabases.kinds) func twoDecisionsAtOnceOneWins(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phones = [
                try await Phone.make(of: TestPeople.sokha, world: world),
                try await Phone.make(of: TestPeople.sokha, world: world),
            ]
            for round in 0..<4 {
                let item = try await world.start(client: ["bank", "spa"][round % 2])
                let codes = await withTaskGroup(of: String?.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            await errorCode {
                                let phone = phones[number % 2]
                                let jws = try await phone.decision(item, number < 2 ? "approve" : "deny")
                                return try await world.decide(item, jws, by: phone)
                            }
                        }
                    }
                    return await group.reduce(into: [String?]()) { $0.append($1) }
                }
                #expect(codes.filter { $0 == nil }.count == 1, "\(codes)")
                #expect(codes.filter { $0 == "transaction.decided" }.count == 3)
                let status = try await world.find(item.id).status
                let consents = world.consents
                let count = try await world.database.read {
                    try await consents.records(of: TestPeople.sokha, in: $0).count
                }
                let approvals = try await world.database.read {
                    try await $0.first("SELECT COUNT(*) FROM idp_transactions WHERE status = 'approved'")?.int(0)
                }
                #expect(count == approvals, "one consent for each approval")
                #expect(status == .approved || status == .denied)
                world.clock.advance(301)
            }
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theLimitsAreTheSameForEverybody(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.dara, world: world)
            // Dara reports the bank; from then on its prompts are decoys.
            let first = try await world.start("3456789012")
            try await world.decide(first, try await phone.decision(first, "report"), by: phone)
            world.clock.advance(301)
            func outcomes(_ identifier: String) async -> [String?] {
                var outcomes: [String?] = []
                for _ in 0..<5 { outcomes.append(await errorCode { try await world.start(identifier) }) }
                return outcomes
            }
            let expected = [nil, nil, nil, "authorize.too_many_prompts", "authorize.too_many_prompts"]
            #expect(await outcomes("2345678901") == expected, "a known person")
            #expect(await outcomes("9999999999") == expected, "nobody")
            #expect(await outcomes("3456789012") == expected, "a person who reported")
            // The day's limit too.
            for identifier in ["2345678901", "9999999999"] {
                var count = 3
                for _ in 0..<4 {
                    world.clock.advance(301)
                    for _ in 0..<3 where await errorCode({ try await world.start(identifier) }) == nil { count += 1 }
                }
                #expect(count == 10)
            }
        }
    }

    /// Never more than three open requests, however long they live and however far apart they came; a decided one frees its place.
    @Test(arguments: TestDatabases.kinds) func atMostThreeAreOpenAtATime(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            func start(_ identifier: String = "2345678901") async throws -> Transaction {
                try await world.start(identifier, lifetime: 600)
            }
            // Begun so far apart that never more than two fall within five minutes.
            var items: [Transaction] = []
            for _ in 0..<3 {
                items.append(try await start())
                _ = try await start("9999999999")
                world.clock.advance(190)
            }
            #expect(await errorCode { try await start() } == "authorize.too_many_prompts", "the fourth")
            #expect(
                await errorCode { try await start("9999999999") } == "authorize.too_many_prompts", "nobody's fourth")
            // One is approved: its place is free, once.
            try await world.decide(items[0], try await phone.decision(items[0]), by: phone)
            items.append(try await start())
            #expect(await errorCode { try await start() } == "authorize.too_many_prompts")
            // A refused one frees it too.
            try await world.decide(items[1], try await phone.decision(items[1], "deny"), by: phone)
            items.append(try await start())
            #expect(await errorCode { try await start() } == "authorize.too_many_prompts")
            // And one that ran out. Nobody's ran out as well.
            world.clock.advance(411)
            #expect(await errorCode { try await start() } == nil)
            #expect(await errorCode { try await start("9999999999") } == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theLimitHoldsInParallel(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for identifier in ["2345678901", "9999999999"] {
                let codes = await withTaskGroup(of: String?.self) { group in
                    for _ in 0..<10 { group.addTask { await errorCode { try await world.start(identifier) } } }
                    return await group.reduce(into: [String?]()) { $0.append($1) }
                }
                #expect(codes.filter { $0 == nil }.count == 3, "\(codes)")
                #expect(codes.filter { $0 == "authorize.too_many_prompts" }.count == 7)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func aDecoyCanNeverBeApproved(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let decoy = try await world.start("9999999999")
            let real = try await world.start()
            #expect(decoy.personID == nil)
            // It looks the same: same members, a number, the same time.
            #expect(decoy.details == real.details && decoy.numbers.count == real.numbers.count)
            #expect(decoy.expiresAt == real.expiresAt && decoy.status == real.status)
            for action in ["approve", "deny", "report"] {
                let jws = try await phone.decision(decoy, action)
                #expect(await errorCode { try await world.decide(decoy, jws, by: phone) } == "transaction.not_found")
            }
            #expect(try await world.find(decoy.id).status == .pending)
            #expect(await errorCode { try await world.start("123") } == "authorize.identifier_invalid")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aSuspendedPartyGetsNoApproval(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            try await world.provider.setRelyingParty("bank", active: false)
            let jws = try await phone.decision(item)
            #expect(await errorCode { try await world.decide(item, jws, by: phone) } != nil)
            #expect(try await world.find(item.id).status == .pending)
        }
    }
}
