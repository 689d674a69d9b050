import Kernel

/// One input of a form, for the partial `web/field`.
public struct FormField: Sendable {
    /// The name of the parameter.
    public var name: String
    /// The label in both languages.
    public var label: LocalizedText
    /// The HTML type: `text`, `password`, `tel`, `date`, `email`, `search`.
    public var type: String
    /// What stands in it.
    public var value: String
    /// A line of help.
    public var hint: LocalizedText?
    /// The HTML `autocomplete` value; WCAG 2.2 asks for it (criterion 1.3.5).
    public var autocomplete: String?
    /// The HTML `inputmode` value (`numeric`).
    public var inputMode: String?
    /// The HTML `maxlength`.
    public var maximumLength: Int?
    /// Whether it must be filled in.
    public var isRequired: Bool
    /// Whether browsers send it. What is not sent has no name, and is for a script of the page alone.
    public var isSent: Bool

    public init(
        _ name: String, _ label: LocalizedText, type: String = "text", value: String = "", hint: LocalizedText? = nil,
        autocomplete: String? = nil, inputMode: String? = nil, maximumLength: Int? = nil, isRequired: Bool = true,
        isSent: Bool = true
    ) {
        self.name = name
        self.label = label
        self.type = type
        self.value = value
        self.hint = hint
        self.autocomplete = autocomplete
        self.inputMode = inputMode
        self.maximumLength = maximumLength
        self.isRequired = isRequired
        self.isSent = isSent
    }

    /// The values for the partial.
    public func view(_ language: Language, errors: [FieldError] = []) -> [String: Any] {
        let error = errors.first { $0.field == name }?.message[language]
        var view: [String: Any] = [
            "name": name, "label": label[language], "type": type, "required": isRequired, "optional": !isRequired,
            "unsent": !isSent,
        ]
        if !value.isEmpty, type != "password" { view["value"] = value }
        if let hint { view["hint"] = hint[language] }
        if let error { view["error"] = error }
        if let autocomplete { view["autocomplete"] = autocomplete }
        if let inputMode { view["inputmode"] = inputMode }
        if let maximumLength { view["maxlength"] = maximumLength }
        var described: [String] = []
        if hint != nil { described.append("h-\(name)") }
        if error != nil { described.append("e-\(name)") }
        if !described.isEmpty { view["described"] = described.joined(separator: " ") }
        // Inside the section of one field, outer values must not shine through.
        for key in ["value", "hint", "error", "autocomplete", "inputmode", "maxlength", "described"]
        where view[key] == nil { view[key] = false }
        return view
    }

    /// The values of a whole form: `fields`, `hasErrors`, `errors` and `csrf`, for the partials `web/errors`,
    /// `web/csrf` and
    /// `{{#fields}}{{> web/field}}{{/fields}}`.
    public static func form(
        _ fields: [FormField], errors: [FieldError] = [], csrf: String, language: Language
    ) -> [String: Any] {
        let labels = Dictionary(fields.map { ($0.name, $0.label[language]) }) { first, _ in first }
        return [
            "fields": fields.map { $0.view(language, errors: errors) }, "hasErrors": !errors.isEmpty,
            "errors": errors.map {
                ["field": $0.field, "label": labels[$0.field] ?? false as Any, "message": $0.message[language]]
            }, "csrf": csrf,
        ]
    }
}
