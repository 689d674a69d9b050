import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Refresh tokens: bound, rotated where nothing else protects them, dead with their grant")
struct RefreshTests {
    private static func proof(_ thumbprint: String) -> PresentedKeys {
        var keys = PresentedKeys()
        keys.proofThumbprint = thumbprint
        return keys
    }

    /// A public client that may refresh, and its first tokens.
    private static func begin(_ world: World, _ phone: Phone, keys: PresentedKeys) async throws -> TokenResponse {
        _ = try await world.provider.register(
            World.document("app") {
                $0["token_endpoint_auth_method"] = "none"
                $0["grant_types"] = ["authorization_code", "refresh_token"]
            })
        let (_, code) = try await world.approved(phone, client: "app") { $0["scope"] = "openid offline_access" }
        return try await world.provider.tokens.exchange(
            ClientRequest(form: World.tokenForm(code, client: "app"), keys: keys))
    }

    private static func refresh(
        _ world: World, _ token: String?, keys: PresentedKeys = PresentedKeys(), client: String = "app"
    ) async throws -> TokenResponse {
        try await world.provider.tokens.exchange(
            ClientRequest(
                form: ["grant_type": "refresh_token", "refresh_token": token ?? "", "client_id": client], keys: keys))
    }

    @Test(arguments: TestDatabases.kinds) func aPublicClientsTokenRotates(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let keys = Self.proof("key-1")
            let first = try await Self.begin(world, phone, keys: keys)
            #expect(first.binding == TokenBinding(.proof, "key-1"))
            let second = try await Self.refresh(world, first.refreshToken, keys: keys)
            #expect(second.refreshToken != first.refreshToken && second.idToken != nil)
            // The answer was lost: the same key may ask again for half a minute.
            world.clock.advance(29)
            let again = try await Self.refresh(world, first.refreshToken, keys: keys)
            #expect(again.refreshToken != second.refreshToken)
            #expect(
                await errorCode { try await Self.refresh(world, again.refreshToken, keys: Self.proof("key-2")) }
                    == "invalid_grant")
            #expect(await errorCode { try await Self.refresh(world, again.refreshToken) } == "invalid_dpop_proof")
        }
    }

    @Test(arguments: TestDatabases.kinds) func reuseEndsTheGrant(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await Self.begin(world, phone, keys: PresentedKeys())
            let second = try await Self.refresh(world, first.refreshToken)
            // Without a key that proves the sender there is no grace.
            #expect(await errorCode { try await Self.refresh(world, first.refreshToken) } == "invalid_grant")
            #expect(await errorCode { try await Self.refresh(world, second.refreshToken) } == "invalid_grant")
            #expect(await errorCode { try await world.userInfo(second.accessToken) } == "invalid_token")
        }
    }

    @Test(arguments: TestDatabases.kinds) func itDiesWithWhatItStandsOn(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await Self.begin(world, phone, keys: PresentedKeys())
            #expect(await errorCode { try await Self.refresh(world, first.refreshToken, client: "spa") } != nil)
            let records = try await world.database.read { connection in
                try await world.consents.records(of: TestPeople.sokha, in: connection)
            }
            try await world.withdraw(try #require(records.first).id)
            #expect(await errorCode { try await Self.refresh(world, first.refreshToken) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aBlockedDeviceEndsIt(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await Self.begin(world, phone, keys: PresentedKeys())
            let authenticators = world.provider.authenticators
            try await world.database.transaction {
                try await authenticators.setState(phone.id, .blocked, by: "officer", in: $0)
            }
            #expect(await errorCode { try await Self.refresh(world, first.refreshToken) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func eightAtOnceHaveOneWinner(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await Self.begin(world, phone, keys: PresentedKeys())
            let results = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<8 {
                    group.addTask { await errorCode { try await Self.refresh(world, first.refreshToken) } }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(results.filter { $0 == nil }.count == 1)
        }
    }

    @Test func offlineAccessCanBeRefused() async throws {
        try await World.run(.sqlite) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            _ = try await Self.begin(world, phone, keys: PresentedKeys())
            let (_, code) = try await world.approved(phone, client: "app", attributes: []) {
                $0["scope"] = "openid offline_access"
            }
            let answer = try await world.exchange(code, client: "app")
            #expect(answer.refreshToken == nil && !answer.scope.contains("offline_access"))
        }
    }
}
