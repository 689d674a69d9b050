import Codecs
import Hummingbird
import Kernel
import VitalStatistics
import Web

/// The tables for programs.
struct DataRoutes: Sendable {
    let statistics: StatisticsPages

    func add(to router: AppRouter) {
        router.get("/stats/v1/tables", use: tables)
        router.get("/stats/v1/indicators", use: indicators)
        // One route for all names: a name tells its form by its ending.
        router.get("/stats/v1/tables/{file}", use: table)
    }

    private func answer(_ bytes: [UInt8], _ contentType: String, _ request: Request) -> Response {
        StaticAnswer(
            bytes, contentType: contentType, caching: .seconds(statistics.lifetime), anyOrigin: true,
            settings: statistics.settings
        ).response(to: request)
    }

    /// Every table with the addresses of its forms.
    private func tables(_ request: Request, _ context: AppContext) async throws -> Response {
        let years = try await statistics.years()
        let list: [JSONValue] = StatisticsTable.all.map { table in
            [
                "id": .string(table.id), "family": .string(table.family.rawValue), "title_km": .string(table.title.km),
                "title_en": .string(table.title.en), "csv": .string("/stats/v1/tables/\(table.id).csv"),
                "sdmx_json": .string("/stats/v1/tables/\(table.id).json"),
            ]
        }
        let object: JSONObject = [
            "years": .array(years.map { .integer(Int64($0)) }),
            "areas": .strings([Areas.nation] + statistics.provinces.map(\.code.text)), "tables": .array(list),
        ]
        return answer(JSON.bytes(object), "application/json", request)
    }

    private func indicators(_ request: Request, _ context: AppContext) async throws -> Response {
        let selection = try await statistics.selection(request)
        let list: [JSONValue] = try await statistics.indicators(selection).map { indicator in
            [
                "id": .string(indicator.id), "label_km": .string(indicator.label.km),
                "label_en": .string(indicator.label.en), "unit": .string(indicator.unit.rawValue),
                "value": indicator.value.map { .double($0) } ?? .null,
                "text": indicator.text.map { .string($0) } ?? .null,
                "status": .string(indicator.value != nil ? "A" : indicator.isSuppressed ? "Q" : "M"),
            ]
        }
        let object: JSONObject = [
            "area": .string(selection.area), "year": .integer(Int64(selection.year)),
            "part_of_year": .double(statistics.elapsed(selection.year)), "indicators": .array(list),
        ]
        return answer(JSON.bytes(object), "application/json", request)
    }

    private func table(_ request: Request, _ context: AppContext) async throws -> Response {
        let file = try context.pathParameter("file")
        let parts = file.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let table = StatisticsTable.named(parts[0]), ["csv", "json"].contains(parts[1]) else {
            throw RumdulError.notFound
        }
        let selection = try await statistics.selection(request)
        let (view, at) = try await statistics.view(table, selection)
        let name = statistics.name(selection.area)
        if parts[1] == "csv" {
            return answer(Array(StatisticsCSV.text(view, name: name).utf8), StatisticsCSV.contentType, request)
        }
        let message = SDMXMessage.json(
            view, name: name, prepared: at,
            address: statistics.settings.baseURL + "/stats/v1/tables/\(file)" + selection.query,
            language: selection.language ?? .en)
        return answer(JSON.bytes(message), SDMXMessage.contentType, request)
    }
}
