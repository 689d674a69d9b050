import ArgumentParser

/// `rumdul device`: a software authenticator on the same DeviceKit that a phone app uses.
struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "A software authenticator for development and tests.",
        discussion: """
            Example:
              rumdul device enrol --server http://127.0.0.1:8080 --code K7QM-4XRP-2W
              rumdul device approve

            The terminal asks for the PIN without echo; or it is read from --pin-file, \
            or from the file that RUMDUL_DEVICE_PIN_FILE names. It is never a flag.

            \(DeviceExit.help)
            """,
        subcommands: [
            DeviceEnrolCommand.self, DeviceStatusCommand.self, DeviceListCommand.self, DeviceShowCommand.self,
            DeviceScanCommand.self, DeviceApproveCommand.self, DeviceDenyCommand.self, DeviceReportCommand.self,
            DeviceChangePINCommand.self, DeviceDuressCommand.self, DeviceForgetCommand.self,
        ])
}
