import Kernel

extension RumdulError {
    /// The folder holds a country of another seed.
    static let demoOtherSeed = RumdulError(
        "demo.other_seed", .conflict, km: "ថតនេះមានប្រជាជនគំរូផ្សេងរួចហើយ។ សូមជ្រើសរើសថតផ្សេង។",
        en: "This folder holds the people of another seed. Choose another folder.")

    /// The file of the demonstration cannot be read or written.
    static func demoFile(_ cause: String) -> RumdulError {
        RumdulError(
            "demo.file", .internal, km: "មិនអាចអាន ឬសរសេរឯកសារគំរូបានទេ។",
            en: "The file demo.json in the data folder cannot be read or written.", cause: cause)
    }

    /// No free port was found.
    static let demoNoPort = RumdulError(
        "demo.no_port", .unavailable, km: "គ្មានច្រកទំនេរទេ។ សូមជ្រើសរើសច្រកផ្សេង។",
        en: "No free port was found, or the chosen one is taken. Choose another with --port, --demo-port, --bank-port.")

    /// The shop window of the bank holds too many visitors at once.
    static let demoBusy = RumdulError(
        "demo.busy", .unavailable, km: "មានអ្នកប្រើច្រើនពេក។ សូមព្យាយាមម្តងទៀត។",
        en: "Too many visitors. Please try again.",
        retryAfter: 5)
}
