extension StringProtocol {
    /// The parts between ASCII spaces, without empty ones: the lists of OAuth (RFC 6749, section 3.3) and of our columns.
    public var words: [String] {
        utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    }
}
