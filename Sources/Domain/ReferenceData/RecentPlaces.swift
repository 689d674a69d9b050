import Kernel
import Synchronization

/// Communes and villages that were asked for within the last minute. That a place does not exist is never kept: it may
/// have been imported just now. Shared by all copies of one `ReferenceData`.
final class RecentPlaces: Sendable {
    private struct Kept {
        var place: Place
        var until: ContinuousClock.Instant
    }

    private static let largest = 20_000
    private static let lifetime = Duration.seconds(60)
    private let places = Mutex<[PlaceCode: Kept]>([:])

    func place(_ code: PlaceCode, on day: CalendarDate) -> Place? {
        places.withLock { $0[code] }.flatMap { kept in
            kept.until > .now && kept.place.isValid(on: day) ? kept.place : nil
        }
    }

    func keep(_ place: Place) {
        places.withLock { places in
            if places.count >= Self.largest { places.removeAll(keepingCapacity: true) }
            places[place.code] = Kept(place: place, until: .now + Self.lifetime)
        }
    }

    func forget() { places.withLock { $0.removeAll() } }
}
