import ArgumentParser
import Codecs
import DeviceKit
import Kernel

/// `rumdul device status`
struct DeviceStatusCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What the server says about this device.",
        discussion: """
            Example: rumdul device status --json

            \(DeviceExit.help)
            """)

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let record = try await authenticator.enrolment()
        let status = try await authenticator.status()
        let state = DeviceStatusCommand.text(status.state)
        let locked = LocalizedText(km: "ជាប់សោ", en: "locked")
        let tries = LocalizedText(km: "នៅសល់ \(status.pinTriesLeft) ដង", en: "\(status.pinTriesLeft) tries left")
        let pin = status.isPINLocked ? locked : tries
        terminal.result(
            [
                "device_id": .string(status.deviceID), "name": .string(status.name),
                "state": .string(status.state.rawValue), "pin_locked": .bool(status.isPINLocked),
                "pin_tries_left": .integer(Int64(status.pinTriesLeft)), "ial": .integer(Int64(status.ial.rawValue)),
                "key_protection": .string(status.keyProtection),
                "issuer": .string(record.issuer.text), "server": .string(record.server.text),
                "notices": .array(
                    status.notices.map { notice in
                        [
                            "kind": .string(notice.kind), "at": .integer(notice.at.seconds),
                            "device_name": .string(notice.deviceName),
                        ]
                    }), "held_until": status.heldUntil.map { .integer($0.seconds) } ?? .null,
            ],
            [
                LocalizedText(
                    km: "ឧបករណ៍៖ \(status.name) (\(status.deviceID))", en: "Device: \(status.name) (\(status.deviceID))"),
                LocalizedText(km: "ម៉ាស៊ីនមេ៖ \(record.issuer)", en: "Server: \(record.issuer)"),
                LocalizedText(km: "ស្ថានភាព៖ \(state.km)", en: "State: \(state.en)"),
                LocalizedText(km: "លេខសម្ងាត់ PIN៖ \(pin.km)", en: "PIN: \(pin.en)"),
                LocalizedText(
                    km: "កម្រិតផ្ទៀងផ្ទាត់អត្តសញ្ញាណ៖ \(status.ial.rawValue)",
                    en: "Identity assurance level: \(status.ial.rawValue)"),
                LocalizedText(km: "សោ៖ \(status.keyProtection)", en: "Key: \(status.keyProtection)"),
            ] + DeviceStatusCommand.news(status))
    }

    private static func news(_ status: DeviceStatus) -> [LocalizedText] {
        var lines = status.notices.map { notice in
            LocalizedText(
                km: "ដំណឹង៖ \(notice.kind) · \(notice.deviceName) · \(notice.at.rfc3339)",
                en: "Notice: \(notice.kind) · \(notice.deviceName) · \(notice.at.rfc3339)")
        }
        if let until = status.heldUntil {
            lines.append(
                LocalizedText(
                    km: "កម្រិតខ្ពស់ត្រូវបានផ្អាករហូតដល់ \(until.rfc3339)", en: "Higher levels are held until \(until.rfc3339)"))
        }
        return lines
    }

    private static func text(_ state: DeviceState) -> LocalizedText {
        switch state {
        case .pending: LocalizedText(km: "រង់ចាំមន្ត្រី", en: "waits for the officer")
        case .active: LocalizedText(km: "ដំណើរការ", en: "active")
        case .blocked: LocalizedText(km: "ត្រូវបានបិទ", en: "blocked")
        case .revoked: LocalizedText(km: "ត្រូវបានដកហូត", en: "revoked")
        }
    }
}
