/// A few words on the network that a request came from: enough to recognise one's own, too little to name a subscriber.
public enum NetworkName {
    /// `203.0.113.*` (24 bits), `2001:db8:1:*` (48 bits); `nil` for what is no address.
    public static func words(address: String) -> String? {
        guard let bytes = IPAddress.bytes(address[...]) else { return nil }
        guard bytes.count == 16 else { return bytes.prefix(3).map(String.init).joined(separator: ".") + ".*" }
        let groups = stride(from: 0, to: 6, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }
        return groups.joined(separator: ":") + ":*"
    }
}
