import Foundation
import Synchronization

/// The one thread that waits for answers of all PostgreSQL connections of the process. It only moves bytes and resumes
/// tasks: rows are decoded by the tasks themselves.
final class PGReactor: Sendable {
    static let shared = PGReactor()

    private struct State {
        var sessions: [PGSession] = []
        var started = false
    }

    private let state = Mutex(State())
    private let wakeRead: Int32
    private let wakeWrite: Int32

    private init() {
        var ends: [Int32] = [-1, -1]
        let made = pipe(&ends)
        precondition(made == 0, "the process has no file descriptors left")
        wakeRead = ends[0]
        wakeWrite = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    func add(_ session: PGSession) {
        let start = state.withLock { state in
            state.sessions.append(session)
            defer { state.started = true }
            return !state.started
        }
        if start {
            let thread = Thread { [self] in loop() }
            thread.name = "rumdul.postgresql"
            thread.start()
        } else {
            wake()
        }
    }

    func remove(_ session: PGSession) {
        state.withLock { state in state.sessions.removeAll { $0 === session } }
        wake()
    }

    /// Makes the thread look again at what it waits for.
    func wake() {
        var byte: UInt8 = 1
        _ = write(wakeWrite, &byte, 1)
    }

    private func loop() {
        var descriptors: [pollfd] = []
        while true {
            let sessions = state.withLock { $0.sessions }
            descriptors.removeAll(keepingCapacity: true)
            descriptors.append(pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0))
            for session in sessions {
                let events = session.wantsWrite.load(ordering: .acquiring) ? POLLIN | POLLOUT : POLLIN
                descriptors.append(pollfd(fd: session.descriptor, events: Int16(events), revents: 0))
            }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            if descriptors[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 256)
                while read(wakeRead, &bytes, bytes.count) == bytes.count {}
            }
            for (index, session) in sessions.enumerated() where descriptors[index + 1].revents != 0 {
                if !session.receive() { remove(session) }
            }
        }
    }
}
