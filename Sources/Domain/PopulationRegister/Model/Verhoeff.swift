/// The check digit of Verhoeff (1969) over the dihedral group of ten elements: it finds every single wrong digit and
/// every swap of two neighbours.
enum Verhoeff {
    /// The product in the group.
    private static let product: [[UInt8]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]
    /// The permutation of each position, counted from the right.
    private static let permutation: [[UInt8]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ]
    private static let inverse: [UInt8] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9]

    /// The check digit (0...9) that belongs behind these digits (0...9 each).
    static func checkDigit(_ digits: [UInt8]) -> UInt8 { inverse[Int(sum(digits, firstPosition: 1))] }

    /// Whether the last of these digits is the check digit of the others.
    static func isValid(_ digits: [UInt8]) -> Bool { !digits.isEmpty && sum(digits, firstPosition: 0) == 0 }

    private static func sum(_ digits: [UInt8], firstPosition: Int) -> UInt8 {
        var sum: UInt8 = 0
        var position = firstPosition
        for digit in digits.reversed() {
            sum = product[Int(sum)][Int(permutation[position % 8][Int(digit)])]
            position += 1
        }
        return sum
    }
}
