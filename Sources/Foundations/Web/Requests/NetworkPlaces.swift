import Kernel
import KhmerText

/// Where networks are, roughly, as a list of the operator says. Looked up in memory: no address leaves the node for it.
public struct NetworkPlaces: Sendable {
    /// What is wrong with a list, and in which line.
    public struct Fault: Error, Equatable {
        public let line: Int
        public let reason: String
    }

    /// The most networks of a list.
    public static let limit = 1_000_000
    /// The most bytes of a list.
    public static let sizeLimit = 1 << 27
    /// The most Unicode scalars of a place's name.
    public static let nameLimit = 80

    private let names: [LocalizedText]
    private let version4: NetworkTable<UInt32>
    private let version6: NetworkTable<UInt128>

    /// Knows no place.
    public static let none = NetworkPlaces(names: [], version4: NetworkTable(), version6: NetworkTable())

    private init(names: [LocalizedText], version4: NetworkTable<UInt32>, version6: NetworkTable<UInt128>) {
        self.names = names
        self.version4 = version4
        self.version6 = version6
    }

    /// Reads lines of `network,km,en` (CSV, RFC 4180): the network in CIDR notation or one address, the place's name in Khmer
    /// and in English. A first line that says just this, empty lines and lines that begin with `#` do not count. Where networks lie
    /// within each other, the narrowest decides.
    public init(csv: [UInt8]) throws(Fault) {
        guard csv.count <= Self.sizeLimit else { throw Fault(line: 0, reason: "more than \(Self.sizeLimit) bytes") }
        var reader = Reader()
        let bytes = csv.starts(with: [0xEF, 0xBB, 0xBF]) ? csv.dropFirst(3) : csv[...]
        var line = 0
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            try reader.take(part.last == UInt8(ascii: "\r") ? part.dropLast() : part, line)
        }
        self.init(
            names: reader.names, version4: try NetworkTable(reader.version4),
            version6: try NetworkTable(reader.version6))
    }

    /// The place of the narrowest network that an address lies in; `nil` where none is listed. IPv4 within IPv6 is IPv4.
    public func place(of address: String) -> LocalizedText? {
        guard let bytes = IPAddress.bytes(address[...]) else { return nil }
        let found = bytes.count == 4 ? version4.find(UInt32(bytes)) : version6.find(UInt128(bytes))
        return found.map { names[Int($0)] }
    }
}

extension NetworkPlaces {
    /// Reads a list line by line.
    private struct Reader {
        var names: [LocalizedText] = []
        var version4: [NetworkBlock<UInt32>] = []
        var version6: [NetworkBlock<UInt128>] = []
        private var known: [LocalizedText: UInt32] = [:]

        mutating func take(_ bytes: ArraySlice<UInt8>, _ line: Int) throws(Fault) {
            guard !bytes.isEmpty, bytes.first != UInt8(ascii: "#") else { return }
            guard bytes.count <= 2048, let fields = Self.fields(bytes) else {
                throw Fault(line: line, reason: "not network,km,en in UTF-8")
            }
            if version4.isEmpty, version6.isEmpty, fields == ["network", "km", "en"] { return }
            guard fields.count == 3 else { throw Fault(line: line, reason: "not network,km,en") }
            guard version4.count + version6.count < NetworkPlaces.limit else {
                throw Fault(line: line, reason: "more than \(NetworkPlaces.limit) networks")
            }
            try add(fields[0], try place(fields, line), line)
        }

        private enum Position { case start, plain, quoted, closed }

        /// The fields of a line; `nil` where quotes are wrong or it is no UTF-8.
        private static func fields(_ bytes: ArraySlice<UInt8>) -> [String]? {
            let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
            var fields: [[UInt8]] = [[]]
            var position = Position.start
            for byte in bytes {
                switch (position, byte) {
                case (.start, quote): position = .quoted
                case (.quoted, quote): position = .closed
                case (.quoted, _): fields[fields.count - 1].append(byte)
                case (.closed, quote):
                    fields[fields.count - 1].append(quote)
                    position = .quoted
                case (_, comma):
                    fields.append([])
                    position = .start
                case (.closed, _), (_, quote): return nil
                default:
                    fields[fields.count - 1].append(byte)
                    position = .plain
                }
            }
            let texts = fields.compactMap { String(validating: $0, as: UTF8.self) }
            return texts.count == fields.count && position != .quoted ? texts : nil
        }

        private mutating func place(_ fields: [String], _ line: Int) throws(Fault) -> UInt32 {
            let raw = LocalizedText(km: fields[1], en: fields[2])
            if let found = known[raw] { return found }
            let name: LocalizedText
            do throws(RumdulError) {
                name = LocalizedText(
                    km: try TextInput.clean(raw.km, limit: NetworkPlaces.nameLimit),
                    en: try TextInput.clean(raw.en, limit: NetworkPlaces.nameLimit))
            } catch {
                throw Fault(line: line, reason: "a name of a place: \(error.message.en)")
            }
            let index = UInt32(names.count)
            names.append(name)
            known[raw] = index
            return index
        }

        private mutating func add(_ network: String, _ place: UInt32, _ line: Int) throws(Fault) {
            let wrong = Fault(line: line, reason: "not a network such as 203.0.113.0/24 or 2001:db8::/32")
            let parts = network.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first, let bytes = IPAddress.bytes(first), !first.contains("%")
            else {
                throw wrong
            }
            var prefix = bytes.count * 8
            if parts.count == 2 {
                // A mapped address counts the 96 bits before it.
                let (mapped, digits) = (bytes.count == 4 && first.contains(":") ? 96 : 0, parts[1].utf8)
                guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
                    let length = Int(parts[1]), (mapped...mapped + prefix).contains(length)
                else { throw wrong }
                prefix = length - mapped
            }
            let block4 = bytes.count == 4 ? NetworkBlock(UInt32(bytes), prefix, place, line) : nil
            let block6 = bytes.count == 16 ? NetworkBlock(UInt128(bytes), prefix, place, line) : nil
            guard block4 != nil || block6 != nil else {
                throw Fault(line: line, reason: "the address has bits beyond its prefix")
            }
            if let block4 { version4.append(block4) }
            if let block6 { version6.append(block6) }
        }
    }
}

/// One network of a list.
struct NetworkBlock<Address: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    let first: Address
    let last: Address
    let place: UInt32
    let line: UInt32

    /// `nil` for an address with bits beyond the prefix.
    init?(_ address: Address, _ prefix: Int, _ place: UInt32, _ line: Int) {
        let rest: Address = prefix == 0 ? .max : (prefix == Address.bitWidth ? 0 : .max >> Address(prefix))
        guard address & rest == 0 else { return nil }
        first = address
        last = address | rest
        self.place = place
        self.line = UInt32(line)
    }
}

/// Networks within networks, laid out flat: from each start to the next, one place or none. A look-up is one binary search.
struct NetworkTable<Address: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private var starts: [Address] = []
    private var places: [UInt32] = []
    private static var nowhere: UInt32 { .max }

    init() {}

    init(_ blocks: [NetworkBlock<Address>]) throws(NetworkPlaces.Fault) {
        // Wider ones first where they begin alike: of two networks one lies within the other, or they share nothing.
        let sorted = blocks.sorted {
            ($0.first, $1.last, $0.line) < ($1.first, $0.last, $1.line)
        }
        var open: [NetworkBlock<Address>] = []
        for block in sorted {
            if let before = open.last, before.first == block.first, before.last == block.last {
                throw NetworkPlaces.Fault(
                    line: Int(block.line), reason: "the network stands in line \(before.line) already")
            }
            while let top = open.last, top.last < block.first { close(&open, top) }
            mark(block.first, block.place)
            open.append(block)
        }
        while let top = open.last { close(&open, top) }
    }

    private mutating func close(_ open: inout [NetworkBlock<Address>], _ top: NetworkBlock<Address>) {
        open.removeLast()
        if top.last < .max { mark(top.last + 1, open.last?.place ?? Self.nowhere) }
    }

    private mutating func mark(_ start: Address, _ place: UInt32) {
        if starts.last == start {
            places[places.count - 1] = place
        } else {
            starts.append(start)
            places.append(place)
        }
    }

    func find(_ address: Address) -> UInt32? {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, places[low - 1] != Self.nowhere else { return nil }
        return places[low - 1]
    }
}

extension FixedWidthInteger {
    /// A number from its bytes, the highest first.
    fileprivate init(_ bytes: [UInt8]) { self = bytes.reduce(0) { $0 << 8 | Self($1) } }
}
