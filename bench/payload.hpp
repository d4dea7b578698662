#pragma once

#include "core/crypto.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::bench {

// Writes whole requests, each of which a server must take for a new one: a server that saw one
// twice could answer the second from memory.
class RequestWriter {
 public:
    struct Target {
        std::string_view host;
        std::string_view path;
        std::string_view secret;
    };
    virtual ~RequestWriter() = default;
    virtual void write_next(TimePoint now, std::string& request) = 0;
};

// Stripe webhooks of about 2 KB, each with an event id and a signature of its own.
class WebhookWriter final : public RequestWriter {
 public:
    explicit WebhookWriter(const Target& target);
    void write_next(TimePoint now, std::string& request) override;

 private:
    HmacKey key_;
    std::string head_;
    std::string body_;
    std::size_t id_at_;
    std::uint64_t sequence_;
};

// Payment intents that are made and confirmed at once, as Stripe's own library asks for them: a
// form, and an idempotency key for each. The target's secret is the API key.
class PaymentWriter final : public RequestWriter {
 public:
    explicit PaymentWriter(const Target& target);
    void write_next(TimePoint now, std::string& request) override;

 private:
    std::string request_;
    std::size_t key_at_;
    std::size_t order_at_;
    std::uint64_t sequence_;
};

}  // namespace postern::bench
