import HTTPTypes

extension HTTPFields {
    /// The value of a field that mostly comes once; several are joined as the subscript does. Costs no more than looking.
    public func one(_ name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            guard found == nil else { return self[name] }
            found = field.value
        }
        return found
    }
}
