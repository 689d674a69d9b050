import Kernel
import Testing

@testable import RegisterNotifications

@Suite("Retry policies: countdown,max")
struct PolicyTests {
    @Test(
        "What OSIA's form allows",
        arguments: [
            ("3600,-1", 3600, -1), ("60,0", 60, 0), ("60", 60, 168), (",5", 3600, 5), ("1,10000", 1, 10_000),
        ])
    func reads(text: String, countdown: Int, most: Int) throws {
        let policy = try #require(RetryPolicy(text))
        #expect(policy.countdown == Int64(countdown) && policy.most == Int64(most))
    }

    @Test(
        "What it does not",
        arguments: [
            "0,1", "604801,1", "60,-2", "60,10001", "a,b", "60,1,2", "6 0,1", "--1,1", "60,+1", "-,1",
            "99999999999999999999",
        ])
    func refuses(text: String) { #expect(RetryPolicy(text) == nil) }

    @Test("The countdown is kept, and a tenth more at most; endless attempts become rarer up to a day")
    func pauses() throws {
        let hourly = RetryPolicy.standard
        for attempt in [1, 50, 168] {
            let pause = hourly.pause(after: attempt, atLeast: 0, ambient: .system)
            #expect((3_600_000_000...3_960_000_000).contains(pause))
        }
        #expect(hourly.pause(after: 1, atLeast: 7200, ambient: .system) >= 7_200_000_000)
        #expect(!hourly.isSpent(after: 168) && hourly.isSpent(after: 169))
        let endless = try #require(RetryPolicy("60,-1"))
        #expect(!endless.isSpent(after: 1_000_000))
        #expect(endless.pause(after: 10, atLeast: 0, ambient: .system) <= 66_000_000)
        #expect(endless.pause(after: 1_000, atLeast: 0, ambient: .system) >= 86_400_000_000)
    }
}
