import Kernel

/// Reads typed values from a form and collects every refusal, so that a person sees all of them at once.
///
/// ```swift
/// var read = form.reader
/// let name = read.text("name", maximum: 80)
/// let year = read.integer("year", in: 1900...2100)
/// try read.finish()
/// ```
/// A refused value comes back as an empty or lowest value; ``finish()`` then throws.
public struct FieldReader: Sendable {
    private let fields: FormFields
    /// The refusals so far.
    public private(set) var errors: [FieldError] = []

    public init(_ fields: FormFields) { self.fields = fields }

    /// Refuses a field for a reason of the caller's.
    public mutating func refuse(_ name: String, _ reason: LocalizedText) { errors.append(FieldError(name, reason)) }

    /// A text that must be there: at most so many Unicode scalars, no control characters but line breaks when allowed.
    public mutating func text(_ name: String, maximum: Int = 200, lines: Bool = false) -> String {
        guard let value = fields[name] else {
            refuse(name, FieldTexts.required)
            return ""
        }
        return checked(name, value, maximum: maximum, lines: lines) ?? ""
    }

    /// A text that may be absent; rules as for ``text(_:maximum:lines:)``.
    public mutating func optionalText(_ name: String, maximum: Int = 200, lines: Bool = false) -> String? {
        fields[name].flatMap { checked(name, $0, maximum: maximum, lines: lines) }
    }

    /// A whole number in ASCII digits within a range.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
        guard fields[name] != nil else {
            refuse(name, FieldTexts.required)
            return range.lowerBound
        }
        return optionalInteger(name, in: range) ?? range.lowerBound
    }

    /// A whole number that may be absent.
    public mutating func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = fields[name] else { return nil }
        guard value.utf8.count <= 19, let number = Int(value) else {
            refuse(name, FieldTexts.number)
            return nil
        }
        guard range.contains(number) else {
            refuse(name, FieldTexts.range(range))
            return nil
        }
        return number
    }

    /// A day as `YYYY-MM-DD`; `nil` when refused.
    public mutating func date(_ name: String) -> CalendarDate? {
        guard fields[name] != nil else {
            refuse(name, FieldTexts.required)
            return nil
        }
        return optionalDate(name)
    }

    /// A day that may be absent.
    public mutating func optionalDate(_ name: String) -> CalendarDate? {
        guard let value = fields[name] else { return nil }
        guard let date = CalendarDate(iso: value) else {
            refuse(name, FieldTexts.date)
            return nil
        }
        return date
    }

    /// One of the raw values of a type; `nil` when refused.
    public mutating func choice<Value: RawRepresentable>(_ name: String, _ type: Value.Type = Value.self) -> Value?
    where Value.RawValue == String {
        guard let value = fields[name] else {
            refuse(name, FieldTexts.required)
            return nil
        }
        guard let choice = Value(rawValue: value) else {
            refuse(name, FieldTexts.choice)
            return nil
        }
        return choice
    }

    /// A checkbox: true when it was sent with any value but `false`, `0` or `off`.
    public func flag(_ name: String) -> Bool {
        guard let value = fields[name] else { return false }
        return value != "false" && value != "0" && value != "off"
    }

    /// A value that a closure makes of the text; `nil` from the closure refuses the field.
    public mutating func value<Value>(
        _ name: String, _ reason: LocalizedText = FieldTexts.kind, _ make: (String) -> Value?
    ) -> Value? {
        guard let text = fields[name] else {
            refuse(name, FieldTexts.required)
            return nil
        }
        guard let value = make(text) else {
            refuse(name, reason)
            return nil
        }
        return value
    }

    /// Ends the reading.
    /// - Throws: `web.invalid_fields` when any field was refused.
    public func finish() throws(RumdulError) {
        guard errors.isEmpty else { throw .invalidFields(errors) }
    }

    private mutating func checked(_ name: String, _ value: String, maximum: Int, lines: Bool) -> String? {
        guard value.unicodeScalars.count <= maximum else {
            refuse(name, FieldTexts.tooLong(maximum))
            return nil
        }
        for scalar in value.unicodeScalars where scalar.value < 0x20 || scalar.value == 0x7F {
            if lines, scalar.value == 0x0A || scalar.value == 0x0D || scalar.value == 0x09 { continue }
            refuse(name, FieldTexts.characters)
            return nil
        }
        return value
    }
}
