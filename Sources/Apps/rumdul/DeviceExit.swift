import ArgumentParser
import DeviceKit
import Kernel

/// What the exit codes of `rumdul device` mean.
enum DeviceExit {
    static let unexpected: Int32 = 1
    static let refused: Int32 = 3
    static let nothingThere: Int32 = 4
    static let pin: Int32 = 5
    static let unreachable: Int32 = 6
    static let store: Int32 = 7
    static let usage: Int32 = 64

    /// The table for the help texts.
    static let help = """
        Exit codes:
          0   done
          1   unexpected failure
          3   the server refused
          4   nothing waits, or the request is decided or has lapsed
          5   PIN wrong or locked
          6   server not reached, or its answer is not understood
          7   store not enrolled, enrolled already, damaged or exposed
          64  wrong arguments or input
        """

    /// The exit code for an error.
    static func code(for error: any Error) -> Int32 {
        guard let error = error as? RumdulError else { return unexpected }
        switch error.code {
        case "device.pin_wrong", "device.pin_locked": return pin
        case "device.not_enrolled", "device.already_enrolled": return store
        case "transaction.not_found", "transaction.expired", "transaction.decided", "device.nothing_waiting":
            return nothingThere
        case let code where code.hasPrefix("device.store_"): return store
        default: break
        }
        switch error.kind {
        case .internal: return unexpected
        case .unavailable: return unreachable
        case .invalid where !error.code.hasPrefix("transaction."): return usage
        default: return refused
        }
    }
}

extension RumdulError {
    /// Nothing came within the time given.
    static let nothingWaiting = RumdulError(
        "device.nothing_waiting", .notFound, km: "គ្មានសំណើរង់ចាំទេ។", en: "Nothing waits for a decision.")
    /// Several requests wait and none was named.
    static let severalWaiting = RumdulError(
        "device.several_waiting", .invalid, km: "មានសំណើច្រើនកំពុងរង់ចាំ។ សូមបញ្ជាក់លេខសម្គាល់មួយ (rumdul device list)។",
        en: "Several requests wait. Name one (rumdul device list).")
    /// There is no way to ask for the PIN.
    static let pinUnavailable = RumdulError(
        "device.pin_unavailable", .invalid, km: "មិនអាចសួររកលេខសម្ងាត់ PIN បានទេ។ សូមប្រើ --pin-file។",
        en: "There is no terminal to ask for the PIN, or no PIN file. Use --pin-file or RUMDUL_DEVICE_PIN_FILE.")
    /// The two entries of the new PIN differ.
    static let pinRepeatedWrongly = RumdulError(
        "device.pin_mismatch", .invalid, km: "លេខសម្ងាត់ PIN ទាំងពីរមិនដូចគ្នាទេ។", en: "The two PINs differ.")
    /// Input ended before an answer came.
    static let inputEnded = RumdulError(
        "device.input_ended", .invalid, km: "ការបញ្ចូលបានបញ្ចប់មុនពេលមានចម្លើយ។", en: "Input ended before the answer.")
}
