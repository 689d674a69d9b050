import Metrics
import Synchronization

/// A counter; never falls except by `reset`.
final class PrometheusCounter: CounterHandler, Sendable {
    private let total = Atomic<Int64>(0)

    var value: Int64 { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { total.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { total.store(0, ordering: .relaxed) }
}

/// A value that rises and falls.
final class PrometheusMeter: MeterHandler, RecorderHandler, Sendable {
    private let current = Mutex(0.0)

    var value: Double { current.withLock { $0 } }

    func set(_ value: Int64) { current.withLock { $0 = Double(value) } }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// A histogram in seconds, from 0.1 ms to 10 s.
final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
    static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private struct State {
        var counts = [UInt64](repeating: 0, count: PrometheusHistogram.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        var bucket = 0
        while bucket < PrometheusHistogram.bounds.count, value > PrometheusHistogram.bounds[bucket] { bucket += 1 }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func exposition(name: String, labels: String) -> String {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var text = ""
        var total: UInt64 = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < PrometheusHistogram.bounds.count ? String(PrometheusHistogram.bounds[index]) : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(PrometheusText.braces(labels)) \(state.sum)\n"
        text += "\(name)_count\(PrometheusText.braces(labels)) \(total)\n"
        return text
    }
}

/// The counts of one route by status class, and how long it took.
final class RouteMetrics: Sendable {
    private let template: String
    private let method: String
    private let classes = Mutex<(UInt64, UInt64, UInt64, UInt64, UInt64)>((0, 0, 0, 0, 0))
    private let latency = PrometheusHistogram()

    init(template: String, method: String) {
        self.template = template
        self.method = method
    }

    func record(status: Int, microseconds: Int64) {
        latency.record(Double(microseconds) / 1e6)
        classes.withLock { classes in
            switch status / 100 {
            case 1: classes.0 += 1
            case 2: classes.1 += 1
            case 3: classes.2 += 1
            case 4: classes.3 += 1
            default: classes.4 += 1
            }
        }
    }

    static func exposition(_ routes: [RouteMetrics]) -> String {
        let sorted = routes.sorted { ($0.template, $0.method) < ($1.template, $1.method) }
        var text = "# HELP http_requests_total Requests by route template, method and status class.\n"
        text += "# TYPE http_requests_total counter\n"
        for route in sorted {
            let counts = route.classes.withLock { $0 }
            for (index, count) in [counts.0, counts.1, counts.2, counts.3, counts.4].enumerated() where count > 0 {
                text += "http_requests_total{\(route.labels),status=\"\(index + 1)xx\"} \(count)\n"
            }
        }
        text += "# HELP http_request_duration_seconds Time from the head of a request to its answer.\n"
        text += "# TYPE http_request_duration_seconds histogram\n"
        for route in sorted where route.total > 0 {
            text += route.latency.exposition(name: "http_request_duration_seconds", labels: route.labels)
        }
        return text
    }

    private var total: UInt64 { classes.withLock { $0.0 + $0.1 + $0.2 + $0.3 + $0.4 } }

    private var labels: String {
        PrometheusText.labels([("route", template), ("method", method)])
    }
}
