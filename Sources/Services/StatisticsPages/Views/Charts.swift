import Kernel
import KhmerText
import VitalStatistics
import Web

/// Horizontal bars with their names above them, so that long Khmer names have room on a phone. Pictures carry a title and
/// a description; the numbers stand in the table beside them.
struct BarChart {
    struct Bar {
        let label: String
        /// One number for each series.
        let values: [PublishedCount]
    }

    let id: String
    let title: String
    let description: String
    /// The names of the series, when there is more than one.
    let series: [String]
    let bars: [Bar]
    let language: Language

    private static let width = 340
    private static let classes = ["one", "two", "three"]

    var svg: String {
        let highest = max(1, bars.flatMap(\.values).compactMap(\.number).max() ?? 1)
        var y = series.count > 1 ? 34 : 6
        var marks = series.count > 1 ? legend : ""
        for bar in bars {
            marks += line(bar, y: y, highest: highest)
            y += 30 + 14 * bar.values.count
        }
        return Chart.frame(id, title, description, width: Self.width, height: y, marks)
    }

    private var legend: String {
        var marks = ""
        for (index, name) in series.enumerated() {
            let x = index * (Self.width / series.count)
            marks += "<rect class=\"\(Self.classes[index % 3])\" x=\"\(x)\" y=\"8\" width=\"12\" height=\"12\"/>"
            marks += Chart.text(name, x: x + 18, y: 19)
        }
        return marks
    }

    private func line(_ bar: Bar, y: Int, highest: Int) -> String {
        var marks = Chart.text(bar.label, x: 0, y: y + 14)
        marks += Chart.text(bar.values.map(words).joined(separator: " · "), x: Self.width, y: y + 14, end: true)
        for (index, value) in bar.values.enumerated() {
            let top = y + 21 + 14 * index
            marks += "<rect class=\"ground\" x=\"0\" y=\"\(top)\" width=\"\(Self.width)\" height=\"11\"/>"
            guard let number = value.number else {
                marks += "<rect class=\"gap\" x=\"1\" y=\"\(top + 1)\" width=\"24\" height=\"9\"/>"
                continue
            }
            let width = number == 0 ? 0 : max(2, number * Self.width / highest)
            marks +=
                "<rect class=\"\(Self.classes[index % 3])\" x=\"0\" y=\"\(top)\" width=\"\(width)\" height=\"11\"/>"
        }
        return marks
    }

    private func words(_ value: PublishedCount) -> String {
        value.number.map { KhmerDigits.prose($0, language) } ?? "–"
    }
}

/// One number for each year, joined by a line; a year whose number is left out interrupts it.
struct LineChart {
    struct Point {
        let year: Int
        let value: PublishedCount
    }

    let id: String
    let title: String
    let description: String
    let points: [Point]
    let language: Language

    var svg: String {
        let (width, height, left, right) = (340, 190, 26, 26)
        let highest = max(1, points.compactMap(\.value.number).max() ?? 1)
        let step = points.count > 1 ? Double(width - left - right) / Double(points.count - 1) : 0
        func x(_ index: Int) -> Int {
            points.count == 1 ? width / 2 : left + Int((step * Double(index)).rounded())
        }
        func y(_ number: Int) -> Int { 150 - number * 115 / highest }
        var marks = "<line class=\"axis\" x1=\"0\" y1=\"150\" x2=\"\(width)\" y2=\"150\"/>"
        for (index, point) in points.enumerated() {
            marks += Chart.text(KhmerDigits.prose(point.year, language), x: x(index), y: 172, middle: true)
            guard let number = point.value.number else {
                marks += Chart.text("–", x: x(index), y: 144, middle: true)
                continue
            }
            if index > 0, let before = points[index - 1].value.number {
                marks +=
                    "<line class=\"stroke\" x1=\"\(x(index - 1))\" y1=\"\(y(before))\" x2=\"\(x(index))\" y2=\"\(y(number))\"/>"
            }
            marks += "<circle class=\"one\" cx=\"\(x(index))\" cy=\"\(y(number))\" r=\"4\"/>"
            marks += Chart.text(KhmerDigits.prose(number, language), x: x(index), y: y(number) - 10, middle: true)
        }
        return Chart.frame(id, title, description, width: width, height: height, marks)
    }
}

/// What charts have in common.
enum Chart {
    static func frame(
        _ id: String, _ title: String, _ description: String, width: Int, height: Int, _ marks: String
    ) -> String {
        "<svg class=\"chart\" viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-labelledby=\"\(id)-t \(id)-d\">"
            + "<title id=\"\(id)-t\">\(SafeHTML.escape(title))</title>"
            + "<desc id=\"\(id)-d\">\(SafeHTML.escape(description))</desc>" + marks + "</svg>"
    }

    static func text(_ text: String, x: Int, y: Int, end: Bool = false, middle: Bool = false) -> String {
        let anchor = end ? " text-anchor=\"end\"" : middle ? " text-anchor=\"middle\"" : ""
        return "<text x=\"\(x)\" y=\"\(y)\"\(anchor)>\(SafeHTML.escape(text))</text>"
    }

    /// The colours come from the page's tokens, so that they suit light and dark.
    static let style = """
        .chart{display:block;width:100%;max-width:34rem;height:auto;margin:0 0 1.25rem}
        .chart text{fill:var(--ink);font-size:13px;font-family:inherit;font-variant-numeric:tabular-nums}
        .chart .one{fill:var(--link)}.chart .two{fill:var(--focus)}.chart .three{fill:var(--good)}
        .chart .ground{fill:var(--blue-soft)}
        .chart .gap{fill:none;stroke:var(--ink-soft);stroke-dasharray:3 2}
        .chart .axis{stroke:var(--field)}.chart .stroke{stroke:var(--link);stroke-width:2.5}
        .choose{display:grid;gap:.25rem 1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));
        align-items:end}
        .choose .field{margin:0 0 .75rem}.choose .actions{margin:0 0 .75rem}
        .figures th[scope=row]{color:var(--ink)}
        .figures tr.sum th,.figures tr.sum td{font-weight:700}
        @media (max-width:40rem){.figures th[scope=row]{display:block;padding:.5rem .9rem .1rem;border-bottom:0}
        .figures.cards td.figure{text-align:end}}

        """
}
