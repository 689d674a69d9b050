import Codecs
import DatabaseTesting
import HTTPTypes
import HummingbirdTesting
import Kernel
import Testing
import VitalStatistics
import WebTesting

@testable import StatisticsPages

@Suite struct PagesTests {
    private let year = Instant.systemNow().dayInCambodia.year

    @Test(arguments: TestDatabases.kinds) func whatIsRegisteredIsShownAndSmallNumbersAreNot(
        _ kind: DatabaseKind
    ) async throws {
        let year = year
        try await StatisticsWorld.with(kind) { world in
            for number in 0..<9 {
                try await world.birth([
                    "child.sex": number < 6 ? "1" : "2", "child.nationality": number == 0 ? "stateless" : "khmer",
                ])
            }
            let browser = TestBrowser(world.client, language: "en")
            let overview = try await browser.get("/statistics")
            #expect(overview.status == 200 && overview.text.contains("Crude birth rate"))
            #expect(overview.text.contains("aria-labelledby=\"years-births-t years-births-d\""))
            let table = try await browser.get("/statistics/births-by-area-sex?area=KH&year=\(year)")
            #expect(table.status == 200 && table.text.contains("Kandal") && table.text.contains("not published"))
            let gap = try await browser.get("/statistics/gap?area=08&year=\(year)")
            #expect(gap.status == 200 && gap.text.contains("Stateless"))
            for path in ["/statistics/coronations", "/stats/v1/tables/births-by-month.xml", "/stats/v1/tables/x.csv"] {
                #expect(try await browser.get(path).status == 404)
            }
            for path in ["/statistics?area=99", "/stats/v1/indicators?year=x", "/statistics/gap?area=0811"] {
                #expect(try await browser.get(path).status == 400)
            }
            try await world.client.execute(
                uri: "/stats/v1/tables/births-by-area-sex.csv?area=KH&year=\(year)", method: .get
            ) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == StatisticsCSV.contentType)
                let text = String(buffer: response.body)
                #expect(text.contains(",_T,សរុប,Total,9,A\r\n") && text.contains(",F,ស្រី,Female,,Q\r\n"))
            }
        }
    }

    @Test func everyTableIsServedInEveryForm() async throws {
        try await StatisticsWorld.with(.sqlite) { world in
            let browser = TestBrowser(world.client, language: "km")
            for table in StatisticsTable.all {
                let page = try await browser.get("/statistics/\(table.id)")
                #expect(page.status == 200 && page.text.contains(table.title.km))
                try await world.client.execute(uri: "/stats/v1/tables/\(table.id).json", method: .get) { response in
                    #expect(response.headers[.contentType] == SDMXMessage.contentType)
                    let message = try JSON.parseObject([UInt8](response.body.readableBytesView))
                    #expect(message.object("data")?.array("dataSets")?.count == 1)
                    #expect(response.headers[.eTag] != nil && response.headers[.cacheControl] == "public, max-age=2")
                }
            }
        }
    }

    @Test func aMonthIsPublishedWhenItIsOver() async throws {
        try await StatisticsWorld.with(.sqlite, releases: .month) { world in
            for _ in 0..<6 { try await world.birth([:]) }
            let browser = TestBrowser(world.client, language: "en")
            let page = try await browser.get("/statistics/births-by-area-sex")
            #expect(page.text.contains("No events."))
            #expect(try await browser.get("/statistics").text.contains("published next month"))
        }
    }
}
