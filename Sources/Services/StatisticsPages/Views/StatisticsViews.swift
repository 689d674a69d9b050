import Kernel
import KhmerText
import VitalStatistics
import Web

/// Tables and figures in words.
struct StatisticsViews: Sendable {
    let statistics: StatisticsPages
    let language: Language

    /// The tables in the order of the overview.
    static var groups: [(LocalizedText, [StatisticsTable])] {
        let others: [StatisticsFamily] = [.foetalDeaths, .marriages, .divorces]
        return [
            (StatisticsFamily.births.label, StatisticsTable.all.filter { $0.family == .births }),
            (StatisticsFamily.deaths.label, StatisticsTable.all.filter { $0.family == .deaths }),
            (
                LocalizedText(km: "ព្រឹត្តិការណ៍ផ្សេង", en: "Other events"),
                StatisticsTable.all.filter { others.contains($0.family) }
            ),
        ]
    }

    func digits(_ text: String) -> String { KhmerDigits.prose(text, language) }

    private func words(_ value: PublishedCount) -> String {
        value.number.map { KhmerDigits.prose($0, language) } ?? StatisticsTexts.suppressed[language]
    }

    /// The choice of area and year.
    func choice(_ selection: Selection, path: String) -> [String: Any] {
        let areas = [Areas.nation] + statistics.provinces.map(\.code.text)
        func select(_ name: String, _ label: LocalizedText, _ options: [(String, String)], _ chosen: String)
            -> [String: Any]
        {
            [
                "name": name, "label": label[language],
                "options": options.map {
                    ["value": $0.0, "text": $0.1, "selected": $0.0 == chosen] as [String: Any]
                },
            ]
        }
        return [
            "path": path, "error": false,
            "areaSelect": select(
                "area", StatisticsTexts.area, areas.map { ($0, statistics.name($0)[language]) }, selection.area),
            "yearSelect": select(
                "year", StatisticsTexts.year, selection.years.map { (String($0), KhmerDigits.prose($0, language)) },
                String(selection.year)),
        ]
    }

    func indicator(_ indicator: Indicator) -> [String: Any] {
        let missing = indicator.isSuppressed ? StatisticsTexts.suppressed : StatisticsTexts.notAvailable
        return [
            "id": indicator.id, "label": indicator.label[language],
            "value": indicator.text.map(digits) ?? missing[language], "unit": indicator.unit.label[language],
        ]
    }

    /// A chart of the numbers of some years.
    func years(_ family: StatisticsFamily, _ points: [LineChart.Point], _ area: LocalizedText) -> [String: Any] {
        let title = family.label[language] + " " + StatisticsTexts.chartOfYears[language]
        let numbers = points.map { KhmerDigits.prose($0.year, language) + ": " + words($0.value) }
        return [
            "title": title,
            "svg": SafeHTML(
                LineChart(
                    id: "years-" + family.rawValue, title: title + ", " + area[language],
                    description: numbers.joined(separator: "; "), points: points, language: language
                ).svg),
        ]
    }

    /// One table with its chart.
    /// - Parameter isOnly: whether the page's heading names it already.
    func block(_ view: TableView, _ selection: Selection, isOnly: Bool) -> [String: Any] {
        let lineLabel = view.lineDimension?.label ?? StatisticsTexts.area
        let caption =
            view.table.title[language] + " · " + statistics.name(view.area)[language] + " · "
            + KhmerDigits.prose(view.year, language)
        return [
            "id": view.table.id, "title": isOnly ? false as Any : view.table.title[language], "caption": caption,
            "lineLabel": lineLabel[language], "isEmpty": view.value(.total, .total) == .count(0),
            "columns": view.columns.map { ["text": $0.label[language]] },
            "lines": view.lines.map { line in
                [
                    "text": line.label[language], "isSum": line.code == Category.total.code,
                    "cells": view.columns.map { column in
                        ["text": words(view.value(line, column)), "label": column.label[language]]
                    },
                ] as [String: Any]
            }, "svg": SafeHTML(chart(view, caption).svg),
            "csv": "/stats/v1/tables/\(view.table.id).csv" + selection.query,
            "json": "/stats/v1/tables/\(view.table.id).json" + selection.query + "&lang=\(language.rawValue)",
        ]
    }

    /// Both sexes beside each other, else the sums of the lines.
    private func chart(_ view: TableView, _ caption: String) -> BarChart {
        let series = view.columnDimension == .sex ? Array(view.columns.prefix(2)) : [Category.total]
        let lines = view.lines.dropLast()
        return BarChart(
            id: "chart-" + view.table.id, title: StatisticsTexts.chart[language] + caption,
            description: StatisticsTexts.numbersBeside[language], series: series.map(\.label[language]),
            bars: lines.map { line in
                BarChart.Bar(label: line.label[language], values: series.map { view.value(line, $0) })
            }, language: language)
    }
}
