import Codecs
import Kernel

/// Lays a request over what is known: only what is asked comes out, and only when every constraint holds (OpenID Connect for Identity
/// Assurance 1.0, sections 6.2, 6.3 and 6.5).
enum VerificationTemplate {
    enum Result: Equatable {
        case value(JSONValue)
        /// There is nothing to tell.
        case absent
        /// A constraint does not hold, so nothing around it may be told.
        case unmet
    }

    /// Members that the schema calls required: they come without being asked.
    private static let required: Set<String> = ["type", "check_method"]

    static func lay(_ template: JSONValue, over known: JSONValue?, now: Instant) -> Result {
        guard let known else { return isConstrained(template) ? .unmet : .absent }
        if let entries = known.arrayValue { return lay(template, overEach: entries, now: now) }
        if let object = known.objectValue { return lay(template.objectValue ?? [:], over: object, now: now) }
        return meets(known, template, now: now) ? .value(known) : .unmet
    }

    private static func lay(_ template: JSONObject, over known: JSONObject, now: Instant) -> Result {
        var told: JSONObject = [:]
        for name in known.names where required.contains(name) && !template.has(name) { told[name] = known[name] }
        for member in template.members {
            switch lay(member.value, over: known[member.name], now: now) {
            case .value(let value): told[member.name] = value
            case .absent: continue
            case .unmet: return .unmet
            }
        }
        return told.isEmpty ? .absent : .value(.object(told))
    }

    /// Each entry that one of the templates fits, as that template asks.
    private static func lay(_ template: JSONValue, overEach known: [JSONValue], now: Instant) -> Result {
        let templates = template.arrayValue ?? [template]
        let told = known.compactMap { entry -> JSONValue? in
            for template in templates {
                if case .value(let value) = lay(template, over: entry, now: now) { return value }
            }
            return nil
        }
        guard told.isEmpty else { return .value(.array(told)) }
        return isConstrained(template) ? .unmet : .absent
    }

    /// Whether a value is what `value`, `values` and `max_age` of a request allow. Other members are no constraints.
    static func meets(_ known: JSONValue, _ constraint: JSONValue, now: Instant) -> Bool {
        guard let constraint = constraint.objectValue else { return true }
        if let value = constraint["value"], value != known { return false }
        if let values = constraint.array("values"), !values.contains(known) { return false }
        guard let maximum = constraint.integer("max_age"),
            let day = known.stringValue.flatMap({ CalendarDate(iso: $0.prefix(10)) })
        else { return true }
        return now.seconds - AssuranceDay.lastSecond(of: day) <= maximum
    }

    private static func isConstrained(_ template: JSONValue) -> Bool {
        if let entries = template.arrayValue { return entries.contains(where: isConstrained) }
        guard let object = template.objectValue else { return false }
        return ["value", "values", "max_age"].contains(where: object.has)
            || object.members.contains { isConstrained($0.value) }
    }
}

/// Moments of an enrolment, told by the day: to the second they would let clients recognise one person.
enum AssuranceDay {
    /// Midnight in Cambodia as ISO 8601.
    static func text(_ moment: Instant) -> String { "\(moment.dayInCambodia)T00:00:00+07:00" }

    static func lastSecond(of day: CalendarDate) -> Int64 { Int64(day.daysSinceEpoch + 1) * 86_400 - 1 - 7 * 3600 }
}
