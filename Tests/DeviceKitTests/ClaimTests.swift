import DeviceKit
import Kernel
import Testing

@Suite("Reading a login's QR code")
struct ClaimTests {
    private func code(_ work: () async throws -> Void) async -> String? {
        do { try await work() } catch { return (error as? RumdulError)?.code }
        return nil
    }

    @Test func aFrameBecomesAWaitingTransaction() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let frame = String(repeating: "A", count: 44) + "tx-1"
        let found = try await authenticator.claim(World.issuer + "/device/v1/claims#f=" + frame)
        #expect(found.id == "tx-1" && found.numbers == [12, 57, 83])
        let stale = World.issuer + "/device/v1/claims#f=" + String(repeating: "A", count: 48)
        #expect(await code { _ = try await authenticator.claim(stale) } == "transaction.frame_stale")
    }

    @Test(arguments: [
        "", "https://evil.example/device/v1/claims#f=" + String(repeating: "A", count: 48),
        World.issuer + "/device/v1/claims#f=",
        World.issuer + "/device/v1/claims#f=" + String(repeating: "A", count: 99),
        World.issuer + ".evil.example/device/v1/claims#f=" + String(repeating: "A", count: 48), "otpauth://totp/x",
    ])
    func otherTextsAreNotSentAnywhere(_ text: String) async throws {
        let world = World()
        let authenticator = try await world.ready()
        let before = await world.server.requests.count
        #expect(await code { _ = try await authenticator.claim(text) } == "device.code_foreign")
        #expect(await world.server.requests.count == before)
    }
}
