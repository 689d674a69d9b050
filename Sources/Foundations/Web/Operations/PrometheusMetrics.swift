import Metrics
import Synchronization

/// A backend of swift-metrics that keeps everything in memory and writes it in the text format of Prometheus, version
/// 0.0.4.
/// Counting a request takes one uncontended lock and no allocation.
public final class PrometheusMetrics: MetricsFactory, Sendable {
    struct Key: Hashable {
        let name: String
        let labels: String
    }

    private struct Registry {
        var counters: [Key: PrometheusCounter] = [:]
        var meters: [Key: PrometheusMeter] = [:]
        var histograms: [Key: PrometheusHistogram] = [:]
        var routes: [Key: RouteMetrics] = [:]
    }

    private let registry = Mutex(Registry())

    /// More than so many series of one kind are refused: a label must never come from outside.
    private static let maximumSeries = 10_000

    public init() {}

    /// The metrics of a route; the same object for the same template and method.
    func route(_ template: String, _ method: String) -> RouteMetrics {
        registry.withLock { registry in
            let key = Key(name: template, labels: method)
            if let known = registry.routes[key] { return known }
            let made = RouteMetrics(template: template, method: method)
            registry.routes[key] = made
            return made
        }
    }

    private func handler<Handler>(
        _ path: any WritableKeyPath<Registry, [Key: Handler]> & Sendable, _ label: String,
        _ dimensions: [(String, String)], _ make: () -> Handler
    ) -> Handler where Handler: Sendable {
        let key = Key(name: PrometheusText.name(label), labels: PrometheusText.labels(dimensions))
        return registry.withLock { registry in
            if let known = registry[keyPath: path][key] { return known }
            let made = make()
            if registry[keyPath: path].count < PrometheusMetrics.maximumSeries { registry[keyPath: path][key] = made }
            return made
        }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(\.counters, label, dimensions) { PrometheusCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        handler(\.meters, label, dimensions) { PrometheusMeter() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return handler(\.histograms, label, dimensions) { PrometheusHistogram() } }
        return handler(\.meters, label, dimensions) { PrometheusMeter() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        handler(\.histograms, label, dimensions) { PrometheusHistogram() }
    }

    public func destroyCounter(_ handler: any CounterHandler) {
        registry.withLock { registry in registry.counters = registry.counters.filter { $0.value !== handler } }
    }

    public func destroyMeter(_ handler: any MeterHandler) {
        registry.withLock { registry in registry.meters = registry.meters.filter { $0.value !== handler } }
    }

    public func destroyRecorder(_ handler: any RecorderHandler) {
        registry.withLock { registry in
            registry.histograms = registry.histograms.filter { $0.value !== handler }
            registry.meters = registry.meters.filter { $0.value !== handler }
        }
    }

    public func destroyTimer(_ handler: any TimerHandler) {
        registry.withLock { registry in registry.histograms = registry.histograms.filter { $0.value !== handler } }
    }

    /// Everything in the text exposition format, version 0.0.4, sorted by name.
    public func exposition() -> String {
        let all = registry.withLock { $0 }
        var text = RouteMetrics.exposition(Array(all.routes.values))
        func family<Handler>(_ items: [Key: Handler], _ type: String, _ write: (Key, Handler) -> String) {
            var last = ""
            for (key, item) in items.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
                if key.name != last { text += "# TYPE \(key.name) \(type)\n" }
                last = key.name
                text += write(key, item)
            }
        }
        family(all.counters, "counter") { "\($0.name)\(PrometheusText.braces($0.labels)) \($1.value)\n" }
        family(all.meters, "gauge") {
            "\($0.name)\(PrometheusText.braces($0.labels)) \(PrometheusText.number($1.value))\n"
        }
        family(all.histograms, "histogram") { $1.exposition(name: $0.name, labels: $0.labels) }
        return text
    }
}

/// The spelling of names, labels and numbers.
enum PrometheusText {
    static func name(_ label: String) -> String {
        var text = ""
        for scalar in label.unicodeScalars {
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            let isDigit = ("0"..."9").contains(scalar) && !text.isEmpty
            text.unicodeScalars.append(isLetter || isDigit || scalar == "_" || scalar == ":" ? scalar : "_")
        }
        return text
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0.0))=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
