import Kernel

extension PendingTransaction {
    /// The matching number as a person types it: one or two digits, ASCII or Khmer, spaces around them ignored.
    /// - Throws: `device.number_not_offered` for anything else.
    public static func number(_ text: some StringProtocol) throws(RumdulError) -> Int {
        var number = 0
        var count = 0
        for scalar in text.unicodeScalars.trimmingSpace {
            guard let digit = DecimalDigits.value(of: scalar), count < 2 else { throw RumdulError.numberNotOffered }
            number = number * 10 + Int(digit)
            count += 1
        }
        guard count > 0 else { throw RumdulError.numberNotOffered }
        return number
    }
}
