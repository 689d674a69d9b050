import Codecs
import Kernel

/// A table as an SDMX-JSON 2.0 data message. A number that is left out is null with the status `Q` of the code list
/// CL_OBS_STATUS (missing value; suppressed).
public enum SDMXMessage {
    /// The media type.
    public static let contentType = "application/vnd.sdmx.data+json;version=2.0.0"
    private static let schema =
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"

    /// - Parameters:
    ///   - name: what the chosen area is called.
    ///   - prepared: when the numbers were taken.
    ///   - address: of this message.
    public static func json(
        _ view: TableView, name: LocalizedText, prepared: Instant, address: String, language: Language
    ) -> JSONObject {
        let message = Message(view: view, name: name, language: language)
        let links: JSONValue = [["rel": "self", "href": .string(address)]]
        return [
            "meta": [
                "schema": .string(schema), "id": .string("\(view.table.id)-\(view.area)-\(view.year)"), "test": false,
                "prepared": .string(prepared.rfc3339), "contentLanguages": .strings([language.rawValue]),
                "sender": ["id": "RUMDUL", "name": .string(sender[language]), "names": names(sender)],
                "links": links,
            ],
            "data": [
                "structures": [.object(message.structure)],
                "dataSets": [
                    [
                        "structure": 0, "action": "Information", "links": links,
                        "observations": .object(message.observations),
                    ]
                ],
            ],
            "errors": [],
        ]
    }

    private static let sender = LocalizedText(km: "រំដួល អត្រានុកូលដ្ឋាន", en: "Rumdul, civil registration")

    fileprivate static func names(_ text: LocalizedText) -> JSONValue {
        ["km": .string(text.km), "en": .string(text.en)]
    }
}

/// The parts of one message.
private struct Message {
    let view: TableView
    let name: LocalizedText
    let language: Language

    private var isOfAreas: Bool { view.lineDimension == nil }

    var structure: JSONObject {
        var observation: [JSONValue] = []
        if isOfAreas {
            observation.append(dimension("REF_AREA", areaLabel, view.lines.map(area), position: 1))
        } else if let dimension = view.lineDimension {
            observation.append(self.dimension(dimension.identifier, dimension.label, view.lines, position: 2))
        }
        if let dimension = view.columnDimension {
            observation.append(
                self.dimension(dimension.identifier, dimension.label, view.columns, position: isOfAreas ? 2 : 3))
        }
        let year = String(view.year)
        var fixed = [
            dimension(
                "TIME_PERIOD", LocalizedText(km: "ឆ្នាំ", en: "Year"), [Category(year, km: year, en: year)], position: 0)
        ]
        if !isOfAreas {
            fixed.append(dimension("REF_AREA", areaLabel, [Category(view.area, km: name.km, en: name.en)], position: 1))
        }
        return [
            "dataSets": [0], "name": .string(view.table.title[language]),
            "names": SDMXMessage.names(view.table.title),
            "dimensions": [
                "dataSet": .array(fixed), "series": [], "observation": .array(observation),
            ],
            "measures": ["observation": [component("OBS_VALUE", LocalizedText(km: "ចំនួន", en: "Number"))]],
            "attributes": ["dataSet": [], "dimensionGroup": [], "series": [], "observation": [.object(status)]],
            "annotations": [],
        ]
    }

    /// The values of the lines and columns are numbered in their order.
    var observations: JSONObject {
        var members: [(String, JSONValue)] = []
        for (row, line) in view.lines.enumerated() {
            for (index, column) in view.columns.enumerated() {
                let key = view.columnDimension == nil ? String(row) : "\(row):\(index)"
                let value = view.value(line, column)
                members.append(
                    (key, [value.number.map { .integer(Int64($0)) } ?? .null, .integer(value == .suppressed ? 1 : 0)]))
            }
        }
        return JSONObject(members)
    }

    private var areaLabel: LocalizedText { LocalizedText(km: "តំបន់", en: "Reference area") }

    /// The line of the sum is the chosen area.
    private func area(_ line: Category) -> Category {
        line.code == Category.total.code ? Category(view.area, km: name.km, en: name.en) : line
    }

    private var status: JSONObject {
        var status = component("OBS_STATUS", LocalizedText(km: "ស្ថានភាព", en: "Observation status")).objectValue ?? [:]
        status["relationship"] = ["observation": [:]]
        status["values"] = .array(
            [
                Category("A", km: "តម្លៃធម្មតា", en: "Normal value"),
                Category("Q", km: "មិនផ្សាយ", en: "Missing value; suppressed"),
            ].map(value))
        return status
    }

    private func component(_ id: String, _ label: LocalizedText) -> JSONValue {
        ["id": .string(id), "name": .string(label[language]), "names": SDMXMessage.names(label)]
    }

    private func dimension(_ id: String, _ label: LocalizedText, _ values: [Category], position: Int) -> JSONValue {
        var object = component(id, label).objectValue ?? [:]
        object["keyPosition"] = .integer(Int64(position))
        if id == "TIME_PERIOD" { object["roles"] = ["TIME_PERIOD"] }
        object["values"] = .array(values.map(value))
        return .object(object)
    }

    private func value(_ category: Category) -> JSONValue {
        [
            "id": .string(category.code), "name": .string(category.label[language]),
            "names": SDMXMessage.names(category.label),
        ]
    }
}
