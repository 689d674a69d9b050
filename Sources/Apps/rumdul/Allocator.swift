#if canImport(CJemalloc)
    import CJemalloc
#endif

/// The memory allocator. Serving allocates and frees many small pieces on several threads, which jemalloc does in less time
/// than the C library; linking it puts it in the library's place for the whole process.
enum Allocator {
    /// Lets a thread of its own give memory back that was not used for some seconds, instead of the threads that serve.
    static func prepare() {
        #if canImport(CJemalloc)
            var isOn = true
            _ = mallctl("background_thread", nil, nil, &isOn, MemoryLayout<Bool>.size)
        #endif
    }
}
