#pragma once

#include "core/crypto.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::bench {

// Writes whole Stripe webhook requests of about 2 KB, each with an event id and a signature of its
// own: a server that saw one body twice could answer the second from memory.
class WebhookWriter {
 public:
    struct Target {
        std::string_view host;
        std::string_view path;
        std::string_view secret;
    };
    explicit WebhookWriter(const Target& target);

    void write_next(TimePoint now, std::string& request);

 private:
    HmacKey key_;
    std::string head_;
    std::string body_;
    std::size_t id_at_;
    std::uint64_t sequence_ = 0;
};

}  // namespace postern::bench
