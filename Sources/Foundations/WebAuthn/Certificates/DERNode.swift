import Foundation
import Kernel
import SwiftASN1

/// A node of DER with typed access; everything else than expected throws one check's error.
struct DERNode {
    let node: ASN1Node
    let check: WebAuthnCheck

    init(node: ASN1Node, _ check: WebAuthnCheck) {
        self.node = node
        self.check = check
    }

    /// - Throws: the check when the bytes are no single DER value.
    init(der: [UInt8], _ check: WebAuthnCheck) throws(RumdulError) {
        node = try checking(check, "not DER") { try DER.parse(der) }
        self.check = check
    }

    private func wrong(_ what: String) -> RumdulError { .webAuthn(check, "\(what) is expected") }

    /// The nodes inside a constructed node of this kind.
    func children(_ identifier: ASN1Identifier) throws(RumdulError) -> [DERNode] {
        guard node.identifier == identifier, case .constructed(let nodes) = node.content else {
            throw wrong("\(identifier)")
        }
        return nodes.map { DERNode(node: $0, check) }
    }

    /// The one node inside an explicit, context-specific tag.
    func tagged(_ number: UInt) throws(RumdulError) -> DERNode {
        let inside = try children(ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific))
        guard inside.count == 1 else { throw wrong("one value inside [\(number)]") }
        return inside[0]
    }

    /// The number of a context-specific tag, else `nil`.
    var tag: UInt? { node.identifier.tagClass == .contextSpecific ? node.identifier.tagNumber : nil }

    func integer() throws(RumdulError) -> Int64 {
        try checking(check, "an integer of 64 bits is expected") { try Int64(derEncoded: node) }
    }

    /// The content of an integer, big-endian.
    func integerBytes() throws(RumdulError) -> [UInt8] {
        guard node.identifier == .integer, case .primitive(let bytes) = node.content else { throw wrong("an integer") }
        return Array(bytes)
    }

    /// An enumeration; some devices write an integer.
    func enumerated() throws(RumdulError) -> Int64 {
        if node.identifier == .integer { return try integer() }
        guard node.identifier == .enumerated, case .primitive(let bytes) = node.content, bytes.count == 1,
            let value = bytes.first, value < 128
        else { throw wrong("an enumeration") }
        return Int64(value)
    }

    func octets() throws(RumdulError) -> [UInt8] {
        guard node.identifier == .octetString, case .primitive(let bytes) = node.content else {
            throw wrong("an octet string")
        }
        return Array(bytes)
    }

    func boolean() throws(RumdulError) -> Bool {
        try checking(check, "a boolean is expected") { try Bool(derEncoded: node) }
    }

    func oid() throws(RumdulError) -> ASN1ObjectIdentifier {
        try checking(check, "an object identifier is expected") { try ASN1ObjectIdentifier(derEncoded: node) }
    }

    var isTime: Bool { node.identifier == .utcTime || node.identifier == .generalizedTime }

    func instant() throws(RumdulError) -> Instant {
        if node.identifier == .utcTime {
            let time = try checking(check, "a time is expected") { try UTCTime(derEncoded: node) }
            return try moment(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
        }
        let time = try checking(check, "a time is expected") { try GeneralizedTime(derEncoded: node) }
        return try moment(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }

    private func moment(
        _ year: Int, _ month: Int, _ day: Int, _ hours: Int, _ minutes: Int, _ seconds: Int
    ) throws(RumdulError) -> Instant {
        guard let date = CalendarDate(year: year, month: month, day: day) else { throw wrong("a date") }
        return Instant(seconds: Int64(date.daysSinceEpoch) * 86400 + Int64(hours * 3600 + minutes * 60 + seconds))
    }
}
