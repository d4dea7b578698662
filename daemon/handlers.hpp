#pragma once

#include "core/metrics.hpp"
#include "core/span.hpp"
#include "core/trace.hpp"
#include "daemon/api.hpp"
#include "daemon/health.hpp"
#include "daemon/receiver.hpp"
#include "daemon/request_trace.hpp"
#include "net/http_server.hpp"

#include <atomic>
#include <cstdint>
#include <functional>

namespace postern::daemon {

// The face to the world: providers' webhooks and the API.
class PublicHandler final : public net::HttpHandler {
 public:
    enum class Plaintext : std::uint8_t { welcome, refused };  // by the API; webhooks are signed
    enum class AccessLog : std::uint8_t { off, on };
    struct Parts {
        Receiver& receiver;
        ApiSurroundings& api;
        const Clock& clock;
        Plaintext plaintext = Plaintext::welcome;
        AccessLog access_log = AccessLog::off;
        SpanSink* spans = nullptr;
    };
    explicit PublicHandler(const Parts& parts) : parts_{parts}, access_log_{parts.access_log} {}

    // Any thread, at any time.
    void write_accesses(AccessLog wanted) { access_log_.store(wanted, std::memory_order_relaxed); }

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    std::size_t large_body_bytes_max(std::string_view path) const override;
    bool demands_tls(std::string_view path) const override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status, const HttpRequest& seen) override;
    void tick(net::IoThread& thread) override { parts_.receiver.tick(thread); }

 private:
    net::Task<HttpReply>
    answer(const HttpRequest& request, const TraceContext& trace, net::IoThread& thread);

    bool logs_accesses() const {
        return access_log_.load(std::memory_order_relaxed) == AccessLog::on;
    }

    const Parts parts_;
    std::atomic<AccessLog> access_log_;
};

// The face to the operator: metrics and probes, on an address of its own.
class PrivateHandler final : public net::HttpHandler {
 public:
    PrivateHandler(MetricRegistry& metrics, const Health& health, std::function<void()> refresh)
        : metrics_{metrics}, health_{health}, refresh_{std::move(refresh)} {}

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status, const HttpRequest& seen) override;

 private:
    MetricRegistry& metrics_;
    const Health& health_;
    std::function<void()> refresh_;  // brings gauges up to date before they are read
};

}  // namespace postern::daemon
