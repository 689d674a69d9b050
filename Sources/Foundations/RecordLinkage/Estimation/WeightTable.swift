import Foundation

extension LinkageModel {
    /// The model as the source text of `StandardWeights.swift`, for taking over a new estimate.
    public var source: String {
        func number(_ value: Double) -> String { String(format: "%.6f", value) }
        var text = """
            /// The weights that come with the product. Made by `rumdul-bench linkage --weights`, which estimates them from the
            /// synthetic country of seed 1 (20,000 people, 2,000 later entries) without looking at its truth; do not edit.
            enum StandardWeights {
                /// How many records of each class a record meets.
                static let perRecord: [LinkageClass: Double] = [

            """
        for one in LinkageClass.allCases { text += "        .\(one): \(number(perRecord(one))),\n" }
        text += """
                ]

                /// The chances of one level: of the same person, of strangers, of siblings, of twins.
                struct Row {
                    let field: LinkageField
                    let level: AgreementLevel
                    let chances: SIMD4<Double>

                    init(_ field: LinkageField, _ level: AgreementLevel, _ chances: SIMD4<Double>) {
                        self.field = field
                        self.level = level
                        self.chances = chances
                    }
                }

                static let rows: [Row] = [

            """
        for field in LinkageField.allCases {
            for level in field.levels {
                let cells = LinkageClass.allCases.map { number(chances($0)[field, level]) }.joined(separator: ", ")
                text += "        Row(.\(field), .\(level), [\(cells)]),\n"
            }
        }
        return text + "    ]\n}\n"
    }

    /// The model that comes with the product, for a register of a hundred thousand; adapt it to the size of the register, and
    /// estimate a model of one's own once there is a register to estimate from.
    public static let standard: LinkageModel = {
        var tables: [LinkageClass: LevelProbabilities] = [:]
        for one in LinkageClass.allCases {
            var table = LevelProbabilities()
            for row in StandardWeights.rows { table[row.field, row.level] = row.chances[one.rawValue] }
            tables[one] = table
        }
        return LinkageModel(chances: tables, perRecord: StandardWeights.perRecord).adapted(population: 100_000)
    }()
}
