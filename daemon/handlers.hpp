#pragma once

#include "core/metrics.hpp"
#include "daemon/api.hpp"
#include "daemon/health.hpp"
#include "daemon/receiver.hpp"
#include "net/http_server.hpp"

#include <cstdint>
#include <functional>

namespace postern::daemon {

// The face to the world: providers' webhooks and the API.
class PublicHandler final : public net::HttpHandler {
 public:
    enum class Plaintext : std::uint8_t { welcome, refused };  // by the API; webhooks are signed
    PublicHandler(Receiver& receiver, ApiSurroundings& api, Plaintext plaintext)
        : receiver_{receiver}, api_{api}, plaintext_{plaintext} {}

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    std::size_t large_body_bytes_max(std::string_view path) const override;
    bool demands_tls(std::string_view path) const override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status, const HttpRequest& seen) override;
    void tick(net::IoThread& thread) override { receiver_.tick(thread); }

 private:
    Receiver& receiver_;
    ApiSurroundings& api_;
    Plaintext plaintext_;
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
