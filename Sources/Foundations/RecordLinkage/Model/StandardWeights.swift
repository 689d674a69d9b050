/// The weights that come with the product. Made by `rumdul-bench linkage --weights`, which estimates them from the
/// synthetic country of seed 1 (20,000 people, 2,000 later entries) without looking at its truth; do not edit.
enum StandardWeights {
    /// How many records of each class a record meets.
    static let perRecord: [LinkageClass: Double] = [
        .match: 0.188683,
        .stranger: 22000.000000,
        .sibling: 2.306442,
        .twin: 0.025768,
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
        Row(.familyName, .exact, [0.958971, 0.013698, 0.965586, 0.932319]),
        Row(.familyName, .sameKey, [0.001594, 0.000011, 0.001595, 0.001050]),
        Row(.familyName, .sameFold, [0.013619, 0.000835, 0.004765, 0.008054]),
        Row(.familyName, .sameSkeleton, [0.002076, 0.000974, 0.000526, 0.001051]),
        Row(.familyName, .oneLetter, [0.002074, 0.011855, 0.002149, 0.001066]),
        Row(.familyName, .near, [0.000145, 0.001040, 0.000012, 0.001050]),
        Row(.familyName, .turned, [0.019943, 0.000001, 0.000012, 0.001050]),
        Row(.familyName, .different, [0.001579, 0.971588, 0.025354, 0.054359]),
        Row(.givenName, .exact, [0.965466, 0.003744, 0.000041, 0.001067]),
        Row(.givenName, .sameKey, [0.007846, 0.000013, 0.000012, 0.001051]),
        Row(.givenName, .sameFold, [0.023710, 0.000131, 0.000051, 0.001190]),
        Row(.givenName, .sameSkeleton, [0.000629, 0.000596, 0.000846, 0.004537]),
        Row(.givenName, .oneLetter, [0.001099, 0.002500, 0.002258, 0.045500]),
        Row(.givenName, .near, [0.001105, 0.002530, 0.002722, 0.011573]),
        Row(.givenName, .different, [0.000144, 0.990485, 0.994069, 0.935082]),
        Row(.sex, .exact, [0.994498, 0.500916, 0.502649, 0.519445]),
        Row(.sex, .different, [0.005502, 0.499084, 0.497351, 0.480555]),
        Row(.birthDate, .exact, [0.882521, 0.000048, 0.000012, 0.884808]),
        Row(.birthDate, .knownPartsSame, [0.049698, 0.000393, 0.000012, 0.018524]),
        Row(.birthDate, .dayMonthTurned, [0.018427, 0.000011, 0.000012, 0.004541]),
        Row(.birthDate, .oneDigit, [0.010349, 0.001301, 0.001233, 0.004584]),
        Row(.birthDate, .sameYear, [0.012208, 0.015571, 0.000016, 0.075179]),
        Row(.birthDate, .yearNext, [0.015041, 0.000076, 0.000209, 0.001173]),
        Row(.birthDate, .yearTwelve, [0.005437, 0.000073, 0.000012, 0.001048]),
        Row(.birthDate, .yearEra, [0.003993, 0.000003, 0.000012, 0.008032]),
        Row(.birthDate, .yearNear, [0.000319, 0.066728, 0.269251, 0.001055]),
        Row(.birthDate, .different, [0.002008, 0.915796, 0.729232, 0.001057]),
        Row(.birthPlace, .sameVillage, [0.867946, 0.000260, 0.964499, 0.879737]),
        Row(.birthPlace, .sameCommune, [0.022036, 0.000535, 0.015259, 0.026274]),
        Row(.birthPlace, .sameDistrict, [0.084233, 0.005516, 0.010237, 0.042826]),
        Row(.birthPlace, .sameProvince, [0.025632, 0.055429, 0.009715, 0.023276]),
        Row(.birthPlace, .different, [0.000153, 0.938261, 0.000290, 0.027887]),
        Row(.residence, .sameVillage, [0.746837, 0.000208, 0.588214, 0.618711]),
        Row(.residence, .sameCommune, [0.011218, 0.000608, 0.016486, 0.026216]),
        Row(.residence, .sameDistrict, [0.093540, 0.005663, 0.129247, 0.121676]),
        Row(.residence, .sameProvince, [0.053137, 0.055316, 0.083447, 0.079810]),
        Row(.residence, .different, [0.095268, 0.938205, 0.182606, 0.153587]),
        Row(.mother, .exact, [0.909880, 0.000280, 0.948338, 0.937958]),
        Row(.mother, .sameKey, [0.006310, 0.000004, 0.007305, 0.004944]),
        Row(.mother, .sameFold, [0.056003, 0.000026, 0.030959, 0.035234]),
        Row(.mother, .sameSkeleton, [0.006310, 0.000046, 0.003008, 0.004945]),
        Row(.mother, .oneLetter, [0.019711, 0.000241, 0.010342, 0.012346]),
        Row(.mother, .near, [0.001284, 0.000101, 0.000012, 0.001141]),
        Row(.mother, .turned, [0.000168, 0.000001, 0.000012, 0.001141]),
        Row(.mother, .partly, [0.000168, 0.027408, 0.000012, 0.001142]),
        Row(.mother, .different, [0.000168, 0.971894, 0.000012, 0.001150]),
        Row(.father, .exact, [0.914369, 0.000298, 0.952592, 0.941907]),
        Row(.father, .sameKey, [0.003256, 0.000001, 0.005430, 0.005243]),
        Row(.father, .sameFold, [0.051170, 0.000022, 0.028848, 0.033470]),
        Row(.father, .sameSkeleton, [0.004484, 0.000016, 0.003553, 0.009276]),
        Row(.father, .oneLetter, [0.025984, 0.000201, 0.009440, 0.005243]),
        Row(.father, .near, [0.000184, 0.000131, 0.000098, 0.001210]),
        Row(.father, .turned, [0.000184, 0.000001, 0.000013, 0.001210]),
        Row(.father, .partly, [0.000184, 0.027291, 0.000013, 0.001228]),
        Row(.father, .different, [0.000184, 0.972038, 0.000013, 0.001215]),
        Row(.motherBirthYear, .exact, [0.910965, 0.015895, 0.955045, 0.940507]),
        Row(.motherBirthYear, .yearNext, [0.087600, 0.030309, 0.044559, 0.051969]),
        Row(.motherBirthYear, .yearTwelve, [0.000359, 0.026257, 0.000019, 0.001878]),
        Row(.motherBirthYear, .yearEra, [0.000359, 0.000001, 0.000019, 0.001878]),
        Row(.motherBirthYear, .yearNear, [0.000359, 0.031012, 0.000339, 0.001889]),
        Row(.motherBirthYear, .different, [0.000359, 0.896525, 0.000019, 0.001878]),
    ]
}
