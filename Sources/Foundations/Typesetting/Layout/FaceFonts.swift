/// Which families play a face, and how much room its lines need.
struct FaceFonts {
    /// Families in the order in which a letter looks for its font: Latin first, so that the Latin letters inside Khmer
    /// fonts are not used.
    let families: [String]
    let isBold: Bool
    /// Room above and below the baseline as multiples of the size: enough for stacked Khmer, the same for every line.
    let ascent: Double
    let descent: Double

    static func of(_ face: Face) -> FaceFonts {
        switch face {
        case .body:
            FaceFonts(
                families: ["Noto Sans", "Khmer OS Siemreap", "Noto Sans Khmer"], isBold: false, ascent: 1.08,
                descent: 0.6)
        case .bold:
            FaceFonts(families: ["Noto Sans", "Noto Sans Khmer"], isBold: true, ascent: 1.08, descent: 0.6)
        case .heading:
            FaceFonts(
                families: ["Noto Serif", "Khmer OS Muol Light"], isBold: false, ascent: 1.3, descent: 0.8)
        case .title:
            FaceFonts(families: ["Noto Serif", "Khmer OS Muol"], isBold: false, ascent: 1.3, descent: 0.8)
        case .latin:
            FaceFonts(
                families: ["Noto Serif", "Noto Serif Khmer"], isBold: false, ascent: 1.05, descent: 0.45)
        case .latinBold:
            FaceFonts(families: ["Noto Serif", "Noto Serif Khmer"], isBold: true, ascent: 1.05, descent: 0.45)
        case .monospaced:
            FaceFonts(
                families: ["DejaVu Sans Mono", "Khmer OS Siemreap", "Noto Sans Khmer"], isBold: false, ascent: 1.05,
                descent: 0.5)
        }
    }
}
