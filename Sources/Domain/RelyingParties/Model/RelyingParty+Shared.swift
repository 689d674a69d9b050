/// A registered relying party: its ``ClientMetadata`` behind one reference, because every request hands it on many times and
/// it has some fifty members. A value all the same: a change is made to a copy of its own.
@dynamicMemberLookup
public struct RelyingParty: Sendable {
    // Changed only while nobody else holds it.
    @usableFromInline
    final class Box: @unchecked Sendable {
        @usableFromInline var metadata: ClientMetadata

        @usableFromInline
        init(_ metadata: ClientMetadata) { self.metadata = metadata }
    }

    @usableFromInline var box: Box

    public init(_ metadata: ClientMetadata) { box = Box(metadata) }

    @inlinable
    public subscript<Value>(dynamicMember path: KeyPath<ClientMetadata, Value>) -> Value {
        box.metadata[keyPath: path]
    }

    @inlinable
    public subscript<Value>(dynamicMember path: WritableKeyPath<ClientMetadata, Value>) -> Value {
        get { box.metadata[keyPath: path] }
        set {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.metadata) }
            box.metadata[keyPath: path] = newValue
        }
    }

    /// The whole registration.
    public var metadata: ClientMetadata { box.metadata }

    /// ``ClientMetadata/purpose(_:)``
    public func purpose(_ code: String?) -> RegisteredPurpose? { box.metadata.purpose(code) }

    /// ``ClientMetadata/allows(responseType:)``
    public func allows(responseType: String) -> Bool { box.metadata.allows(responseType: responseType) }

    /// ``ClientMetadata/allows(responseMode:)``
    public func allows(responseMode: String) -> Bool { box.metadata.allows(responseMode: responseMode) }

    /// ``ClientMetadata/accepts(redirectURI:)``
    public func accepts(redirectURI: String) -> Bool { box.metadata.accepts(redirectURI: redirectURI) }

    /// ``ClientMetadata/publicSector``
    public static let publicSector = ClientMetadata.publicSector
}

extension RelyingParty: Equatable {
    public static func == (left: RelyingParty, right: RelyingParty) -> Bool {
        left.box === right.box || left.box.metadata == right.box.metadata
    }
}
