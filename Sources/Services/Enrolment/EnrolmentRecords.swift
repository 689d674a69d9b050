import Database
import Kernel

/// What enrolments left behind, for services that must say how an identity was proven. No evidence leaves here but its kinds.
public struct EnrolmentRecords: Sendable {
    private let store = EnrolmentStore()

    public init() {}

    /// The completed enrolment that bound a device; `nil` when there is none.
    public func completed(device: String, in connection: any SQLConnection) async throws -> EnrolmentCase? {
        try await store.completed(device: device, in: connection)
    }
}
