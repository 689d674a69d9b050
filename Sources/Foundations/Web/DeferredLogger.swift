import Logging

/// Gives the framework a logger that puts off all work until a line is written. The framework adds an identifier to its
/// logger for each request, which the standard handler turns into text at once, though hardly any request logs a line.
struct DeferredMetadataHandler: LogHandler {
    private let target: Logger
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    var metadataProvider: Logger.MetadataProvider?

    private init(_ target: Logger) {
        self.target = target
        logLevel = target.logLevel
    }

    /// A logger that writes where another one does.
    static func logger(_ target: Logger) -> Logger {
        Logger(label: target.label) { _ in DeferredMetadataHandler(target) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        target.handler.log(event: event)
    }
}
