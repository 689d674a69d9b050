import Codecs
import Database
import JOSE
import Kernel

/// The SQL of authenticators; the only place that touches `auth_devices`.
struct DeviceStore: Sendable {
    private let keys = DeviceKeyCache(capacity: 65_536)

    static let migrations = ModuleMigrations(
        "authenticators",
        [
            .init(
                "devices",
                [
                    """
                    CREATE TABLE auth_devices (
                        id TEXT PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        name TEXT NOT NULL,
                        platform TEXT NOT NULL,
                        device_key TEXT NOT NULL,
                        pin_key TEXT NOT NULL,
                        key_storage TEXT NOT NULL,
                        state TEXT NOT NULL,
                        pin_failures BIGINT NOT NULL,
                        ial BIGINT NOT NULL,
                        created_at BIGINT NOT NULL,
                        activated_at BIGINT
                    )
                    """,
                    "CREATE INDEX auth_devices_by_person ON auth_devices (person_id, created_at)",
                    // Every public key of every device, device keys and PIN keys alike, belongs to one device for ever.
                    """
                    CREATE TABLE auth_keys (
                        thumbprint TEXT PRIMARY KEY,
                        device_id TEXT NOT NULL,
                        kind TEXT NOT NULL
                    )
                    """,
                ]),
            PasskeyStore.migration,
            CodeSheetStore.migration, TextCodes.migration, SafetyStore.migration, attestationMigration,
            RiskEventStore.migration, PINCardStore.migration, DuressStore.migration,
            PINCardStore.proofMigration,
        ])

    /// Devices from before are what nobody vouched for: software.
    private static let attestationMigration = ModuleMigrations.Step(
        "key attestation",
        [
            "ALTER TABLE auth_devices ADD COLUMN key_protection TEXT NOT NULL DEFAULT 'software'",
            "ALTER TABLE auth_devices ADD COLUMN key_unlock TEXT NOT NULL DEFAULT 'none'",
        ])

    private static let columns = """
        id, person_id, name, platform, device_key, pin_key, key_storage, state, pin_failures, ial, created_at, activated_at,
        key_protection, key_unlock
        """

    func insert(_ device: Device, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO auth_devices (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [
                device.id, device.personID.text, device.name, device.platform, device.keys.device.stored,
                device.keys.pin.stored, device.keyStorage.rawValue, device.state.rawValue,
                device.pinFailures, device.ial.rawValue, device.createdAt, device.activatedAt,
                device.key.protection.rawValue, device.key.unlock.rawValue,
            ])
    }

    /// Claims a key for a device. False when any device has it.
    func claim(
        key thumbprint: String, kind: String, device: String, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.query(
            """
            INSERT INTO auth_keys (thumbprint, device_id, kind) VALUES ($1, $2, $3)
            ON CONFLICT (thumbprint) DO NOTHING RETURNING thumbprint
            """, [thumbprint, device, kind]
        ).count == 1
    }

    func device(_ id: String, in connection: any SQLConnection) async throws -> Device? {
        try await connection.first("SELECT \(Self.columns) FROM auth_devices WHERE id = $1", [id]).map(device)
    }

    func devices(of person: PersonID, in connection: any SQLConnection) async throws -> [Device] {
        try await connection.query(
            "SELECT \(Self.columns) FROM auth_devices WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT 500",
            [person.text]
        ).map(device)
    }

    /// Moves a device between two states; false when it was no longer in the first one.
    func move(
        _ id: String, from: DeviceState, to: DeviceState, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE auth_devices SET state = $3,
                activated_at = CASE WHEN $3 = 'active' AND activated_at IS NULL THEN $4 ELSE activated_at END
            WHERE id = $1 AND state = $2
            """, [id, from.rawValue, to.rawValue, now]) == 1
    }

    func rename(_ id: String, to name: String, in connection: any SQLConnection) async throws -> PersonID? {
        try await connection.first(
            "UPDATE auth_devices SET name = $2 WHERE id = $1 RETURNING person_id", [id, name]
        ).map { PersonID(try $0.string(0)) }
    }

    /// State and wrong tries as this transaction sees them.
    func standing(
        _ id: String, in connection: any SQLConnection
    ) async throws -> (state: DeviceState, failures: Int)? {
        guard
            let row = try await connection.first("SELECT state, pin_failures FROM auth_devices WHERE id = $1", [id])
        else { return nil }
        guard let state = DeviceState(rawValue: try row.string(0)) else { throw RumdulError.internal("device state") }
        return (state, try row.int(1))
    }

    /// Counts a wrong try unless the PIN is locked already; the new count, or `nil` when it was locked.
    func countFailure(_ id: String, in connection: any SQLConnection) async throws -> Int? {
        try await connection.first(
            """
            UPDATE auth_devices SET pin_failures = pin_failures + 1 WHERE id = $1 AND pin_failures < $2
            RETURNING pin_failures
            """, [id, Device.pinTries]
        ).map { try $0.int(0) }
    }

    /// Puts a new PIN key in place of the one that was checked; false when it was replaced in between.
    func replacePINKey(
        _ id: String, from old: DeviceKey, to new: DeviceKey, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_devices SET pin_key = $3 WHERE id = $1 AND pin_key = $2", [id, old.stored, new.stored]) == 1
    }

    /// Forgets the wrong tries after a right one; false when the PIN was locked in between.
    func clearFailures(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_devices SET pin_failures = 0 WHERE id = $1 AND pin_failures < $2", [id, Device.pinTries]) == 1
    }

    /// Unlocks the PIN; the owner, or `nil` when there was nothing to unlock.
    func unlock(_ id: String, in connection: any SQLConnection) async throws -> PersonID? {
        try await connection.first(
            "UPDATE auth_devices SET pin_failures = 0 WHERE id = $1 AND pin_failures > 0 RETURNING person_id", [id]
        ).map { PersonID(try $0.string(0)) }
    }

    private func device(_ row: Row) throws -> Device {
        guard let protection = KeyProtection(rawValue: try row.string(12)),
            let unlock = KeyUnlock(rawValue: try row.string(13)),
            let state = DeviceState(rawValue: try row.string(7)),
            let ial = IdentityAssuranceLevel(rawValue: try row.int(9))
        else { throw RumdulError.internal("auth_devices row") }
        return Device(
            id: try row.string(0), personID: PersonID(try row.string(1)), name: try row.string(2),
            platform: try row.string(3),
            keys: (try keys.key(stored: try row.string(4)), try keys.key(stored: try row.string(5))),
            key: KeyProof(protection, unlock: unlock), state: state, pinFailures: try row.int(8), ial: ial,
            createdAt: try row.instant(10),
            activatedAt: try row.optionalInstant(11))
    }
}
