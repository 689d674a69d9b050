import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import CivilRegister

/// Invariant 4: whatever somebody with the database in hand does to a history, `verifyHistory` finds it.
@Suite struct TamperingTests {
    /// A statement that changes rows, and what it does.
    private struct Change {
        let what: String
        let sql: String
        let arguments: [any SQLValueConvertible]

        init(_ what: String, _ sql: String, _ arguments: [any SQLValueConvertible]) {
            (self.what, self.sql, self.arguments) = (what, sql, arguments)
        }
    }

    /// Thrown to take a change back after it was looked at.
    private struct TakenBack: Error {}

    @Test(arguments: TestDatabases.kinds)
    func invariant4EveryEditAndDeletionOfTheHistoryIsFound(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let record = try await world.registeredBirth()
            _ = try await world.civil.requestCorrection(
                record.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: CivilStep(world.registrar))
            _ = try await world.civil.approveCorrection(record.id, by: CivilStep(world.verifier))
            let other = try await world.registeredBirth(["child.given_km": "មករា"])
            let foreign = try await world.vault.create(KeyPurpose(rawValue: "other"), .es256, state: .active)
            let rows = try await world.database.read { try await world.civil.store.actions(of: record.id, in: $0) }
            #expect(rows.count == 6)
            try await world.civil.verifyHistory(of: record.id)

            for change in edits(rows, record.id, foreign.id) + moves(rows.count, record.id, other.id) {
                try await found(change, record.id, world)
            }
            for change in rowEdits(record.id, other.trackingID) { try await found(change, record.id, world) }
            try await world.civil.verifyHistory(of: record.id)
        }
    }

    /// A history without its last actions fits by itself; the ledger knows that there was more.
    @Test(arguments: TestDatabases.kinds) func aHistoryThatWasCutShortIsFoundByTheLedger(_ kind: DatabaseKind)
        async throws
    {
        try await World.with(kind) { world in
            let record = try await world.registeredBirth()
            let other = try await world.registeredBirth(["child.given_km": "មករា"])
            let asked = try await world.civil.requestCorrection(
                record.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: CivilStep(world.registrar))
            #expect(try await world.civil.verifyAll().broken.isEmpty)
            try await world.database.transaction { connection in
                try await connection.execute(
                    "DELETE FROM civil_actions WHERE record_id = $1 AND seq = $2", [record.id, asked.sequence])
                try await connection.execute(
                    "UPDATE civil_records SET sequence = $2, pending = NULL WHERE id = $1",
                    [record.id, asked.sequence - 1])
            }
            try await world.civil.verifyHistory(of: record.id)
            let found = try await world.civil.verifyAll()
            #expect(found.records == 2 && found.broken == [record.id] && other.id != record.id)
        }
    }

    /// One bit of each part of each row.
    private func edits(_ rows: [ActionRow], _ record: String, _ foreignKey: String) -> [Change] {
        func turned(_ bytes: [UInt8], _ at: Int) -> [UInt8] {
            var bytes = bytes
            bytes[at] ^= 1
            return bytes
        }
        var changes: [Change] = []
        for row in rows {
            for (column, bytes) in [
                ("header", row.header), ("sealed", row.sealed), ("hash", row.hash), ("signature", row.signature),
            ] {
                for at in [0, bytes.count / 2, bytes.count - 1] {
                    changes.append(
                        Change(
                            "bit of \(column) \(row.sequence)",
                            "UPDATE civil_actions SET \(column) = $3 WHERE record_id = $1 AND seq = $2",
                            [record, row.sequence, turned(bytes, at)]))
                }
            }
            changes.append(
                Change(
                    "key of \(row.sequence)", "UPDATE civil_actions SET key_id = $3 WHERE record_id = $1 AND seq = $2",
                    [record, row.sequence, foreignKey]))
        }
        return changes
    }

    /// Rows taken out, doubled, put in another order, or under another record.
    private func moves(_ count: Int, _ record: String, _ other: String) -> [Change] {
        var changes: [Change] = []
        for sequence in 1...count {
            changes.append(
                Change(
                    "row \(sequence) deleted", "DELETE FROM civil_actions WHERE record_id = $1 AND seq = $2",
                    [record, sequence]))
            changes.append(
                Change(
                    "row \(sequence) deleted and the rest moved up",
                    """
                    UPDATE civil_actions SET seq = CASE WHEN seq = $2 THEN 1000 WHEN seq > $2 THEN seq - 1 ELSE seq END
                    WHERE record_id = $1 AND seq = $2
                    """, [record, sequence]))
            changes.append(
                Change(
                    "row \(sequence) repeated",
                    """
                    INSERT INTO civil_actions (record_id, seq, header, sealed, hash, signature, key_id)
                    SELECT record_id, $3, header, sealed, hash, signature, key_id FROM civil_actions
                    WHERE record_id = $1 AND seq = $2
                    """, [record, sequence, count + 1]))
        }
        changes.append(
            Change("all rows deleted", "DELETE FROM civil_actions WHERE record_id = $1", [record]))
        changes.append(
            Change(
                "first row after the last", "UPDATE civil_actions SET seq = $2 WHERE record_id = $1 AND seq = 1",
                [record, count + 1]))
        changes.append(
            Change(
                "another record's row",
                "UPDATE civil_actions SET record_id = $1, seq = $3 WHERE record_id = $2 AND seq = 4",
                [record, other, count + 1]))
        return changes
    }

    /// The record's row says what its history says.
    private func rowEdits(_ record: String, _ tracking: String) -> [Change] {
        [
            "state = 'revoked'", "number = 'B-120101-2026-99999-00'", "number = NULL", "version = 1", "sequence = 5",
            "sequence = 7", "pending = 'revocation'", "is_sealed = 1", "needs_approval = 1", "office = '120102'",
            "kind = 'foundling'", "tracking = '000000000'",
        ].map { Change($0, "UPDATE civil_records SET \($0) WHERE id = $1", [record]) }
    }

    private func found(_ change: Change, _ record: String, _ world: World) async throws {
        do {
            try await world.database.transaction { connection in
                let touched = try await connection.execute(change.sql, change.arguments)
                #expect(touched > 0, "\(change.what) changes nothing")
                do {
                    try await world.civil.verifyHistory(of: record, in: connection)
                    Issue.record("\(change.what) was not found")
                } catch let error as RumdulError {
                    #expect(error.code == RumdulError.civilChain.code, "\(change.what): \(error)")
                }
                throw TakenBack()
            }
        } catch is TakenBack {}
    }
}
