import Hummingbird
import Kernel
import VitalStatistics
import Web

/// The pages.
struct PageRoutes: Sendable {
    let statistics: StatisticsPages

    func add(to router: AppRouter) {
        router.get("/statistics", use: overview)
        router.get("/statistics/gap", use: gap)
        router.get("/statistics/{table}", use: table)
    }

    private func overview(_ request: Request, _ context: AppContext) async throws -> Response {
        let selection = try await statistics.selection(request)
        let language = context.language
        let views = StatisticsViews(statistics: statistics, language: language)
        var data = views.choice(selection, path: "/statistics")
        data["indicators"] = try await statistics.indicators(selection).map(views.indicator)
        data["charts"] = try await charts(selection, views)
        data["groups"] = StatisticsViews.groups.map { title, tables in
            [
                "title": title[language],
                "tables": tables.map { table in
                    ["path": "/statistics/\(table.id)\(selection.query)", "text": table.title[language]]
                },
            ] as [String: Any]
        }
        data["gap"] = "/statistics/gap" + selection.query
        data["json"] = "/stats/v1/indicators" + selection.query
        let elapsed = statistics.elapsed(selection.year)
        data["part"] = elapsed < 1 ? views.digits(String(Int((elapsed * 100).rounded()))) as Any : false
        data["monthly"] = statistics.releases == .month
        return show("statistics/overview", StatisticsTexts.title, data, context)
    }

    /// Births and deaths over the years.
    private func charts(_ selection: Selection, _ views: StatisticsViews) async throws -> [[String: Any]] {
        var charts: [[String: Any]] = []
        for family in [StatisticsFamily.births, .deaths] {
            var points: [LineChart.Point] = []
            for year in selection.years.filter({ $0 <= selection.year }).prefix(8).reversed() {
                points.append(
                    LineChart.Point(
                        year: year, value: try await statistics.release(family, year).0.total(selection.area)))
            }
            charts.append(views.years(family, points, statistics.name(selection.area)))
        }
        return charts
    }

    private func table(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let table = StatisticsTable.named(try context.pathParameter("table")) else { throw RumdulError.notFound }
        let selection = try await statistics.selection(request)
        let views = StatisticsViews(statistics: statistics, language: context.language)
        var data = views.choice(selection, path: "/statistics/\(table.id)")
        data["heading"] = table.title[context.language]
        data["lead"] = false
        data["blocks"] = [views.block(try await statistics.view(table, selection).0, selection, isOnly: true)]
        return show("statistics/tables", table.title, data, context)
    }

    /// Where people without papers are registered, and how soon.
    private func gap(_ request: Request, _ context: AppContext) async throws -> Response {
        let selection = try await statistics.selection(request)
        let views = StatisticsViews(statistics: statistics, language: context.language)
        var data = views.choice(selection, path: "/statistics/gap")
        data["heading"] = StatisticsTexts.gap[context.language]
        data["lead"] = StatisticsTexts.gapLead[context.language]
        var blocks: [[String: Any]] = []
        for id in ["births-gap", "births-gap-timeliness", "deaths-gap", "deaths-gap-timeliness"] {
            guard let table = StatisticsTable.named(id) else { continue }
            blocks.append(views.block(try await statistics.view(table, selection).0, selection, isOnly: false))
        }
        data["blocks"] = blocks
        return show("statistics/tables", StatisticsTexts.gap, data, context)
    }

    private func show(
        _ template: String, _ title: LocalizedText, _ data: [String: Any], _ context: AppContext
    ) -> Response {
        var page = Page(template, title: title, data: data)
        page.isWide = true
        page.navigation = [
            .init(StatisticsTexts.title, path: "/statistics", isCurrent: template == "statistics/overview")
        ]
        if let style = context.assetPath("statistics.css") { page.headLinks.append(("stylesheet", style)) }
        return context.show(page)
    }
}
