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

    /// One subscriber's network, as far as addresses tell: the whole IPv4 address, the first 64 bits of IPv6 (RFC 4291, section 2.5.4: one
    /// link, within which a host changes its address at will). Equal for equal networks however they are written; what is no address
    /// stands for itself.
    public static func subscriber(address: String) -> String {
        guard let bytes = IPAddress.bytes(address[...]) else { return address }
        return bytes.prefix(bytes.count == 16 ? 8 : 4).map { String($0, radix: 16) }.joined(separator: ".")
    }
}
