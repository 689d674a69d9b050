import Accountability
import Kernel

/// How an attribute, or the wish to stay connected, is called on pages and devices.
struct AttributeText: Sendable {
    var label: LocalizedText
    var summary: LocalizedText

    init(_ name: String) {
        if name == "offline_access" {
            label = LocalizedText(km: "ប្រើពេលអ្នកមិននៅ", en: "Access while you are away")
            summary = LocalizedText(
                km: "សេវាអាចអានព័ត៌មានដែលបានជ្រើស រហូតដល់ថ្ងៃផុតកំណត់ ដោយមិនសួរម្តងទៀត។",
                en: "The service may read the chosen data until the end date without asking again.")
            return
        }
        let description = AttributeCatalogue.description(of: AttributeName(rawValue: name))
        label = description?.label ?? LocalizedText(km: name, en: name)
        summary = description?.summary ?? LocalizedText(km: "", en: "")
    }
}
