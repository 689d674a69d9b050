import Codecs
import Kernel
import Testing

@testable import DeviceKit

@Suite struct DecisionTests {
    @Test func showsWhatWaits() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let waiting = try await authenticator.pendingTransactions(wait: 20)
        #expect(waiting.count == 1)
        let details = try #require(waiting.first).details
        #expect(details.clientName == LocalizedText(km: "ធនាគារ", en: "Bank") && details.clientHost == "bank.example")
        #expect(details.attributes.map(\.name) == ["name_km", "phone_number"])
        #expect(details.attributes.map(\.essential) == [true, false])
        #expect(details.purpose?.code == "open" && details.validUntil == Instant(seconds: 1_810_000_000))
        #expect(details.unknownMembers.isEmpty)
        // Computed with Python: json.dumps(sort_keys, ensure_ascii=False) and hashlib.
        #expect(try details.hash() == "t04C8d4uWkKmH31vgM1wDT39kXMvbwO0PAl5d1xod4M")
        #expect(await world.server.requests.last?.url == "https://id.example/device/v1/transactions?wait=20")
        #expect(await world.server.requests.last?.timeout == 35)
    }

    @Test(
        arguments: [(nil, ["name_km", "phone_number"]), (["name_km"], ["name_km"]), ([], [])] as [([String]?, [String])]
    )
    func approvesASubset(_ chosen: [String]?, _ given: [String]) async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        let status = try await authenticator.approve(transaction, number: 57, pin: PIN("284913"), attributes: chosen)
        #expect(status == .approved)
        #expect(await world.server.transactions["tx-1"]?.givenAttributes == given)
        #expect(try await authenticator.pendingTransactions().isEmpty)
    }

    @Test func deniesAndReportsWithoutPIN() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.add("tx-2", World.details, number: 3, numbers: [3, 4, 5])
        #expect(try await authenticator.deny(authenticator.transaction("tx-1")) == .denied)
        #expect(try await authenticator.report(authenticator.transaction("tx-2")) == .reported)
        #expect(await world.server.transactions.values.map(\.status).sorted() == ["denied", "reported"])
    }

    @Test func wrongPINsAreCountedAndLock() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        for left in [4, 3, 2, 1] {
            do {
                try await authenticator.approve(transaction, number: 57, pin: PIN("284914"))
                Issue.record("a wrong PIN was accepted")
            } catch let error as RumdulError {
                #expect(error.code == "device.pin_wrong" && error.message.en.contains("\(left)"))
                #expect(error.message.km.contains(["០", "១", "២", "៣", "៤"][left]))
            }
        }
        let locked = await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284914")) }
        #expect(locked == "device.pin_locked")
        let still = await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284913")) }
        #expect(still == "device.pin_locked")
        #expect(try await authenticator.status().isPINLocked)
    }

    @Test func aWrongNumberEndsIt() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        #expect(
            await code { try await authenticator.approve(transaction, number: 12, pin: PIN("284913")) }
                == "transaction.number_mismatch")
        #expect(
            await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284913")) }
                == "transaction.decided")
    }

    @Test func impossibleChoicesAreRefusedBeforeAnythingIsSent() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        let before = await world.server.requests.count
        for number in [-1, 0, 58, 100, 157] {
            #expect(
                await code { try await authenticator.approve(transaction, number: number, pin: PIN("284913")) }
                    == "device.number_not_offered")
        }
        for attributes in [["email"], ["name_km", "email"], ["NAME_KM"]] {
            #expect(
                await code {
                    try await authenticator.approve(transaction, number: 57, pin: PIN("284913"), attributes: attributes)
                } == "transaction.attribute_not_requested")
        }
        #expect(await world.server.requests.count == before)
    }

    @Test func signsOnlyWhatWasShown() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        await world.server.change("tx-1", member: "client_host", "evil.example")
        #expect(
            await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284913")) }
                == "transaction.details_mismatch")
    }

    @Test func theBindingMessageIsShownAndSigned() async throws {
        var details = World.details
        #expect(try TransactionDetails(details).bindingMessage == nil)
        let bare = try TransactionDetails(details).hash()
        details["binding_message"] = "លេខ 1234"
        let read = try TransactionDetails(details)
        #expect(read.bindingMessage == "លេខ 1234" && read.unknownMembers.isEmpty)
        // The place of the browser's network, to be shown as a rough one.
        details["place"] = ["km": "ភ្នំពេញ", "en": "Phnom Penh"]
        let placed = try TransactionDetails(details)
        #expect(placed.place?.asRoughPlace == LocalizedText(km: "ប្រហែលនៅភ្នំពេញ", en: "about Phnom Penh"))
        #expect(try placed.unknownMembers.isEmpty && placed.hash() != read.hash(), "signed with the rest")
        for wrong in ["Phnom Penh", ["km": "ភ្នំពេញ"], ["km": "", "en": ""], 7] as [JSONValue] {
            details["place"] = wrong
            #expect(throws: RumdulError.self) { try TransactionDetails(details) }
        }
        details["place"] = nil
        #expect(try read.hash() != bare)
        details["binding_message"] = 7
        #expect(throws: RumdulError.self) { try TransactionDetails(details) }
    }

    @Test func whatIsAuthorisedIsShownOrRefused() throws {
        var details = World.details
        details["authorization_details"] = [["km": "ទូទាត់ 5", "en": "Pay 5"], ["km": "ពីរ", "en": "Two"]]
        let read = try TransactionDetails(details)
        #expect(read.authorizations.map(\.en) == ["Pay 5", "Two"] && read.unknownMembers.isEmpty)
        for wrong in [JSONValue.string("Pay 5"), ["Pay 5"], [["en": "Pay 5"]]] {
            details["authorization_details"] = wrong
            #expect(throws: RumdulError.self) { try TransactionDetails(details) }
        }
    }

    @Test func anUnknownKindIsNotSignedButCanBeDenied() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.change("tx-1", member: "kind", "transfer")
        await world.server.change("tx-1", member: "amount", 500)
        let transaction = try await authenticator.transaction("tx-1")
        #expect(transaction.details.unknownMembers == ["amount"])
        #expect(
            await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284913")) }
                == "device.kind_unsupported")
        #expect(try await authenticator.deny(transaction) == .denied)
    }

    @Test func aLapsedRequestIsNotSigned() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.change("tx-1", member: "expires_at", .integer(World.start.seconds))
        let transaction = try await authenticator.transaction("tx-1")
        #expect(
            await code { try await authenticator.approve(transaction, number: 57, pin: PIN("284913")) }
                == "transaction.expired")
    }

    @Test func aDeviceThatIsNotActiveSeesNothing() async throws {
        let world = World()
        let authenticator = try await world.ready()
        for state in ["pending", "blocked", "revoked"] {
            await world.server.set(state: state)
            #expect(await code { _ = try await authenticator.pendingTransactions() } == "device.not_active")
        }
    }

    @Test func everyProofIsUsedOnce() async throws {
        let world = World()
        let authenticator = try await world.ready()
        _ = try await authenticator.pendingTransactions()
        let request = try #require(await world.server.requests.last)
        #expect(try await world.server.send(request).status == 401)
    }

    @Test func aWrongClockIsNamed() async throws {
        let world = World()
        _ = try await world.ready()
        let late = Ambient(now: { World.start.adding(seconds: 61) }, randomBytes: secureRandomBytes)
        let authenticator = Authenticator(folder: world.folder.path, transport: world.server, ambient: late)
        do {
            _ = try await authenticator.status()
            Issue.record("an old proof was accepted")
        } catch let error as RumdulError {
            #expect(error.code == "device.proof_invalid" && error.message.en.contains("clock"))
        }
    }

    @Test(arguments: [("57", 57), ("៥៧", 57), (" 7 ", 7), ("00", 0)])
    func numbersAsPeopleTypeThem(_ text: String, _ number: Int) throws {
        #expect(try PendingTransaction.number(text) == number)
    }

    @Test(arguments: ["", "100", "5 7", "-1", "x", "٥٧"])
    func otherNumbersAreRefused(_ text: String) {
        #expect(throws: RumdulError.numberNotOffered) { try PendingTransaction.number(text) }
    }

    /// The hash does not depend on the order in which the server writes, but on every value it writes.
    @Test func theHashCoversEveryValue() throws {
        var generator = SeededGenerator(7)
        let original = try TransactionDetails(World.details)
        for _ in 0..<200 {
            let shuffled = JSONObject(
                World.details.members.shuffled(using: &generator).map { ($0.name, $0.value) })
            #expect(try TransactionDetails(shuffled).hash() == original.hash())
            var changed = shuffled
            let member = try #require(changed.members.randomElement(using: &generator))
            switch member.value {
            case .string(let text) where member.name != "kind": changed[member.name] = .string(text + "x")
            case .integer(let number): changed[member.name] = .integer(number + 1)
            case .array(let elements): changed[member.name] = .array(Array(elements.dropLast()))
            case .object(var object):
                object["en"] = "Other"
                changed[member.name] = .object(object)
            default: changed["kind"] = "other"
            }
            #expect(try TransactionDetails(changed).hash() != original.hash())
        }
    }
}
