import Kernel

/// A table as comma-separated values (RFC 4180): one line for each cell, with the codes of SDMX-CSV and the names in both
/// languages. A number that is left out is an empty value with the status `Q` (suppressed).
public enum StatisticsCSV {
    /// The media type.
    public static let contentType = "text/csv; charset=utf-8; header=present"

    /// - Parameter name: what the chosen area is called.
    public static func text(_ view: TableView, name: LocalizedText) -> String {
        let lineID = view.lineDimension?.identifier
        let columnID = view.columnDimension?.identifier
        var header = ["TABLE", "TIME_PERIOD", "REF_AREA", "REF_AREA_KM", "REF_AREA_EN"]
        for id in [lineID, columnID].compactMap(\.self) { header += [id, id + "_KM", id + "_EN"] }
        var lines = [header + ["OBS_VALUE", "OBS_STATUS"]]
        for line in view.lines {
            for column in view.columns {
                lines.append(record(view, line, column, name))
            }
        }
        return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func record(
        _ view: TableView, _ line: Category, _ column: Category, _ name: LocalizedText
    ) -> [String] {
        let isArea = view.lineDimension == nil && line.code != Category.total.code
        let area = isArea ? line.label : name
        var fields = [view.table.id, String(view.year), isArea ? line.code : view.area, area.km, area.en]
        if view.lineDimension != nil { fields += [line.code, line.label.km, line.label.en] }
        if view.columnDimension != nil { fields += [column.code, column.label.km, column.label.en] }
        let value = view.value(line, column)
        return fields + [value.number.map(String.init) ?? "", value == .suppressed ? "Q" : "A"]
    }

    /// A field, in quotes when it has a comma, a quote or the end of a line in it; quotes inside are doubled.
    static func field(_ text: String) -> String {
        let special: [UInt8] = [44, 34, 13, 10]
        guard text.utf8.contains(where: special.contains) else { return text }
        var bytes: [UInt8] = [34]
        for byte in text.utf8 {
            if byte == 34 { bytes.append(34) }
            bytes.append(byte)
        }
        return String(decoding: bytes + [34], as: UTF8.self)
    }
}
