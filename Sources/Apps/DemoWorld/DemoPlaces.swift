import Foundation

/// Where the demonstration pretends that networks are which only exist at home and in offices. Real lists come from those who
/// assign addresses.
enum DemoPlaces {
    static let list = """
        # Made up for the demonstration.
        network,km,en
        127.0.0.0/8,ភ្នំពេញ (គំរូ),Phnom Penh (demonstration)
        ::1/128,ភ្នំពេញ (គំរូ),Phnom Penh (demonstration)
        10.0.0.0/8,បាត់ដំបង (គំរូ),Battambang (demonstration)
        172.16.0.0/12,កំពត (គំរូ),Kampot (demonstration)
        192.168.0.0/16,សៀមរាប (គំរូ),Siem Reap (demonstration)
        fc00::/7,សៀមរាប (គំរូ),Siem Reap (demonstration)

        """

    /// Writes the list into the demonstration's folder; its path.
    static func write(in folder: String) throws -> String {
        let path = folder + "/places.csv"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try list.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
