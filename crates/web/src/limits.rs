//! How much one caller, and all of them together, may ask for.

/// Bounds on what comes in. Whatever is over them gets a clear refusal, never a slow house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest request body, in bytes.
    pub body_bytes: usize,
    /// All request bodies in memory at one moment, in bytes.
    pub bodies_bytes: usize,
    /// The longest path with its query, in bytes.
    pub uri_bytes: usize,
    /// All header names and values of one request, in bytes.
    pub header_bytes: usize,
    /// How long a request may take until its response begins, in milliseconds.
    pub request_ms: u64,
    /// The same where a form with files is sent, which a slow line takes minutes for, in milliseconds.
    pub upload_ms: u64,
    /// How long a request waits for its turn before it is told that the house is busy, in milliseconds.
    pub turn_ms: u64,
    /// Requests in the kernel at one moment. Each holds a thread.
    pub at_work: usize,
    /// Requests of one app in a minute.
    pub app_requests: u32,
    /// Open connections. The next ones wait in the listener's queue.
    pub connections: usize,
    /// How long a client may take for its TLS handshake, for the headers of a request, or between two requests, in
    /// milliseconds.
    pub greeting_ms: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 32 << 20,
            bodies_bytes: 256 << 20,
            uri_bytes: 16 << 10,
            header_bytes: 32 << 10,
            request_ms: 60_000,
            upload_ms: 600_000,
            turn_ms: 5_000,
            at_work: 256,
            app_requests: 6_000,
            connections: 4_096,
            greeting_ms: 30_000,
        }
    }
}
