import Codecs
import Kernel
import Testing

@testable import VitalStatistics

@Suite struct OutputTests {
    private let name = LocalizedText(km: "កណ្ដាល", en: "Kandal, \"the middle\"")

    private func view(_ table: String, area: String = "08", threshold: Int = 5) throws -> TableView {
        var events = Events()
        events.add("0801", [.sex: "M", .ageGroup: "Y40T44", .month: "01"], times: 12)
        events.add("0802", [.sex: "F", .ageGroup: "Y_GE85", .month: "02"], times: 9)
        events.add("0802", [.sex: "F", .ageGroup: "Y5T9", .month: "02"], times: 1)
        let table = try #require(StatisticsTable.named(table))
        return TableView(table, area: area, events.release(table.family, year: 2026, threshold: threshold)) {
            LocalizedText(km: $0, en: $0)
        }
    }

    @Test func commaSeparatedValues() throws {
        let text = StatisticsCSV.text(try view("deaths-by-month"), name: name)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.count == 1 + 14 + 1 && lines.last == "")
        #expect(
            lines[0]
                == "TABLE,TIME_PERIOD,REF_AREA,REF_AREA_KM,REF_AREA_EN,MONTH,MONTH_KM,MONTH_EN,OBS_VALUE,OBS_STATUS")
        #expect(lines[1] == "deaths-by-month,2026,08,កណ្ដាល,\"Kandal, \"\"the middle\"\"\",01,មករា,January,12,A")
        #expect(lines[14].hasSuffix(",_T,សរុប,Total,22,A"))
        #expect(StatisticsCSV.field("a\nb") == "\"a\nb\"" && StatisticsCSV.field("a b") == "a b")
        let hidden = StatisticsCSV.text(try view("deaths-by-age-sex"), name: name)
        #expect(hidden.contains("Y5T9,៥–៩ ឆ្នាំ,5–9 years,F,ស្រី,Female,,Q\r\n"))
    }

    @Test func sdmxOfAreas() throws {
        let view = try view("deaths-gap", area: "KH")
        let message = SDMXMessage.json(
            view, name: name, prepared: Instant(seconds: 0), address: "https://id.example/x", language: .km)
        let meta = try #require(message.object("meta"))
        #expect(meta.string("id") == "deaths-gap-KH-2026" && meta.string("prepared")?.hasPrefix("1970-01-01T") == true)
        let structure = try #require(message["data"]?["structures"]?[0]?.objectValue)
        let dimensions = try #require(structure.object("dimensions")?.array("observation"))
        #expect(dimensions.map { $0["id"]?.stringValue } == ["REF_AREA", "NATIONALITY_STATUS"])
        #expect(dimensions[0]["values"]?.arrayValue?.map { $0["id"]?.stringValue } == ["08", "KH"])
        #expect(structure.object("dimensions")?.array("dataSet")?.map { $0["id"]?.stringValue } == ["TIME_PERIOD"])
        let observations = try #require(message["data"]?["dataSets"]?[0]?["observations"]?.objectValue)
        #expect(observations.count == 2 * 7)
        #expect(observations["1:6"] == [22, 0], "the sum of the country")
    }

    @Test func sdmxLeavesOutWhatIsHidden() throws {
        let message = SDMXMessage.json(
            try view("deaths-by-age-sex"), name: name, prepared: Instant(seconds: 0), address: "x", language: .en)
        let structure = try #require(message["data"]?["structures"]?[0]?.objectValue)
        let dimensions = try #require(structure.object("dimensions"))
        #expect(dimensions.array("dataSet")?.map { $0["id"]?.stringValue } == ["TIME_PERIOD", "REF_AREA"])
        let ages = try #require(dimensions.array("observation")?[0]["values"]?.arrayValue)
        let row = try #require(ages.firstIndex { $0["id"] == "Y5T9" })
        let observations = try #require(message["data"]?["dataSets"]?[0]?["observations"]?.objectValue)
        #expect(observations["\(row):1"] == [nil, 1])
        let status = try #require(structure.object("attributes")?.array("observation")?[0])
        #expect(status["values"]?.arrayValue?.map { $0["id"]?.stringValue } == ["A", "Q"])
    }
}
