#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace postern::net {

// Every bound of the listener in one place. config/ makes them settable within limits of their own.
struct HttpLimits {
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t field_bytes_max = 8 * 1024;
    std::size_t fields_max = 100;
    std::size_t target_bytes_max = 8 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
    int large_bodies_max = 8;  // over that limit, where a handler takes them: of one io thread
    std::size_t trailer_bytes_max = 4 * 1024;
    // Chunk sizes, extensions and line ends: what a chunked body may cost beyond its data.
    std::size_t chunk_overhead_bytes_max = 64 * 1024;

    std::size_t connections_max = 10'000;
    std::size_t connections_per_address_max = 200;
    int refusals_per_connection_max = 3;

    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds body_timeout{20'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds write_timeout{20'000};
    std::chrono::milliseconds shutdown_timeout{10'000};
    // After the order to stop: for those who have connected and said nothing yet, and for those who
    // were answered so lately that their next request may be on its way round the world.
    std::chrono::milliseconds fresh_grace{1'000};
    std::size_t body_bytes_per_second_min = 1024;
    std::chrono::milliseconds body_rate_grace{5'000};

    // After a refusal with input unread: reading it keeps the answer from being lost to a reset.
    // Enough for a client that looks for the answer only when it has sent a large body; the time
    // counts from the answer on, so a slow sender gains nothing.
    std::size_t linger_bytes_max = 64 * 1024 * 1024;
    std::chrono::milliseconds linger_timeout{2'000};
};

}  // namespace postern::net
